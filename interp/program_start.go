package interp

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/handover"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/proc/limits"
	"overlayboot/builtins/base/signals"
)

// start starts a program and waits for it, except in the background.
func (s *Shell) start(spec *proc.Spec, m mode) int {
	s.timeStart()
	if err := s.giveFiles(spec); err != nil {
		s.complain("%v", err)
		return s.afterNative(2, m)
	}
	spec.Ignore, spec.Default = s.signalsFor(m)
	spec.AsCaller = m == replace && !s.inside()
	if s.mayExec(spec, m) {
		s.timeExec(spec)
		return s.execFailed(spec, spec.Exec(), m)
	}
	if spec.AsCaller && spec.CanKeep() {
		return s.execBehind(spec)
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
	}
	spec.Release() // a lock, say, is the program's alone while this shell waits
	if m == foreground && s.jobControl {
		return s.foregroundJob(c.pid, s.commandText())
	}
	return s.awaitProgram(c, m)
}

// signalsFor returns the signals that a program ignores, and those that it must not ignore
// although this process does. A prefix command is no shell: its program ignores SIGCHLD if it
// does.
func (s *Shell) signalsFor(m mode) (ignore, byDefault uint64) {
	ignore, byDefault = uint64(s.ignored()), uint64(s.unignored())
	if s.role == aCommand && m == replace {
		byDefault &^= signals.Bit(int(unix.SIGCHLD))
	}
	return ignore, byDefault
}

// mayExec reports whether a program takes the place of the process.
func (s *Shell) mayExec(spec *proc.Spec, m mode) bool {
	if spec.AsCaller {
		return spec.InPlace()
	}
	return m == foreground && s.executes() && spec.Changed()&^proc.ChangesRoot == 0
}

// execBehind makes this process the one that a prefix command leaves in front of its program,
// as behind exec.
func (s *Shell) execBehind(spec *proc.Spec) int {
	release := signals.HoldAll() // signals from now on are for the process that stays
	pid, err := spec.StartBehind()
	if err == nil && spec.Waits() {
		_ = spec.Keep(pid) // it returns where this process has to wait itself
	}
	release()
	switch {
	case err != nil:
		return s.execFailed(spec, err, replace)
	case !spec.Waits():
		dieAs(0)
	}
	return s.awaitProgram(child{pid: pid}, replace)
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

// awaitProgram waits for a program in the foreground.
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

// execFailed reports why a program did not start, and returns the status of its process.
func (s *Shell) execFailed(spec *proc.Spec, err error, m mode) int {
	status := s.reportFailure(spec, err, m)
	var failure *proc.Error
	if errors.As(err, &failure) && failure.Left {
		return 0 // the process that would have told has ended before
	}
	return status
}

func (s *Shell) reportFailure(spec *proc.Spec, err error, m mode) int {
	var failure *proc.Error
	if !errors.As(err, &failure) {
		s.complain("%v", err)
		return s.afterNative(2, m)
	}
	if !failure.Exec {
		text := failure.Failure.Text + ": " + clib.ErrnoText(failure.Errno) + "\n"
		s.files.writer(2).Write([]byte(text))
		return s.afterNative(failure.Failure.Status, m)
	}
	if failure.Errno == unix.ENOEXEC && spec.Exe < 0 {
		file := spec.Paths[failure.Tried]
		if spec.Blame.Text != "" || !s.isBinaryFile(file) {
			spec.Argv = slices.Concat([]string{"/bin/sh", file}, spec.Argv[1:])
			return s.startSelf(spec, m)
		}
	}
	return s.cannotExecute(spec, failure.Errno, m)
}

// cannotExecute reports that a program does not exist, 127, or cannot be executed, 126. The
// message is that of the command that was to run the program.
func (s *Shell) cannotExecute(spec *proc.Spec, errno unix.Errno, m mode) int {
	if spec.Blame.Text != "" {
		return s.afterNative(s.reportBlame(spec, errno), m) // it has taken the shell's place
	}
	status, text := notExecuted(errno)
	s.complain("%s: %s", spec.Argv[0], text)
	if spec.Argv[0] == "" && m != replace {
		status = 127
	}
	return s.notRun(status, m)
}

// reportBlame reports a program that cannot be executed as the last prefix command does.
func (s *Shell) reportBlame(spec *proc.Spec, errno unix.Errno) (status int) {
	if s.program != nil && spec.Blame.Text == s.program.blame {
		s.program.NotRun = true
	}
	msg := fmt.Sprintf(spec.Blame.Text, spec.Argv[0], clib.ErrnoText(errno)) + "\n"
	_, err := s.files.writer(2).Write([]byte(msg))
	switch {
	case err != nil && spec.Blame.Lost != 0:
		return spec.Blame.Lost
	case spec.Blame.Status != 0:
		return spec.Blame.Status
	case errno == unix.ENOENT:
		return 127
	}
	return 126
}

// giveFiles passes the shell's open files to a program.
func (s *Shell) giveFiles(spec *proc.Spec) error {
	list, err := s.files.descriptors(spec.Files[:0])
	if err == nil {
		spec.Files = list
	}
	return err
}

// startSelf starts this binary as the program that Argv[0] names. Where a program cannot make
// threads, it starts the system's instead.
func (s *Shell) startSelf(spec *proc.Spec, m mode) int {
	if spec.CannotThread() {
		spec.Paths = candidates(spec.Argv[0], spec.Env)
		return s.start(spec, m)
	}
	if s.process.Exe < 0 {
		s.complain("%s: %v", spec.Argv[0], s.process.ExeError)
		return s.notRun(126, m)
	}
	exe := s.process.Exe
	if spec.Changed()&^proc.ChangesNet != 0 {
		// Processes that must not reach the binary's file may run beside the new process.
		if fd, err := proc.Sealed(exe); err == nil { // else it is sealed already, or cannot be
			spec.Own(fd)
			exe = fd
		}
	}
	spec.Exe = exe
	ignored := sigset(spec.IgnoredOf(uint64(s.ignored())))
	closed := s.files.closed()
	for n := range 3 {
		if spec.HasInstead(n) {
			closed &^= 1 << n
		}
	}
	spec.Env = append(spec.Env, s.process.note(exe, -1, ignored, closed, s.origin(spec)))
	spec.Pass = append(spec.Pass, exe)
	s.passTiming(spec, m)
	return s.start(spec, m)
}

// origin says why the re-executed binary runs a native command.
func (s *Shell) origin(spec *proc.Spec) handover.Origin {
	switch {
	case s.isEmbedded():
		return handover.Embedded
	case spec.Unseen:
		return handover.Unseen
	}
	return handover.Judged
}

// note returns the note for the re-executed binary. exe is a file descriptor of the binary, and
// state one of a saved shell or -1. The note lists ignored signals and closed files where the
// new process cannot see them itself, as it does not begin at its own entry. It also names the
// directory of a script set that replaces the embedded scripts.
func (p *Process) note(exe, state int, ignored sigset, closed uint64, from handover.Origin) string {
	n := handover.Note{Exe: exe, State: state, Limits: limits.Text(), Origin: from}
	if !signals.Entered() {
		n.Ignored, n.Closed = uint64(ignored), closed
	}
	if p.Scripts == nil {
		n.Scripts = p.ScriptDir
	}
	return n.String()
}
