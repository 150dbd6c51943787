//go:build amd64 || arm64

package signals

import (
	"math/bits"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// faults are the signals by which the runtime learns of a fault of the program itself.
const faults = uint64(1)<<(unix.SIGILL-1) | 1<<(unix.SIGTRAP-1) | 1<<(unix.SIGBUS-1) |
	1<<(unix.SIGFPE-1) | 1<<(unix.SIGSEGV-1)

// own are the signals that a write of this process may cause.
const own = uint64(1)<<(unix.SIGPIPE-1) | 1<<(unix.SIGXFSZ-1)

// The present signal actions of the process. Only the shell that the process is may change
// them: everything but Begin is for that shell.
var (
	// begun says that Begin was called.
	begun     bool
	installed uint64 // the signals that have the handler
	ignored   uint64
	caught    uint64
	// former are the earlier actions of signals in a process that did not call Begin.
	former [nsig]action
)

// Begin makes the signals the shell's: each gets the action that the process was started with,
// and the calling thread takes them. That must be the first thread, before the program starts
// anything.
func Begin() {
	begun, self = true, int32(unix.Getpid())
	giveBack()
	if !entered {
		leaveRuntime()
	}
	ignored = inherited
	var old action
	sigaction(int(unix.SIGSEGV), nil, &old)
	faultHandler = old.handler
	for n := 1; n < nsig; n++ {
		switch set := Bit(n); {
		case faults&set != 0 && faultHandler > sigIgn:
			rules[n] = ruleFault
		case own&set != 0:
			rules[n] = ruleOwn
		default:
			continue
		}
		if ignored&Bit(n) != 0 {
			sigaction(n, &action{handler: sigIgn}, nil)
		} else {
			install(n)
		}
	}
	rules[unix.SIGURG] = rulePreempt
	setMask(mask)
}

// giveBack reverts what the runtime and the entry have changed at the start. The runtime opens
// /dev/null for closed standard files, and package syscall raises the limit on open files.
func giveBack() {
	if !entered {
		return
	}
	for n := range 3 {
		if closed>>n&1 != 0 {
			unix.Close(n)
		}
	}
	// By this call package syscall also forgets the limit that it has found. That limit was the
	// entry's, and package syscall would pass it on to programs.
	if files, raised := Raised(unix.RLIMIT_NOFILE); !raised {
		_ = syscall.Setrlimit(unix.RLIMIT_NOFILE, &syscall.Rlimit{Cur: files.Cur, Max: files.Max})
	}
	showEnviron()
}

// leaveRuntime takes the signals from the runtime if the program did not begin at its own
// entry.
func leaveRuntime() {
	for n := 1; n < nsig; n++ {
		var old action
		switch sigaction(n, nil, &old); {
		case faults&Bit(n) != 0:
		case old.handler == sigIgn:
			inherited |= Bit(n)
		case old.handler != sigDfl:
			sigaction(n, &action{}, nil)
		}
	}
	var set unix.Sigset_t
	_ = unix.PthreadSigmask(unix.SIG_BLOCK, nil, &set)
	mask = set.Val[0]
}

// ClearMask empties the signal mask of a shell and its children, whatever mask the shell was
// started with. dash does so when it starts its first program and waits for it.
func ClearMask() {
	if mask != 0 && unix.Gettid() == unix.Getpid() {
		mask = 0
		setMask(0)
	}
}

// BeShell restores the default action of SIGCHLD, as dash does at its start: a shell needs to
// know when a child ends.
func BeShell() {
	if ignored&Bit(int(unix.SIGCHLD)) != 0 {
		Default(int(unix.SIGCHLD))
	}
}

func setMask(set uint64) {
	_ = unix.PthreadSigmask(unix.SIG_SETMASK, &unix.Sigset_t{Val: [16]uint64{set}}, nil)
}

// install gives a signal the handler.
func install(n int) {
	if installed&Bit(n) != 0 {
		return
	}
	var old action
	if sigaction(n, ours(saRestart), &old) == 0 && !begun {
		former[n] = old
	}
	installed |= Bit(n)
}

// uninstall gives a signal an action without the handler.
func uninstall(n int, act action) {
	if !begun && installed&Bit(n) != 0 && act.handler == sigDfl {
		act = former[n]
	}
	sigaction(n, &act, nil)
	installed &^= Bit(n)
}

// mayChange reports whether the action of a signal can be changed. A process that did not call
// Begin leaves faults to the runtime.
func mayChange(n int) bool {
	return outOfReach&Bit(n) == 0 && (begun || faults&Bit(n) == 0)
}

// Catch makes a signal set its bit in Pending.
func Catch(n int) {
	if !mayChange(n) {
		return
	}
	wanted[n] |= Bit(n)
	install(n)
	ignored &^= Bit(n)
	caught |= Bit(n)
}

// CatchChildren makes the end of a child also set Children in Pending. It sets Children at
// once, since a child may already have ended.
func CatchChildren() {
	const n = int(unix.SIGCHLD)
	if wanted[n]&Children == 0 {
		wanted[n] |= Children
		install(n)
		Post(Children)
	}
}

// Ignore makes the process ignore a signal.
func Ignore(n int) {
	if !mayChange(n) {
		return
	}
	wanted[n] = 0
	uninstall(n, action{handler: sigIgn})
	caught &^= Bit(n)
	ignored |= Bit(n)
}

// Default gives a signal its default action.
func Default(n int) {
	if !mayChange(n) {
		return
	}
	wanted[n] &= Children
	caught &^= Bit(n)
	ignored &^= Bit(n)
	if wanted[n] != 0 || begun && (faults|own)&Bit(n) != 0 {
		install(n)
	} else {
		uninstall(n, action{})
	}
}

// Ignored returns the signals that the process ignores. A program that it executes ignores
// them, too.
func Ignored() uint64 { return ignored }

// Handled returns the signals for which the process has a handler.
func Handled() uint64 { return installed }

// Caught returns the signals that set a bit in Pending.
func Caught() uint64 { return caught }

// Die ends the process by a signal, as the default action does. It returns if the default
// action is another one, and in a process that did not call Begin.
func Die(n int) {
	if !begun {
		return
	}
	sigaction(n, &action{}, nil)
	installed &^= Bit(n)
	set := unix.Sigset_t{Val: [16]uint64{Bit(n)}}
	_ = unix.PthreadSigmask(unix.SIG_UNBLOCK, &set, nil)
	_ = unix.Kill(int(self), unix.Signal(n))
}

// Held returns the signals that the calling thread blocks in addition to those of Mask.
func Held() uint64 {
	var set unix.Sigset_t
	_ = unix.PthreadSigmask(unix.SIG_BLOCK, nil, &set)
	return set.Val[0] &^ mask
}

// Wake serves a process that was started with all signals blocked, to continue for another one.
// It gives the first thread the signal mask of that other process. The signals of held stay
// blocked until release is called.
func Wake(was, held uint64) (release func()) {
	mask = was
	setMask(was | held)
	return func() { setMask(mask) }
}

// Hold blocks a signal on the first thread until release is called, which delivers a pending
// one. On another thread, which takes no signals, it does nothing.
func Hold(n int) (release func()) {
	if unix.Gettid() != unix.Getpid() {
		return func() {}
	}
	var old unix.Sigset_t
	_ = unix.PthreadSigmask(unix.SIG_BLOCK, &unix.Sigset_t{Val: [16]uint64{Bit(n)}}, &old)
	return func() { _ = unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil) }
}

// HoldAll blocks all signals on the calling thread until release is called.
func HoldAll() (release func()) {
	var old unix.Sigset_t
	_ = unix.PthreadSigmask(unix.SIG_SETMASK, &unix.Sigset_t{Val: [16]uint64{^uint64(0)}}, &old)
	return func() { _ = unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil) }
}

// Kill is kill(2). On the first thread, a signal to this process is already handled when Kill
// returns.
func Kill(pid, n int) error {
	atomic.StoreInt32(&deliberate, 1)
	defer atomic.StoreInt32(&deliberate, 0)
	return unix.Kill(pid, unix.Signal(n))
}

// Await waits until a descriptor is readable, or until stop returns true. It calls stop first,
// and again after each signal. A negative descriptor means none. Only the thread that takes
// signals may call it.
func Await(fd int, stop func() bool) (ready bool) {
	ready, _ = awaitFor(fd, -1, stop)
	return ready
}

// AwaitFor is Await without a descriptor, for no longer than limit. It reports whether stop
// returned true.
func AwaitFor(limit time.Duration, stop func() bool) (come bool) {
	_, come = awaitFor(-1, int(limit.Milliseconds()), stop)
	return come
}

// awaitFor reports whether the descriptor is readable, or whether stop returned true. After a
// signal that changes neither, it waits for the whole timeout again.
func awaitFor(fd, timeout int, stop func() bool) (ready, come bool) {
	if wakeFD == 0 {
		wakeFD = newWakeFD()
	}
	atomic.StoreInt32(&polling, 1)
	defer atomic.StoreInt32(&polling, 0)
	for !stop() {
		list := [...]unix.PollFd{
			{Fd: wakeFD, Events: unix.POLLIN}, {Fd: int32(fd), Events: unix.POLLIN},
		}
		if n, err := unix.Poll(list[:], timeout); n == 0 && err == nil {
			return false, false
		}
		if list[0].Revents != 0 {
			var count [8]byte
			_, _ = unix.Read(int(wakeFD), count[:])
		}
		if list[1].Revents != 0 {
			return true, false
		}
	}
	return false, true
}

// newWakeFD makes an eventfd above the numbers that scripts name. It returns -1 if no
// descriptor is left: a signal then only interrupts poll(2) itself.
func newWakeFD() int32 {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return -1
	}
	const high = 24
	if moved, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, high); err == nil {
		unix.Close(fd)
		fd = moved
	}
	return int32(fd)
}

// Interruptibly runs a system call that a caught signal may interrupt, such as the opening of a
// FIFO. Other system calls restart after a signal.
func Interruptibly(call func()) {
	each(caught, func(n int) { sigaction(n, ours(0), nil) })
	call()
	each(caught, func(n int) { sigaction(n, ours(saRestart), nil) })
}

func each(set uint64, do func(n int)) {
	for ; set != 0; set &= set - 1 {
		do(bits.TrailingZeros64(set) + 1)
	}
}
