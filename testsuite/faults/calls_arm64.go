package faults

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_AARCH64

// oldCalls has the one that goes by another name elsewhere.
var oldCalls = []call{
	{"newfstatat", unix.SYS_FSTATAT, unix.EIO},
}
