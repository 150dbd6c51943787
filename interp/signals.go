package interp

import (
	"os"
	"os/signal"
	"runtime"
	"slices"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
)

// A sigset is a set of signals.
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

// A signalHub receives the signals of the process.
type signalHub struct {
	caught  chan os.Signal
	pending atomic.Uint64 // sigset of those that came and wait for the shell
	wake    chan struct{} // has something when pending has got more
	event   int           // eventfd for poll, readable when wake has something
	// settled answers barrier, a signal that the shell sends to itself.
	settled chan struct{}
	barrier atomic.Int32
	// defaults are signals that the Go library handles where a shell would
	// end; their Go handlers are kept to be put back for a trap.
	defaults map[syscall.Signal]sigaction
	// inherited are those that were ignored when the shell started: they stay so.
	inherited sigset
	ignoring  sigset // what the process ignores now
}

func newSignalHub() *signalHub {
	return &signalHub{defaults: map[syscall.Signal]sigaction{}}
}

// catch makes the process receive a signal.
func (h *signalHub) catch(sig syscall.Signal) {
	if h.caught == nil {
		h.caught = make(chan os.Signal, 64)
		h.wake, h.settled = make(chan struct{}, 1), make(chan struct{}, 1)
		h.event, _ = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
		h.event, _ = high(h.event)
		go h.collect()
	}
	if old, ok := h.defaults[sig]; ok {
		rtSigaction(sig, &old, nil)
	}
	h.ignoring &^= setOf(sig)
	signal.Notify(h.caught, sig)
}

func (h *signalHub) ignore(sig syscall.Signal) {
	h.ignoring |= setOf(sig)
	signal.Ignore(sig)
}

// reset gives a signal the action that a program is started with.
func (h *signalHub) reset(sig syscall.Signal) {
	h.ignoring &^= setOf(sig)
	signal.Reset(sig)
	if _, ok := h.defaults[sig]; ok {
		rtSigaction(sig, &sigaction{}, nil)
	}
}

// collect notes what comes in for the shell, which looks when it is ready.
func (h *signalHub) collect() {
	for sig := range h.caught {
		if int32(sig.(syscall.Signal)) == h.barrier.Load() {
			notify(h.settled)
			continue
		}
		h.post(int(sig.(syscall.Signal)))
	}
}

// post makes a signal pending.
func (h *signalHub) post(n int) {
	h.pending.Or(1 << (n - 1))
	notify(h.wake)
	unix.Write(h.event, []byte{1, 0, 0, 0, 0, 0, 0, 0})
}

// stopSignal stands for Stop; the C library keeps it for itself.
const stopSignal = 32

// Stop ends the shells of a Host, each when the command that it is running has
// ended. It may be called by another goroutine. It is for ever.
func (h *Host) Stop() { h.signals.pending.Or(1 << (stopSignal - 1)) }

// await waits until there is something to read on a descriptor, or until stop says
// that a signal has come which ends the wait.
func (h *signalHub) await(fd int, stop func() bool) bool {
	for !stop() {
		list := []unix.PollFd{
			{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(h.event), Events: unix.POLLIN},
		}
		unix.Poll(list, -1)
		if list[1].Revents != 0 {
			unix.Read(h.event, make([]byte, 8))
		}
		if list[0].Revents != 0 {
			return true
		}
	}
	return false
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// take returns the lowest signal that is pending, 0 for none: a signal that came
// twice counts once.
func (h *signalHub) take() int {
	set := sigset(h.pending.Load())
	for n := 1; n <= 64 && set != 0; n++ {
		if set.has(n) {
			h.pending.And(^uint64(1 << (n - 1)))
			return n
		}
	}
	return 0
}

// sendSelf is kill for our own process. It takes effect before it returns, as
// the system call does for a process with one thread.
func (s *Shell) sendSelf(sig syscall.Signal) error {
	root, hub := s.processShell(), s.host.signals
	if sig != 0 && root.catches(int(sig)) {
		hub.post(int(sig))
		return nil
	}
	if sig != 0 && !hub.ignoring.has(int(sig)) && !root.hardIgnored.has(int(sig)) {
		signal.Reset(sig)
		rtSigaction(sig, &sigaction{}, nil)
	}
	// This thread is to take it: another one might be late.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return unix.Tgkill(unix.Getpid(), unix.Gettid(), sig)
}

// sigaction is the kernel's struct of that name on 64-bit Linux.
type sigaction [4]uintptr

// quiet are the signals that end a C program at once, but which the Go library
// handles: it ignores them, ends the program later or dumps all goroutines.
var quiet = [...]syscall.Signal{
	unix.SIGHUP, unix.SIGINT, unix.SIGTERM, unix.SIGQUIT, unix.SIGUSR1, unix.SIGUSR2,
	unix.SIGALRM, unix.SIGVTALRM, unix.SIGIO, unix.SIGPWR, unix.SIGXCPU, unix.SIGXFSZ, unix.SIGSYS,
}

// TakeDefaults gives signals the action that they have for a C program.
func (h *Host) TakeDefaults() {
	for _, sig := range quiet {
		var old, dfl sigaction
		rtSigaction(sig, &dfl, &old)
		switch old[0] {
		case 0:
		case 1: // SIG_IGN: the program was started so
			rtSigaction(sig, &old, nil)
		default:
			h.signals.defaults[sig] = old
		}
	}
}

func rtSigaction(sig syscall.Signal, act, old *sigaction) {
	syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(act)),
		uintptr(unsafe.Pointer(old)), 8, 0, 0)
}

// IgnoreInherited ignores signals that were ignored when the program started,
// which the Go library has forgotten. A trap does not change that.
func (h *Host) IgnoreInherited(numbers []int) {
	for _, n := range numbers {
		if syscall.Signal(n) != unix.SIGCHLD {
			h.signals.ignore(syscall.Signal(n))
		}
		h.signals.inherited |= setOf(syscall.Signal(n))
	}
	for _, sig := range [...]syscall.Signal{unix.SIGHUP, unix.SIGINT} {
		if signal.Ignored(sig) {
			h.signals.ignoring |= setOf(sig)
			h.signals.inherited |= setOf(sig)
		}
	}
}

// lastSignal is one more than any barrier.
const lastSignal = 64

// settleSignals makes sure that a signal which a program sent to the shell before
// it ended has come through the Go library: when no thread has one still to take
// or is taking it, it waits for a signal of its own, since they are handled in
// order.
func (s *Shell) settleSignals() {
	hub := s.host.signals
	if hub.caught == nil || s.main != nil {
		return
	}
	barrier := lastSignal - 1
	for s.traps[barrier] != "" {
		barrier--
	}
	if hub.barrier.Swap(int32(barrier)) != int32(barrier) {
		signal.Notify(hub.caught, syscall.Signal(barrier))
	}
	for range settleRounds {
		if hub.pending.Load() != 0 || !proc.SignalsUnderWay() {
			break
		}
		proc.Nap(settleStep) // and not time.Sleep, which wakes threads
	}
	if hub.pending.Load() != 0 || unix.Kill(unix.Getpid(), syscall.Signal(barrier)) != nil {
		return
	}
	select {
	case <-hub.settled:
	case <-time.After(50 * time.Millisecond):
	}
}

// settleAfter is settleSignals when a child has ended. When the user has interrupted
// that one, the terminal has sent the signal to this shell as well, and a busy machine
// may take its time to let it through; it is waited for a little, as somebody may have
// sent the signal to the child alone.
func (s *Shell) settleAfter(status unix.WaitStatus) {
	s.settleSignals()
	if !status.Signaled() || status.Signal() != unix.SIGINT || !s.forks() {
		return
	}
	for range settleRounds {
		if s.host.signals.pending.Load() != 0 {
			return
		}
		proc.Nap(5 * settleStep)
	}
}

// How long a thread that has been woken for a signal is waited for: on a busy
// machine it takes its time to run.
const (
	settleStep   = 50 * time.Microsecond
	settleRounds = 400
)

// unignored lists the signals that this process ignores and a new one must not.
func (s *Shell) unignored() []unix.Signal {
	return slices.DeleteFunc(s.host.signals.ignoring.list(), func(sig unix.Signal) bool {
		return slices.Contains(s.ignored(), sig)
	})
}
