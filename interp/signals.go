package interp

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"overlayboot/interp/signals"
)

// A sigset is a set of signals, as package signals has them.
type sigset uint64

func setOf(sigs ...unix.Signal) (set sigset) {
	for _, sig := range sigs {
		set |= 1 << (sig - 1)
	}
	return set
}

func (set sigset) has(n int) bool { return n > 0 && set>>(n-1)&1 != 0 }

func (set sigset) list() (sigs []unix.Signal) {
	for n := 1; n <= 64; n++ {
		if set.has(n) {
			sigs = append(sigs, unix.Signal(n))
		}
	}
	return sigs
}

// keyboard are the signals that a terminal sends: a background list without job
// control ignores them.
var keyboard = setOf(unix.SIGINT, unix.SIGQUIT)

// A signalHub is what the shells of a Host have to do with the signals of the process.
type signalHub struct {
	stop atomic.Bool // Stop has been called
	// inherited are those that were ignored when the shell started: they stay so. That
	// a child has ended is for the shell to know in any case.
	inherited sigset
	since     atomic.Int32 // how many commands have run since Children came
	// reaping guards the jobs of the process's shell while it waits for stages of a
	// pipeline, which collect them.
	reaping sync.Mutex
	// onTerminal is what hasTerminal has found.
	onTerminal bool
	terminal   sync.Once
}

func newSignalHub() *signalHub {
	return &signalHub{inherited: sigset(signals.Inherited()) &^ setOf(unix.SIGCHLD)}
}

// Stop ends the shells of a Host, each when the command that it is running has
// ended. It may be called by another goroutine. It is for ever.
func (h *Host) Stop() { h.signals.stop.Store(true) }

// take returns the signals that are pending, which then are no more: a signal that came
// twice counts once.
func (h *signalHub) take() sigset {
	set := signals.Pending() &^ signals.Children
	signals.Clear(set)
	return sigset(set)
}

// IgnoreInherited ignores signals that were ignored when the program started, as the
// process that started it says: this one cannot know where it did not begin at its own
// entry. A trap does not change that.
func (h *Host) IgnoreInherited(set uint64) {
	signals.InheritIgnored(set)
	h.signals = newSignalHub()
}

// unignored are the signals that this process ignores and a new one must not.
func (s *Shell) unignored() sigset { return sigset(signals.Ignored()) &^ s.ignored() }

// holdInterrupt keeps SIGINT from ending the shell while it waits for a process in the
// foreground, until the function that it returns is called: the user has interrupted that
// one, which may react in its own way. As in dash, a shell that reads its commands from
// standard input does not wait.
func (s *Shell) holdInterrupt() (release func()) {
	root := s.processShell()
	_, trapped := root.traps[int(unix.SIGINT)]
	if trapped || root.hardIgnored.has(int(unix.SIGINT)) || root.opt(optStdin|optInteractive) {
		return func() {}
	}
	return signals.Hold(int(unix.SIGINT))
}
