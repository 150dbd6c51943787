// Package limits remembers what the process was started with and what a program
// that it executes must have again.
//
// The Go library raises the soft limit on open files when package os is
// initialised, and programs that a shell starts must not see that: select(2)
// and many daemons misbehave with a huge one.
//
// The signal that comes when the parent dies belongs to the first thread alone,
// and any thread may be the one that executes a program and goes on as it.
// Packages are initialised on the first thread.
//
// It imports nothing but syscall so that it is initialised before package os:
// packages are initialised in the order of their paths as soon as their
// imports are, and os waits for package time.
package limits

import (
	"syscall"
	"unsafe"
)

// original is read once, before package os raises the limit.
var original, known = read()

func read() (syscall.Rlimit, bool) {
	var l syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l)
	return l, err == nil
}

var parentDeath = readParentDeath()

func readParentDeath() (sig int32) {
	syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_GET_PDEATHSIG,
		uintptr(unsafe.Pointer(&sig)), 0)
	return sig
}

// ParentDeath returns the signal that this process gets when its parent dies
// (PR_SET_PDEATHSIG of prctl(2)), 0 for none.
func ParentDeath() int { return int(parentDeath) }

// Files returns the limit on open files that this process was started with.
func Files() (syscall.Rlimit, bool) { return original, known }
