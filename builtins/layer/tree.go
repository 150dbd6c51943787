package layer

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/native"
)

// A Tree is a directory as overlay sees it: what other file systems are mounted in it do not
// belong to it, and no name or link leads out of it to them.
type Tree struct {
	root *dir
	// keep is the mount that holds the directory; it ends with this file.
	keep *os.File
}

// OpenTrees opens directories by their paths in the mount namespace of a process, or of the
// caller if pid is 0.
func OpenTrees(pid int, paths ...string) (trees []*Tree, err error) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		return nil, fmt.Errorf("extended attributes are read by way of /proc: %w", err)
	}
	native.OnThread(func() {
		if pid != 0 {
			if err = enterMounts(pid); err != nil {
				return
			}
		}
		for _, path := range paths {
			var t *Tree
			if t, err = openTree(path); err != nil {
				err = &os.PathError{Op: "open", Path: path, Err: err}
				return
			}
			trees = append(trees, t)
		}
	})
	if err != nil {
		for _, t := range trees {
			t.Close()
		}
		return nil, err
	}
	return trees, nil
}

// enterMounts has the thread enter the mount namespace of a process.
func enterMounts(pid int) error {
	ns, err := os.Open("/proc/" + strconv.Itoa(pid) + "/ns/mnt")
	if err != nil {
		return err
	}
	defer ns.Close()
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return fmt.Errorf("cannot enter the mounts of process %d: %w", pid, err)
	}
	if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("cannot enter the mounts of process %d: %w", pid, err)
	}
	return nil
}

// openTree makes a copy of the mount that has a directory, without the mounts in it.
func openTree(path string) (*Tree, error) {
	fd, err := unix.OpenTree(unix.AT_FDCWD, path, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return nil, err
	}
	keep := os.NewFile(uintptr(fd), path)
	root, err := openDir(fd, ".")
	if err != nil {
		keep.Close()
		return nil, err
	}
	return &Tree{root: root, keep: keep}, nil
}

// Close ends the use of the tree.
func (t *Tree) Close() {
	t.root.file.Close()
	t.keep.Close()
}
