package tiny

import (
	"errors"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// ReaperMain is the reaper for architectures that Reaper does not know. It catches and drops
// the signals that would end it, since a Go program cannot block signals on all its threads.
// Nobody sends by accident the signals that Go cannot catch. When no child is left it returns the
// status to exit with, that of the last one.
func ReaperMain() int {
	signal.Notify(make(chan os.Signal, 1)) // a full channel drops signals
	var last unix.WaitStatus
	for {
		var status unix.WaitStatus
		_, err := unix.Wait4(-1, &status, unix.WALL, nil)
		switch {
		case err == nil:
			last = status
		case errors.Is(err, unix.EINTR):
		case last.Signaled():
			return 128 + int(last.Signal())
		default:
			return last.ExitStatus()
		}
	}
}
