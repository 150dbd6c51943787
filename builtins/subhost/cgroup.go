package subhost

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

// Cgroup is "overlay-group DIR COMMAND [ARG...]": it starts the command in the control group
// (version 2) with that directory. All descendants of the command are in the group, too.
// proc.Spec.IntoCgroup has the advantages over "echo $$ > DIR/cgroup.procs".
func Cgroup(c *native.Call, spec *proc.Spec) (int, bool) {
	if len(c.Args) < 3 {
		c.Errorf("usage: overlay-group DIR COMMAND [ARG...]")
		return 2, true
	}
	name := c.Args[1]
	dir, err := unix.Openat(c.Dir, name, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err == nil {
		spec.Own(dir)
		var procs int
		if procs, err = unix.Openat(dir, "cgroup.procs", unix.O_WRONLY|unix.O_CLOEXEC, 0); err == nil {
			spec.Own(procs)
			spec.IntoCgroup(dir, procs,
				proc.Failure{Text: "overlay-group: cannot enter " + name, Status: 1})
		}
	}
	if err != nil {
		c.Errorf("cannot use %s: %s", native.QuoteName(name), clib.Strerror(err))
		return 1, true
	}
	spec.Argv = c.Args[2:]
	spec.Blame = proc.Blame{Text: "overlay-group: cannot execute %s: %s"}
	return 0, false
}
