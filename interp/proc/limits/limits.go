// Package limits remembers the limit on open files that the process was
// started with. The Go library raises the soft limit when package os is
// initialised, and programs that a shell starts must not see that: select(2)
// and many daemons misbehave with a huge one.
//
// It imports nothing but syscall so that it is initialised before package os:
// packages are initialised in the order of their paths as soon as their
// imports are, and os waits for package time.
package limits

import "syscall"

// original is read once, before package os raises the limit.
var original, known = read()

func read() (syscall.Rlimit, bool) {
	var l syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l)
	return l, err == nil
}

// Files returns the limit on open files that this process was started with.
func Files() (syscall.Rlimit, bool) { return original, known }
