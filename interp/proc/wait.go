package proc

import "golang.org/x/sys/unix"

// Wait waits until the child pid ends. It returns its wait status; ok is false
// when there is no such child.
func Wait(pid int) (status unix.WaitStatus, ok bool) {
	for {
		_, err := unix.Wait4(pid, &status, 0, nil)
		switch err {
		case nil:
			return status, true
		case unix.EINTR:
		default:
			return 0, false
		}
	}
}

// ExitStatus is the status that the shell shows for a wait status: the exit
// code, or 128 plus the number of the signal that ended the process.
func ExitStatus(ws unix.WaitStatus) int {
	if ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return ws.ExitStatus()
}
