package proc

import (
	"errors"
	"runtime"
	"slices"

	"golang.org/x/sys/unix"
)

// CanKeep reports whether this process can be the Keeper of the first Fork: StartBehind can make
// the steps before that Fork here.
func (s *Spec) CanKeep() bool {
	return !s.single && s.cgroup == nil && s.firstFork() >= 0
}

// firstFork returns the index of the first level that is made if this process makes the steps,
// or -1.
func (s *Spec) firstFork() int { return slices.Index(s.forksFrom(isLeader()), true) }

// StartBehind makes the steps before the first Fork in this process, and starts the program
// behind it as a child. It locks the goroutine to its thread, since steps act on a thread. After
// a failure it may be called again, with another program.
func (s *Spec) StartBehind() (pid int, err error) {
	s.addLate()
	runtime.LockOSThread()
	_ = unix.Unshare(unix.CLONE_FS) // setns into a mount namespace needs a root of its own
	if s.Dir != unix.AT_FDCWD {
		if err := unix.Fchdir(s.Dir); err != nil {
			return 0, err
		}
		s.Dir = unix.AT_FDCWD
	}
	first := s.firstFork()
	at, errno := perform(s.stepsBefore(first))
	if errno != 0 && at >= 0 {
		return 0, s.explain(at, errno)
	}
	s.skip(s.levels[first].forkOp, first)
	behind := *s
	behind.skip(1, 1)
	behind.AsCaller = false
	pid, err = behind.Start()
	runtime.KeepAlive(s)
	return pid, s.behindFork(err)
}

// stepsBefore returns the steps before a level. Those before it that are not made do nothing.
func (s *Spec) stepsBefore(level int) []op {
	l := s.levels[level]
	ops := s.steps(s.filesWith(l.instead))[:l.forkOp]
	for _, unmade := range s.levels[:level] {
		ops[unmade.forkOp] = soft(unix.SYS_GETPID)
	}
	return ops
}

// skip removes the first steps and levels, which have been made.
func (s *Spec) skip(steps, levels int) {
	s.ops, s.fails = slices.Clone(s.ops[steps:]), s.fails[steps:]
	for i := range s.ops {
		s.ops[i].fail -= steps
	}
	s.levels = slices.Clone(s.levels[levels:])
	for i := range s.levels {
		s.levels[i].forkOp -= steps
	}
}

// behindFork returns the error of a start as that of a start behind the first step, a Fork.
func (s *Spec) behindFork(err error) error {
	var failure *Error
	if !errors.As(err, &failure) {
		return err
	}
	if failure.Failure == forkFailure() {
		failure.Failure = s.fails[0]
	}
	failure.Left = failure.Left || s.levels[0].Argv == nil
	return failure
}

// Keep makes this process the Keeper of the child that StartBehind has started: it executes a
// tiny program. It returns if that is impossible, and also if the Keeper does not wait.
func (s *Spec) Keep(pid int) error {
	l := s.levels[0]
	if l.Argv == nil {
		return nil
	}
	exe, err := WaiterProgram(l.Keeper, pid)
	if err != nil || exe < 0 {
		return err
	}
	w := &Spec{Argv: l.Argv, Env: s.keeperEnv(), Exe: exe, Dir: unix.AT_FDCWD,
		Files: s.filesWith(l.instead), Ignore: s.Ignore, Default: s.Default, decided: l.decided}
	defer w.Release()
	w.Own(exe)
	w.BlockSignals(l.Block)
	return w.ExecOrStay()
}

// Waits reports whether the Keeper of the first Fork waits for its child.
func (s *Spec) Waits() bool { return s.levels[0].Argv != nil }
