package network

import (
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

// PrefixIP is "ip netns exec NAME command". IP handles the other uses of ip.
func PrefixIP(c *native.Call, spec *proc.Spec) (int, bool) {
	args := c.Args[1:]
	if len(args) < 4 || len(args[0]) < 3 || !strings.HasPrefix("netns", args[0]) ||
		args[1] != "exec" {
		return native.Unsupported, true
	}
	name := args[2]
	fd, err := unix.Open(NetnsPath(name), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		text := "Cannot open network namespace \"" + name + "\": " + clib.Strerror(err) + "\n"
		c.Stderr.Write([]byte(text))
		return 255, true
	}
	spec.Own(fd)
	text := "setting the network namespace \"" + name + "\" failed"
	spec.Setns(fd, unix.CLONE_NEWNET, proc.Failure{Text: text, Status: 1})
	spec.Late(func(s *proc.Spec) { ownSysfs(s) })
	spec.Argv = args[3:]
	spec.Blame = proc.Blame{Text: "exec of \"%s\" failed: %s", Status: 1}
	return 0, false
}

// ownSysfs mounts a /sys that shows the other network namespace, in a mount namespace of its
// own, as ip-netns(8) does.
func ownSysfs(s *proc.Spec) {
	s.Unshare(unix.CLONE_NEWNS, proc.Failure{Text: "unshare failed", Status: 1})
	s.Call(proc.Failure{Text: "\"mount --make-rslave /\" failed", Status: 1}, proc.ChangesOther,
		unix.SYS_MOUNT, s.String(""), s.String("/"), s.String("none"), unix.MS_SLAVE|unix.MS_REC, 0)
	s.Try(proc.ChangesOther, unix.SYS_UMOUNT2, s.String("/sys"), unix.MNT_DETACH)
	s.Try(proc.ChangesOther, unix.SYS_MOUNT, s.String("sysfs"), s.String("/sys"),
		s.String("sysfs"), 0, 0)
}
