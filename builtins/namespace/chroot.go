package namespace

import (
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

// Chroot is chroot(1): it gives the command another root directory.
func Chroot(c *native.Call, spec *proc.Spec) (int, bool) {
	args := c.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	} else if len(args) > 0 && strings.HasPrefix(args[0], "-") {
		return c.Unsupported("option '%s'", args[0]), true
	}
	if len(args) == 0 {
		return c.Unsupported("no directory"), true
	}
	root, command := args[0], args[1:]
	if c.IsDescriptor(root) {
		return native.NeedsProcess, true
	}
	if len(command) == 0 {
		shell := c.Getenv("SHELL")
		if shell == "" {
			shell = "/bin/sh"
		}
		command = []string{shell, "-i"}
	}
	text := c.Name() + ": cannot change root directory to " + c.Quoted(native.QuoteAlways(root))
	spec.Call(proc.Failure{Text: text, Status: 125}, proc.ChangesRoot,
		unix.SYS_CHROOT, spec.String(root))
	spec.Call(proc.Failure{Text: c.Name() + ": cannot chdir to root directory", Status: 125},
		proc.ChangesRoot, unix.SYS_CHDIR, spec.String("/"))
	spec.Argv = command
	spec.Blame = proc.Blame{Text: c.Blame("failed to run command '%s': %s"), Lost: 125}
	return 0, false
}
