//go:build amd64 || arm64

package signals

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What the handler is to know of a signal.
const (
	// ruleFault: a fault that the processor found is for the runtime's handler; one
	// that was sent, by kill, is as any other signal.
	ruleFault = 1 << iota
	// ruleOwn: what a write of our own causes is not for the process: the writer sees
	// its error, and may be a subshell or a native command.
	ruleOwn
	// rulePreempt: the runtime sends it to its threads by tgkill.
	rulePreempt
)

// The state of the handler. It is the process's, and not a shell's: the kernel knows one
// action of a signal for a process.
var (
	rules [nsig]uint8
	// wanted is what a signal sets in pending; 0: it has its default action.
	wanted  [nsig]uint64
	pending uint64
	self    int32 // process id
	// deliberate is set while the shell itself sends a signal.
	deliberate int32
	// polling is set while a thread polls wakeFD, an eventfd.
	polling int32
	wakeFD  int32
	// faultHandler is the runtime's.
	faultHandler uintptr
)

// handlerPC and restorerPC are the addresses of the handler and of what it returns to.
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

// ours is the action that runs our handler, on the signal stack that the runtime has
// made for each thread: that of a goroutine may be too small. A system call goes on
// after it; what waits for a signal does so by poll(2), which does not. Opening a
// FIFO is the exception.
func ours(flags uintptr) *action {
	return &action{handlerPC(), flags | saSiginfo | saOnstack | saRestorer, restorerPC(), ^uint64(0)}
}

func sigaction(n int, act, old *action) syscall.Errno {
	_, _, e := syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(n),
		uintptr(unsafe.Pointer(act)), uintptr(unsafe.Pointer(old)), 8, 0, 0)
	return e
}
