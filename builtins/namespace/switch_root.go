package namespace

import (
	"errors"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

// SwitchRoot is switch_root(8) of util-linux: it makes a mounted file system the root, moves
// /dev, /proc, /sys and /run into it, deletes the files of an old root in memory, and starts a
// program.
//
// The tool moves and unmounts first. If it then finds that the new root is not a mount, the
// host has lost /dev and /proc. This command checks for errors that are certain before it
// changes anything.
func SwitchRoot(c *native.Call, spec *proc.Spec) (int, bool) {
	args := c.Args[1:]
	switch {
	case len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "--":
		return c.Unsupported("option '%s'", args[0]), true
	case len(args) < 2 || args[1] == "":
		return c.UsageError(1, "not enough arguments"), true
	case !strings.Contains(args[1], "/"):
		return c.Unsupported("the program '%s' without a directory", args[1]), true
	case c.Probe:
		return native.NeedsProcess, true
	}
	s := &switchRoot{Call: c, target: args[0]}
	root, ok := s.perform(args[1])
	if !ok {
		c.Errorf("failed. Sorry.")
		return 1, true
	}
	spec.Own(root)
	failed := proc.Failure{Text: c.Name() + ": failed to change root", Status: 1}
	spec.Call(failed, proc.ChangesRoot, unix.SYS_FCHDIR, uintptr(root))
	spec.Call(failed, proc.ChangesRoot, unix.SYS_CHROOT, spec.String("."))
	spec.Call(failed, proc.ChangesRoot, unix.SYS_CHDIR, spec.String("/"))
	spec.Argv = args[1:]
	spec.Blame = proc.Blame{Text: c.Blame("failed to execute %s: %s")}
	return 0, false
}

// A switchRoot is one invocation of switch_root.
type switchRoot struct {
	*native.Call
	target string
	// last is the error of the last failed call, which the tool reports at the end.
	last error
}

// perform moves the mounts, on a thread that does not share its directories. It returns a
// descriptor of the new root.
func (s *switchRoot) perform(program string) (root int, ok bool) {
	native.OnThread(func() {
		if err := unix.Unshare(unix.CLONE_FS); err != nil {
			s.Errorf("failed to change root: %s", clib.Strerror(err))
			return
		}
		if s.Dir != unix.AT_FDCWD {
			_ = unix.Fchdir(s.Dir)
		}
		if root, ok = s.move(); ok {
			if err := unix.Access(program, unix.X_OK); err != nil {
				s.Errorf("cannot access %s: %s", program, clib.Strerror(err))
			}
		}
	})
	return root, ok
}

func (s *switchRoot) move() (root int, ok bool) {
	var old, next unix.Stat_t
	if err := unix.Stat("/", &old); err != nil {
		return 0, s.fail(err, "stat of %s failed", "/")
	}
	if err := unix.Stat(s.target, &next); err != nil {
		return 0, s.fail(err, "stat of %s failed", s.target)
	}
	if fsys.Type(next) != unix.S_IFDIR {
		return 0, s.fail(unix.ENOTDIR, "failed to change directory to %s", s.target)
	}
	if err := s.movable(old, next); err != nil {
		return 0, s.fail(err, "failed to mount moving %s to /", s.target)
	}
	for _, dir := range [...]string{"/dev", "/proc", "/sys", "/run"} {
		s.take(dir, old.Dev, next.Dev)
	}
	if err := unix.Chdir(s.target); err != nil {
		return 0, s.fail(err, "failed to change directory to %s", s.target)
	}
	before, err := unix.Open("/", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, s.fail(err, "cannot open %s", "/")
	}
	defer unix.Close(before)
	if err := unix.Mount(s.target, "/", "", unix.MS_MOVE, ""); err != nil {
		return 0, s.fail(err, "failed to mount moving %s to /", s.target)
	}
	if err := unix.Chroot("."); err != nil {
		return 0, s.fail(err, "failed to change root")
	}
	root, err = unix.Open(".", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, s.fail(err, "cannot open %s", ".")
	}
	s.empty(before)
	return root, true
}

func (s *switchRoot) fail(err error, format string, args ...any) bool {
	s.Errorf(format+": %s", append(args, clib.Strerror(err))...)
	return false
}

// movable returns the error that the kernel gives for a new root that is not a mount, or is the
// current root. A relative name starts from the new root itself, since the tool is there at
// that point.
func (s *switchRoot) movable(old, next unix.Stat_t) error {
	name := s.target
	if !path.IsAbs(name) {
		name += "/" + name
	}
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, name, 0, unix.STATX_TYPE, &st); err != nil {
		return err
	}
	switch {
	case fsys.SameFile(old, next):
		return unix.ELOOP
	case st.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT != 0 &&
		st.Attributes&unix.STATX_ATTR_MOUNT_ROOT == 0:
		return unix.EINVAL
	}
	return nil
}

// take moves a mount into the new root. It unmounts the mount if the new root already has a
// mount there, or no such directory.
func (s *switchRoot) take(dir string, old, next uint64) {
	var st unix.Stat_t
	err := unix.Stat(dir, &st)
	s.note(err)
	if err == nil && st.Dev == old {
		return
	}
	to := s.target + dir
	if err := unix.Stat(to, &st); err != nil || st.Dev != next {
		s.note(err)
		s.note(unix.Unmount(dir, unix.MNT_DETACH))
		return
	}
	if err := unix.Mount(dir, to, "", unix.MS_MOVE, ""); err != nil {
		s.note(err)
		s.fail(err, "failed to mount moving %s to %s", dir, to)
		s.Errorf("forcing unmount of %s", dir)
		s.note(unix.Unmount(dir, unix.MNT_FORCE))
	}
}

func (s *switchRoot) note(err error) {
	if err != nil {
		s.last = err
	}
}

// empty deletes the files of the old root, if that is in memory only.
func (s *switchRoot) empty(root int) {
	var fs unix.Statfs_t
	if err := unix.Fstatfs(root, &fs); err != nil {
		s.fail(err, "stat of %s failed", "/")
		return
	}
	if kind := uint32(fs.Type); kind != unix.RAMFS_MAGIC && kind != unix.TMPFS_MAGIC {
		text := "Success"
		if s.last != nil {
			text = clib.Strerror(s.last)
		}
		s.Errorf("old root filesystem is not an initramfs: %s", text)
		return
	}
	var st unix.Stat_t
	if unix.Fstat(root, &st) == nil {
		s.emptyDir(root, st.Dev)
	}
}

// emptyDir deletes the contents of a directory, except other file systems in it.
func (s *switchRoot) emptyDir(dir int, device uint64) {
	f, err := fsys.OpenDirAt(dir, ".", 0)
	if err != nil {
		return
	}
	defer f.Close()
	names, _ := f.Readdirnames(-1)
	for _, name := range names {
		st, err := fsys.StatAt(dir, name, unix.AT_SYMLINK_NOFOLLOW)
		if err != nil {
			s.fail(err, "stat of %s failed", name)
			continue
		}
		if st.Dev != device {
			continue
		}
		flags := 0
		if fsys.Type(st) == unix.S_IFDIR {
			flags = unix.AT_REMOVEDIR
			if below, err := fsys.OpenDirAt(dir, name, unix.O_NOFOLLOW); err == nil {
				s.emptyDir(int(below.Fd()), device)
				_ = below.Close()
			}
		}
		err = unix.Unlinkat(dir, name, flags)
		if err != nil && !errors.Is(err, unix.ENOENT) {
			s.fail(err, "failed to unlink %s", name)
		}
	}
}
