package subhost

import (
	"os"
	"path"
	"strconv"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/mountinfo"
	"overlayboot/builtins/native"
)

// Release is "overlay-release [-a] DIR [KEEP...]": it removes every mount from the mount
// namespace, except those at or below DIR, and those that hold DIR or a KEEP. All names are
// absolute and without symbolic links. -a says that no other process has the namespace.
//
// umount(8) does the same. For each mount it waits until no processor can use the mount any
// more, some 80 µs. With -a, this command makes a new root with the mounts that stay, and
// detaches the old root as a whole (release_rebuild.go). Another process would keep its current
// directory in the old root. So without -a, and where a new root is impossible or takes longer,
// the mounts that go are first moved into one place, and detached together.
func Release(c *native.Call) int {
	args := c.Args[1:]
	alone := len(args) > 0 && args[0] == "-a"
	if alone {
		args = args[1:]
	}
	if len(args) == 0 {
		c.Errorf("usage: overlay-release [-a] DIR [KEEP...]")
		return 2
	}
	for _, name := range args {
		if !path.IsAbs(name) { // a relative name would hold no mount, so all would go
			c.Errorf("%s is no absolute name", native.QuoteName(name))
			return 2
		}
	}
	text, err := os.ReadFile("/proc/thread-self/mountinfo")
	if err != nil {
		c.Errorf("cannot list the mounts: %s", clib.Strerror(err))
		return 1
	}
	table := mountinfo.Parse(text)
	list := released(table, args[0], args[1:])
	r := releaser{c: c}
	if !alone || !r.rebuild(args[0], table, list) {
		for _, e := range list {
			r.release(e)
		}
		r.empty()
	}
	return r.status
}

// released lists the mounts to remove, latest first: so a mount comes before the one that it is
// mounted on.
func released(table []mountinfo.Entry, dir string, keep []string) (list []mountinfo.Entry) {
	for i := len(table) - 1; i >= 0; i-- {
		e := table[i]
		if mountinfo.Holds(dir, e.Target) || mountinfo.Holds(e.Target, dir) {
			continue
		}
		kept := false
		for _, k := range keep {
			kept = kept || mountinfo.Holds(e.Target, k)
		}
		if !kept {
			list = append(list, e)
		}
	}
	return list
}

// A releaser moves the mounts to remove into a new file system, which is mounted on one of
// them.
type releaser struct {
	c      *native.Call
	place  *os.File // the root of that file system, nil before it exists
	last   *os.File // the root of the mount below it
	count  int
	status int
}

// release removes one mount, unless no name leads to it. The place may be in the way: it hides
// what is below it, and a mount that carries the place cannot be moved into it.
func (r *releaser) release(e mountinfo.Entry) {
	for {
		f, kind, ok := openMount(e)
		if ok && r.take(f, kind) {
			return
		}
		f.Close()
		switch {
		case r.place != nil:
			r.empty()
			continue
		case !ok:
			return
		}
		if err := unix.Unmount(e.Target, unix.UMOUNT_NOFOLLOW); err != nil {
			r.c.Errorf("cannot unmount %s: %s", native.QuoteName(e.Target), clib.Strerror(err))
			r.status = 1
		}
		return
	}
}

// take moves a mount into the place, or makes the place on top of it. After a success the
// releaser owns f.
func (r *releaser) take(f *os.File, kind uint16) bool {
	if r.place == nil {
		return kind == unix.S_IFDIR && r.begin(f)
	}
	defer f.Close()
	return r.move(f, kind) == nil
}

// openMount opens the root of a mount and returns its file type. ok is false if the name of the
// mount leads elsewhere.
func openMount(e mountinfo.Entry) (f *os.File, kind uint16, ok bool) {
	fd, err := unix.Open(e.Target, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, 0, false
	}
	f = os.NewFile(uintptr(fd), e.Target)
	var st unix.Statx_t
	err = unix.Statx(fd, "", unix.AT_EMPTY_PATH, unix.STATX_TYPE|unix.STATX_MNT_ID, &st)
	known := err == nil && st.Mask&unix.STATX_MNT_ID != 0 // since Linux 5.8
	if err != nil || known && st.Mnt_id != uint64(e.ID) {
		f.Close()
		return nil, 0, false
	}
	return f, st.Mode & unix.S_IFMT, true
}

// begin mounts the place over a mount, which is removed last.
func (r *releaser) begin(over *os.File) bool {
	fs, err := unix.Fsopen("tmpfs", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return false
	}
	defer unix.Close(fs)
	if unix.FsconfigCreate(fs) != nil {
		return false
	}
	fd, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, 0)
	if err != nil {
		return false
	}
	const byFiles = unix.MOVE_MOUNT_F_EMPTY_PATH | unix.MOVE_MOUNT_T_EMPTY_PATH
	if unix.MoveMount(fd, "", int(over.Fd()), "", byFiles) != nil {
		unix.Close(fd)
		return false
	}
	r.place, r.last = os.NewFile(uintptr(fd), "place"), over
	return true
}

// move moves a mount into the place, to a new name there.
func (r *releaser) move(f *os.File, kind uint16) error {
	r.count++
	name, place := strconv.Itoa(r.count), int(r.place.Fd())
	var err error
	if kind == unix.S_IFDIR {
		err = unix.Mkdirat(place, name, 0o700)
	} else {
		err = unix.Mknodat(place, name, unix.S_IFREG|0o600, 0)
	}
	if err != nil {
		return err
	}
	return unix.MoveMount(int(f.Fd()), "", place, name, unix.MOVE_MOUNT_F_EMPTY_PATH)
}

// empty detaches the place with all mounts in it, and the mount below it.
func (r *releaser) empty() {
	if r.place == nil {
		return
	}
	for _, f := range []*os.File{r.place, r.last} {
		if err := detach(f); err != nil {
			r.c.Errorf("cannot unmount %s: %s", native.QuoteName(r.last.Name()), clib.Strerror(err))
			r.status = 1
		}
		f.Close()
	}
	r.place, r.last = nil, nil
}

// detach unmounts the mount whose root f is, with all mounts on it.
func detach(f *os.File) error {
	var err error
	_, failed := native.InDirectory(int(f.Fd()), func() int {
		err = unix.Unmount(".", unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
		return 0
	})
	if failed != nil {
		return failed
	}
	return err
}
