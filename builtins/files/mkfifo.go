package files

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// Mkfifo is mkfifo(1).
func Mkfifo(c *native.Call) int {
	n, names, status := nodeMode(c)
	if status != 0 {
		return status
	}
	if len(names) == 0 {
		return c.UsageError(1, "missing operand")
	}
	for _, name := range names {
		if err := n.make(name, unix.S_IFIFO, 0); err != nil {
			c.Errorf("cannot create fifo %s: %s", native.QuoteAlways(name), clib.Strerror(err))
			status = 1
		}
	}
	return status
}
