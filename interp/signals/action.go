//go:build amd64 || arm64

package signals

import (
	"math/bits"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// faults are the signals by which the runtime learns of a fault of the program's own.
const faults = uint64(1)<<(unix.SIGILL-1) | 1<<(unix.SIGTRAP-1) | 1<<(unix.SIGBUS-1) |
	1<<(unix.SIGFPE-1) | 1<<(unix.SIGSEGV-1)

// own are those that a write of the process's own may cause.
const own = uint64(1)<<(unix.SIGPIPE-1) | 1<<(unix.SIGXFSZ-1)

// What the process does with its signals now. All but Begin is for whoever runs as the
// shell that the process is: nothing else may change the action of a signal.
var (
	begun     bool
	installed uint64 // have the handler
	ignored   uint64
	caught    uint64
	// former are the actions that signals had in a process which did not begin.
	former [nsig]action
)

// Begin makes the signals the shell's: each gets the action that the process was
// started with, and the calling thread takes them. That is to be the first one, before
// anything has been started.
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

// giveBack takes back what the runtime has changed at its start: it opens /dev/null for
// standard files that are closed, and package syscall raises the limit on open files; and
// what the entry has changed.
func giveBack() {
	if !entered {
		return
	}
	for n := range 3 {
		if closed>>n&1 != 0 {
			unix.Close(n)
		}
	}
	// By this package syscall also forgets the limit that it has found, which was the
	// entry's, and would give to what it starts.
	if files, raised := Raised(unix.RLIMIT_NOFILE); !raised {
		_ = syscall.Setrlimit(unix.RLIMIT_NOFILE, &syscall.Rlimit{Cur: files.Cur, Max: files.Max})
	}
	showEnviron()
}

// leaveRuntime takes the signals from the runtime where the program did not begin at
// its own entry.
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

// ClearMask does what dash does when it forks for the first time: a shell and its children
// have an empty signal mask from then on, whatever it was started with.
func ClearMask() {
	if mask != 0 && unix.Gettid() == unix.Getpid() {
		mask = 0
		setMask(0)
	}
}

// BeShell does what dash does when it starts: a shell knows when a child ends.
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

// uninstall gives a signal an action that needs no handler.
func uninstall(n int, act action) {
	if !begun && installed&Bit(n) != 0 && act.handler == sigDfl {
		act = former[n]
	}
	sigaction(n, &act, nil)
	installed &^= Bit(n)
}

// mayChange reports whether the action of a signal can be changed. A process that did
// not begin leaves its faults to the runtime.
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

// CatchChildren makes the end of a child set Children in Pending, too, which is set now
// as well: one may have ended already.
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

// Ignored are the signals that the process ignores, as what it executes does.
func Ignored() uint64 { return ignored }

// Handled are the signals that the process has a handler for.
func Handled() uint64 { return installed }

// Caught are the signals that set a bit in Pending.
func Caught() uint64 { return caught }

// Die ends the process by a signal, as its default action does. It returns where that is
// another one, and in a process that did not begin.
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

// Held are the signals that the calling thread blocks beside those of Mask.
func Held() uint64 {
	var set unix.Sigset_t
	_ = unix.PthreadSigmask(unix.SIG_BLOCK, nil, &set)
	return set.Val[0] &^ mask
}

// Wake gives the first thread of a process that was started with all signals blocked the
// mask of the one that it goes on for. Those of held stay blocked until release is called.
func Wake(was, held uint64) (release func()) {
	mask = was
	setMask(was | held)
	return func() { setMask(mask) }
}

// Hold blocks a signal on the first thread until release is called, which lets it through
// if it has come. On other threads, which take none, it does nothing.
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

// Kill is kill(2). What it sends to its own process has been handled when it returns on
// the first thread.
func Kill(pid, n int) error {
	atomic.StoreInt32(&deliberate, 1)
	defer atomic.StoreInt32(&deliberate, 0)
	return unix.Kill(pid, unix.Signal(n))
}

// Await waits until there is something to read on a descriptor, or until stop reports
// that what it waits for has come: it is asked at first and after each signal. A
// negative descriptor is none. Only the thread that takes signals may call it.
func Await(fd int, stop func() bool) (ready bool) {
	ready, _ = awaitFor(fd, -1, stop)
	return ready
}

// AwaitFor is Await without a descriptor, for no longer than limit. It reports whether
// what it waits for has come.
func AwaitFor(limit time.Duration, stop func() bool) (come bool) {
	_, come = awaitFor(-1, int(limit.Milliseconds()), stop)
	return come
}

// awaitFor reports whether there is something to read, or whether stop has said so. After
// a signal that changes neither it waits for the whole timeout again.
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

// newWakeFD makes an eventfd out of the way of those that scripts name; -1 where there
// may be no more: a signal then only interrupts poll(2) itself.
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

// Interruptibly runs a system call that a signal which is caught may interrupt, such as
// the opening of a FIFO: others go on after a signal.
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
