package interp

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/signals"
)

// A sigset is a set of signals, with the bits of package signals.
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

// keyboard holds the signals that the keys of a terminal send. A background list without job
// control ignores them.
var keyboard = setOf(unix.SIGINT, unix.SIGQUIT)

// A signalHub holds the state that shells of a Process share about signals of the process.
type signalHub struct {
	stop atomic.Bool // Stop has been called
	// inherited holds the signals that were ignored when the shell started: they stay so.
	// SIGCHLD is never one of them, since the shell must learn of the end of its children.
	inherited sigset
	since     atomic.Int32 // the number of commands since Children became pending
	// reaping guards the jobs of the main shell while it waits for the stages of a pipeline,
	// which collect jobs.
	reaping sync.Mutex
	// onTerminal is the result of hasTerminal.
	onTerminal bool
	terminal   sync.Once
}

func newSignalHub() *signalHub {
	return &signalHub{inherited: sigset(signals.Inherited()) &^ setOf(unix.SIGCHLD)}
}

// Stop ends the shells of a Process, each after its running command. Any goroutine may call
// Stop, which is permanent.
func (p *Process) Stop() { p.signals.stop.Store(true) }

// take returns the pending signals and clears them. A signal that arrived twice counts once.
func (h *signalHub) take() sigset {
	set := signals.Pending() &^ signals.Children
	signals.Clear(set)
	return sigset(set)
}

// IgnoreInherited ignores the signals that were ignored when the program started, as told by
// the process that started it. A program that did not begin at its own entry cannot know them
// itself. No trap changes these signals.
func (p *Process) IgnoreInherited(set uint64) {
	signals.InheritIgnored(set)
	p.signals = newSignalHub()
}

// unignored returns the signals that this process ignores and that a new one must not ignore.
func (s *Shell) unignored() sigset { return sigset(signals.Ignored()) &^ s.ignored() }

// holdInterrupt keeps SIGINT from ending the shell while it waits for a process in the
// foreground, until the caller calls release. The interrupt is for that process, which may
// handle it. As in dash, a shell that reads its commands from standard input does not hold the
// interrupt.
func (s *Shell) holdInterrupt() (release func()) {
	root := s.processShell()
	_, trapped := root.traps[int(unix.SIGINT)]
	if trapped || root.hardIgnored.has(int(unix.SIGINT)) || root.opt(optStdin|optInteractive) {
		return func() {}
	}
	return signals.Hold(int(unix.SIGINT))
}
