//go:build amd64 || arm64

package signals

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The rules tell the handler how to treat a signal.
const (
	// ruleFault is for faults: one that the processor found goes to the runtime's handler, one
	// that was sent by kill is like any other signal.
	ruleFault = 1 << iota
	// ruleOwn is for signals that a write of this process causes. They are not for the process:
	// the writer sees the error, and may be a subshell or a native command.
	ruleOwn
	// rulePreempt is for the signal that the runtime sends to its threads by tgkill.
	rulePreempt
)

// The state of the handler. It belongs to the process, not to a shell, since the kernel keeps
// one action of a signal for a process.
var (
	rules [nsig]uint8
	// wanted is what a signal sets in pending; 0 means the default action.
	wanted  [nsig]uint64
	pending uint64
	self    int32 // process id
	// deliberate is set while the shell itself sends a signal.
	deliberate int32
	// polling is set while a thread polls wakeFD, an eventfd.
	polling int32
	wakeFD  int32
	// faultHandler is the runtime's handler.
	faultHandler uintptr
)

// handlerPC and restorerPC return the addresses of the handler and of its return code.
func handlerPC() uintptr
func restorerPC() uintptr

// An action is the kernel's struct sigaction on 64-bit Linux.
type action struct {
	handler, flags, restorer uintptr
	mask                     uint64
}

const (
	saSiginfo  = 0x4
	saRestorer = 0x04000000
	saOnstack  = 0x08000000
	saRestart  = 0x10000000

	sigDfl = 0
	sigIgn = 1
)

// ours returns the action with this package's handler. The handler runs on the signal stack
// that the runtime has made for each thread, since the stack of a goroutine may be too small. A
// system call restarts after it, except poll(2), by which code waits for a signal, and the
// opening of a FIFO (Interruptibly).
func ours(flags uintptr) *action {
	return &action{handlerPC(), flags | saSiginfo | saOnstack | saRestorer, restorerPC(), ^uint64(0)}
}

func sigaction(n int, act, old *action) syscall.Errno {
	_, _, e := syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(n),
		uintptr(unsafe.Pointer(act)), uintptr(unsafe.Pointer(old)), 8, 0, 0)
	return e
}
