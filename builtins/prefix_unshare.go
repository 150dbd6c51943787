package builtins

import (
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
)

// unshareOptions is what unshare(1) was asked for.
type unshareOptions struct {
	flags       int
	fork        bool
	killChild   bool
	mountProc   string
	propagation uintptr
	keep        bool // the propagation is left as it is
}

// unshareBlocked is the mask of signals that unshare blocks while it waits for
// its child: SIGINT and SIGTERM.
const unshareBlocked = 1<<(unix.SIGINT-1) | 1<<(unix.SIGTERM-1)

// prefixUnshare is unshare(1): the command gets new namespaces.
func prefixUnshare(c *Call, spec *proc.Spec) (int, bool) {
	o := unshareOptions{propagation: unix.MS_PRIVATE | unix.MS_REC}
	args, lacks := o.parse(c.Args[1:])
	if lacks != "" {
		return c.Unsupported("option '%s'", lacks), true
	}
	spec.Unshare(o.flags, proc.Failure{Text: "unshare: unshare failed", Status: 1})
	if o.flags&unix.CLONE_NEWNS != 0 && !o.keep {
		const text = "unshare: cannot change root filesystem propagation"
		spec.Call(proc.Failure{Text: text, Status: 1}, proc.ChangesOther, unix.SYS_MOUNT,
			spec.String("none"), spec.String("/"), 0, o.propagation, 0)
	}
	if o.fork {
		spec.Fork(c.Args[:len(c.Args):len(c.Args)], unshareBlocked,
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
	spec.BlameLost = 1
	spec.Blame = "unshare: failed to execute %s: %s"
	return 0, false
}

func (o *unshareOptions) addProc(spec *proc.Spec) {
	at := spec.String(o.mountProc)
	f := proc.Failure{Text: "unshare: mount " + o.mountProc + " failed", Status: 1}
	spec.Try(proc.ChangesOther, unix.SYS_MOUNT, spec.String("none"), at, 0,
		unix.MS_PRIVATE|unix.MS_REC, 0)
	spec.Call(f, proc.ChangesOther, unix.SYS_MOUNT, spec.String("proc"), at, spec.String("proc"),
		unix.MS_NOSUID|unix.MS_NOEXEC|unix.MS_NODEV, 0)
}

// parse reads the options and returns the command, or the option that is not
// known here.
func (o *unshareOptions) parse(args []string) (command []string, lacks string) {
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			break
		}
		if long, ok := strings.CutPrefix(arg, "--"); ok {
			if !o.long(long) {
				return nil, arg
			}
			continue
		}
		for i := 1; i < len(arg); i++ {
			if arg[i] == 'f' {
				o.fork = true
				continue
			}
			ns := namespaceByLetter(arg[i])
			if ns == nil || ns.flag == unix.CLONE_NEWUSER {
				return nil, arg
			}
			o.flags |= ns.flag
		}
	}
	return args, ""
}

func (o *unshareOptions) long(name string) bool {
	if ns := namespaceByName(name); ns != nil && ns.flag != unix.CLONE_NEWUSER {
		o.flags |= ns.flag
		return true
	}
	switch name {
	case "fork":
		o.fork = true
	case "kill-child", "kill-child=KILL", "kill-child=SIGKILL", "kill-child=9":
		o.killChild, o.fork = true, true
	case "mount-proc":
		o.mountProc = "/proc"
		o.flags |= unix.CLONE_NEWNS
	case "propagation=private":
	case "propagation=shared":
		o.propagation = unix.MS_SHARED | unix.MS_REC
	case "propagation=slave":
		o.propagation = unix.MS_SLAVE | unix.MS_REC
	case "propagation=unchanged":
		o.keep = true
	default:
		return false
	}
	return true
}
