//go:build !amd64 && !arm64

package proc

import "golang.org/x/sys/unix"

// cloneServer is missing on this processor: programs start without a stand-in.
func cloneServer(*cloneArgs, uintptr, func(*exchange), *exchange) (uintptr, unix.Errno) {
	return 0, unix.ENOSYS
}
