package interp

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins"
	"overlayboot/interp/handover"
	"overlayboot/interp/proc"
	"overlayboot/interp/proc/limits"
	"overlayboot/interp/signals"
)

// mode says how a program is to be run.
type mode uint8

const (
	foreground mode = iota
	background      // start it and do not wait
	replace         // exec
)

// kind says what a command name that is neither a function nor a built-in of
// the shell stands for.
type kind uint8

const (
	notFound kind = iota
	external
	native
	script // text for this shell
	denied // it is there but cannot be executed
)

// program is what a name was found to be.
type program struct {
	kind    kind
	path    string
	text    string // of a script, where it is known
	known   bool
	options []string
	anew    bool // a script that our binary runs from its own beginning: see Host.Anew
	command builtins.Command
}

// shellArgv is what the shell that runs a script shows as its arguments.
func (p *program) shellArgv(operands []string) []string {
	return slices.Concat([]string{"/bin/sh"}, p.options, []string{p.path}, operands)
}

// runProgram runs a program by the rules of the shell and returns its status.
// In the background the status is 0 and $! is set.
func (s *Shell) runProgram(argv []string, m mode) int {
	return s.runProgramIn(s.searchPath(), argv, m)
}

// runProgramIn is runProgram with a PATH to look in that the program is not told.
func (s *Shell) runProgramIn(in searchPath, argv []string, m mode) int {
	s.willFork()
	defer s.showFiles(argv)()
	spec := &proc.Spec{Argv: argv, Env: s.environ(), Exe: -1, Dir: s.dir}
	defer spec.Release()
	return s.runSpec(spec, in, m)
}

// runTool runs a tool of the system for a built-in utility.
func (s *Shell) runTool(tool string, argv []string) int {
	s.willFork()
	spec := &proc.Spec{Argv: argv, Paths: []string{tool}, Env: s.environ(), Exe: -1, Dir: s.dir}
	defer spec.Release()
	return s.start(spec, foreground)
}

// runSpec runs the program of a Spec.
func (s *Shell) runSpec(spec *proc.Spec, in searchPath, m mode) int {
	p, call, status, done := s.throughPrefixes(spec, in, s.newCall)
	switch {
	case !done && spec.Exe >= 0: // the command is a program of its own making
		return s.start(spec, m)
	case !done, status == builtins.Unsupported && p.command.Run != nil:
		return s.runFound(spec, p, m)
	case status == builtins.NeedsProcess && spec.CannotThread() && s.takesTool(spec, &p):
		return s.start(spec, m)
	case status == builtins.NeedsProcess:
		return s.startSelf(spec, m)
	case status == builtins.Unsupported:
		return s.fallBack(call, spec, m)
	}
	return s.afterNative(status, m)
}

// throughPrefixes has the prefix commands that a Spec begins with edit it, and finds the
// program behind them. done says that there is none to run: the last prefix command, with
// that call, has ended with the status.
func (s *Shell) throughPrefixes(spec *proc.Spec, in searchPath,
	newCall func(*proc.Spec) *builtins.Call) (p program, call *builtins.Call, status int, done bool) {
	for {
		p = s.find(spec, in)
		if p.kind != native || p.command.Prefix == nil || spec.Unseen {
			return p, nil, 0, false
		}
		call = newCall(spec)
		status, done = p.command.PerformPrefix(call, spec)
		if done || spec.Exe >= 0 {
			return p, call, status, done
		}
		in = searchPath{lookupEnv(spec.Env, "PATH"), true}
	}
}

// builtinProgram makes a program of a built-in utility that other systems have a file
// of, where this one has none: a prefix command or exec wants a program.
func (s *Shell) builtinProgram(spec *proc.Spec, p program) program {
	name := spec.Argv[0]
	switch name {
	case "[", "echo", "printf", "pwd", "test":
	default:
		return p
	}
	sh, ok := s.host.native("sh")
	if _, other := s.host.systemTool(name); other || !ok {
		return p
	}
	spec.Argv = append([]string{"sh", "-c", name + ` "$@"`, name}, spec.Argv[1:]...)
	return program{kind: native, command: sh}
}

// runFound runs what the last name of a chain of prefix commands stands for.
func (s *Shell) runFound(spec *proc.Spec, p program, m mode) int {
	if p.kind == notFound {
		p = s.builtinProgram(spec, p)
	}
	switch p.kind {
	case notFound:
		return s.cannotExecute(spec, unix.ENOENT, m)
	case denied:
		if spec.Blame == "" && !strings.Contains(spec.Argv[0], "/") && isDirectory(s.dir, p.path) {
			s.complain("%s: Permission denied", spec.Argv[0])
			if m == replace {
				return s.notRun(126, m)
			}
			return 127 // as dash does for a directory in PATH
		}
		if spec.Blame != "" && spec.Argv[0] == "" { // who executes no name finds nothing
			return s.cannotExecute(spec, unix.ENOENT, m)
		}
		return s.cannotExecute(spec, unix.EACCES, m)
	}
	switch s.whereToRun(spec, &p, m) {
	case here:
		return s.runHere(spec, p, m)
	case ourProcess:
		if p.kind == script && !p.anew {
			spec.Argv = p.shellArgv(spec.Argv[1:])
		}
		return s.startSelf(spec, m)
	}
	if len(spec.Paths) == 0 {
		spec.Paths = []string{p.path}
	}
	return s.start(spec, m)
}

// runHere runs a script or a native command inside this process.
func (s *Shell) runHere(spec *proc.Spec, p program, m mode) int {
	switch {
	case p.kind == script:
		return s.runScript(spec, p, m)
	case p.command.IsShell && spec.Changed() != 0:
		return s.becomeShell(spec)
	case p.command.IsShell:
		return s.nestedShell(spec, m)
	}
	return s.runNative(spec, p, m)
}

// runNative runs a native command.
func (s *Shell) runNative(spec *proc.Spec, p program, m mode) int {
	if p.command.Touches&builtins.ListsProcesses != 0 && !s.isLast() {
		s.home().standIn() // as which a subshell is listed
	}
	call := s.newCall(spec)
	if spec.Changed() != 0 { // to another network only, where it goes itself
		call.NetNS = spec.NetNS()
	}
	status, failure := p.command.Perform(call)
	switch status {
	case builtins.Unsupported:
		return s.fallBack(call, spec, m)
	case builtins.NeedsProcess:
		return s.startSelf(spec, m)
	}
	if sig := s.writeSignal(failure); sig != 0 {
		if m == replace || s.isLast() {
			s.endBy(sig)
		} else {
			s.reportSignal(unix.WaitStatus(sig))
		}
		status = 128 + sig
	}
	return s.afterNative(status, m)
}

// writeWatch remembers the first error of writing.
type writeWatch struct {
	w   io.Writer
	err error
}

func (w *writeWatch) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	if err != nil && w.err == nil {
		w.err = err
	}
	return n, err
}

// newCall describes the command of a Spec to a native one.
func (s *Shell) newCall(spec *proc.Spec) *builtins.Call {
	name := spec.Argv[0]
	return &builtins.Call{
		Args: spec.Argv, Env: spec.Env, Dir: s.dir, NetNS: -1,
		Own: s.role == aCommand, File: s.fileNumber, WriteSignal: s.writeSignal,
		Stdin: s.files.reader(0), Stdout: s.files.writer(1), Stderr: s.files.writer(2),
		Scripts: s.host.Scripts, Embedded: s.isEmbedded(), Buffers: &s.host.buffers,
		Run: func(argv []string, in io.Reader, out, err io.Writer) int {
			return s.runAs(s.dir, spec.Env, argv, "", nil, [3]any{in, out, err}).Status
		},
		RunAs: func(argv []string, blame string, in io.Reader, out, err io.Writer) builtins.Ended {
			return s.runAs(s.dir, spec.Env, argv, blame, nil, [3]any{in, out, err})
		},
		RunIn: func(dir int, argv []string, blame string, in io.Reader, out, err io.Writer) builtins.Ended {
			return s.runAs(dir, spec.Env, argv, blame, nil, [3]any{in, out, err})
		},
		System: func(name, command string, in io.Reader, out, err io.Writer) builtins.Ended {
			argv, where := []string{name, "-c", command}, &searchPath{"/bin", true}
			return s.runAs(s.dir, spec.Env, argv, "%s: %s", where, [3]any{in, out, err})
		},
		Start:   s.startFor,
		Getent:  s.getent,
		HasTool: func() bool { _, ok := s.host.systemTool(path.Base(name)); return ok },
	}
}

// fileNumber is the descriptor of the process for the file that the script knows as n.
func (s *Shell) fileNumber(n int) (fd int, ok bool) {
	if n < 0 || s.files.get(n) == nil {
		return -1, false
	}
	fd, err := s.files.get(n).osFD()
	return fd, err == nil
}

// startFor starts a program for a native command that waits for it itself. That one has
// this process for itself, so that the shell's files may become those of the program.
func (s *Shell) startFor(argv []string, files []int, edit func(*proc.Spec)) (pid, status int) {
	for n, fd := range files {
		if fd < 0 {
			continue
		}
		fd, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, firstFile)
		if err != nil {
			s.complain("%s: %s", argv[0], builtins.Strerror(err))
			return 0, 1
		}
		s.files.put(n, newFile(fd)) // what was there the command may still use
	}
	if files != nil {
		s.files = s.files[:min(len(s.files), len(files))]
	}
	spec := &proc.Spec{Argv: argv, Env: s.environ(), Exe: -1, Dir: s.dir}
	defer spec.Release()
	edit(spec)
	s.lastBg = 0
	status = s.runSpec(spec, s.searchPath(), background)
	return s.lastBg, status
}

// runAs runs a program for a native command, such as awk's system(), with the environment
// of that, which a prefix may have changed, and with its files, in a directory. It is not
// said here what signal ends the program. It is looked for in the PATH of env, or in another.
func (s *Shell) runAs(dir int, env, argv []string, blame string, in *searchPath, files [3]any) builtins.Ended {
	c := s.sub()
	var copied sync.WaitGroup
	defer copied.Wait() // behind leave, which closes our end of the pipes
	defer c.leave()
	if dir != s.dir {
		c.closeDir()
		c.dir = dir
		c.dir = c.dupDir()
	}
	c.takeFiles(files, &copied)
	c.willFork()
	defer c.showFiles(argv)()
	c.program = &watchedProgram{blame: blame}
	spec := &proc.Spec{Argv: argv, Env: env, Exe: -1, Dir: c.dir, Blame: blame}
	defer spec.Release()
	if in == nil {
		in = &searchPath{lookupEnv(env, "PATH"), true}
	}
	c.program.Status = c.runSpec(spec, *in, foreground)
	if c.endedBy.Signaled() {
		c.program.Signal = int(c.endedBy.Signal())
	}
	return c.program.Ended
}

// A watchedProgram is one that a native command runs and asks about.
type watchedProgram struct {
	builtins.Ended
	blame string
}

// takeFiles gives a subshell the files of a native command: the shell's, those of the
// process, or what the command keeps for itself or edits, through a pipe.
func (s *Shell) takeFiles(files [3]any, copied *sync.WaitGroup) {
	for n, f := range files {
		if w, ok := f.(io.Writer); ok && n > 0 {
			f = builtins.Unwatched(w)
		}
		switch file := f.(type) {
		case *openFile:
			file.refs.Add(1)
			s.files.replace(n, file)
		case *os.File:
			if fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, firstFile); err == nil {
				s.files.replace(n, newFile(fd))
			}
		case closedFile:
		case io.Writer:
			if n > 0 {
				s.files.replace(n, copyTo(file, copied))
			}
		}
	}
}

// copyTo returns a pipe whose text is written to w, by a goroutine that copied waits for;
// nil where there can be no more, a closed descriptor on which writing fails.
func copyTo(w io.Writer, copied *sync.WaitGroup) *openFile {
	r, end, err := pipe()
	if err != nil {
		return nil
	}
	from := os.NewFile(uintptr(r), "pipe")
	copied.Go(func() {
		_, _ = io.Copy(w, from)
		_ = from.Close()
	})
	return newFile(end)
}

// afterNative comes after a program: it ends what exec replaced.
func (s *Shell) afterNative(status int, m mode) int {
	if m == foreground {
		s.childEnded()
	}
	if m == replace {
		s.flow = flowExit
		s.exitDone = true // exec does not run the EXIT trap
	}
	return status
}

// notRun is the status of a program that could not be started: exec then ends the
// shell with its EXIT trap.
func (s *Shell) notRun(status int, m mode) int {
	if m == replace {
		s.flow = flowExit
	}
	return status
}

// fallBack runs the system's tool instead of a native command that lacks
// something.
func (s *Shell) fallBack(call *builtins.Call, spec *proc.Spec, m mode) int {
	name := path.Base(call.Args[0])
	found, ok := s.host.systemTool(name)
	if !ok {
		call.Errorf("%s is not supported, and there is no other %s on this system",
			call.Lacks, name)
		return s.afterNative(2, m)
	}
	spec.Argv, spec.Paths = call.Args, []string{found}
	return s.start(spec, m)
}

// start starts a program and, but in the background, waits for it.
func (s *Shell) start(spec *proc.Spec, m mode) int {
	s.timeStart()
	if err := s.giveFiles(spec); err != nil {
		s.complain("%v", err)
		return s.afterNative(2, m)
	}
	spec.Ignore, spec.Default = uint64(s.ignored()), uint64(s.unignored())
	mayExec := spec.Changed()&^proc.ChangesRoot == 0
	if mayExec && (m == replace && !s.inside() || m == foreground && s.executes()) {
		s.timeExec(spec)
		return s.execFailed(spec, spec.Exec(), m)
	}
	s.inGroup(spec, m)
	if m == background {
		return s.startBeside(spec)
	}
	if release := s.holdInterrupt(); s.inside() && s.isLast() {
		s.held = release
	} else {
		defer release()
	}
	c, err := s.forker(m).launch(spec, m)
	switch {
	case errors.Is(err, proc.ErrStandInEnded):
		s.standKilled()
		return s.status
	case err != nil:
		return s.execFailed(spec, err, m)
	case m == foreground && s.jobControl:
		return s.foregroundJob(c.pid, s.commandText())
	}
	return s.awaitProgram(c, m)
}

// startBeside starts a program in the background.
func (s *Shell) startBeside(spec *proc.Spec) int {
	c, err := s.forker(background).launch(spec, background)
	if err != nil {
		return s.execFailed(spec, err, background)
	}
	s.addJob(c.pid)
	return 0
}

// awaitProgram waits for a program that runs in the foreground.
func (s *Shell) awaitProgram(c child, m mode) int {
	if c.under == nil && s.main == nil && s.takesPlace(m) && !s.jobControl {
		s.dozeAs(c.pid)
	}
	idle := time.AfterFunc(idleAfter, debug.FreeOSMemory)
	status, ok := s.waitFor(c)
	idle.Stop()
	switch {
	case c.under != nil && !ok, s.standKilled():
		s.standKilled()
		return s.status
	case m == replace && !s.inside():
		dieAs(status)
	case s.takesPlace(m):
		s.endWith(status)
	default:
		s.reportSignal(status)
	}
	return s.afterNative(proc.ExitStatus(status), m)
}

// idleAfter is when a shell that waits for a program gives memory back to the
// system: the supervisor of a subhost waits as long as that runs.
const idleAfter = time.Second

// execFailed reports why a program could not be started.
func (s *Shell) execFailed(spec *proc.Spec, err error, m mode) int {
	var failure *proc.Error
	if !errors.As(err, &failure) {
		s.complain("%v", err)
		return s.afterNative(2, m)
	}
	if !failure.Exec {
		text := failure.Failure.Text + ": " + builtins.ErrnoText(failure.Errno) + "\n"
		s.files.writer(2).Write([]byte(text))
		return s.afterNative(failure.Failure.Status, m)
	}
	if failure.Errno == unix.ENOEXEC && spec.Exe < 0 {
		spec.Argv = slices.Concat([]string{"/bin/sh"}, spec.Paths[:1], spec.Argv[1:])
		return s.startSelf(spec, m)
	}
	return s.cannotExecute(spec, failure.Errno, m)
}

// cannotExecute reports that there is no such program, 127, or that it cannot
// be executed, 126; in the words of the command that was to run it.
func (s *Shell) cannotExecute(spec *proc.Spec, errno unix.Errno, m mode) int {
	status, text := 126, builtins.ErrnoText(errno)
	if errno == unix.ENOENT || errno == unix.ENOTDIR {
		status = 127
	}
	switch {
	case spec.Blame != "":
		if s.program != nil && spec.Blame == s.program.blame {
			s.program.NotRun = true
		}
		msg := fmt.Sprintf(spec.Blame, spec.Argv[0], text) + "\n"
		_, err := s.files.writer(2).Write([]byte(msg))
		if spec.BlameStatus != 0 {
			status = spec.BlameStatus
		}
		if err != nil && spec.BlameLost != 0 {
			status = spec.BlameLost
		}
		return s.notRun(status, m)
	case status == 127:
		text = "not found"
	}
	s.complain("%s: %s", spec.Argv[0], text)
	if spec.Argv[0] == "" && m != replace {
		status = 127
	}
	return s.notRun(status, m)
}

// giveFiles passes the shell's open files on.
func (s *Shell) giveFiles(spec *proc.Spec) error {
	list, err := s.files.descriptors(spec.Files[:0])
	if err == nil {
		spec.Files = list
	}
	return err
}

// startSelf starts our own binary as the program that Argv[0] names.
func (s *Shell) startSelf(spec *proc.Spec, m mode) int {
	if s.host.Exe < 0 {
		s.complain("%s: %v", spec.Argv[0], s.host.ExeError)
		return s.notRun(126, m)
	}
	exe := s.host.Exe
	if spec.Changed()&^proc.ChangesNet != 0 {
		// It may end up among processes that are not to reach the file of this program.
		if fd, err := proc.Sealed(exe); err == nil { // else it is sealed, or cannot be
			spec.Own(fd)
			exe = fd
		}
	}
	spec.Exe = exe
	ignored := sigset(spec.IgnoredOf(uint64(s.ignored())))
	spec.Env = append(spec.Env, s.host.note(exe, -1, ignored, s.files.closed(), s.origin(spec)))
	spec.Pass = append(spec.Pass, exe)
	s.passTiming(spec, m)
	return s.start(spec, m)
}

// origin is what our binary, started anew for a native command, is told of that.
func (s *Shell) origin(spec *proc.Spec) handover.Origin {
	switch {
	case s.isEmbedded():
		return handover.Embedded
	case spec.Unseen:
		return handover.Unseen
	}
	return handover.Judged
}

// note is what our binary, started anew, is told; exe is a descriptor of it, state one of
// a saved shell or -1. Signals to ignore and closed files are in it where the process cannot
// see them, since it did not begin at its own entry. The directory of a script set that replaces the
// embedded one goes with it.
func (h *Host) note(exe, state int, ignored sigset, closed uint64, from handover.Origin) string {
	n := handover.Note{Exe: exe, State: state, Limits: limits.Text(), Origin: from}
	if !signals.Entered() {
		n.Ignored, n.Closed = uint64(ignored), closed
	}
	if h.Scripts == nil {
		n.Scripts = h.ScriptDir
	}
	return n.String()
}

// runScript interprets a script inside this process as a new shell, which has
// nothing of this one but the exported variables and the open files.
func (s *Shell) runScript(spec *proc.Spec, p program, m mode) int {
	c := s.successor(spec.Env, p.shellArgv(spec.Argv[1:]), m)
	c.name, c.params = p.path, spec.Argv[1:]
	c.applyFlags(p.options)
	text := p.text
	if !p.known {
		var err error
		if text, err = readAll(s.dir, p.path); err != nil {
			s.complain("%s: %s", p.path, builtins.Strerror(err))
			return s.notRun(126, m)
		}
	}
	c.run(textSource(text))
	return s.afterNested(c, m)
}

// afterNested comes after a shell of its own inside this process.
func (s *Shell) afterNested(c *Shell, m mode) int {
	status := c.leave()
	switch {
	case c.endedBy == 0:
	case s.isLast():
		s.endedBy = c.endedBy
	default:
		s.reportSignal(c.endedBy)
	}
	return s.afterNative(status, m)
}

// nestedShell runs the native sh inside this process.
func (s *Shell) nestedShell(spec *proc.Spec, m mode) int {
	c := s.successor(spec.Env, spec.Argv, m)
	c.Main(spec.Argv)
	return s.afterNested(c, m)
}

// becomeShell makes this process a new shell, after the steps of prefix
// commands that change nothing but the root directory.
func (s *Shell) becomeShell(spec *proc.Spec) int {
	if err := spec.Apply(); err != nil {
		return s.execFailed(spec, err, replace)
	}
	s.host.show(spec.Argv)
	s.closeDir()
	s.dir = unix.AT_FDCWD
	s.traps, s.outerTraps = map[int]string{}, nil
	c := s.fresh(spec.Env)
	c.becomeRoot()
	c.Main(spec.Argv)
	return s.afterNative(c.leave(), replace)
}

// successor returns a new shell in this process, which shows argv where it is that. What
// exec starts takes the place of this one, where this is what the process is, and its
// signals with it.
func (s *Shell) successor(env, argv []string, m mode) *Shell {
	c := s.fresh(env)
	c.argv = argv
	if m != replace || s.inside() {
		return c
	}
	for n, action := range s.traps {
		if n != 0 && action != "" {
			s.clearTrap(n)
		}
	}
	s.host.show(argv)
	c.becomeRoot()
	return c
}

// becomeRoot makes a new shell what the process is.
func (s *Shell) becomeRoot() {
	s.main, s.pid = nil, unix.Getpid()
	s.setParent(unix.Getppid())
}

// fresh returns a new shell in this process: the open files, the directory and
// ignored signals are the only state that it inherits.
func (s *Shell) fresh(env []string) *Shell {
	base := s.sub()
	c := New(s.host, nil)
	c.place, c.main, c.pid, c.lineage = base.place, base.main, s.pid, base.lineage
	c.hardIgnored = base.ignored()
	c.vars = newVarTable(len(env) + 8)
	c.importEnv(env)
	// Its parent is this shell, and never that of the process: scripts send
	// signals there.
	c.setParent(s.pid)
	c.setDefault("PWD", s.pwd)
	return c
}

func readAll(dir int, name string) (string, error) {
	fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	defer unix.Close(fd)
	return newFile(fd).readAll()
}
