package proc

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// minFile is the lowest number that our own descriptors are moved to when they
// stand where the child wants others: above PassedAt and what follows it.
const minFile = 24

// RaiseRuntime has the Go library open what it needs for its timers now, above the
// descriptors that a child gets and that a shell names. A process that executes a
// program gives it files under these numbers while the library still waits in another
// thread, and ends when it finds its own gone. The descriptor fd is any that is open.
func RaiseRuntime(fd int) {
	var taken []int
	for n := 0; n < minFile; {
		var err error
		if n, err = unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3); err != nil {
			break
		}
		taken = append(taken, n)
	}
	time.AfterFunc(time.Hour, func() {}).Stop()
	for _, n := range taken {
		unix.Close(n)
	}
}

// raise moves a descriptor to minFile or above.
func raise(fd int) (int, error) {
	if fd >= minFile {
		return fd, nil
	}
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, minFile)
	unix.Close(fd)
	return n, os.NewSyscallError("fcntl", err)
}
