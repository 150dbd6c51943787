package mount

import (
	"fmt"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// Mountpoint is mountpoint(1): it reports whether a file is a mount point.
func Mountpoint(c *native.Call) int {
	opts, operands, problem := c.Options([]native.Option{{Key: 'q', Long: "quiet"},
		{Key: '!', Long: "fs-devno"}, {Key: '!', Long: "devno"},
		{Key: '!', Long: "nofollow"}}, native.Permute)
	quiet := len(opts) > 0
	for _, o := range opts {
		if o.Key == '!' {
			problem = o.Named()
		}
	}
	switch {
	case problem != "":
		return c.Unsupported("%s", problem)
	case len(operands) != 1:
		return badUsage(c)
	}
	var st unix.Statx_t
	err := statx(c, operands[0], &st)
	switch {
	case err != nil:
		if !quiet {
			c.Errorf("%s: %s", operands[0], clib.Strerror(err))
		}
		return mountUsage
	case st.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT == 0:
		return c.Unsupported("this kernel")
	}
	text, status := "is a mountpoint", 0
	if st.Attributes&unix.STATX_ATTR_MOUNT_ROOT == 0 {
		text, status = "is not a mountpoint", MountFail
	}
	if !quiet {
		fmt.Fprintf(c.Stdout, "%s %s\n", operands[0], text)
	}
	return status
}

// statx is statx(2) for the file type and the attributes.
func statx(c *native.Call, name string, st *unix.Statx_t) error {
	if c.Below == nil {
		return unix.Statx(c.Dir, name, 0, unix.STATX_TYPE, st)
	}
	fd, err := native.Pin(c.Below.Root, name, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Statx(fd, "", unix.AT_EMPTY_PATH, unix.STATX_TYPE, st)
}
