package mount

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/mountinfo"
)

// report prints a failed mount in the words of mount(8). They depend on the error number, on
// the request, and on the files that the names denote now.
func (r *mountRequest) report(err error) int {
	var errno unix.Errno
	if !errors.As(err, &errno) {
		r.c.Errorf("%s: %s.", r.target, err)
		return mountUsage
	}
	if r.nofail && errno == unix.ENOENT && fsys.Exists(r.target) && !fsys.Exists(r.source) {
		r.missing = true
		return 0
	}
	r.c.Errorf("%s: %s.", r.target, r.explain(errno, err))
	if errno != unix.EPERM {
		fmt.Fprintln(r.c.Stderr, "       dmesg(1) may have more information after failed "+
			"mount system call.")
	}
	return MountFail
}

func (r *mountRequest) explain(errno unix.Errno, err error) string {
	failed := "mount(2) system call failed: " + clib.ErrnoText(errno)
	switch errno {
	case unix.EPERM:
		if !pathIsDir(r.target) {
			return "mount point is not a directory"
		}
		return "permission denied"
	case unix.EBUSY:
		return r.explainBusy()
	case unix.ENOENT:
		return r.explainMissing(failed)
	case unix.ENOTDIR:
		var st unix.Stat_t
		if !pathIsDir(r.target) {
			return "mount point is not a directory"
		} else if unix.Stat(r.source, &st) == unix.ENOTDIR {
			return "special device " + r.source +
				" does not exist (a path prefix is not a directory)"
		}
	case unix.EINVAL:
		return r.explainInvalid(err)
	case unix.EMFILE:
		return "mount table full"
	case unix.EIO:
		return "can't read superblock on " + r.source
	case unix.ENODEV:
		return "unknown filesystem type '" + r.fstype + "'"
	case unix.ENOTBLK:
		return r.explainNoDevice()
	case unix.ENXIO:
		return r.source + " is not a valid block device"
	case unix.EACCES, unix.EROFS:
		return r.explainReadOnly(failed)
	case unix.ENOMEDIUM:
		return "no medium found on " + r.source
	case unix.EBADMSG:
		return "cannot mount; probably corrupted filesystem on " + r.source
	}
	return failed
}

func (r *mountRequest) explainBusy() string {
	if r.flags&unix.MS_REMOUNT != 0 {
		return "mount point is busy"
	}
	table, _ := r.c.MountTable()
	for _, e := range table {
		if e.Source == r.source && e.Source != "none" {
			return r.source + " already mounted on " + e.Target
		}
	}
	return r.source + " already mounted or mount point busy"
}

func (r *mountRequest) explainMissing(failed string) string {
	var st unix.Stat_t
	switch {
	case unix.Lstat(r.target, &st) != nil:
		return "mount point does not exist"
	case unix.Stat(r.target, &st) != nil:
		return "mount point is a symbolic link to nowhere"
	case unix.Stat(r.source, &st) != nil:
		return "special device " + r.source + " does not exist"
	}
	return failed
}

func (r *mountRequest) explainInvalid(err error) string {
	var call *callError
	switch {
	case r.flags&unix.MS_REMOUNT != 0:
		return "mount point not mounted or bad option"
	case errors.As(err, &call) && call.flags&(propagationFlags|unix.MS_REMOUNT) != 0:
		return "not mount point or bad option"
	case r.flags&unix.MS_MOVE != 0 && r.underShared():
		return "bad option; moving a mount residing under a shared mount is unsupported"
	}
	return "wrong fs type, bad option, bad superblock on " + r.source +
		", missing codepage or helper program, or other error"
}

// underShared reports whether the parent mount of the source is shared.
func (r *mountRequest) underShared() bool {
	table, _ := r.c.MountTable()
	e, ok := mountinfo.At(table, r.source)
	for _, parent := range table {
		if ok && parent.ID == e.Parent {
			return len(parent.Optional) > 6 && parent.Optional[:7] == "shared:"
		}
	}
	return false
}

func (r *mountRequest) explainNoDevice() string {
	var st unix.Stat_t
	switch unix.Stat(r.source, &st); st.Mode & unix.S_IFMT {
	case unix.S_IFBLK:
		return "the kernel does not recognize " + r.source + " as a block device; " +
			`maybe "modprobe driver" is necessary`
	case unix.S_IFREG:
		return r.source + ` is not a block device; try "-o loop"`
	}
	return r.source + " is not a block device"
}

func (r *mountRequest) explainReadOnly(failed string) string {
	switch {
	case r.flags&unix.MS_RDONLY != 0:
		return "cannot mount " + r.source + " read-only"
	case r.explicitRW:
		return r.source + " is write-protected but explicit read-write mode requested"
	case r.flags&unix.MS_REMOUNT != 0:
		return "cannot remount " + r.source + " read-write, is write-protected"
	case r.flags&unix.MS_BIND != 0:
		return "bind " + r.source + " failed"
	}
	return failed
}
