package builtins

import (
	"golang.org/x/sys/unix"
)

// runBind is "overlay-bind PID SOURCE TARGET": it shows a file or directory of
// this mount namespace at TARGET in that of the process PID. mount(8) cannot,
// since neither namespace has a path for both; open_tree(2) makes the mount
// here without a place, and move_mount(2) gives it one there.
func runBind(c *Call) int {
	if len(c.Args) != 4 {
		c.Errorf("usage: overlay-bind PID SOURCE TARGET")
		return 2
	}
	pid, source, target := c.Args[1], c.Args[2], c.Args[3]
	tree, err := unix.OpenTree(c.Dir, source, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		c.Errorf("cannot bind %s: %s", source, Strerror(err))
		return 1
	}
	defer unix.Close(tree)
	ns, err := unix.Open("/proc/"+pid+"/ns/mnt", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		c.Errorf("cannot open the mount namespace of %s: %s", pid, Strerror(err))
		return 1
	}
	defer unix.Close(ns)
	if err := moveInto(ns, tree, target); err != nil {
		c.Errorf("cannot bind %s to %s: %s", source, target, Strerror(err))
		return 1
	}
	return 0
}

// moveInto attaches a mount in another mount namespace. The namespace is
// entered by a thread that is thrown away, as only a thread that shares no
// directories with others can.
func moveInto(ns, tree int, target string) (err error) {
	onThread(func() {
		if err = unix.Unshare(unix.CLONE_FS); err != nil {
			return
		}
		if err = unix.Setns(ns, unix.CLONE_NEWNS); err != nil {
			return
		}
		err = unix.MoveMount(tree, "", unix.AT_FDCWD, target, unix.MOVE_MOUNT_F_EMPTY_PATH)
	})
	return err
}
