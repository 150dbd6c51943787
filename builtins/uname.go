package builtins

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

var unameOptions = []option{
	{'s', "kernel-name", noArg}, {'n', "nodename", noArg}, {'r', "kernel-release", noArg},
	{'v', "kernel-version", noArg}, {'m', "machine", noArg}, {'o', "operating-system", noArg},
	{'a', "all", noArg},
}

// runUname is uname(1).
func runUname(c *Call) int {
	opts, args, problem := c.options(unameOptions, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if len(args) > 0 {
		return c.extraOperand(args[0])
	}
	wanted := ""
	for _, o := range opts {
		wanted += string(o.key)
	}
	if wanted == "" {
		wanted = "s"
	}
	if strings.Contains(wanted, "a") {
		wanted = "snrvmo"
	}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		c.Errorf("cannot get system name: %s", Strerror(err))
		return 1
	}
	var parts []string
	for _, key := range "snrvmo" {
		if !strings.ContainsRune(wanted, key) {
			continue
		}
		field := [...][]byte{u.Sysname[:], u.Nodename[:], u.Release[:], u.Version[:],
			u.Machine[:], []byte("GNU/Linux")}[strings.IndexRune("snrvmo", key)]
		parts = append(parts, unix.ByteSliceToString(field))
	}
	if _, err := fmt.Fprintln(c.Stdout, strings.Join(parts, " ")); err != nil {
		return c.writeError(err)
	}
	return 0
}
