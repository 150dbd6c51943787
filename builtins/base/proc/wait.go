package proc

import (
	"time"

	"golang.org/x/sys/unix"
)

// Wait waits until the child pid ends, and returns its wait status. ok is false if there is no
// such child.
func Wait(pid int) (status unix.WaitStatus, ok bool) { return WaitFor(pid, 0) }

// WaitFor waits for a change of the child pid. flags are those of waitpid(2): with WUNTRACED it
// also returns when the child stops.
func WaitFor(pid, flags int) (status unix.WaitStatus, ok bool) {
	for {
		_, err := unix.Wait4(pid, &status, flags, nil)
		switch err {
		case nil:
			return status, true
		case unix.EINTR:
		default:
			return 0, false
		}
	}
}

// ExitStatus returns the exit status that the shell shows for a wait status: the exit code, or
// 128 plus the number of the signal that ended or stopped the process.
func ExitStatus(ws unix.WaitStatus) int {
	switch {
	case ws.Signaled():
		return 128 + int(ws.Signal())
	case ws.Stopped():
		return 128 + int(ws.StopSignal())
	}
	return ws.ExitStatus()
}

// EndsWithin waits for a child to end, but no longer than limit. It reports whether the child
// has ended, or true if that cannot be known. It does not reap the child.
func EndsWithin(pid int, limit time.Duration) bool {
	fd, err := Pidfd(pid) // above the numbers that a script knows
	if err != nil {
		return true
	}
	defer unix.Close(fd)
	until := time.Now().Add(limit)
	for {
		list := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(list, int(time.Until(until).Milliseconds()))
		if n > 0 || err != nil && err != unix.EINTR {
			return true
		}
		if n == 0 && err == nil || !time.Now().Before(until) {
			return false
		}
	}
}
