package interp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins"
	"overlayboot/interp/parse"
	"overlayboot/interp/proc"
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
	text    []byte // of a script
	options []string
	command builtins.Command
}

// runProgram runs a program by the rules of the shell and returns its status.
// In the background the status is 0 and $! is set.
func (s *Shell) runProgram(argv []string, assigns []assignment, m mode) int {
	return s.runProgramIn(s.searchPath(assigns), argv, assigns, m)
}

// runProgramIn is runProgram with a PATH to look in that the program is not told.
func (s *Shell) runProgramIn(in searchPath, argv []string, assigns []assignment, m mode) int {
	s.willFork()
	defer s.showFiles(argv)()
	spec := &proc.Spec{Argv: argv, Env: s.environWith(assigns), Exe: -1, Dir: s.dir}
	defer spec.Release()
	for {
		p := s.find(spec, in)
		if p.kind != native || p.command.Prefix == nil {
			return s.runFound(spec, p, m)
		}
		call := s.newCall(spec)
		status, done := p.command.Prefix(call, spec)
		switch {
		case done && status == builtins.Unsupported && p.command.Run != nil:
			return s.runFound(spec, p, m)
		case done && status == builtins.Unsupported:
			return s.fallBack(call, spec, m)
		case done:
			return s.afterNative(status, m)
		case spec.Exe >= 0: // the command is a program of its own making
			return s.start(spec, m)
		}
		in = searchPath{lookupEnv(spec.Env, "PATH"), true}
	}
}

// environWith returns the environment of a command with its own assignments.
func (s *Shell) environWith(assigns []assignment) []string {
	env := s.environ()
	if len(assigns) > 0 {
		env = slices.Clone(env)
	}
	for _, a := range assigns {
		env = slices.DeleteFunc(env, func(e string) bool {
			return strings.HasPrefix(e, a.name+"=")
		})
		env = append(env, a.name+"="+a.value)
	}
	return env
}

// runFound runs what the last name of a chain of prefix commands stands for.
func (s *Shell) runFound(spec *proc.Spec, p program, m mode) int {
	placed := spec.Changed() != 0
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
		return s.cannotExecute(spec, unix.EACCES, m)
	case script:
		if m == foreground && !placed && !s.forks() && s.canNest(&p) ||
			m == replace && !placed && s.canNest(&p) {
			return s.runScript(spec, p, m)
		}
		spec.Argv = slices.Concat([]string{"/bin/sh"}, p.options, []string{p.path}, spec.Argv[1:])
		return s.startSelf(spec, m)
	case native:
		return s.runNative(spec, p, m)
	}
	if len(spec.Paths) == 0 {
		spec.Paths = []string{p.path}
	}
	return s.start(spec, m)
}

// runNative runs a native command inside this process where that is possible.
func (s *Shell) runNative(spec *proc.Spec, p program, m mode) int {
	changed := spec.Changed()
	netOnly := changed == proc.ChangesNet && p.command.InNetNS
	job := m == foreground && s.forks()
	if m == background || job || changed != 0 && !netOnly ||
		!s.isCommand && namesDescriptor(p, spec.Argv) {
		return s.startNative(spec, p, m)
	}
	call := s.newCall(spec)
	if p.command.Name == "sh" {
		if !s.canNestShell(spec.Argv) {
			return s.startSelf(spec, m)
		}
		return s.afterNative(s.nestedShell(spec, m), m)
	}
	if netOnly {
		call.NetNS = spec.NetNS()
	}
	out := &writeWatch{w: call.Stdout}
	call.Stdout = out
	status := p.command.Run(call)
	if status == builtins.Unsupported {
		return s.fallBack(call, spec, m)
	}
	if errors.Is(out.err, unix.EPIPE) {
		status = 128 + int(unix.SIGPIPE)
	}
	if name := p.command.Name; name == "kill" || name == "pkill" {
		s.processShell().settleSignals() // it may have been for us
	}
	return s.afterNative(status, m)
}

// namesDescriptor reports whether an argument may be the name of an open file,
// which only a process that has it under that number finds.
func namesDescriptor(p program, argv []string) bool {
	switch p.command.Name {
	case "sh": // it knows its files
		return false
	case "ln": // it opens none
		return false
	}
	for _, arg := range argv[1:] {
		if strings.Contains(arg, "/dev/std") || strings.Contains(arg, "/dev/fd/") ||
			strings.Contains(arg, "/proc/self/fd") || strings.Contains(arg, "/proc/thread-self/fd") {
			return true
		}
	}
	return false
}

// startNative runs a native command that needs a process of its own. A process
// of the system's tool is smaller and starts faster than one of ours, so that is
// taken where there is one to be seen; but for the shell, which is always ours.
func (s *Shell) startNative(spec *proc.Spec, p program, m mode) int {
	changed := spec.Changed()
	if p.command.Name == "sh" {
		if m == replace && changed == proc.ChangesRoot && !s.subshell {
			return s.becomeShell(spec)
		}
		return s.startSelf(spec, m)
	}
	if changed&(proc.ChangesRoot|proc.ChangesMounts) == 0 {
		if tool, ok := systemTool(p.command.Name); ok {
			spec.Paths = []string{tool}
			return s.start(spec, m)
		}
	}
	return s.startSelf(spec, m)
}

// writeWatch remembers the first error of writing.
type writeWatch struct {
	w   io.Writer
	err error
}

// Descriptor is that of the stream behind it.
func (w *writeWatch) Descriptor() int {
	if f, ok := w.w.(builtins.Descriptor); ok {
		return f.Descriptor()
	}
	return -1
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
	return &builtins.Call{
		Args: spec.Argv, Env: spec.Env, Dir: s.dir, NetNS: -1,
		Stdin: s.files.reader(0), Stdout: s.files.writer(1), Stderr: s.files.writer(2),
		Scripts: s.host.Scripts,
		Run: func(argv []string, in io.Reader, out, err io.Writer) int {
			return s.runFor(argv, in, out, err)
		},
	}
}

// runFor runs a program for a native command, such as awk's system().
func (s *Shell) runFor(argv []string, in io.Reader, out, err io.Writer) int {
	c := s.sub()
	defer c.leave()
	for n, f := range [...]any{in, out, err} {
		if file, ok := f.(*openFile); ok {
			file.refs.Add(1)
			if old := c.files.put(n, file); old != nil {
				old.release()
			}
		}
	}
	return c.runProgram(argv, nil, foreground)
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
	found, ok := systemTool(name)
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
	if err := s.giveFiles(spec); err != nil {
		s.complain("%v", err)
		return s.afterNative(2, m)
	}
	spec.Ignore, spec.Default = s.ignored(), s.unignored()
	if m == replace && !s.subshell && spec.Changed()&^proc.ChangesRoot == 0 {
		return s.execFailed(spec, spec.Exec(), m)
	}
	s.inGroup(spec, m)
	pid, err := spec.Start()
	if err != nil {
		return s.execFailed(spec, err, m)
	}
	switch {
	case m == background:
		s.addJob(pid)
		return 0
	case m == foreground && s.jobControl:
		return s.foregroundJob(pid, s.commandText())
	}
	idle := time.AfterFunc(idleAfter, debug.FreeOSMemory)
	status, _ := proc.Wait(pid)
	idle.Stop()
	if m == replace && !s.subshell {
		dieAs(status)
	}
	s.settleAfter(status)
	s.reportSignal(status)
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
		msg := fmt.Sprintf(spec.Blame, spec.Argv[0], text) + "\n"
		s.files.writer(2).Write([]byte(msg))
		if spec.BlameStatus != 0 {
			status = spec.BlameStatus
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
	spec.Files = spec.Files[:0]
	for _, f := range s.files {
		fd := -1
		if f != nil {
			var err error
			if fd, err = f.osFD(); err != nil {
				return err
			}
		}
		spec.Files = append(spec.Files, fd)
	}
	return nil
}

// startSelf starts our own binary as the program that Argv[0] names.
func (s *Shell) startSelf(spec *proc.Spec, m mode) int {
	if s.host.Exe < 0 {
		s.complain("%s: %v", spec.Argv[0], s.host.ExeError)
		return s.notRun(126, m)
	}
	spec.Exe = s.host.Exe
	spec.Env = append(spec.Env, s.host.handover(-1, s.ignored()))
	spec.Pass = append(spec.Pass, s.host.Exe)
	return s.start(spec, m)
}

// handover is the variable by which our binary, started anew, is told what is for
// itself: see proc.HandoverVar. Signals to ignore follow a colon: the Go library
// forgets most of those that a program was started with. The directory of a script
// set that replaces the embedded one follows another.
func (h *Host) handover(state int, ignored []unix.Signal) string {
	text := proc.HandoverVar + "=" + strconv.Itoa(proc.PassedAt)
	if state >= 0 {
		text += "," + strconv.Itoa(proc.PassedAt+1)
	}
	sep := ":"
	for _, sig := range ignored {
		text += sep + strconv.Itoa(int(sig))
		sep = " "
	}
	if h.Scripts == nil && h.ScriptDir != "" {
		text += strings.Repeat(":", 2-strings.Count(text, ":")) + h.ScriptDir
	}
	return text
}

// runScript interprets a script inside this process as a new shell, which has
// nothing of this one but the exported variables and the open files.
func (s *Shell) runScript(spec *proc.Spec, p program, m mode) int {
	if m == replace && !s.subshell {
		s.host.show(slices.Concat([]string{"/bin/sh"}, p.options, []string{p.path}, spec.Argv[1:]))
	}
	c := s.successor(spec.Env, m)
	c.name, c.params = p.path, spec.Argv[1:]
	c.applyFlags(p.options)
	text := p.text
	if text == nil {
		var err error
		if text, err = readAll(s.dir, p.path); err != nil {
			s.complain("%s: %s", p.path, builtins.Strerror(err))
			return s.notRun(126, m)
		}
	}
	c.run(textSource(text))
	return s.afterNative(c.leave(), m)
}

// mentionsProcess reports whether a script refers to its own process or to its
// parent, $$ or $PPID, or to what only a process has. Such a script is not run inside another's.
func mentionsProcess(text []byte) bool {
	if containsAny(text, "set -m", "monitor") {
		return true
	}
	if !containsAny(text, "$$", "${$}", "PPID", "umask", "ulimit", "trap", "&") {
		return false
	}
	// It may be in a here-document for another shell, or in a comment.
	list, _, err := parse.All(string(text), parse.Config{})
	if err != nil {
		return true
	}
	file := &syntax.File{Stmts: list}
	found := demandOf(file).process
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Redirect:
			return n.Hdoc == nil || !isQuoted(n.Word)
		case *syntax.ParamExp:
			found = found || n.Param != nil && (n.Param.Value == "$" || n.Param.Value == "PPID")
		}
		return !found
	})
	return found
}

func containsAny(text []byte, parts ...string) bool {
	for _, part := range parts {
		if bytes.Contains(text, []byte(part)) {
			return true
		}
	}
	return false
}

// canNest reports whether a script can be run inside this process. It reads the
// script; where that fails, running it will say why.
func (s *Shell) canNest(p *program) bool {
	if p.text == nil {
		p.text, _ = readAll(s.dir, p.path)
	}
	return !mentionsProcess(p.text)
}

// canNestShell is canNest for the arguments and the standard input of sh.
func (s *Shell) canNestShell(argv []string) bool {
	// What the profiles of a login shell do is not known here.
	if says(argv, "i", "interactive") || says(argv, "m", "monitor") || says(argv, "l", "") {
		return false
	}
	for _, arg := range argv[1:] {
		if mentionsProcess([]byte(arg)) {
			return false
		}
	}
	return !mentionsProcess(s.files.get(0).peek())
}

// nestedShell runs the native sh inside this process.
func (s *Shell) nestedShell(spec *proc.Spec, m mode) int {
	c := s.successor(spec.Env, m)
	c.Main(spec.Argv)
	return c.leave()
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
	c.subshell, c.main, c.root = false, nil, true
	c.Main(spec.Argv)
	return s.afterNative(c.leave(), replace)
}

// successor returns a new shell in this process. That which exec starts takes the
// place of this one, where this is what the process is, and its signals with it.
func (s *Shell) successor(env []string, m mode) *Shell {
	c := s.fresh(env)
	if m != replace || s.subshell {
		return c
	}
	for n, action := range s.traps {
		if n != 0 && action != "" {
			s.clearTrap(n)
		}
	}
	c.subshell, c.main, c.root = false, nil, true
	c.store("PPID", variable{value: itoa(unix.Getppid()), set: true})
	return c
}

// fresh returns a new shell in this process: the open files, the directory and
// ignored signals are the only state that it inherits.
func (s *Shell) fresh(env []string) *Shell {
	base := s.sub()
	c := New(s.host, nil)
	c.files, c.dir, c.pwd, c.main = base.files, base.dir, base.pwd, base.main
	c.hardIgnored = setOf(base.ignored()...)
	c.vars = newVarTable(len(env) + 8)
	c.importEnv(env)
	c.subshell, c.pid = true, s.pid
	// Its parent is this shell, and never that of the process: scripts send
	// signals there.
	c.setParent(s.pid)
	c.setDefault("PWD", s.pwd)
	return c
}

func readAll(dir int, name string) ([]byte, error) {
	fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	var buf bytes.Buffer
	f := newFile(fd)
	if _, err := buf.ReadFrom(f); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
