package system

import (
	"fmt"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/native"
)

// Whoami is whoami(1): it prints the name of the effective user.
func Whoami(c *native.Call) int {
	_, operands, problem := c.Options(nil, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if len(operands) > 0 {
		return c.ExtraOperand(operands[0])
	}
	uid := unix.Geteuid()
	name, ok := c.NameOfID(native.PasswdFile, uid)
	if !ok {
		c.Errorf("cannot find name for user ID %d", uid)
		return 1
	}
	if _, err := fmt.Fprintln(c.Stdout, name); err != nil {
		return c.WriteError(err)
	}
	return 0
}
