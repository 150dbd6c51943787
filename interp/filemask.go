package interp

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// onThread runs fn on a new thread that shares no file attributes with the others. A mask that
// fn sets applies to the commands of fn alone. The thread ends with fn.
func (c *Shell) onThread(fn func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked, so that no other goroutine gets the thread
		if err := unix.Unshare(unix.CLONE_FS); err != nil {
			c.fail(2, "Cannot fork: %v", err)
			return
		}
		unix.Umask(c.mask)
		c.apart = true
		fn()
	}()
	<-done
}

// adoptMask reads the file mode mask of the process. Since umask(2) only returns the mask by
// changing it, adoptMask sets it for a moment, while no other thread uses it. From then on the
// shell remembers the mask.
func (s *Shell) adoptMask() {
	s.mask = unix.Umask(0)
	unix.Umask(s.mask)
}

// setMask does umask(2): for the process, or for a thread with its own file attributes.
func (s *Shell) setMask(mask int) {
	unix.Umask(mask)
	s.mask = mask
}
