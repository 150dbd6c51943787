package interp

import (
	"syscall"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/signals"
)

// setTrap sets the action of a condition; 0 is EXIT.
func (s *Shell) setTrap(n int, action string) {
	s.traps[n] = action
	if action != "" && n != 0 {
		s.terminal.ignored &^= setOf(unix.Signal(n))
	}
	s.dispose(n)
}

func (s *Shell) clearTrap(n int) {
	delete(s.traps, n)
	s.dispose(n)
}

// catches reports whether the shell acts on a signal.
func (s *Shell) catches(n int) bool {
	if s.hardIgnored.has(n) {
		return false
	}
	action, trapped := s.traps[n]
	return action != "" || !trapped && n == int(unix.SIGINT) && (s.interactive() || s.isInitScript())
}

// ignores reports whether the shell itself ignores a signal. Its commands need not ignore it.
func (s *Shell) ignores(n int) bool {
	if action, trapped := s.traps[n]; trapped {
		return action == ""
	}
	switch syscall.Signal(n) {
	case unix.SIGQUIT, unix.SIGTERM:
		return s.interactive()
	case unix.SIGTSTP, unix.SIGTTOU:
		return s.jobControl
	}
	return false
}

// dispose sets the process's disposition of a signal, if s is the main shell.
func (s *Shell) dispose(n int) {
	if n == 0 || s.main != nil || s.hardIgnored.has(n) {
		return
	}
	switch {
	case s.catches(n):
		signals.Catch(n)
	case s.ignores(n) && n != int(unix.SIGCHLD): // keeps the status of children
		signals.Ignore(n)
	default:
		signals.Default(n)
	}
}

// runPendingTraps runs the actions of the signals that have arrived. Signals arrive at the
// process, and only the main shell acts on them.
func (s *Shell) runPendingTraps() {
	hub := s.process.signals
	if hub.stop.Load() {
		s.flow, s.failed = flowExit, false
	}
	if signals.Pending() == 0 {
		return
	}
	if s.main != nil || s.stopped() {
		return
	}
	// Signals that arrive meanwhile must not run their actions inside these.
	set := hub.take()
	for _, sig := range set.list() {
		if s.stopped() {
			break // the rest stays pending
		}
		set &^= setOf(sig)
		s.react(int(sig))
	}
	signals.Post(uint64(set))
}

// react acts on a signal that has arrived.
func (s *Shell) react(n int) {
	switch {
	case n != int(unix.SIGINT) || s.traps[n] != "":
		s.runTrap(n)
	case s.interactive():
		s.interrupt()
	case s.isInitScript():
		s.status, s.flow, s.failed = 128+n, flowExit, false
	}
}

// isInitScript reports whether the shell runs a script as pid 1. No default action ends pid 1,
// so the shell ends itself, as dash does.
func (s *Shell) isInitScript() bool { return isInit() && s.isRoot() && !s.opt(optStdin) }

// interrupt drops the running command of an interactive shell.
func (s *Shell) interrupt() {
	s.files.writer(2).Write([]byte("\n"))
	s.status = 128 + int(unix.SIGINT)
	s.flow, s.failed = flowExit, true
}

// trapPending returns a signal that has arrived and on which the shell acts, or 0.
func (s *Shell) trapPending() int {
	set := sigset(signals.Pending() &^ signals.Children)
	if s.main != nil || set == 0 {
		return 0
	}
	for _, sig := range set.list() {
		if s.catches(int(sig)) {
			return int(sig)
		}
	}
	return 0
}

// runTrap runs the action of a signal and keeps $?, even if return without a status ends the
// action.
func (s *Shell) runTrap(n int) {
	action := s.traps[n]
	if action == "" {
		return
	}
	status := s.status
	outer := s.trapStatus
	s.trapStatus = &status
	line := s.line
	s.run(textSource(action))
	s.line = line
	s.trapStatus = outer
	returns := s.flow == flowReturn || s.flow == flowExit && s.returned
	if returns && s.flowCount == 0 || !returns && s.flow != flowExit {
		s.status = status
	}
}

// runExitTrap runs the action of EXIT once.
func (s *Shell) runExitTrap() {
	action, ok := s.traps[0]
	if !ok || s.exitDone {
		return
	}
	s.exitDone = true
	delete(s.traps, 0)
	status := s.status
	s.flow, s.failed, s.loopDepth, s.trapStatus = flowNone, false, 0, &status
	s.run(textSource(action))
	if s.flow != flowExit || s.returned {
		s.status = status
	}
}

// childEnded makes SIGCHLD pending if it has a trap, since a subshell inside the process ends
// without the signal.
func (s *Shell) childEnded() {
	if s.main == nil && s.traps[int(unix.SIGCHLD)] != "" {
		signals.Post(signals.Bit(int(unix.SIGCHLD)))
	}
}
