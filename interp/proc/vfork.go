package proc

import (
	"errors"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// cloneArgs is struct clone_args of clone3(2), as its first version has it.
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

// clearHandlers is CLONE_CLEAR_SIGHAND of Linux 5.5: no handler of ours is to run in
// the child, which would find our runtime half alive.
const clearHandlers = 0x100000000

// A verdict is what a child says that could not execute its program.
type verdict struct {
	failed bool
	at     int // index of the Failure
	errno  unix.Errno
}

// errNotShared says that the kernel, or what guards it, does not know clone3.
var errNotShared = errors.New("no process that shares memory")

// startShared is Start for a child that can do with the memory of this process until it
// executes. That spares the kernel to copy our page tables, and us to fault our pages in
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

// forkShared makes the child, which has our memory and this thread's stack while the
// thread sleeps. Neither may touch what the other needs of the stack: the parent leaves
// this frame at once, and the child never does.
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
