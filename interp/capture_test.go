package interp

import (
	"testing"

	"golang.org/x/sys/unix"
)

// TestCaptureUnreadable checks that finish reports an incomplete text. A directory stands for a
// pipe that cannot be read.
func TestCaptureUnreadable(t *testing.T) {
	for path, want := range map[string]error{"/": unix.EISDIR, "/dev/null": nil} {
		r, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		c := &capture{w: -1, done: make(chan struct{})}
		c.take([]byte("half"))
		c.drain(r)
		if text, err := c.finish(); text != "half" || err != want {
			t.Errorf("%s: %q, %v", path, text, err)
		}
	}
}
