package proc

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// A cgroupPlace is the control group for a program.
type cgroupPlace struct {
	dir, procs int // its directory and its file cgroup.procs
	fail       int // index of the Failure
}

// IntoCgroup starts the program in a control group. dir is a descriptor of the group's
// directory, procs one of the file cgroup.procs in it; the caller keeps both open until Start.
// The calling process stays in its own group.
func (s *Spec) IntoCgroup(dir, procs int, f Failure) {
	s.fails = append(s.fails, f)
	s.cgroup = &cgroupPlace{dir: dir, procs: procs, fail: len(s.fails) - 1}
	s.apart = true
	s.changed |= ChangesOther
}

// cgroupArgs is struct clone_args of clone3(2) with the fields that Linux 5.7 added.
type cgroupArgs struct {
	cloneArgs
	_      [2]uint64 // set_tid, set_tid_size
	cgroup uint64
}

// intoCgroup is CLONE_INTO_CGROUP: the process starts in the group. To move a process there
// later takes longer, since the kernel waits until no process or thread starts or ends.
const intoCgroup = 0x200000000

// forkIntoCgroup is forkPerform for a child in the group. The kernel or a system call filter
// may not know the flag, or the group may not allow it. Then the child enters the group itself,
// or reports why it cannot.
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

// enterCgroup replaces the first assembled step by one that moves the process into the group.
func (s *Spec) enterCgroup(ops []op) {
	if s.cgroup == nil {
		return
	}
	ops[0] = op{kind: opCall, fail: s.cgroup.fail, nr: unix.SYS_WRITE,
		a: [6]uintptr{uintptr(s.cgroup.procs), s.String("0"), 1}}
}
