package tiny

import (
	"errors"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// ReaperMain is the reaper for architectures that Reaper does not know. It catches and drops
// the signals that would end it, since a Go program cannot block signals on all its threads.
// Nobody sends by accident the signals that Go cannot catch. It returns when no child is left.
func ReaperMain() {
	signal.Notify(make(chan os.Signal, 1)) // a full channel drops signals
	for {
		_, err := unix.Wait4(-1, nil, 0, nil)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
	}
}
