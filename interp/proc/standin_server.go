package proc

import (
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What follows runs in a stand-in: a process with our memory but without a Go runtime.
// As in perform, nothing may grow the stack, allocate, take a lock or write a pointer.
// The requests and answers need no more order than the two eventfds give: the kernel
// takes a lock of each on both sides.

// An exchange is what a stand-in and this process say to each other.
type exchange struct {
	polls  [2]unix.PollFd // the request, and the end of this process
	answer uintptr        // the eventfd
	alive  int32          // its process id, 0 when it has ended: the kernel writes it

	// setup is performed by the stand-in, maybe when the first request is there already.
	setup []op
	what  request

	ops    []op // performed by a child
	args   cloneArgs
	child  int32 // 0 when the child has left our memory: the kernel writes it
	said   verdict
	pid    int
	errno  unix.Errno
	status uint32 // wait status
}

// A request is what a stand-in is asked to do.
type request uint32

const (
	askNothing request = iota
	askStart           // a program by ops and args; answers said, pid and errno
	askReap            // the child pid if it has ended; answers pid, errno and status
)

// childNap is how long to sleep before looking again whether a child has left our memory.
const childNap = 100 * time.Microsecond

// serve is the stand-in, called by cloneServer. It does not return.
//
//go:nosplit
//go:norace
func serve(x *exchange) {
	perform(x.setup)
	for x.next() {
		switch x.what {
		case askStart:
			x.start()
		case askReap:
			x.reap(x.pid, unix.WNOHANG)
		}
		one := uint64(1)
		syscall.RawSyscall6(unix.SYS_WRITE, x.answer, uintptr(unsafe.Pointer(&one)), 8, 0, 0, 0)
	}
	x.outlive()
}

// next waits for a request; false when the process that makes them has ended.
//
//go:nosplit
//go:norace
func (x *exchange) next() bool {
	for {
		_, _, e := syscall.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&x.polls)), 2,
			0, 0, 0, 0)
		switch {
		case e == syscall.EINTR:
		case e != 0, x.polls[1].Revents != 0:
			return false
		default:
			var count uint64
			syscall.RawSyscall6(unix.SYS_READ, uintptr(x.polls[0].Fd),
				uintptr(unsafe.Pointer(&count)), 8, 0, 0, 0)
			return true
		}
	}
}

// start starts a program, and collects the child that could not execute it.
//
//go:nosplit
//go:norace
func (x *exchange) start() {
	x.pid, x.errno = forkUnder(x)
	if x.errno == 0 && x.said.failed {
		x.reap(x.pid, 0)
		x.errno = 0
	}
}

// forkUnder is forkShared in a stand-in.
//
//go:noinline
//go:nosplit
//go:norace
func forkUnder(x *exchange) (int, unix.Errno) {
	pid, errno := clone3(&x.args, unsafe.Sizeof(x.args))
	if pid != 0 || errno != 0 {
		return int(pid), errno
	}
	x.said.at, x.said.errno = perform(x.ops)
	x.said.failed = true
	for {
		syscall.RawSyscall6(unix.SYS_EXIT_GROUP, 127, 0, 0, 0, 0, 0)
	}
}

// reap collects a child.
//
//go:nosplit
//go:norace
func (x *exchange) reap(pid int, flags uintptr) {
	for {
		r, _, e := syscall.RawSyscall6(unix.SYS_WAIT4, uintptr(pid),
			uintptr(unsafe.Pointer(&x.status)), flags, 0, 0, 0)
		if e != syscall.EINTR {
			x.pid, x.errno = int(r), e
			return
		}
	}
}

// outlive is what remains to do when the process has ended whose subshell this is: like a
// subshell it ends after its programs. It would else keep all pipes open meanwhile, since
// it is now the only one that has the descriptor table.
//
//go:nosplit
//go:norace
func (x *exchange) outlive() {
	syscall.RawSyscall6(unix.SYS_CLOSE_RANGE, 0, uintptr(^uint32(0)), 0, 0, 0, 0)
	for x.errno = 0; x.errno == 0; {
		x.reap(-1, 0)
	}
	for {
		syscall.RawSyscall6(unix.SYS_EXIT_GROUP, 0, 0, 0, 0, 0, 0)
	}
}
