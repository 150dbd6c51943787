// Package limits remembers settings that the process was started with and that a program it
// executes must have again.
//
// One is the signal that the kernel sends when the parent dies. It belongs to the first thread
// alone, and any thread may execute a program, which then continues on that thread. Packages
// are initialised on the first thread, so the signal is read there. The others are resource
// limits, see Kept.
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
