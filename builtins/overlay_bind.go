package builtins

import (
	"golang.org/x/sys/unix"
)

// A bindRequest is what one overlay-bind is to do.
type bindRequest struct {
	c                   *Call
	root                string
	recursive, readOnly bool
	source, target      string
}

// Keys of overlay-bind's options.
const (
	bindRoot = longOnly + iota
	bindRecursive
	bindReadOnly
)

func bindSpec() []option {
	return []option{{bindRoot, "root", needArg}, {bindRecursive, "recursive", noArg},
		{bindReadOnly, "read-only", noArg}}
}

// runBind shows a file or directory of this mount namespace at another place, whatever links
// somebody may have planted on the way to it:
//
//	overlay-bind [--recursive] [--read-only] --root ROOT SOURCE TARGET
//	overlay-bind [--recursive] [--read-only] PID SOURCE TARGET
//
// TARGET is below the directory ROOT, or below the root of the process PID in its mount
// namespace. mount(8) cannot do the latter, since neither namespace has a path for both;
// open_tree(2) makes the mount here without a place, and move_mount(2) gives it one there.
func runBind(c *Call) int {
	opts, args, problem := c.options(bindSpec(), operandsLast)
	r := &bindRequest{c: c}
	for _, o := range opts {
		switch o.key {
		case bindRoot:
			r.root = o.value
		case bindRecursive:
			r.recursive = true
		case bindReadOnly:
			r.readOnly = true
		}
	}
	pid := ""
	if r.root == "" && len(args) > 0 {
		pid, args = args[0], args[1:]
	}
	if problem != "" {
		c.Errorf("%s is unknown", problem)
		return 2
	}
	if len(args) != 2 {
		c.Errorf("usage: overlay-bind [--recursive] [--read-only] --root ROOT SOURCE TARGET, " +
			"or PID instead of --root ROOT")
		return 2
	}
	r.source, r.target = args[0], args[1]
	if pid != "" {
		return r.intoProcess(pid)
	}
	return r.belowRoot()
}

// belowRoot binds in the mount namespace of the caller.
func (r *bindRequest) belowRoot() int {
	root, err := r.c.openRoot(r.root)
	if err != nil {
		r.c.Errorf("cannot use %s as a root: %s", quoteName(r.root), Strerror(err))
		return mountFail
	}
	defer root.Close()
	return r.bind(int(root.Fd()), attach)
}

// intoProcess binds in the mount namespace of a process, below the root that it has. All is
// opened by one descriptor of the process: a number may soon be another's.
func (r *bindRequest) intoProcess(pid string) int {
	process, err := unix.Open("/proc/"+pid, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		r.c.Errorf("cannot find the process %s: %s", pid, Strerror(err))
		return 1
	}
	defer unix.Close(process)
	ns, err := unix.Openat(process, "ns/mnt", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		r.c.Errorf("cannot open the mount namespace of %s: %s", pid, Strerror(err))
		return 1
	}
	defer unix.Close(ns)
	root, err := unix.Openat(process, "root", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		r.c.Errorf("cannot open the root of %s: %s", pid, Strerror(err))
		return 1
	}
	defer unix.Close(root)
	return r.bind(root, func(tree, place int) error { return attachIn(ns, tree, place) })
}

// bind makes the mount and has it attached to what the target is below root. As mount(2) does,
// it looks for the target first.
func (r *bindRequest) bind(root int, attach func(tree, place int) error) int {
	place, err := pin(root, r.target, 0)
	if err != nil {
		return r.fail(r.explainTarget(root, err))
	}
	defer unix.Close(place)
	tree, err := r.clone()
	if err != nil {
		return r.fail(r.explainSource(place, err))
	}
	defer unix.Close(tree)
	from, to := isDirectory(tree), isDirectory(place)
	if from && !to {
		return r.fail("mount point is not a directory")
	}
	if from != to {
		return r.fail(callFailed(unix.ENOTDIR))
	}
	if err := attach(tree, place); err != nil {
		return r.fail(callFailed(err))
	}
	return 0
}

// clone makes the mount.
func (r *bindRequest) clone() (int, error) {
	flags, setFlags := uint(unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC), uint(unix.AT_EMPTY_PATH)
	if r.recursive {
		flags, setFlags = flags|unix.AT_RECURSIVE, setFlags|unix.AT_RECURSIVE
	}
	tree, err := unix.OpenTree(r.c.Dir, r.source, flags)
	if err != nil || !r.readOnly {
		return tree, err
	}
	attr := &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	if err := unix.MountSetattr(tree, "", setFlags, attr); err != nil {
		unix.Close(tree)
		return -1, err
	}
	return tree, nil
}

// fail reports in the words of mount(8).
func (r *bindRequest) fail(text string) int {
	r.c.Errorf("%s: %s.", r.target, text)
	return mountFail
}

func callFailed(err error) string { return "mount(2) system call failed: " + Strerror(err) }

func (r *bindRequest) explainTarget(root int, err error) string {
	switch err {
	case unix.ENOTDIR:
		return "mount point is not a directory"
	case unix.ENOENT:
		link, err := pin(root, r.target, unix.O_NOFOLLOW)
		if err != nil {
			return "mount point does not exist"
		}
		unix.Close(link)
		return "mount point is a symbolic link to nowhere"
	}
	return callFailed(err)
}

func (r *bindRequest) explainSource(place int, err error) string {
	switch {
	case err == unix.ENOENT:
		return "special device " + r.source + " does not exist"
	case err == unix.ENOTDIR && !isDirectory(place):
		return "mount point is not a directory"
	case err == unix.ENOTDIR:
		return "special device " + r.source +
			" does not exist (a path prefix is not a directory)"
	}
	return callFailed(err)
}

func isDirectory(fd int) bool {
	var st unix.Stat_t
	return unix.Fstat(fd, &st) == nil && fileType(st) == unix.S_IFDIR
}

// attach gives a mount the place that has been found for it.
func attach(tree, place int) error {
	const flags = unix.MOVE_MOUNT_F_EMPTY_PATH | unix.MOVE_MOUNT_T_EMPTY_PATH
	return unix.MoveMount(tree, "", place, "", flags)
}

// attachIn is attach in another mount namespace. It is entered by a thread that is thrown
// away, as only a thread that shares no directories with others can.
func attachIn(ns, tree, place int) (err error) {
	onThread(func() {
		if err = unix.Unshare(unix.CLONE_FS); err != nil {
			return
		}
		if err = unix.Setns(ns, unix.CLONE_NEWNS); err != nil {
			return
		}
		err = attach(tree, place)
	})
	return err
}
