//go:build amd64 || arm64

package proc

import "golang.org/x/sys/unix"

// cloneServer makes a process by clone3(2) with the stack in args, and calls server with x on
// that stack.
//
//go:noescape
func cloneServer(args *cloneArgs, size uintptr, server func(*exchange), x *exchange) (
	pid uintptr, errno unix.Errno)
