package files

import (
	"errors"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// LsWriteFailed reports a failed write of ls(1), which then exits with status 2.
func LsWriteFailed(c *native.Call, err error, _ bool) int {
	c.Errorf("write error: %s", clib.Strerror(err))
	return 2
}

// FindWriteFailed reports a failed write of find(1), which names the file and reports the error
// again at its end.
func FindWriteFailed(c *native.Call, err error, _ bool) int {
	c.Errorf("%s: %s", native.QuoteText("standard output"), clib.Strerror(err))
	if errors.Is(err, unix.EBADF) {
		c.Errorf("write error: %s", clib.Strerror(err))
	} else {
		c.Errorf("write error")
	}
	return 1
}
