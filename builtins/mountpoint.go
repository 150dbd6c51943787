package builtins

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// runMountpoint is mountpoint(1): it tells whether something is mounted there.
func runMountpoint(c *Call) int {
	opts, operands, problem := c.options([]option{{'q', "quiet", noArg},
		{'!', "fs-devno", noArg}, {'!', "devno", noArg}, {'!', "nofollow", noArg}}, permute)
	quiet := len(opts) > 0
	for _, o := range opts {
		if o.key == '!' {
			problem = o.named()
		}
	}
	switch {
	case problem != "":
		return c.Unsupported("%s", problem)
	case len(operands) != 1:
		return c.badUsage()
	}
	var st unix.Statx_t
	err := c.statx(operands[0], &st)
	switch {
	case err != nil:
		if !quiet {
			c.Errorf("%s: %s", operands[0], Strerror(err))
		}
		return mountUsage
	case st.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT == 0:
		return c.Unsupported("this kernel")
	}
	text, status := "is a mountpoint", 0
	if st.Attributes&unix.STATX_ATTR_MOUNT_ROOT == 0 {
		text, status = "is not a mountpoint", mountFail
	}
	if !quiet {
		fmt.Fprintf(c.Stdout, "%s %s\n", operands[0], text)
	}
	return status
}

// statx is statx(2) for a file's type.
func (c *Call) statx(name string, st *unix.Statx_t) error {
	if c.below == nil {
		return unix.Statx(c.Dir, name, 0, unix.STATX_TYPE, st)
	}
	fd, err := pin(c.below.root, name, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Statx(fd, "", unix.AT_EMPTY_PATH, unix.STATX_TYPE, st)
}
