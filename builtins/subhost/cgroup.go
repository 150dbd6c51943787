package subhost

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

const groupUsage = "usage: overlay-group [--inside] DIR COMMAND [ARG...]"

// Cgroup is "overlay-group [--inside] DIR COMMAND [ARG...]": it starts the command in the control
// group (version 2) with that directory. All descendants of the command are in the group, too.
// proc.Spec.IntoCgroup has the advantages over "echo $$ > DIR/cgroup.procs".
//
// With --inside, a process of nsenter or unshare that only waits for the command stays outside:
// it may live longer than the processes in the group, and would keep the group busy. A group
// that cannot be entered is then told of, and the command runs outside of it.
func Cgroup(c *native.Call, spec *proc.Spec) (int, bool) {
	args := c.Args[1:]
	inside := len(args) > 0 && args[0] == "--inside"
	if inside {
		args = args[1:]
	}
	if len(args) < 2 {
		c.Errorf("%s", groupUsage)
		return 2, true
	}
	name := args[0]
	spec.Argv = args[1:]
	spec.Blame = proc.Blame{Text: "overlay-group: cannot execute %s: %s"}
	if inside {
		enterInside(c, spec, name)
		return 0, false
	}
	dir, err := unix.Openat(c.Dir, name, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err == nil {
		spec.Own(dir)
		var procs int
		if procs, err = openProcs(spec, dir, "cgroup.procs"); err == nil {
			spec.IntoCgroup(dir, procs,
				proc.Failure{Text: "overlay-group: cannot enter " + name, Status: 1})
		}
	}
	if err != nil {
		c.Errorf("cannot use %s: %s", native.QuoteName(name), clib.Strerror(err))
		return 1, true
	}
	return 0, false
}

// enterInside moves the process behind the next fork into the group. It has the file open from
// before: inside there is no such file, and who opened it tells the kernel whether the process
// may enter the group (since Linux 5.16 and its stable releases).
func enterInside(c *native.Call, spec *proc.Spec, name string) {
	procs, _ := openProcs(spec, c.Dir, name+"/cgroup.procs") // the step tells of an error
	text := "Cannot enter the control group " + name + ": its limits do not hold\n"
	spec.Behind(func(s *proc.Spec) {
		s.TryTelling(text, unix.SYS_WRITE, uintptr(procs), s.String("0"), 1)
	})
}

func openProcs(spec *proc.Spec, dir int, name string) (int, error) {
	fd, err := unix.Openat(dir, name, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err == nil {
		spec.Own(fd)
	}
	return fd, err
}
