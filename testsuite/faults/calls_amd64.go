package faults

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_X86_64

// oldCalls are the calls that newer architectures lack.
var oldCalls = []call{
	{"open", unix.SYS_OPEN, unix.EACCES},
	{"creat", unix.SYS_CREAT, unix.EACCES},
	{"access", unix.SYS_ACCESS, unix.EACCES},
	{"stat", unix.SYS_STAT, unix.EIO},
	{"lstat", unix.SYS_LSTAT, unix.EIO},
	{"newfstatat", unix.SYS_NEWFSTATAT, unix.EIO},
	{"readlink", unix.SYS_READLINK, unix.EACCES},
	{"mkdir", unix.SYS_MKDIR, unix.ENOSPC},
	{"mknod", unix.SYS_MKNOD, unix.ENOSPC},
	{"symlink", unix.SYS_SYMLINK, unix.ENOSPC},
	{"unlink", unix.SYS_UNLINK, unix.EBUSY},
	{"rmdir", unix.SYS_RMDIR, unix.EBUSY},
	{"rename", unix.SYS_RENAME, unix.ENOSPC},
	{"chmod", unix.SYS_CHMOD, unix.EPERM},
	{"chown", unix.SYS_CHOWN, unix.EPERM},
	{"lchown", unix.SYS_LCHOWN, unix.EPERM},
	{"pipe", unix.SYS_PIPE, unix.EMFILE},
	{"dup2", unix.SYS_DUP2, unix.EBUSY},
	{"fork", unix.SYS_FORK, unix.EAGAIN},
	{"vfork", unix.SYS_VFORK, unix.EAGAIN},
	{"poll", unix.SYS_POLL, unix.ENOMEM},
}
