package builtins

import (
	"path"
	"strings"

	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

// PerformPrefix calls the Prefix of a command for a shell. It leaves the call to the system's
// tool where only that tool has the messages of the locale.
func PerformPrefix(command native.Command, c *native.Call, spec *proc.Spec) (
	status int, done bool) {
	if problem := command.SpokenElsewhere(c); problem != "" && !runsOwn(c.Args[1:]) {
		return c.Unsupported("%s", problem), true
	}
	return command.PerformPrefix(c, spec)
}

// runsOwn reports whether the arguments of a prefix command may name a command that exists only
// in this binary. The system's tools do not find such a command.
func runsOwn(args []string) bool {
	for _, arg := range args {
		name := path.Base(arg)
		if _, ok := Lookup(name); ok && strings.HasPrefix(name, "overlay-") {
			return true
		}
	}
	return false
}
