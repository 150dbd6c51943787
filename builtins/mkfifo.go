package builtins

import "golang.org/x/sys/unix"

// runMkfifo is mkfifo(1).
func runMkfifo(c *Call) int {
	n, names, status := c.nodeMode()
	if status != 0 {
		return status
	}
	if len(names) == 0 {
		return c.usageError(1, "missing operand")
	}
	for _, name := range names {
		if err := n.make(name, unix.S_IFIFO, 0); err != nil {
			c.Errorf("cannot create fifo %s: %s", quoteAlways(name), Strerror(err))
			status = 1
		}
	}
	return status
}
