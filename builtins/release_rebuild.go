package builtins

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// rebuildFrom is from how many mounts on it takes less to make a root anew, with those that
// stay, than to take the others away one by one.
const rebuildFrom = 4

// A rebuilder makes a copy of the root's mount, takes there what stays, and leaves all else
// behind with the old root, which goes as a whole however much is mounted there.
type rebuilder struct {
	dir      string // what is there, or below, is moved
	table    []mountEntry
	goes     map[int]bool // by the id of a mount
	children map[int][]mountEntry
	top      mountEntry // the old root
	root     int        // the new one
	cwd      string
	moves    []transfer
	copies   []transfer
	moved    int // how many of the moves have been made
}

// A transfer is a mount that stays.
type transfer struct {
	mountEntry
	file *os.File // its root
}

// rebuild reports whether it did so; if not it changed nothing.
func (r *releaser) rebuild(dir string, table, list []mountEntry) bool {
	if len(list) < rebuildFrom || r.c.Dir != unix.AT_FDCWD {
		return false
	}
	b := rebuilder{dir: dir, table: table, goes: map[int]bool{},
		children: map[int][]mountEntry{}, root: -1}
	defer b.close()
	for _, e := range list {
		b.goes[e.id] = true
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
		r.c.Errorf("cannot unmount the old root: %s", Strerror(err))
		r.status = 1
	}
	b.follow()
	return true
}

// follow takes the current directory out of the old tree, unless it was in a mount that went:
// then nobody has another name for it.
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

// plan finds out what is to be done, and reports whether it can be.
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
		if e.id == int(st.Mnt_id) {
			b.top = e
		} else {
			b.children[e.parent] = append(b.children[e.parent], e)
		}
		if !b.goes[e.id] {
			stay++
		}
	}
	if b.top.target != "/" || b.goes[b.top.id] {
		return false
	}
	found, ok := b.planBelow(b.top)
	return ok && found == stay
}

// planBelow plans for what is mounted on a mount that is not moved. It counts what stays.
func (b *rebuilder) planBelow(e mountEntry) (stay int, ok bool) {
	stay = 1
	for _, child := range b.children[e.id] {
		if b.goes[child.id] {
			continue // the count would tell of one on it that stays
		}
		count, whole := b.whole(child)
		f, _, seen := openMount(child)
		switch {
		case seen && whole:
			b.moves = append(b.moves, transfer{child, f})
		case seen:
			b.copies = append(b.copies, transfer{child, f})
		case holds(b.dir, child.target):
			return 0, false
		default:
			whole = false // another one hides it: nobody misses it, only what is on it
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

// whole reports whether all stays that is mounted on a mount, and how many that are with it.
func (b *rebuilder) whole(e mountEntry) (count int, whole bool) {
	count = 1
	for _, child := range b.children[e.id] {
		n, ok := b.whole(child)
		if !ok || b.goes[child.id] {
			return 0, false
		}
		count += n
	}
	return count, true
}

// copyRoot puts a copy of the root's mount over that.
func (b *rebuilder) copyRoot() bool {
	root, err := unix.OpenTree(unix.AT_FDCWD, "/", unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return false
	}
	b.root = root
	return unix.MoveMount(root, "", unix.AT_FDCWD, "/", unix.MOVE_MOUNT_F_EMPTY_PATH) == nil
}

// transfer puts what stays where it was, seen from the new root: copies before what is
// mounted on them, and the moves, which somebody may notice, at last.
func (b *rebuilder) transfer() error {
	for _, m := range b.copies {
		const flags = unix.OPEN_TREE_CLONE | unix.OPEN_TREE_CLOEXEC | unix.AT_EMPTY_PATH
		mount, err := unix.OpenTree(int(m.file.Fd()), "", flags)
		if err != nil {
			return err
		}
		err = b.put(mount, m.target)
		unix.Close(mount)
		if err != nil {
			return err
		}
	}
	for _, m := range b.moves {
		if err := b.put(int(m.file.Fd()), m.target); err != nil {
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

// undo puts back what was moved, and takes the new root away.
func (b *rebuilder) undo() {
	for _, m := range b.moves[:b.moved] {
		unix.MoveMount(int(m.file.Fd()), "", unix.AT_FDCWD, m.target, unix.MOVE_MOUNT_F_EMPTY_PATH)
	}
	root := os.NewFile(uintptr(b.root), "/")
	b.root = -1
	detach(root)
	root.Close()
}
