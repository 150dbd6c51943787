package builtins

import (
	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
)

// prefixCgroup is "overlay-group DIR COMMAND [ARG...]": the command is started in the control
// group (version 2) of that directory, where all that it starts is, too. See
// proc.Spec.IntoCgroup for what is better in it than "echo $$ > DIR/cgroup.procs".
func prefixCgroup(c *Call, spec *proc.Spec) (int, bool) {
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
		c.Errorf("cannot use %s: %s", quoteName(name), Strerror(err))
		return 1, true
	}
	spec.Argv = c.Args[2:]
	spec.BlameLost = 0
	spec.Blame = "overlay-group: cannot execute %s: %s"
	return 0, false
}
