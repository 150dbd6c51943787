package subhost

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/mountinfo"
)

// rebuildFrom is the number of mounts from which a new root is cheaper than removing each
// mount.
const rebuildFrom = 4

// A rebuilder makes a copy of the root mount, takes the mounts that stay there, and leaves the
// others in the old root. The old root is then detached as a whole, however many mounts it has.
type rebuilder struct {
	dir      string // mounts at or below it stay
	table    []mountinfo.Entry
	goes     map[int]bool // by mount id
	children map[int][]mountinfo.Entry
	top      mountinfo.Entry // the old root
	root     int             // the new root
	cwd      string
	moves    []transfer
	copies   []transfer
	moved    int // how many of the moves are made
}

// A transfer is a mount that stays.
type transfer struct {
	mountinfo.Entry
	file *os.File // the root of the mount
}

// rebuild removes the mounts in list by means of a new root, and reports whether it did.
// Otherwise it changes nothing.
func (r *releaser) rebuild(dir string, table, list []mountinfo.Entry) bool {
	if len(list) < rebuildFrom || r.c.Dir != unix.AT_FDCWD {
		return false
	}
	b := rebuilder{dir: dir, table: table, goes: map[int]bool{},
		children: map[int][]mountinfo.Entry{}, root: -1}
	defer b.close()
	for _, e := range list {
		b.goes[e.ID] = true
	}
	if !b.plan() || !b.copyRoot() {
		return false
	}
	pivoted, err := false, b.transfer()
	if err == nil {
		pivoted, err = takeRoot(b.root)
	}
	if !pivoted {
		b.undo()
		return false
	}
	if err != nil {
		r.c.Errorf("cannot unmount the old root: %s", clib.Strerror(err))
		r.status = 1
	}
	b.follow()
	return true
}

// follow moves the current directory from the old tree to the new one. If the directory was in
// a removed mount, it stays: no other name leads to it.
func (b *rebuilder) follow() {
	var was, is unix.Stat_t
	if unix.Stat(".", &was) == nil && unix.Stat(b.cwd, &is) == nil &&
		was.Dev == is.Dev && was.Ino == is.Ino {
		unix.Chdir(b.cwd)
	}
}

func (b *rebuilder) close() {
	if b.root >= 0 {
		unix.Close(b.root)
	}
	for _, list := range [...][]transfer{b.moves, b.copies} {
		for _, m := range list {
			m.file.Close()
		}
	}
}

// plan lists the moves and copies, and reports whether they can work.
func (b *rebuilder) plan() bool {
	var err error
	if b.cwd, err = unix.Getwd(); err != nil || !strings.HasPrefix(b.cwd, "/") {
		return false
	}
	var st unix.Statx_t
	err = unix.Statx(unix.AT_FDCWD, "/", 0, unix.STATX_MNT_ID, &st)
	if err != nil || st.Mask&unix.STATX_MNT_ID == 0 || st.Attributes&unix.STATX_ATTR_MOUNT_ROOT == 0 {
		return false
	}
	stay := 0
	for _, e := range b.table {
		if e.ID == int(st.Mnt_id) {
			b.top = e
		} else {
			b.children[e.Parent] = append(b.children[e.Parent], e)
		}
		if !b.goes[e.ID] {
			stay++
		}
	}
	if b.top.Target != "/" || b.goes[b.top.ID] {
		return false
	}
	found, ok := b.planBelow(b.top)
	return ok && found == stay
}

// planBelow plans for the mounts on a mount that is not moved as a whole. It counts the mounts
// that stay.
func (b *rebuilder) planBelow(e mountinfo.Entry) (stay int, ok bool) {
	stay = 1
	for _, child := range b.children[e.ID] {
		if b.goes[child.ID] {
			continue // if a mount on it stays, the count does not fit and plan fails
		}
		count, whole := b.whole(child)
		f, _, seen := openMount(child)
		switch {
		case seen && whole:
			b.moves = append(b.moves, transfer{child, f})
		case seen:
			b.copies = append(b.copies, transfer{child, f})
		case mountinfo.Holds(b.dir, child.Target):
			return 0, false
		default:
			whole = false // another mount covers it; only the mounts on it are needed
		}
		if !whole {
			if count, ok = b.planBelow(child); !ok {
				return 0, false
			}
		}
		stay += count
	}
	return stay, true
}

// whole reports whether all mounts on a mount stay, and counts them together with it.
func (b *rebuilder) whole(e mountinfo.Entry) (count int, whole bool) {
	count = 1
	for _, child := range b.children[e.ID] {
		n, ok := b.whole(child)
		if !ok || b.goes[child.ID] {
			return 0, false
		}
		count += n
	}
	return count, true
}

// copyRoot mounts a copy of the root mount over the root.
func (b *rebuilder) copyRoot() bool {
	root, err := unix.OpenTree(unix.AT_FDCWD, "/", unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return false
	}
	b.root = root
	return unix.MoveMount(root, "", unix.AT_FDCWD, "/", unix.MOVE_MOUNT_F_EMPTY_PATH) == nil
}

// transfer brings the mounts that stay to their old places below the new root. Copies come
// first, since other mounts belong on them; moves come last, since another process may notice
// them.
func (b *rebuilder) transfer() error {
	for _, m := range b.copies {
		const flags = unix.OPEN_TREE_CLONE | unix.OPEN_TREE_CLOEXEC | unix.AT_EMPTY_PATH
		mount, err := unix.OpenTree(int(m.file.Fd()), "", flags)
		if err != nil {
			return err
		}
		err = b.put(mount, m.Target)
		unix.Close(mount)
		if err != nil {
			return err
		}
	}
	for _, m := range b.moves {
		if err := b.put(int(m.file.Fd()), m.Target); err != nil {
			return err
		}
		b.moved++
	}
	return nil
}

func (b *rebuilder) put(mount int, target string) error {
	return unix.MoveMount(mount, "", b.root, strings.TrimPrefix(target, "/"),
		unix.MOVE_MOUNT_F_EMPTY_PATH)
}

// undo moves back what was moved, and detaches the new root.
func (b *rebuilder) undo() {
	for _, m := range b.moves[:b.moved] {
		unix.MoveMount(int(m.file.Fd()), "", unix.AT_FDCWD, m.Target, unix.MOVE_MOUNT_F_EMPTY_PATH)
	}
	root := os.NewFile(uintptr(b.root), "/")
	b.root = -1
	detach(root)
	root.Close()
}
