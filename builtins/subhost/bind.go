package subhost

import (
	"strconv"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/mount"
	"overlayboot/builtins/native"
)

// A bindRequest is one invocation of overlay-bind.
type bindRequest struct {
	c                   *native.Call
	root                string
	recursive, readOnly bool
	source, target      string
	// unset is what mount_setattr(2) could not set on the detached mount, on Linux before 5.12.
	unset *unix.MountAttr
}

// The keys of overlay-bind's options.
const (
	bindRoot = native.LongOnly + iota
	bindRecursive
	bindReadOnly
)

func bindSpec() []native.Option {
	return []native.Option{{Key: bindRoot, Long: "root", Arg: native.NeedArg},
		{Key: bindRecursive, Long: "recursive"},
		{Key: bindReadOnly, Long: "read-only"}}
}

// Bind is overlay-bind: it binds a file or directory of this mount namespace to another place.
// Planted symbolic links on the way cannot lead it elsewhere:
//
//	overlay-bind [--recursive] [--read-only] --root ROOT SOURCE TARGET
//	overlay-bind [--recursive] [--read-only] PID SOURCE TARGET
//
// TARGET is below the directory ROOT, or below the root of the process PID in its mount
// namespace. mount(8) cannot bind into another namespace, since no namespace has paths for both
// files. Here open_tree(2) makes a detached mount in this namespace, and move_mount(2) attaches
// it in the other one.
func Bind(c *native.Call) int {
	opts, args, problem := c.Options(bindSpec(), native.OperandsLast)
	r := &bindRequest{c: c}
	for _, o := range opts {
		switch o.Key {
		case bindRoot:
			r.root = o.Value
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
	root, err := openRoot(r.c, r.root)
	if err != nil {
		r.c.Errorf("cannot use %s as a root: %s", native.QuoteName(r.root), clib.Strerror(err))
		return mount.MountFail
	}
	defer root.Close()
	return r.bind(int(root.Fd()), func(tree, place int) (err error) {
		if r.unset == nil {
			return attach(tree, place)
		}
		native.OnThread(func() {
			if err = unix.Unshare(unix.CLONE_FS); err == nil {
				err = r.attachOld(tree, place)
			}
		})
		return err
	})
}

// intoProcess binds in the mount namespace of a process, below the root of that process. It
// opens all files through one descriptor of /proc/PID, since the process id may soon belong to
// another process.
func (r *bindRequest) intoProcess(pid string) int {
	process, err := unix.Open("/proc/"+pid, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		r.c.Errorf("cannot find the process %s: %s", pid, clib.Strerror(err))
		return 1
	}
	defer unix.Close(process)
	ns, err := unix.Openat(process, "ns/mnt", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		r.c.Errorf("cannot open the mount namespace of %s: %s", pid, clib.Strerror(err))
		return 1
	}
	defer unix.Close(ns)
	root, err := unix.Openat(process, "root", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		r.c.Errorf("cannot open the root of %s: %s", pid, clib.Strerror(err))
		return 1
	}
	defer unix.Close(root)
	return r.bind(root, func(tree, place int) error { return r.attachIn(ns, tree, place) })
}

// bind makes the mount and attaches it to the target below root. It looks up the target first,
// as mount(2) does.
func (r *bindRequest) bind(root int, attach func(tree, place int) error) int {
	place, err := native.Pin(root, r.target, 0)
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

// clone makes the detached mount. It is private: a mount in the peer group of the host's would
// pass on to the host what is mounted below it inside, and the other way round.
func (r *bindRequest) clone() (int, error) {
	flags, setFlags := uint(unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC), uint(unix.AT_EMPTY_PATH)
	if r.recursive {
		flags, setFlags = flags|unix.AT_RECURSIVE, setFlags|unix.AT_RECURSIVE
	}
	tree, err := unix.OpenTree(r.c.Dir, r.source, flags)
	if err != nil {
		return -1, err
	}
	attr := &unix.MountAttr{Propagation: unix.MS_PRIVATE}
	if r.readOnly {
		attr.Attr_set = unix.MOUNT_ATTR_RDONLY
	}
	switch err := unix.MountSetattr(tree, "", setFlags, attr); err {
	case nil:
	case unix.ENOSYS:
		r.unset = attr
	default:
		unix.Close(tree)
		return -1, err
	}
	return tree, nil
}

// setLate does the work of mount_setattr(2), which Linux has since 5.12, by mount(2), which acts
// on attached mounts only. It changes the directory of the thread.
func (r *bindRequest) setLate(tree int) error {
	at := "/proc/self/fd/" + strconv.Itoa(tree)
	if isDirectory(tree) { // the /proc of another namespace does not show this process
		if err := unix.Fchdir(tree); err != nil {
			return err
		}
		at = "."
	}
	flags := uintptr(unix.MS_PRIVATE)
	if r.recursive {
		flags |= unix.MS_REC
	}
	err := unix.Mount("", at, "", flags, "")
	if err == nil && r.unset.Attr_set&unix.MOUNT_ATTR_RDONLY != 0 {
		// mount(2) has no way to do this for the mounts below
		err = unix.Mount("", at, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, "")
	}
	if err != nil {
		_ = unix.Unmount(at, unix.MNT_DETACH)
	}
	return err
}

// fail reports an error in the words of mount(8).
func (r *bindRequest) fail(text string) int {
	r.c.Errorf("%s: %s.", r.target, text)
	return mount.MountFail
}

func callFailed(err error) string { return "mount(2) system call failed: " + clib.Strerror(err) }

func (r *bindRequest) explainTarget(root int, err error) string {
	switch err {
	case unix.ENOTDIR:
		return "mount point is not a directory"
	case unix.ENOENT:
		link, err := native.Pin(root, r.target, unix.O_NOFOLLOW)
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
	return unix.Fstat(fd, &st) == nil && fsys.Type(st) == unix.S_IFDIR
}

// attach attaches a detached mount to the place.
func attach(tree, place int) error {
	const flags = unix.MOVE_MOUNT_F_EMPTY_PATH | unix.MOVE_MOUNT_T_EMPTY_PATH
	return unix.MoveMount(tree, "", place, "", flags)
}

// attachOld is attach on a kernel whose detached mounts cannot be changed. It needs a thread
// with a directory of its own.
func (r *bindRequest) attachOld(tree, place int) error {
	err := attach(tree, place)
	if err == nil && r.unset != nil {
		err = r.setLate(tree)
	}
	return err
}

// attachIn is attach in another mount namespace. Only a thread that shares its directories with
// no other thread can enter that namespace; this thread ends afterwards.
func (r *bindRequest) attachIn(ns, tree, place int) (err error) {
	native.OnThread(func() {
		if err = unix.Unshare(unix.CLONE_FS); err != nil {
			return
		}
		if err = unix.Setns(ns, unix.CLONE_NEWNS); err != nil {
			return
		}
		err = r.attachOld(tree, place)
	})
	return err
}
