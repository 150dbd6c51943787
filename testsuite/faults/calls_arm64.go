package faults

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_AARCH64

// oldCalls has the call that has another name on other architectures.
var oldCalls = []call{
	{"newfstatat", unix.SYS_FSTATAT, unix.EIO},
}
