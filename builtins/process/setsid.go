package process

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/tiny"
	"overlayboot/builtins/native"
)

func setsidOptions() []native.Option {
	return []native.Option{
		{Key: 'c', Long: "ctty"}, {Key: 'f', Long: "fork"}, {Key: 'w', Long: "wait"},
		{Key: 'V', Long: "version"}, {Key: 'h', Long: "help"},
	}
}

// Setsid is setsid(1): the command leads a session of its own.
func Setsid(c *native.Call, spec *proc.Spec) (int, bool) {
	opts, args, problem := native.ParseOptions(c.Args[1:], setsidOptions(), native.OperandsLast)
	terminal, fork, wait := false, false, false
	for _, o := range opts {
		switch o.Key {
		case 'c':
			terminal = true
		case 'f':
			fork = true
		case 'w':
			wait = true
		default:
			problem = o.Named()
		}
	}
	switch {
	case problem != "":
		return c.Unsupported("%s", problem), true
	case len(args) == 0:
		return c.UsageError(1, "no command specified"), true
	}
	f := proc.Failure{Text: "setsid: fork", Status: 1}
	var keeper proc.Keeper
	if wait {
		keeper = proc.Keeper{Argv: c.Args[:len(c.Args):len(c.Args)], Tells: setsidReport(c)}
	}
	if fork {
		spec.Fork(keeper, f)
	} else {
		spec.ForkLeader(keeper, f)
	}
	spec.Call(proc.Failure{Text: "setsid: setsid failed", Status: 1}, proc.ChangesOther,
		unix.SYS_SETSID)
	if terminal {
		const text = "setsid: failed to set the controlling terminal"
		spec.CallOn(0, proc.Failure{Text: text, Status: 1}, proc.ChangesOther,
			unix.SYS_IOCTL, unix.TIOCSCTTY, 1)
	}
	spec.Argv = args
	spec.Blame = proc.Blame{Text: "setsid: failed to execute %s: %s", Lost: 1}
	return 0, false
}

// setsidReport is what setsid says of a command that did not exit. The error behind it is the
// last of the process, which outside the locale C has looked for a locale or translations.
func setsidReport(c *native.Call) *tiny.Report {
	last := "Success"
	if name := c.LocaleName("LC_MESSAGES"); name != "C" && name != "POSIX" {
		last = clib.ErrnoText(unix.ENOENT)
	}
	return &tiny.Report{Before: "setsid: child ",
		Behind: " did not exit normally: " + last + "\n",
		None:   "setsid: wait: " + clib.ErrnoText(unix.ECHILD) + "\n"}
}
