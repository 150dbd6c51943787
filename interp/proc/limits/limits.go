// Package limits remembers a thing that the process was started with and a program that
// it executes must have again: the signal that comes when the parent dies. It belongs to
// the first thread alone, and any thread may be the one that executes a program and goes
// on as it. Packages are initialised on the first thread.
package limits

import (
	"syscall"
	"unsafe"
)

var parentDeath = readParentDeath()

func readParentDeath() (sig int32) {
	syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_GET_PDEATHSIG,
		uintptr(unsafe.Pointer(&sig)), 0)
	return sig
}

// ParentDeath returns the signal that this process gets when its parent dies
// (PR_SET_PDEATHSIG of prctl(2)), 0 for none.
func ParentDeath() int { return int(parentDeath) }
