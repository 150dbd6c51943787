package files

import (
	"os"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

// A treeWalk visits the operands of chmod and chown, and with recurse everything below them. It
// uses file descriptors, so a symbolic link that someone puts in the place of a directory is
// not followed.
type treeWalk struct {
	*native.Call
	recurse bool
	quiet   bool
	// follow follows operands that are symbolic links.
	follow bool
	// dangling returns the message for a dangling symbolic link.
	dangling func(name string) string
	// visit gets a name relative to dir. shown is the name in messages.
	visit  func(dir int, name, shown string, st unix.Stat_t, depth int) bool
	failed bool
}

func (t *treeWalk) operand(name string) {
	st, err := t.Lstat(name)
	if err == nil && t.follow && fsys.Type(st) == unix.S_IFLNK {
		if st, err = t.Stat(name); err == unix.ENOENT {
			t.fail("%s", t.dangling(name))
			return
		}
	}
	if err != nil {
		t.fail("cannot access %s: %s", native.QuoteAlways(name), clib.Strerror(err))
		return
	}
	t.walk(t.Dir, name, name, st, 0)
}

func (t *treeWalk) walk(dir int, name, shown string, st unix.Stat_t, depth int) {
	if !t.visit(dir, name, shown, st, depth) {
		t.failed = true
	}
	if !t.recurse || fsys.Type(st) != unix.S_IFDIR {
		return
	}
	flags := unix.O_NOFOLLOW
	if depth == 0 {
		flags = 0
	}
	f, err := fsys.OpenDirAt(dir, name, flags)
	var list []os.DirEntry
	if err == nil {
		defer f.Close()
		list, err = f.ReadDir(-1)
	}
	if err != nil {
		t.fail("cannot read directory %s: %s", native.QuoteAlways(shown), clib.Strerror(err))
	}
	for _, e := range list {
		below := fsys.JoinName(shown, e.Name())
		st, err := fsys.StatAt(int(f.Fd()), e.Name(), unix.AT_SYMLINK_NOFOLLOW)
		if err != nil {
			t.fail("cannot access %s: %s", native.QuoteAlways(below), clib.Strerror(err))
			continue
		}
		t.walk(int(f.Fd()), e.Name(), below, st, depth+1)
	}
}

func (t *treeWalk) fail(format string, args ...any) {
	t.failed = true
	if !t.quiet {
		t.Errorf(format, args...)
	}
}

func (t *treeWalk) status() int {
	if t.failed {
		return 1
	}
	return 0
}
