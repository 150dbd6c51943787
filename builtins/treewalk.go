package builtins

import (
	"os"

	"golang.org/x/sys/unix"
)

// A treeWalk visits operands of chmod and chown, and with recurse all that is
// below them, through descriptors: a link that someone puts in place of a
// directory meanwhile is not followed.
type treeWalk struct {
	*Call
	recurse bool
	quiet   bool
	// follow is for operands that are symbolic links.
	follow bool
	// dangling is the message for a link to nothing.
	dangling func(name string) string
	// visit gets a name below dir, and shown as its name in messages.
	visit  func(dir int, name, shown string, st unix.Stat_t, depth int) bool
	failed bool
}

func (t *treeWalk) operand(name string) {
	st, err := t.lstat(name)
	if err == nil && t.follow && fileType(st) == unix.S_IFLNK {
		if st, err = t.stat(name); err == unix.ENOENT {
			t.fail("%s", t.dangling(name))
			return
		}
	}
	if err != nil {
		t.fail("cannot access %s: %s", quoteAlways(name), Strerror(err))
		return
	}
	t.walk(t.Dir, name, name, st, 0)
}

func (t *treeWalk) walk(dir int, name, shown string, st unix.Stat_t, depth int) {
	if !t.visit(dir, name, shown, st, depth) {
		t.failed = true
	}
	if !t.recurse || fileType(st) != unix.S_IFDIR {
		return
	}
	flags := unix.O_NOFOLLOW
	if depth == 0 {
		flags = 0
	}
	f, err := openDirAt(dir, name, flags)
	var list []os.DirEntry
	if err == nil {
		defer f.Close()
		list, err = f.ReadDir(-1)
	}
	if err != nil {
		t.fail("cannot read directory %s: %s", quoteAlways(shown), Strerror(err))
	}
	for _, e := range list {
		below := joinName(shown, e.Name())
		st, err := statAt(int(f.Fd()), e.Name(), unix.AT_SYMLINK_NOFOLLOW)
		if err != nil {
			t.fail("cannot access %s: %s", quoteAlways(below), Strerror(err))
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
