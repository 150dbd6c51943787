package interp

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// onThread runs fn on a thread of its own that shares no file attributes with the
// others: the mask that fn sets is for what it runs alone. The thread ends with fn.
func (c *Shell) onThread(fn func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: no other goroutine gets the thread
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

// adoptMask takes the file mode mask that the process was started with. The kernel has no
// call that only asks: it is set for a moment, while nothing runs beside. From then on
// the shell remembers it.
func (s *Shell) adoptMask() {
	s.mask = unix.Umask(0)
	unix.Umask(s.mask)
}

// setMask is umask(2), for the process or for the thread alone.
func (s *Shell) setMask(mask int) {
	unix.Umask(mask)
	s.mask = mask
}
