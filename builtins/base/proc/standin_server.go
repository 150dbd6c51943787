package proc

import (
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The code in this file runs in a stand-in: a process with this process's memory, but without a
// Go runtime. As in perform, it must not grow the stack, allocate, take a lock or write a
// pointer. Requests and answers need no further memory ordering: the kernel takes the lock of
// an eventfd on both sides.

// An exchange is the shared memory of a stand-in and this process.
type exchange struct {
	polls  [2]unix.PollFd // the request, and the end of this process
	answer uintptr        // the eventfd
	alive  int32          // its process id; the kernel writes 0 when it ends

	// setup runs first in the stand-in, perhaps when the first request is already there.
	setup []op
	what  request

	ops    []op // for a child
	args   cloneArgs
	child  int32 // the kernel writes 0 when the child no longer uses this memory
	said   verdict
	pid    int
	errno  unix.Errno
	status uint32 // wait status
}

// A request tells the stand-in what to do.
type request uint32

const (
	askNothing request = iota
	askStart           // start a program by ops and args; answers said, pid and errno
	askReap            // reap the child pid if it has ended; answers pid, errno and status
)

// childNap is the pause between two checks whether a child still uses this memory.
const childNap = 100 * time.Microsecond

// serve is the main function of the stand-in, called by cloneServer. It does not return.
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

// next waits for a request. It returns false if the process that makes requests has ended.
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

// start starts a program, and reaps a child that could not execute it.
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

// outlive runs when the process whose subshell this is has ended. Like a subshell the stand-in
// ends after its programs. It closes all descriptors, since it is now the only process with
// this descriptor table, and would keep all pipes open.
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
