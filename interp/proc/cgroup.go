package proc

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// A cgroupPlace is the control group that a program is to be in.
type cgroupPlace struct {
	dir, procs int // its directory and the file cgroup.procs in it
	fail       int // index of the Failure
}

// IntoCgroup starts the program in a control group: dir is a descriptor of its directory,
// procs of the file cgroup.procs in it. The caller keeps them open until Start. Who starts it
// stays where it is.
func (s *Spec) IntoCgroup(dir, procs int, f Failure) {
	s.fails = append(s.fails, f)
	s.cgroup = &cgroupPlace{dir: dir, procs: procs, fail: len(s.fails) - 1}
	s.apart = true
	s.changed |= ChangesOther
}

// cgroupArgs is struct clone_args of clone3(2) with what Linux 5.7 added.
type cgroupArgs struct {
	cloneArgs
	_      [2]uint64 // set_tid, set_tid_size
	cgroup uint64
}

// intoCgroup is CLONE_INTO_CGROUP: the process begins in the group. To put one there
// afterwards the kernel waits until nobody starts or ends a process or thread, and longer.
const intoCgroup = 0x200000000

// forkIntoCgroup is forkPerform for a child in the group. Where the kernel, or what guards
// it, does not know that, or the group cannot be used so, the child goes there by itself, or
// says why not.
func (s *Spec) forkIntoCgroup(ops []op, errfd int) (int, unix.Errno) {
	args := &cgroupArgs{cgroup: uint64(s.cgroup.dir), cloneArgs: cloneArgs{
		flags:      unix.CLONE_VFORK | unix.CLONE_CHILD_SETTID | intoCgroup,
		childTID:   uint64(uintptr(unsafe.Pointer(s.tid))),
		exitSignal: uint64(unix.SIGCHLD),
	}}
	pid, errno := forkPerform(ops, errfd, s.tid, args)
	switch errno {
	case 0, unix.EAGAIN, unix.ENOMEM:
		return pid, errno
	}
	s.enterCgroup(ops)
	return forkPerform(ops, errfd, s.tid, nil)
}

// enterCgroup makes the first of the assembled steps one that moves the process.
func (s *Spec) enterCgroup(ops []op) {
	if s.cgroup == nil {
		return
	}
	ops[0] = op{kind: opCall, fail: s.cgroup.fail, nr: unix.SYS_WRITE,
		a: [6]uintptr{uintptr(s.cgroup.procs), s.String("0"), 1}}
}
