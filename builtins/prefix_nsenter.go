package builtins

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
)

// nsenterOptions is what nsenter(1) was asked for.
type nsenterOptions struct {
	target  string // a process id
	files   [len(namespaces)]string
	enter   [len(namespaces)]bool
	root    string
	useRoot bool
	wd      string
	useWd   bool
	noFork  bool
}

// prefixNsenter is nsenter(1): the command runs in the namespaces of others.
func prefixNsenter(c *Call, spec *proc.Spec) (int, bool) {
	var o nsenterOptions
	args, lacks := o.parse(c.Args[1:])
	if lacks != "" {
		return c.Unsupported("option '%s'", lacks), true
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
		spec.Fork(c.Args[:len(c.Args):len(c.Args)], 0,
			proc.Failure{Text: "nsenter: fork failed", Status: 1})
	}
	if len(args) == 0 {
		args = []string{"/bin/sh"}
		if shell := c.Getenv("SHELL"); shell != "" {
			args[0] = shell
		}
	}
	spec.Argv = args
	spec.BlameLost = 1
	spec.Blame = "nsenter: failed to execute %s: %s"
	return 0, false
}

func (o *nsenterOptions) enters(flag int) bool {
	for i, ns := range namespaces {
		if ns.flag == flag {
			return o.enter[i]
		}
	}
	return false
}

// path is the file of a kind of namespace.
func (o *nsenterOptions) path(file, given string) string {
	if given != "" {
		return given
	}
	return "/proc/" + o.target + "/" + file
}

func (o *nsenterOptions) open(c *Call, spec *proc.Spec, file, given, name string) (int, bool) {
	if given == "" && o.target == "" {
		c.Errorf("neither filename nor target pid supplied for %s", name)
		return -1, false
	}
	path := o.path(file, given)
	fd, err := unix.Openat(c.Dir, path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		c.Errorf("cannot open %s: %s", path, Strerror(err))
		return -1, false
	}
	spec.Own(fd)
	return fd, true
}

func (o *nsenterOptions) openDirs(c *Call, spec *proc.Spec) (root, wd int, ok bool) {
	root, wd, ok = -1, -1, true
	if o.useRoot {
		if root, ok = o.open(c, spec, "root", o.root, "root"); !ok {
			return root, wd, false
		}
	}
	if o.useWd {
		wd, ok = o.open(c, spec, "cwd", o.wd, "cwd")
	} else if ok && root >= 0 { // the directory stays, also where it is outside of the root
		if fd, err := unix.Openat(c.Dir, ".", unix.O_PATH|unix.O_CLOEXEC, 0); err == nil {
			spec.Own(fd)
			wd = fd
		}
	}
	return root, wd, ok
}

func (o *nsenterOptions) enterAll(c *Call, spec *proc.Spec) bool {
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

// changeDirs changes root and working directory, which were opened before the
// namespaces were entered.
func (o *nsenterOptions) changeDirs(spec *proc.Spec, root, wd int) {
	if root >= 0 {
		text := "nsenter: change directory by root file descriptor failed"
		spec.Call(proc.Failure{Text: text, Status: 1},
			proc.ChangesRoot, unix.SYS_FCHDIR, uintptr(root))
		spec.Call(proc.Failure{Text: "nsenter: chroot failed", Status: 1},
			proc.ChangesRoot, unix.SYS_CHROOT, spec.String("."))
	}
	if wd >= 0 {
		text := "nsenter: change directory by working directory file descriptor failed"
		spec.Call(proc.Failure{Text: text, Status: 1}, proc.ChangesOther, unix.SYS_FCHDIR,
			uintptr(wd))
	}
}

// parse reads the options and returns the command, or what is not known here.
func (o *nsenterOptions) parse(args []string) (command []string, lacks string) {
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			break
		}
		var ok bool
		if long, isLong := strings.CutPrefix(arg, "--"); isLong {
			args, ok = o.long(long, args)
		} else {
			args, ok = o.short(arg[1:], args)
		}
		if !ok {
			return nil, arg
		}
	}
	return args, ""
}

func (o *nsenterOptions) setTarget(pid string) bool {
	o.target = pid
	_, err := strconv.ParseUint(pid, 10, 31)
	return err == nil
}

func (o *nsenterOptions) long(text string, args []string) ([]string, bool) {
	name, value, _ := strings.Cut(text, "=")
	for i, ns := range namespaces {
		if ns.long == name && ns.flag != unix.CLONE_NEWUSER {
			o.enter[i], o.files[i] = true, value
			return args, true
		}
	}
	switch name {
	case "target":
		if value == "" && len(args) > 0 {
			value, args = args[0], args[1:]
		}
		return args, o.setTarget(value)
	case "root":
		o.root, o.useRoot = value, true
	case "wd":
		o.wd, o.useWd = value, true
	case "no-fork":
		o.noFork = true
	case "all":
		return args, false
	default:
		return args, false
	}
	return args, true
}

// short reads bundled letters; an optional value follows its letter directly.
func (o *nsenterOptions) short(letters string, args []string) ([]string, bool) {
	for i := 0; i < len(letters); i++ {
		switch c := letters[i]; c {
		case 'F':
			o.noFork = true
		case 't':
			value := letters[i+1:]
			if value == "" && len(args) > 0 {
				value, args = args[0], args[1:]
			}
			return args, o.setTarget(value)
		case 'r':
			o.root, o.useRoot = letters[i+1:], true
			return args, true
		case 'w':
			o.wd, o.useWd = letters[i+1:], true
			return args, true
		default:
			if !o.letter(c, letters[i+1:]) {
				return args, false
			}
			return args, true
		}
	}
	return args, true
}

func (o *nsenterOptions) letter(c byte, file string) bool {
	for i, ns := range namespaces {
		if ns.letter == c && ns.flag != unix.CLONE_NEWUSER {
			o.enter[i], o.files[i] = true, file
			return true
		}
	}
	return false
}
