package mount

import (
	"errors"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// MountWriteFailed reports a failed write for all tools of util-linux. They ignore a closed
// output.
func MountWriteFailed(c *native.Call, err error, _ bool) int {
	if errors.Is(err, unix.EBADF) {
		return 0
	}
	c.Errorf("write error: %s", clib.Strerror(err))
	return 1
}
