//go:build !amd64 && !arm64

package proc

import "golang.org/x/sys/unix"

// cloneServer is not there: what starts a program does without a stand-in.
func cloneServer(*cloneArgs, uintptr, func(*exchange), *exchange) (uintptr, unix.Errno) {
	return 0, unix.ENOSYS
}
