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

// This processor has no handler of this package: the runtime's handler passes signals to a
// goroutine. Only for HUP and INT it is known whether the process was started with them
// ignored. A signal is noted some time after it arrived.
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

// BeShell does nothing: the runtime blocks no signal.
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

// Ignored returns the signals that the process ignores.
func Ignored() uint64 { return ignored }

// Handled returns no signals: execve resets the runtime's handlers.
func Handled() uint64 { return 0 }

// Caught returns the signals that set a bit in Pending.
func Caught() uint64 { return caught }

// Die ends the process by a signal.
func Die(n int) {
	signal.Reset(syscall.Signal(n))
	_ = unix.Kill(unix.Getpid(), unix.Signal(n))
}

// Kill is kill(2).
func Kill(pid, n int) error { return unix.Kill(pid, unix.Signal(n)) }

// Await waits until a descriptor is readable, or until stop returns true.
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

// ClearMask does nothing: the runtime manages its signal masks itself.
func ClearMask() {}
