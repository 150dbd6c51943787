package tiny

import (
	"errors"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// ReaperMain is the reaper for architectures that Reaper does not know. It
// takes the signals that would end it and drops them, since a Go program cannot
// block them on all its threads; those that Go cannot take are not sent by
// accident. It returns when there is no child left.
func ReaperMain() {
	signal.Notify(make(chan os.Signal, 1)) // a full channel drops
	for {
		_, err := unix.Wait4(-1, nil, 0, nil)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
	}
}
