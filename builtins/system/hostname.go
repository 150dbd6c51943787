package system

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// Hostname is hostname(1): it prints or sets the host name.
func Hostname(c *native.Call) int {
	_, args, problem := c.Options(nil, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if len(args) > 1 {
		return c.Unsupported("%d names", len(args))
	}
	if len(args) == 1 {
		return setHostname(c, strings.TrimSpace(args[0]))
	}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		c.Errorf("%s", clib.Strerror(err))
		return 1
	}
	// hostname(1) ignores the error too
	fmt.Fprintln(c.Stdout, unix.ByteSliceToString(u.Nodename[:]))
	return 0
}

func setHostname(c *native.Call, name string) int {
	for i := 0; i < len(name); i++ {
		b := name[i]
		if b != '-' && b != '.' && !ascii.Class("alnum")(b) {
			c.Errorf("the specified hostname is invalid")
			return 1
		}
	}
	if name == "" || strings.ContainsAny(name[:1]+name[len(name)-1:], "-.") {
		c.Errorf("the specified hostname is invalid")
		return 1
	}
	switch err := unix.Sethostname([]byte(name)); err {
	case nil:
		return 0
	case unix.EPERM:
		c.Errorf("you must be root to change the host name")
	default:
		c.Errorf("%s", clib.Strerror(err))
	}
	return 1
}
