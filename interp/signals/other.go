//go:build !amd64 && !arm64

package signals

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// There is no handler of our own for this processor: the runtime's hands the signals to
// a goroutine. What the process was started with is known for HUP and INT only, and a
// signal is noted some time after it has come.
var (
	pending  uint64
	ignored  uint64
	caught   uint64
	children bool
	incoming chan os.Signal
	woken    = make(chan struct{}, 1)
	begin    sync.Once
)

// Begin notes which signals the process was started with as ignored.
func Begin() {
	for _, sig := range [...]syscall.Signal{unix.SIGHUP, unix.SIGINT} {
		if signal.Ignored(sig) {
			inherited |= Bit(int(sig))
		}
	}
	ignored = inherited
}

// BeShell has nothing to do: the runtime blocks none.
func BeShell() {}

func collect() {
	for sig := range incoming {
		n := int(sig.(syscall.Signal))
		if n == int(unix.SIGCHLD) && children {
			Post(Children)
		}
		if caught&Bit(n) != 0 {
			Post(Bit(n))
		}
		select {
		case woken <- struct{}{}:
		default:
		}
	}
}

func notify(n int) {
	begin.Do(func() {
		incoming = make(chan os.Signal, 64)
		go collect()
	})
	signal.Notify(incoming, syscall.Signal(n))
}

// Catch makes a signal set its bit in Pending.
func Catch(n int) {
	ignored &^= Bit(n)
	caught |= Bit(n)
	notify(n)
}

// CatchChildren makes the end of a child set Children in Pending.
func CatchChildren() {
	if !children {
		children = true
		notify(int(unix.SIGCHLD))
		Post(Children)
	}
}

// Ignore makes the process ignore a signal.
func Ignore(n int) {
	caught &^= Bit(n)
	ignored |= Bit(n)
	signal.Ignore(syscall.Signal(n))
}

// Default gives a signal its default action.
func Default(n int) {
	caught &^= Bit(n)
	ignored &^= Bit(n)
	if n != int(unix.SIGCHLD) || !children {
		signal.Reset(syscall.Signal(n))
	}
}

// Ignored are the signals that the process ignores.
func Ignored() uint64 { return ignored }

// Handled are the signals that the process has a handler for: the runtime's are reset
// in what is executed.
func Handled() uint64 { return 0 }

// Caught are the signals that set a bit in Pending.
func Caught() uint64 { return caught }

// Die ends the process by a signal.
func Die(n int) {
	signal.Reset(syscall.Signal(n))
	_ = unix.Kill(unix.Getpid(), unix.Signal(n))
}

// Kill is kill(2).
func Kill(pid, n int) error { return unix.Kill(pid, unix.Signal(n)) }

// Await waits until there is something to read on a descriptor, or until stop reports
// that what it waits for has come.
func Await(fd int, stop func() bool) (ready bool) {
	const look = 20 * time.Millisecond
	for !stop() {
		if fd < 0 {
			<-woken
			continue
		}
		list := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if n, _ := unix.Poll(list, int(look.Milliseconds())); n > 0 {
			return true
		}
	}
	return false
}

// Interruptibly runs a system call, which signals do not interrupt here.
func Interruptibly(call func()) { call() }

// Hold does nothing: a signal may go to any thread.
func Hold(int) (release func()) { return func() {} }

// ClearMask does nothing: what the runtime does with signals is its own.
func ClearMask() {}
