package builtins

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// runHostname is hostname(1): it prints the name, or sets it.
func runHostname(c *Call) int {
	_, args, problem := c.options(nil, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if len(args) > 1 {
		return c.Unsupported("%d names", len(args))
	}
	if len(args) == 1 {
		return c.setHostname(strings.TrimSpace(args[0]))
	}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		c.Errorf("%s", Strerror(err))
		return 1
	}
	fmt.Fprintln(c.Stdout, unix.ByteSliceToString(u.Nodename[:])) // it does not look
	return 0
}

func (c *Call) setHostname(name string) int {
	for i := 0; i < len(name); i++ {
		b := name[i]
		if b != '-' && b != '.' && !trClass("alnum")(b) {
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
		c.Errorf("%s", Strerror(err))
	}
	return 1
}
