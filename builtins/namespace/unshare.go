package namespace

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

const (
	killChild = native.LongOnly + iota
	mountProc
	propagation
)

const unshareRest = "map-user map-group map-root-user map-current-user map-auto map-users " +
	"map-groups setgroups keep-caps root wd setuid setgid monotonic boottime user help version"

// unshareTable gives the namespaces no argument: the file that keeps a namespace is left to the
// system's tool.
func unshareTable() []native.Option {
	spec := []native.Option{
		{Key: 'f', Long: "fork"}, {Key: killChild, Long: "kill-child", Arg: native.OptArg},
		{Key: mountProc, Long: "mount-proc", Arg: native.OptArg},
		{Key: propagation, Long: "propagation", Arg: native.NeedArg},
	}
	return append(spec, tableRows(native.NoArg, unshareRest)...)
}

// An unshare is one run of unshare(1).
type unshare struct {
	flags       int
	fork        bool
	killChild   bool
	mountProc   string
	propagation uintptr // 0 leaves it as it is
}

// unshareBlocked is the set of signals that unshare blocks while it waits for its child: SIGINT
// and SIGTERM.
const unshareBlocked = 1<<(unix.SIGINT-1) | 1<<(unix.SIGTERM-1)

// Unshare is unshare(1): it gives the command new namespaces.
func Unshare(c *native.Call, spec *proc.Spec) (int, bool) {
	o := unshare{propagation: unix.MS_PRIVATE | unix.MS_REC}
	opts, args, problem := native.ParseOptions(c.Args[1:], unshareTable(), native.OperandsLast)
	for _, given := range opts {
		if problem == "" {
			problem = o.option(given)
		}
	}
	if problem != "" {
		return c.Unsupported("%s", problem), true
	}
	spec.SetSignal(unix.SIGCHLD, false, nil)
	spec.Unshare(o.flags, proc.Failure{Text: "unshare: unshare failed", Status: 1})
	if o.flags&unix.CLONE_NEWNS != 0 && o.propagation != 0 {
		const text = "unshare: cannot change root filesystem propagation"
		spec.Call(proc.Failure{Text: text, Status: 1}, proc.ChangesOther, unix.SYS_MOUNT,
			spec.String("none"), spec.String("/"), 0, o.propagation, 0)
	}
	if o.fork {
		spec.Fork(proc.Keeper{Argv: c.Args[:len(c.Args):len(c.Args)], Block: unshareBlocked},
			proc.Failure{Text: "unshare: fork failed", Status: 1})
	}
	if o.killChild {
		spec.Call(proc.Failure{Text: "unshare: prctl failed", Status: 1}, proc.ChangesOther,
			unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL))
	}
	if o.mountProc != "" {
		o.addProc(spec)
	}
	if len(args) == 0 {
		args = []string{"/bin/sh"}
	}
	spec.Argv = args
	spec.Blame = proc.Blame{Text: "unshare: failed to execute %s: %s", Lost: 1}
	return 0, false
}

func (o *unshare) addProc(spec *proc.Spec) {
	at := spec.String(o.mountProc)
	f := proc.Failure{Text: "unshare: mount " + o.mountProc + " failed", Status: 1}
	spec.Try(proc.ChangesOther, unix.SYS_MOUNT, spec.String("none"), at, 0,
		unix.MS_PRIVATE|unix.MS_REC, 0)
	spec.Call(f, proc.ChangesOther, unix.SYS_MOUNT, spec.String("proc"), at, spec.String("proc"),
		unix.MS_NOSUID|unix.MS_NOEXEC|unix.MS_NODEV, 0)
}

// option handles one option. problem names what this command lacks.
func (o *unshare) option(given native.GivenOption) (problem string) {
	switch given.Key {
	case 'f':
		o.fork = true
	case killChild:
		o.killChild, o.fork = true, true
		return killSignal(given)
	case mountProc:
		if given.Has {
			return given.Named() + " with a directory"
		}
		o.mountProc = "/proc"
		o.flags |= unix.CLONE_NEWNS
	case propagation:
		return o.setPropagation(given.Value)
	default:
		i := namespaceByLetter(given.Key)
		if i < 0 {
			return given.Named()
		}
		o.flags |= namespaces[i].flag
	}
	return ""
}

// killSignal checks that the child is to be killed by SIGKILL; the tool knows other signals.
func killSignal(given native.GivenOption) (problem string) {
	if given.Has && given.Value != "KILL" && given.Value != "SIGKILL" {
		return "signal '" + given.Value + "'"
	}
	return ""
}

func (o *unshare) setPropagation(name string) (problem string) {
	switch name {
	case "private":
		o.propagation = unix.MS_PRIVATE | unix.MS_REC
	case "shared":
		o.propagation = unix.MS_SHARED | unix.MS_REC
	case "slave":
		o.propagation = unix.MS_SLAVE | unix.MS_REC
	case "unchanged":
		o.propagation = 0
	default:
		return "propagation '" + name + "'"
	}
	return ""
}
