// Package signals handles the signals of the process (POSIX XSH 2.4, signal(7)). A process has
// one action for each signal, however many shell environments run inside it.
//
// The package's own handler records each signal in one word, which the shell checks between
// commands. The handler runs on the thread that took the signal, in machine code that does not
// need the Go runtime. os/signal would pass the signal to a goroutine, which runs some time
// later.
//
// Of the calls that change a process as a whole, these concern signals:
//
//   - rt_sigaction: Catch, CatchChildren, Ignore, Default, Interruptibly and Die are for
//     the shell that the process is (its trap, set -m and -i, its jobs), on the first
//     thread. A subshell inside the process must not call them; a trap of its own is a
//     reason to make it a process. Begin and BeShell come before any command.
//   - rt_sigprocmask applies to a thread. Begin and BeShell set the mask of the first
//     thread; proc.Spec, which starts a program with all signals blocked, changes it for a
//     moment. The runtime sets the mask of the other threads, which blocks all signals but
//     the runtime's own.
//   - kill: any thread may call Kill. A signal to this process is handled when Kill returns
//     on the first thread, and soon afterwards on another one.
//   - setpgid and tcsetpgrp (TIOCSPGRP): called by the shell that the process is, under job
//     control, and by proc.Spec in the child.
package signals

import (
	"math/bits"
	"os"
	"strings"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// nsig is one more than the largest signal number.
const nsig = 65

// The state in which the process was started; the entry writes it.
var (
	entered   bool
	inherited uint64
	mask      uint64
	closed    uint64         // standard files that were not open; bit 0 is standard input
	stack     unsafe.Pointer // argc, argv and the environment, as the kernel made them
)

// Entered reports whether this program began at its own entry (see entry). If not, as with the
// race detector, only HUP and INT are known to have been ignored at the start, and any thread
// may handle a signal.
func Entered() bool { return entered }

// hidden replaces the G of variable names that the Go runtime would read; the entry writes it.
// Such variables belong to the caller, and mean nothing to this program.
const hidden = "\a"

// Environ is os.Environ with the names restored that the entry has hidden.
func Environ() []string {
	env := os.Environ()
	for i, e := range env {
		if entered && strings.HasPrefix(e, hidden+"O") {
			env[i] = "G" + e[1:]
		} else {
			env[i] = strings.Clone(e)
		}
	}
	return env
}

// showEnviron restores the names in the memory that /proc/PID/environ shows.
func showEnviron() {
	argc := *(*int)(stack)
	for at := unsafe.Add(stack, 8*(argc+2)); ; at = unsafe.Add(at, 8) {
		text := *(**[2]byte)(at)
		if text == nil {
			return
		}
		if text[0] == hidden[0] && text[1] == 'O' {
			text[0] = 'G'
		}
	}
}

// Inherited returns the signals that were ignored when the process was started, as a set of
// Bit.
func Inherited() uint64 { return inherited }

// InheritIgnored adds signals to Inherited, for a process that cannot see them itself.
func InheritIgnored(set uint64) {
	for inherited |= set; set != 0; set &= set - 1 {
		Ignore(bits.TrailingZeros64(set) + 1)
	}
}

// Mask returns the signal mask with which programs start.
func Mask() uint64 { return mask }

// Bit returns a set with one signal.
func Bit(n int) uint64 { return 1 << (n - 1) }

// Children is set in Pending when a child has ended or stopped, after CatchChildren. It is the
// bit of SIGKILL, which no process can catch.
const Children = uint64(1) << (unix.SIGKILL - 1)

// Pending returns the caught signals that are still to be handled.
func Pending() uint64 { return atomic.LoadUint64(&pending) }

// Clear removes signals from Pending.
func Clear(set uint64) { atomic.AndUint64(&pending, ^set) }

// Post makes signals pending.
func Post(set uint64) { atomic.OrUint64(&pending, set) }

// OfLibrary are the signals that the C library reserves for itself, 32 and 33: no program in C
// can change their action.
const OfLibrary = uint64(1<<31 | 1<<32)

// outOfReach are the signals whose action a program cannot change. The kernel reserves two and
// the C library two, so dash cannot change them either.
const outOfReach = uint64(1)<<(unix.SIGKILL-1) | 1<<(unix.SIGSTOP-1) | OfLibrary
