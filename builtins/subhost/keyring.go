package subhost

import (
	"errors"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

// Keyring is "overlay-keyring COMMAND [ARGUMENT...]": the command gets a new session keyring
// without a name (KEYCTL_JOIN_SESSION_KEYRING of keyctl(2)), as with keyctl session - COMMAND.
// A kernel without keys has no keyring to inherit, so the command simply runs.
func Keyring(c *native.Call, spec *proc.Spec) (int, bool) {
	args := c.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	} else if len(args) > 0 && strings.HasPrefix(args[0], "-") {
		c.Errorf("unknown option '%s'", args[0])
		return 2, true
	}
	if len(args) == 0 {
		c.Errorf("which command? usage: overlay-keyring COMMAND [ARGUMENT...]")
		return 2, true
	}
	_, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_SESSION_KEYRING, false)
	if !errors.Is(err, unix.ENOSYS) {
		const text = "overlay-keyring: cannot make a session keyring"
		spec.Call(proc.Failure{Text: text, Status: 1}, proc.ChangesOther,
			unix.SYS_KEYCTL, unix.KEYCTL_JOIN_SESSION_KEYRING, 0)
	}
	spec.Argv = args
	spec.Blame = proc.Blame{Text: "overlay-keyring: cannot execute %s: %s"}
	return 0, false
}
