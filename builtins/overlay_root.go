package builtins

import (
	"golang.org/x/sys/unix"
)

// runRoot is "overlay-root DIR": DIR, the top of a mount, becomes the root of the mount
// namespace, and the old root is taken away.
//
// pivot_root and umount do the same one after the other, as pivot_root(2) describes for
// ".". In between, ".." at the root leads to the old root, which lies over the new one:
// every path that is looked up then, be it that of the command umount, may go through links
// which somebody inside has planted. Here nothing is looked up in between.
func runRoot(c *Call) int {
	if len(c.Args) != 2 {
		c.Errorf("usage: overlay-root DIR")
		return 2
	}
	dir, err := c.openRoot(c.Args[1])
	if err == nil {
		defer dir.Close()
		_, err = takeRoot(int(dir.Fd()))
	}
	if err != nil {
		c.Errorf("cannot make %s the root: %s", quoteName(c.Args[1]), Strerror(err))
		return 1
	}
	return 0
}

// takeRoot makes a directory the root, on a thread whose current directory is its own.
// The kernel gives the new root to every thread that had the old one: taken tells of that,
// also where the old root could not be taken away then.
func takeRoot(dir int) (taken bool, err error) {
	onThread(func() {
		if err = unix.Unshare(unix.CLONE_FS); err != nil {
			return
		}
		if err = unix.Fchdir(dir); err != nil {
			return
		}
		if err = unix.PivotRoot(".", "."); err != nil {
			return
		}
		taken = true
		err = unix.Unmount(".", unix.MNT_DETACH)
	})
	return taken, err
}
