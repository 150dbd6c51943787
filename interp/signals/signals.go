// Package signals is what the process does with signals (POSIX XSH 2.4, signal(7)): a
// process has one action for each, however many shell environments run inside it.
//
// A handler of its own notes what has come in one word, which the shell looks at
// between commands. It runs on the thread that took the signal, in machine code that
// needs nothing of the Go runtime: os/signal would hand it to a goroutine, which gets
// to it some time later.
//
// Of the calls that change a process as a whole, these are about signals:
//
//   - rt_sigaction: Catch, CatchChildren, Ignore, Default, Interruptibly and Die are for
//     the shell that the process is (its trap, set -m and -i, its jobs), on the first
//     thread. A subshell inside the process must not call them; its traps are a reason
//     to make it a process. Begin and BeShell come before any command.
//   - rt_sigprocmask is of a thread: the first one's is set by Begin and BeShell, and
//     for a moment by proc.Spec, which starts a program with all signals blocked; the
//     others' is the runtime's, with all blocked that are not its own.
//   - kill: Kill, by any thread. A signal to the own process is handled when it returns
//     on the first one, and soon after on another.
//   - setpgid and tcsetpgrp (TIOCSPGRP): the shell that the process is, under job
//     control, and proc.Spec in the child.
package signals

import (
	"math/bits"
	"os"
	"strings"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// nsig is one more than the largest signal.
const nsig = 65

// What the process was started with; the entry writes it.
var (
	entered   bool
	inherited uint64
	mask      uint64
	closed    uint64         // standard files that were not open, bit 0 being 0
	stack     unsafe.Pointer // argc, argv and the environment, as the kernel made them
)

// Entered reports whether this program began at its own entry (see entry). Where it
// did not, as with the race detector, no more than HUP and INT are known to have been
// ignored at the start, and a signal may be handled by any thread.
func Entered() bool { return entered }

// hidden is what the entry writes over the G with which the names of variables begin that
// the Go runtime reads: they are the caller's, and have no meaning for this program.
const hidden = "\a"

// Environ is os.Environ with the names that the entry has hidden.
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

// showEnviron brings the names back to where /proc/PID/environ shows them.
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

// Inherited are the signals that were ignored when the process was started, as Bit
// gives them.
func Inherited() uint64 { return inherited }

// InheritIgnored adds signals to those of Inherited that it cannot know of.
func InheritIgnored(set uint64) {
	for inherited |= set; set != 0; set &= set - 1 {
		Ignore(bits.TrailingZeros64(set) + 1)
	}
}

// Mask is the signal mask that programs are started with.
func Mask() uint64 { return mask }

// Bit is a set of one signal.
func Bit(n int) uint64 { return 1 << (n - 1) }

// Children is set when a child has ended or stopped and CatchChildren was called. It
// takes the bit of SIGKILL, which nothing catches.
const Children = uint64(1) << (unix.SIGKILL - 1)

// Pending are the signals that have been caught and not been taken.
func Pending() uint64 { return atomic.LoadUint64(&pending) }

// Clear takes signals out of Pending.
func Clear(set uint64) { atomic.AndUint64(&pending, ^set) }

// Post makes signals pending.
func Post(set uint64) { atomic.OrUint64(&pending, set) }

// outOfReach are signals whose action a program cannot change: the kernel keeps two,
// and the C library two, so that dash cannot either.
const outOfReach = uint64(1)<<(unix.SIGKILL-1) | 1<<(unix.SIGSTOP-1) | 1<<31 | 1<<32
