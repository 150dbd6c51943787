package process

import (
	"errors"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// PgrepWriteFailed reports a failed write of pgrep(1), which looks at a stream that is closed
// already.
func PgrepWriteFailed(c *native.Call, err error, _ bool) int {
	if errors.Is(err, unix.EBADF) {
		err = unix.EINVAL
	}
	c.Errorf("write error: %s", clib.Strerror(err))
	return 1
}
