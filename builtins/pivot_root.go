package builtins

import (
	"errors"

	"golang.org/x/sys/unix"
)

// runPivotRoot is pivot_root(8): NEW becomes the root of the mount namespace
// and the old root moves to PUT_OLD, below NEW.
//
// What moves with it: the kernel (chroot_fs_refs) goes over every thread of
// every process whose root or current directory is the old root, this
// process's among them, and gives them the new one. So the call may come from
// a thread that shares no directory with the rest, which is what a relative
// name needs (inDir), and yet all threads end up in the new root. A thread
// whose current directory is elsewhere stays there; so does every descriptor,
// Call.Dir included.
func runPivotRoot(c *Call) int {
	_, operands, problem := c.options(nil, permute)
	switch {
	case problem != "":
		return c.Unsupported("%s", problem)
	case len(operands) != 2:
		return c.badUsage()
	}
	return c.inDirFor(operands, func() int { return c.pivotRoot(operands[0], operands[1]) })
}

func (c *Call) pivotRoot(newRoot, putOld string) int {
	err := unix.PivotRoot(newRoot, putOld)
	if err == nil {
		return 0
	}
	err = &MountError{Op: "pivot_root", Source: newRoot, Target: putOld, Err: err}
	var errno unix.Errno
	errors.As(err, &errno)
	c.Errorf("failed to change root from `%s' to `%s': %s", newRoot, putOld, ErrnoText(errno))
	return 1
}
