package builtins

import (
	"os"
	"path"
	"strconv"

	"golang.org/x/sys/unix"
)

// runRelease is "overlay-release [-a] DIR [KEEP...]": the mount namespace loses every mount
// but those at or below DIR, and those that hold DIR or a KEEP. All are absolute names
// without links. With -a no other process has the namespace.
//
// umount(8) does the same. It waits, for each mount, until no processor can use that any
// more, some 80 µs. Here, with -a, a root is made anew with those that stay, and the old one
// goes as a whole (release_rebuild.go). Another process would be left in that with its
// current directory: else, and where that cannot be or does not pay, those that go are moved
// into one place first.
func runRelease(c *Call) int {
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
		if !path.IsAbs(name) { // all would go
			c.Errorf("%s is no absolute name", quoteName(name))
			return 2
		}
	}
	text, err := os.ReadFile("/proc/thread-self/mountinfo")
	if err != nil {
		c.Errorf("cannot list the mounts: %s", Strerror(err))
		return 1
	}
	table := parseMounts(text)
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

// released lists the mounts that are to go, the latest first: what is on another one comes
// before it.
func released(table []mountEntry, dir string, keep []string) (list []mountEntry) {
	for i := len(table) - 1; i >= 0; i-- {
		e := table[i]
		if holds(dir, e.target) || holds(e.target, dir) {
			continue
		}
		kept := false
		for _, k := range keep {
			kept = kept || holds(e.target, k)
		}
		if !kept {
			list = append(list, e)
		}
	}
	return list
}

// holds tells whether a name is that of target, or below it.
func holds(target, name string) bool { return name == target || isBelow(name, target) }

// A releaser puts mounts on a file system that lies over the last one of them to go.
type releaser struct {
	c      *Call
	place  *os.File // the root of that file system, nil: there is none yet
	last   *os.File // what it lies over
	count  int
	status int
}

// release takes one mount away, unless no name leads to it. The place may be in the way: it
// hides what is below it, and no mount can be moved to what is mounted on it.
func (r *releaser) release(e mountEntry) {
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
		if err := unix.Unmount(e.target, unix.UMOUNT_NOFOLLOW); err != nil {
			r.c.Errorf("cannot unmount %s: %s", quoteName(e.target), Strerror(err))
			r.status = 1
		}
		return
	}
}

// take puts a mount into the place, or makes that over it. The file is no longer the caller's.
func (r *releaser) take(f *os.File, kind uint16) bool {
	if r.place == nil {
		return kind == unix.S_IFDIR && r.begin(f)
	}
	defer f.Close()
	return r.move(f, kind) == nil
}

// openMount opens the root of a mount, and tells its type; false: its name leads elsewhere.
func openMount(e mountEntry) (f *os.File, kind uint16, ok bool) {
	fd, err := unix.Open(e.target, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, 0, false
	}
	f = os.NewFile(uintptr(fd), e.target)
	var st unix.Statx_t
	err = unix.Statx(fd, "", unix.AT_EMPTY_PATH, unix.STATX_TYPE|unix.STATX_MNT_ID, &st)
	known := err == nil && st.Mask&unix.STATX_MNT_ID != 0 // since Linux 5.8
	if err != nil || known && st.Mnt_id != uint64(e.id) {
		f.Close()
		return nil, 0, false
	}
	return f, st.Mode & unix.S_IFMT, true
}

// begin makes the place, over a mount that is the last to go.
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

// move puts a mount into the place, on a name of its own.
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

// empty takes away the place with all that is in it, and the mount below it.
func (r *releaser) empty() {
	if r.place == nil {
		return
	}
	for _, f := range []*os.File{r.place, r.last} {
		if err := detach(f); err != nil {
			r.c.Errorf("cannot unmount %s: %s", quoteName(r.last.Name()), Strerror(err))
			r.status = 1
		}
		f.Close()
	}
	r.place, r.last = nil, nil
}

// detach unmounts what a file is the root of, with all that is mounted there.
func detach(f *os.File) error {
	var err error
	_, failed := inDir(int(f.Fd()), func() int {
		err = unix.Unmount(".", unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
		return 0
	})
	if failed != nil {
		return failed
	}
	return err
}
