package interp

import (
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
)

// A signalHub receives the signals that traps are set for.
type signalHub struct {
	caught  chan os.Signal
	barrier chan os.Signal
	// defaults are signals that the Go library handles where a shell would
	// end; their Go handlers are kept to be put back for a trap.
	defaults map[syscall.Signal]sigaction

	mu   sync.Mutex
	sent []int // signals with a trap that the shell sent to itself
	// inherited are those that were ignored when the shell started: they stay so.
	inherited []syscall.Signal
}

// sendSelf is kill for our own process. It takes effect before it returns, as
// the system call does for a process with one thread.
func (h *signalHub) sendSelf(sig syscall.Signal, action string, trapped bool) error {
	if trapped && action != "" {
		h.mu.Lock()
		h.sent = append(h.sent, int(sig))
		h.mu.Unlock()
		return nil
	}
	if !trapped && sig != 0 && !slices.Contains(h.inherited, sig) {
		signal.Reset(sig)
		rtSigaction(sig, &sigaction{}, nil)
	}
	// This thread is to take it: another one might be late.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return unix.Tgkill(unix.Getpid(), unix.Gettid(), sig)
}

// takeSent returns the oldest signal of sendSelf, 0 for none.
func (h *signalHub) takeSent() (sig int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.sent) > 0 {
		sig, h.sent = h.sent[0], h.sent[1:]
	}
	return sig
}

// sigaction is the kernel's struct of that name on 64-bit Linux.
type sigaction [4]uintptr

func newSignalHub() *signalHub {
	return &signalHub{defaults: map[syscall.Signal]sigaction{}}
}

// quiet are the signals that would end a C program but which the Go library
// ignores or answers with a dump of all goroutines.
var quiet = [...]syscall.Signal{
	unix.SIGQUIT, unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM, unix.SIGVTALRM,
	unix.SIGIO, unix.SIGPWR, unix.SIGXCPU, unix.SIGXFSZ, unix.SIGSYS,
}

// TakeDefaults gives signals the action that they have for a C program.
func (h *Host) TakeDefaults() {
	for _, sig := range quiet {
		var old, dfl sigaction
		rtSigaction(sig, &dfl, &old)
		if old[0] > 1 {
			h.signals.defaults[sig] = old
		}
	}
}

func rtSigaction(sig syscall.Signal, act, old *sigaction) {
	syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(act)),
		uintptr(unsafe.Pointer(old)), 8, 0, 0)
}

// setTrap sets the action of a condition; 0 is EXIT. The process's own
// disposition follows where the shell is the process.
func (s *Shell) setTrap(n int, action string) {
	s.traps[n] = action
	if n == 0 {
		return
	}
	sig := syscall.Signal(n)
	if slices.Contains(s.host.signals.inherited, sig) {
		return
	}
	if action == "" {
		if !s.subshell { // else only what is started from here ignores it
			signal.Ignore(sig)
		}
		return
	}
	hub := s.host.signals
	if hub.caught == nil {
		hub.caught = make(chan os.Signal, 64)
	}
	if old, ok := hub.defaults[sig]; ok {
		rtSigaction(sig, &old, nil)
	}
	signal.Notify(hub.caught, sig)
}

func (s *Shell) clearTrap(n int) {
	delete(s.traps, n)
	if n == 0 {
		return
	}
	sig := syscall.Signal(n)
	if s.subshell || slices.Contains(s.host.signals.inherited, sig) {
		return
	}
	signal.Reset(sig)
	if _, ok := s.host.signals.defaults[sig]; ok {
		rtSigaction(sig, &sigaction{}, nil)
	}
}

// IgnoreInherited ignores signals that were ignored when the program started,
// which the Go library has forgotten. A trap does not change that.
func (h *Host) IgnoreInherited(numbers string) {
	for number := range strings.FieldsSeq(numbers) {
		if n, err := strconv.Atoi(number); err == nil {
			signal.Ignore(syscall.Signal(n))
			h.signals.inherited = append(h.signals.inherited, syscall.Signal(n))
		}
	}
}

// barrier is a signal that the shell sends to itself.
const barrier = syscall.Signal(63)

// settleSignals makes sure that a signal which a program sent to the shell before
// it ended has come through the Go library: when no thread has one still to take
// or is taking it, it waits for a signal of its own, since they are handled in
// order.
func (s *Shell) settleSignals() {
	hub := s.host.signals
	if hub.caught == nil || s.main != nil {
		return
	}
	if hub.barrier == nil {
		hub.barrier = make(chan os.Signal, 1)
		signal.Notify(hub.barrier, barrier)
	}
	for range settleRounds {
		if len(hub.caught) > 0 || !proc.SignalsUnderWay() {
			break
		}
		proc.Nap(settleStep) // and not time.Sleep, which wakes threads
	}
	if len(hub.caught) > 0 || unix.Kill(unix.Getpid(), barrier) != nil {
		return
	}
	select {
	case <-hub.barrier:
	case <-time.After(50 * time.Millisecond):
	}
}

// How long a thread that has been woken for a signal is waited for: on a busy
// machine it takes its time to run.
const (
	settleStep   = 50 * time.Microsecond
	settleRounds = 400
)

// runPendingTraps runs the actions of the signals that have come.
func (s *Shell) runPendingTraps() {
	if s.host.signals.caught == nil || s.subshell && len(s.traps) == 0 {
		return
	}
	for !s.stopped() {
		if n := s.host.signals.takeSent(); n != 0 {
			s.runTrap(n)
			continue
		}
		select {
		case sig := <-s.host.signals.caught:
			s.runTrap(int(sig.(syscall.Signal)))
		default:
			return
		}
	}
}

// runTrap runs the action for a signal; $? is kept.
func (s *Shell) runTrap(n int) {
	action := s.traps[n]
	if action == "" {
		return
	}
	status := s.status
	outer := s.trapStatus
	s.trapStatus = &status
	line, off := s.line, s.lineOffset
	s.lineOffset = 0
	s.run(textSource([]byte(action)))
	s.line, s.lineOffset = line, off
	s.trapStatus = outer
	if !s.stopped() {
		s.status = status
	}
}

// runExitTrap runs the action of EXIT, once.
func (s *Shell) runExitTrap() {
	action, ok := s.traps[0]
	if !ok || s.exitDone {
		return
	}
	s.exitDone = true
	delete(s.traps, 0)
	status := s.status
	s.flow, s.failed, s.loopDepth, s.trapStatus = flowNone, false, 0, &status
	s.run(textSource([]byte(action)))
	if s.flow != flowExit {
		s.status = status
	}
}

// ignored lists the signals that a new process is to ignore.
func (s *Shell) ignored() []unix.Signal {
	list := slices.Clone(s.host.signals.inherited)
	for n, action := range s.traps {
		if action == "" && n != 0 {
			list = append(list, unix.Signal(n))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (s *Shell) ignoredTraps() []string {
	var list []string
	for _, sig := range s.ignored() {
		list = append(list, strconv.Itoa(int(sig)))
	}
	return list
}

func (s *Shell) restoreIgnored(number string) {
	if n, err := strconv.Atoi(number); err == nil {
		s.traps[n] = ""
		signal.Ignore(syscall.Signal(n))
	}
}
