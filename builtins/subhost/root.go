package subhost

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// Root is "overlay-root DIR": it makes DIR, the top of a mount, the root of the mount
// namespace, and detaches the old root.
//
// The commands pivot_root and umount can do the same, as pivot_root(2) describes for ".".
// Between the two, ".." at the root leads to the old root, which lies over the new one. Any
// path that is looked up in that time, even that of the command umount, may then go through
// planted links. This command looks up no path in between.
func Root(c *native.Call) int {
	if len(c.Args) != 2 {
		c.Errorf("usage: overlay-root DIR")
		return 2
	}
	dir, err := openRoot(c, c.Args[1])
	if err == nil {
		defer dir.Close()
		_, err = takeRoot(int(dir.Fd()))
	}
	if err != nil {
		c.Errorf("cannot make %s the root: %s", native.QuoteName(c.Args[1]), clib.Strerror(err))
		return 1
	}
	return 0
}

// takeRoot makes a directory the root, on a thread that does not share its current directory.
// The kernel gives the new root to every thread that had the old one. taken says that it has
// done so, even if the old root could not be detached afterwards.
func takeRoot(dir int) (taken bool, err error) {
	native.OnThread(func() {
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
