package sandbox

import (
	"os"
	"os/signal"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// DefaultSignals lets programs start with the default actions, even if signals were ignored
// when the tests were started, as by nohup or in the background. A signal with a handler has
// the default action in child processes. A signal that was not ignored still ends the tests.
func DefaultSignals() {
	for n := syscall.Signal(1); n < 65; n++ {
		if !isIgnored(n) {
			continue
		}
		signal.Notify(make(chan os.Signal, 1), n)
		if isIgnored(n) { // one of those that package signal leaves alone
			SetIgnored(n, false)
		}
	}
}

// An action is the kernel's struct sigaction on 64-bit Linux: the handler, flags, restorer and
// mask.
type action [4]uintptr

// SetIgnored makes this process ignore a signal, or gives the signal its default action, without
// the knowledge of package signal: that cannot change 32 and 34, and it gives other signals their
// default action in child processes.
func SetIgnored(n syscall.Signal, ignored bool) {
	var act action
	if ignored {
		act[0] = 1 // SIG_IGN
	}
	sigaction(n, &act, nil)
}

func isIgnored(n syscall.Signal) bool {
	var act action
	sigaction(n, nil, &act)
	return act[0] == 1
}

func sigaction(n syscall.Signal, act, old *action) {
	_, _, _ = syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(n),
		uintptr(unsafe.Pointer(act)), uintptr(unsafe.Pointer(old)), 8, 0, 0)
}
