//go:build amd64 || arm64

package proc

import "golang.org/x/sys/unix"

// clone3 makes a process by clone3(2). It may return twice on one stack: the second return
// needs nothing that was on the stack below the caller's frame.
func clone3(args *cloneArgs, size uintptr) (pid uintptr, errno unix.Errno)
