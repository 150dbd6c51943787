package proc

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// minFile is the lowest number for descriptors of this program that must not be in the way of a
// child's. It is above the numbers that a script can name.
const minFile = 24

// RaiseRuntime makes the Go library open the descriptors for its timers now, above the numbers
// that a child gets and that a shell names. A process that executes a program puts files on
// these numbers while the library still waits in another thread. The library ends the process
// when it finds its own descriptors gone.
//
// If a limit leaves no room for that, nothing changes. RaiseRuntime returns any other error,
// since the process would end by it at some time.
func RaiseRuntime() error {
	low, free, err := fillLow()
	closeAll(free)
	if err == nil {
		time.AfterFunc(time.Hour, func() {}).Stop()
	}
	closeAll(low)
	var room unix.Rlimit
	if err != nil && unix.Getrlimit(unix.RLIMIT_NOFILE, &room) == nil && room.Cur <= 2*minFile {
		return nil
	}
	return err
}

// fillLow takes all free numbers below minFile, and two above.
func fillLow() (low, free []int, err error) {
	const root = "/"
	n, err := unix.Open(root, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, &os.PathError{Op: "open", Path: root, Err: err}
	}
	for first := n; ; {
		if n < minFile {
			low = append(low, n)
		} else if free = append(free, n); len(free) == 2 {
			return low, free, nil
		}
		if n, err = unix.FcntlInt(uintptr(first), unix.F_DUPFD_CLOEXEC, 0); err != nil {
			return low, free, os.NewSyscallError("fcntl", err)
		}
	}
}

// closeAll closes descriptors that are in ascending order. Each run of consecutive numbers
// takes one call.
func closeAll(list []int) {
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n] == list[n-1]+1 {
			n++
		}
		closeRange(list[0], list[n-1])
		list = list[n:]
	}
}

// closeRange is close_range(2), which Linux has since 5.9.
func closeRange(first, last int) {
	if unix.CloseRange(uint(first), uint(last), 0) == nil {
		return
	}
	for fd := first; fd <= last; fd++ {
		unix.Close(fd)
	}
}

// digits is the number of descriptors that a script can name with one digit.
const digits = 10

// raise moves a descriptor to minFile or above, or at least above those that a script names
// with one digit.
func raise(fd int) (int, error) {
	if fd >= minFile {
		return fd, nil
	}
	n, err := above(fd, digits)
	unix.Close(fd)
	return n, err
}

// above duplicates a descriptor to minFile or above. If a limit leaves no room there, least is
// the lowest number.
func above(fd, least int) (int, error) {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, minFile)
	if err != nil {
		n, err = unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, least)
	}
	return n, os.NewSyscallError("fcntl", err)
}
