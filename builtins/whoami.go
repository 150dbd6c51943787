package builtins

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// runWhoami is whoami(1): the name of the user that the process acts as.
func runWhoami(c *Call) int {
	_, operands, problem := c.options(nil, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if len(operands) > 0 {
		return c.extraOperand(operands[0])
	}
	uid := unix.Geteuid()
	name, ok := c.idName(passwdFile, uid)
	if !ok {
		c.Errorf("cannot find name for user ID %d", uid)
		return 1
	}
	if _, err := fmt.Fprintln(c.Stdout, name); err != nil {
		return c.writeError(err)
	}
	return 0
}
