package faults

import (
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// A call is a system call that can be made to fail, with an error that is plausible on a
// machine in trouble.
type call struct {
	name  string
	nr    int
	errno unix.Errno // 0: it cannot fail, so only its caller can be killed there
}

// calls are the calls that every processor architecture has. The list leaves out those that
// Go's runtime needs for itself, such as mmap, futex, epoll_ctl and the calls for signal
// masks, and sendmsg, by which the launcher passes the listener on.
var calls = append(oldCalls, []call{
	{"openat", unix.SYS_OPENAT, unix.EACCES},
	{"openat2", unix.SYS_OPENAT2, unix.EACCES},
	{"close", unix.SYS_CLOSE, 0}, // the kernel closes the descriptor whatever it returns
	{"close_range", unix.SYS_CLOSE_RANGE, unix.EMFILE},
	{"read", unix.SYS_READ, unix.EIO},
	{"pread64", unix.SYS_PREAD64, unix.EIO},
	{"write", unix.SYS_WRITE, unix.ENOSPC},
	{"lseek", unix.SYS_LSEEK, unix.ESPIPE},
	{"pipe2", unix.SYS_PIPE2, unix.EMFILE},
	{"dup", unix.SYS_DUP, unix.EMFILE},
	{"dup3", unix.SYS_DUP3, unix.EBUSY},
	{"fcntl", unix.SYS_FCNTL, unix.EMFILE},
	{"ioctl", unix.SYS_IOCTL, unix.EIO},
	{"flock", unix.SYS_FLOCK, unix.ENOLCK},
	{"memfd_create", unix.SYS_MEMFD_CREATE, unix.ENOMEM},
	{"ftruncate", unix.SYS_FTRUNCATE, unix.ENOSPC},
	{"copy_file_range", unix.SYS_COPY_FILE_RANGE, unix.EIO},
	{"sendfile", unix.SYS_SENDFILE, unix.EIO},

	{"clone", unix.SYS_CLONE, unix.EAGAIN},
	{"clone3", unix.SYS_CLONE3, unix.EAGAIN},
	{"execve", unix.SYS_EXECVE, unix.ENOMEM},
	{"execveat", unix.SYS_EXECVEAT, unix.ENOMEM},
	{"wait4", unix.SYS_WAIT4, unix.EINTR},
	{"waitid", unix.SYS_WAITID, unix.EINTR},
	{"pidfd_open", unix.SYS_PIDFD_OPEN, unix.EMFILE},
	{"pidfd_send_signal", unix.SYS_PIDFD_SEND_SIGNAL, unix.EPERM},
	{"kill", unix.SYS_KILL, unix.EPERM},
	{"tgkill", unix.SYS_TGKILL, unix.EPERM},
	{"setsid", unix.SYS_SETSID, unix.EPERM},
	{"setpgid", unix.SYS_SETPGID, unix.EPERM},
	{"prctl", unix.SYS_PRCTL, unix.EPERM},
	{"capset", unix.SYS_CAPSET, unix.EPERM},
	{"keyctl", unix.SYS_KEYCTL, unix.EDQUOT},
	{"prlimit64", unix.SYS_PRLIMIT64, unix.EPERM},
	{"sethostname", unix.SYS_SETHOSTNAME, unix.EPERM},

	{"mount", unix.SYS_MOUNT, unix.ENOMEM},
	{"umount2", unix.SYS_UMOUNT2, unix.EBUSY},
	{"pivot_root", unix.SYS_PIVOT_ROOT, unix.EBUSY},
	{"chroot", unix.SYS_CHROOT, unix.EPERM},
	{"chdir", unix.SYS_CHDIR, unix.EACCES},
	{"fchdir", unix.SYS_FCHDIR, unix.EACCES},
	{"unshare", unix.SYS_UNSHARE, unix.ENOSPC},
	{"setns", unix.SYS_SETNS, unix.EPERM},
	{"open_tree", unix.SYS_OPEN_TREE, unix.EMFILE},
	{"move_mount", unix.SYS_MOVE_MOUNT, unix.EBUSY},
	{"mount_setattr", unix.SYS_MOUNT_SETATTR, unix.EPERM},
	{"fsopen", unix.SYS_FSOPEN, unix.EMFILE},
	{"fsconfig", unix.SYS_FSCONFIG, unix.ENOMEM},
	{"fsmount", unix.SYS_FSMOUNT, unix.ENOMEM},

	{"mkdirat", unix.SYS_MKDIRAT, unix.ENOSPC},
	{"mknodat", unix.SYS_MKNODAT, unix.ENOSPC},
	{"symlinkat", unix.SYS_SYMLINKAT, unix.ENOSPC},
	{"linkat", unix.SYS_LINKAT, unix.ENOSPC},
	{"unlinkat", unix.SYS_UNLINKAT, unix.EBUSY},
	{"renameat", unix.SYS_RENAMEAT, unix.ENOSPC},
	{"renameat2", unix.SYS_RENAMEAT2, unix.ENOSPC},
	{"fchown", unix.SYS_FCHOWN, unix.EPERM},
	{"fchownat", unix.SYS_FCHOWNAT, unix.EPERM},
	{"fchmod", unix.SYS_FCHMOD, unix.EPERM},
	{"fchmodat", unix.SYS_FCHMODAT, unix.EPERM},
	{"fstat", unix.SYS_FSTAT, unix.EIO},
	{"statx", unix.SYS_STATX, unix.EIO},
	{"statfs", unix.SYS_STATFS, unix.EIO},
	{"getdents64", unix.SYS_GETDENTS64, unix.EIO},
	{"readlinkat", unix.SYS_READLINKAT, unix.EACCES},
	{"faccessat", unix.SYS_FACCESSAT, unix.EACCES},
	{"faccessat2", unix.SYS_FACCESSAT2, unix.EACCES},
	{"getcwd", unix.SYS_GETCWD, unix.ENOENT},
	{"utimensat", unix.SYS_UTIMENSAT, unix.EPERM},

	{"socket", unix.SYS_SOCKET, unix.EMFILE},
	{"socketpair", unix.SYS_SOCKETPAIR, unix.EMFILE},
	{"bind", unix.SYS_BIND, unix.ENOBUFS},
	{"connect", unix.SYS_CONNECT, unix.ENOBUFS},
	{"sendto", unix.SYS_SENDTO, unix.ENOBUFS},
	{"recvfrom", unix.SYS_RECVFROM, unix.ENOBUFS},
	{"recvmsg", unix.SYS_RECVMSG, unix.ENOBUFS},
	{"setsockopt", unix.SYS_SETSOCKOPT, unix.ENOPROTOOPT},

	{"eventfd2", unix.SYS_EVENTFD2, unix.EMFILE},
	{"ppoll", unix.SYS_PPOLL, unix.ENOMEM},
	{"inotify_init1", unix.SYS_INOTIFY_INIT1, unix.EMFILE},
}...)

// onEvents reports whether a call uses an eventfd(2), which fails with none of these
// errors. Go's runtime wakes its threads through an eventfd, and ends the process if that
// fails.
func onEvents(pid int, c call, args [6]uint64) bool {
	if c.nr != unix.SYS_READ && c.nr != unix.SYS_WRITE || args[2] != 8 {
		return false
	}
	file, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, args[0]))
	return file == "anon_inode:[eventfd]"
}

// callNamed returns the call with a name.
func callNamed(name string) (call, bool) {
	i := slices.IndexFunc(calls, func(c call) bool { return c.name == name })
	if i < 0 {
		return call{}, false
	}
	return calls[i], true
}

// ofRuntime reports whether Go's runtime makes the call at times of its own choice: for its
// threads and their waiting, which it cannot do without, and to interrupt them. It also
// returns true for a call that can fail only with a descriptor that is not open.
func ofRuntime(name string, args [6]uint64) bool {
	switch name {
	case "clone":
		return args[0]&unix.CLONE_THREAD != 0
	case "fcntl":
		return args[1] == unix.F_GETFD || args[1] == unix.F_GETFL
	case "eventfd2":
		return args[1]&unix.EFD_NONBLOCK != 0
	case "tgkill":
		return unix.Signal(args[2]) == unix.SIGURG
	}
	return false
}
