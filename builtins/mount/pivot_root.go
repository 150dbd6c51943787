package mount

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// PivotRoot is pivot_root(8): it makes NEW the root of the mount namespace, and moves the old
// root to PUT_OLD, below NEW.
//
// The kernel (chroot_fs_refs) gives the new root to every thread of every process whose root or
// current directory is the old root, including the threads of this process. So the call may
// come from a thread that shares its directories with no other, as a relative name needs
// (InOwnDirectory): all threads end up in the new root all the same. A thread with another
// current directory keeps it. Every descriptor, Call.Dir included, stays where it is.
func PivotRoot(c *native.Call) int {
	_, operands, problem := c.Options(nil, native.Permute)
	switch {
	case problem != "":
		return c.Unsupported("%s", problem)
	case len(operands) != 2:
		return badUsage(c)
	}
	return c.InOwnDirectory(operands, func() int { return pivotRoot(c, operands[0], operands[1]) })
}

func pivotRoot(c *native.Call, newRoot, putOld string) int {
	err := unix.PivotRoot(newRoot, putOld)
	if err == nil {
		return 0
	}
	c.Errorf("failed to change root from `%s' to `%s': %s", newRoot, putOld, clib.Strerror(err))
	return 1
}
