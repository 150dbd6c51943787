package proc

import (
	"errors"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// cloneArgs is struct clone_args of clone3(2), in its first version.
type cloneArgs struct {
	flags      uint64
	_          uint64 // pidfd
	childTID   uint64
	parentTID  uint64
	exitSignal uint64
	stack      uint64
	stackSize  uint64
	_          uint64 // tls
}

// clearHandlers is CLONE_CLEAR_SIGHAND of Linux 5.5. A signal handler of this process must not
// run in the child, where the Go runtime is incomplete.
const clearHandlers = 0x100000000

// A verdict is the report of a child that could not execute its program.
type verdict struct {
	failed bool
	at     int // index of the Failure
	errno  unix.Errno
}

// errNotShared says that the kernel or a system call filter does not know clone3.
var errNotShared = errors.New("no process that shares memory")

// startShared is Start for a child that can use the memory of this process until it executes.
// So the kernel need not copy the page tables, and this process need not fault its pages in
// again.
func (s *Spec) startShared() (pid int, err error) {
	var said verdict
	pid, err = s.fork(func(ops []op) (int, unix.Errno) {
		return forkShared(ops, s.cloneArgs(), &said)
	})
	switch {
	case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EINVAL), errors.Is(err, unix.EPERM):
		return 0, errNotShared
	case err != nil:
		return 0, err
	case said.failed:
		Wait(pid)
		return 0, s.explain(said.at, said.errno)
	}
	return pid, nil
}

func (s *Spec) cloneArgs() *cloneArgs {
	return &cloneArgs{
		flags:      unix.CLONE_VM | unix.CLONE_VFORK | unix.CLONE_CHILD_SETTID | clearHandlers,
		childTID:   uint64(uintptr(unsafe.Pointer(s.tid))),
		exitSignal: uint64(unix.SIGCHLD),
	}
}

// forkShared makes the child, which uses the memory of this process and the stack of this
// thread while the thread sleeps. Neither may overwrite what the other needs on the stack: the
// parent leaves this frame at once, and the child never does.
//
//go:noinline
//go:norace
func forkShared(ops []op, args *cloneArgs, said *verdict) (int, unix.Errno) {
	pid, errno := clone3(args, unsafe.Sizeof(*args))
	if pid != 0 || errno != 0 {
		return int(pid), errno
	}
	said.at, said.errno = perform(ops)
	said.failed = true
	for {
		syscall.RawSyscall6(unix.SYS_EXIT_GROUP, 127, 0, 0, 0, 0, 0)
	}
}
