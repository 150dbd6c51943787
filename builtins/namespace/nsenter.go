package namespace

import (
	"strconv"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

const nsenterRest = "all setuid setgid preserve-credentials wdns follow-context user help version"

func nsenterTable() []native.Option {
	spec := []native.Option{
		{Key: 't', Long: "target", Arg: native.NeedArg}, {Key: 'F', Long: "no-fork"},
		{Key: 'r', Long: "root", Arg: native.OptArg}, {Key: 'w', Long: "wd", Arg: native.OptArg},
	}
	return append(spec, tableRows(native.OptArg, nsenterRest)...)
}

// An nsenter is one run of nsenter(1).
type nsenter struct {
	target  string // a process id
	files   [len(namespaces)]string
	enter   [len(namespaces)]bool
	root    string
	useRoot bool
	wd      string
	useWd   bool
	noFork  bool
}

// Nsenter is nsenter(1): it runs the command in namespaces of other processes.
func Nsenter(c *native.Call, spec *proc.Spec) (int, bool) {
	var o nsenter
	opts, args, problem := native.ParseOptions(c.Args[1:], nsenterTable(), native.OperandsLast)
	for _, given := range opts {
		if problem == "" {
			problem = o.option(given)
		}
		if c.IsDescriptor(given.Value) {
			return native.NeedsProcess, true
		}
	}
	if problem != "" {
		return c.Unsupported("%s", problem), true
	}
	rootFD, wdFD, ok := o.openDirs(c, spec)
	if !ok {
		return 1, true
	}
	if !o.enterAll(c, spec) {
		return 1, true
	}
	o.changeDirs(spec, rootFD, wdFD)
	if o.enters(unix.CLONE_NEWPID) && !o.noFork {
		spec.SetSignal(unix.SIGCHLD, false, nil)
		spec.Fork(proc.Keeper{Argv: c.Args[:len(c.Args):len(c.Args)]},
			proc.Failure{Text: "nsenter: fork failed", Status: 1})
	}
	if len(args) == 0 {
		args = []string{"/bin/sh"}
		if shell := c.Getenv("SHELL"); shell != "" {
			args[0] = shell
		}
	}
	spec.Argv = args
	spec.Blame = proc.Blame{Text: "nsenter: failed to execute %s: %s", Lost: 1}
	return 0, false
}

func (o *nsenter) enters(flag int) bool {
	for i, ns := range namespaces {
		if ns.flag == flag {
			return o.enter[i]
		}
	}
	return false
}

// path returns the given file, or a file of the target process if none is given.
func (o *nsenter) path(file, given string) string {
	if given != "" {
		return given
	}
	return "/proc/" + o.target + "/" + file
}

func (o *nsenter) open(c *native.Call, spec *proc.Spec, file, given, name string) (
	int, bool) {
	if given == "" && o.target == "" {
		c.Errorf("neither filename nor target pid supplied for %s", name)
		return -1, false
	}
	path := o.path(file, given)
	fd, err := unix.Openat(c.Dir, path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		c.Errorf("cannot open %s: %s", path, clib.Strerror(err))
		return -1, false
	}
	spec.Own(fd)
	return fd, true
}

func (o *nsenter) openDirs(c *native.Call, spec *proc.Spec) (root, wd int, ok bool) {
	root, wd, ok = -1, -1, true
	if o.useRoot {
		if root, ok = o.open(c, spec, "root", o.root, "root"); !ok {
			return root, wd, false
		}
	}
	if o.useWd {
		wd, ok = o.open(c, spec, "cwd", o.wd, "cwd")
	} else if ok && root >= 0 { // keep the directory, even if it is outside the root
		if fd, err := unix.Openat(c.Dir, ".", unix.O_PATH|unix.O_CLOEXEC, 0); err == nil {
			spec.Own(fd)
			wd = fd
		}
	}
	return root, wd, ok
}

func (o *nsenter) enterAll(c *native.Call, spec *proc.Spec) bool {
	for i, ns := range namespaces {
		if !o.enter[i] {
			continue
		}
		fd, ok := o.open(c, spec, ns.file, o.files[i], ns.file)
		if !ok {
			return false
		}
		text := "nsenter: reassociate to namespace '" + ns.file + "' failed"
		spec.Setns(fd, ns.flag, proc.Failure{Text: text, Status: 1})
	}
	return true
}

// changeDirs changes the root and the working directory. Both were opened before the namespaces
// are entered.
func (o *nsenter) changeDirs(spec *proc.Spec, root, wd int) {
	if root >= 0 {
		text := "nsenter: change directory by root file descriptor failed"
		spec.Call(proc.Failure{Text: text, Status: 1},
			proc.ChangesRoot, unix.SYS_FCHDIR, uintptr(root))
		spec.Call(proc.Failure{Text: "nsenter: chroot failed", Status: 1},
			proc.ChangesRoot, unix.SYS_CHROOT, spec.String("."))
	}
	if wd >= 0 {
		text := "nsenter: change directory by working directory file descriptor failed"
		spec.Call(proc.Failure{Text: text, Status: 1}, proc.ChangesDir, unix.SYS_FCHDIR,
			uintptr(wd))
	}
}

// option handles one option. problem names what this command lacks.
func (o *nsenter) option(given native.GivenOption) (problem string) {
	if given.Has && given.Value == "" {
		return given.Named() + " with an empty argument"
	}
	switch given.Key {
	case 't':
		pid, err := strconv.ParseUint(given.Value, 10, 31)
		if o.target = strconv.FormatUint(pid, 10); err != nil {
			return "process '" + given.Value + "'"
		}
	case 'F':
		o.noFork = true
	case 'r':
		o.root, o.useRoot = given.Value, true
	case 'w':
		o.wd, o.useWd = given.Value, true
	default:
		i := namespaceByLetter(given.Key)
		if i < 0 {
			return given.Named()
		}
		o.enter[i], o.files[i] = true, given.Value
	}
	return ""
}
