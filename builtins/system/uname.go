package system

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

var unameOptions = []native.Option{
	{Key: 's', Long: "kernel-name"}, {Key: 'n', Long: "nodename"}, {Key: 'r', Long: "kernel-release"},
	{Key: 'v', Long: "kernel-version"}, {Key: 'm', Long: "machine"},
	{Key: 'o', Long: "operating-system"}, {Key: 'a', Long: "all"},
}

// Uname is uname(1).
func Uname(c *native.Call) int {
	opts, args, problem := c.Options(unameOptions, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if len(args) > 0 {
		return c.ExtraOperand(args[0])
	}
	wanted := ""
	for _, o := range opts {
		wanted += string(o.Key)
	}
	if wanted == "" {
		wanted = "s"
	}
	if strings.Contains(wanted, "a") {
		wanted = "snrvmo"
	}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		c.Errorf("cannot get system name: %s", clib.Strerror(err))
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
		return c.WriteError(err)
	}
	return 0
}
