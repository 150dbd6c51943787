package builtins

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

var rmOptions = []option{
	{'r', "recursive", noArg}, {'R', "", noArg}, {'f', "force", noArg},
	{'d', "dir", noArg}, {'v', "verbose", noArg},
}

// A remover removes files and directories; mv uses it too.
type remover struct {
	*Call
	recursive, force, dirs, verbose bool
	failed                          bool
}

// runRm is rm(1). It never follows a symbolic link below its operands: each
// directory is opened below its parent's descriptor.
func runRm(c *Call) int {
	opts, names, problem := c.options(rmOptions, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	r := remover{Call: c}
	for _, o := range opts {
		switch o.key {
		case 'r', 'R':
			r.recursive = true
		case 'f':
			r.force = true
		case 'd':
			r.dirs = true
		case 'v':
			r.verbose = true
		}
	}
	if !r.force && c.asksUser() {
		return c.Unsupported("questions at a terminal")
	}
	if len(names) == 0 && !r.force {
		return c.usageError(1, "missing operand")
	}
	for _, name := range names {
		r.operand(name)
	}
	if r.failed {
		return 1
	}
	return 0
}

func (r *remover) operand(name string) {
	for strings.HasSuffix(name, "//") && name != "//" {
		name = name[:len(name)-1]
	}
	st, err := r.lstat(name)
	switch {
	case err != nil:
		if also := unix.Unlinkat(r.Dir, name, 0); also == unix.ENOTDIR {
			err = also // which says more of a link with a slash behind
		}
		r.fail(name, err)
		return
	case fileType(st) == unix.S_IFDIR && r.recursive:
		if last := lastPart(name); last == "." || last == ".." {
			r.Errorf("refusing to remove '.' or '..' directory: skipping %s", quoteAlways(name))
			r.failed = true
			return
		}
		if root, err := statAt(unix.AT_FDCWD, "/", 0); err == nil && sameFile(root, st) {
			r.refuseRoot(name)
			return
		}
	}
	r.remove(r.Dir, name, name, fileType(st) == unix.S_IFDIR)
}

func (r *remover) refuseRoot(name string) {
	if name == "/" {
		r.Errorf("it is dangerous to operate recursively on '/'")
	} else {
		r.Errorf("it is dangerous to operate recursively on %s (same as '/')", quoteAlways(name))
	}
	r.Errorf("use --no-preserve-root to override this failsafe")
	r.failed = true
}

// remove takes away name in the directory dir; shown is its name in messages.
func (r *remover) remove(dir int, name, shown string, isDir bool) {
	what, flags := "removed ", 0
	if isDir {
		if !r.recursive && !r.dirs {
			r.fail(shown, unix.EISDIR)
			return
		}
		if r.recursive {
			gone, ok := r.empty(dir, name, shown)
			if !ok {
				return
			}
			if gone {
				r.tell("removed directory ", shown)
				return
			}
		}
		what, flags = "removed directory ", unix.AT_REMOVEDIR
	}
	if err := unix.Unlinkat(dir, name, flags); err != nil {
		r.fail(shown, err)
		return
	}
	r.tell(what, shown)
}

func (r *remover) tell(what, name string) {
	if r.verbose {
		r.say("%s%s\n", what, quoteAlways(name))
	}
}

// empty removes all that is in a directory; false when something stayed, which
// was then reported.
func (r *remover) empty(dir int, name, shown string) (gone, ok bool) {
	f, err := openDirAt(dir, name, unix.O_NOFOLLOW)
	if err != nil {
		if unix.Unlinkat(dir, name, unix.AT_REMOVEDIR) == nil {
			return true, true
		}
		r.fail(shown, err)
		return false, false
	}
	defer f.Close()
	before := r.failed
	r.failed = false
	list, err := f.ReadDir(-1)
	for _, e := range list {
		r.remove(int(f.Fd()), e.Name(), joinName(shown, e.Name()), e.Type() == os.ModeDir)
	}
	ok = !r.failed && err == nil
	if err != nil {
		r.fail(shown, err)
	}
	r.failed = r.failed || before
	return false, ok
}

func (r *remover) fail(name string, err error) {
	if r.force && (err == unix.ENOENT || err == unix.ENOTDIR) {
		return
	}
	r.Errorf("cannot remove %s: %s", quoteAlways(name), Strerror(err))
	r.failed = true
}
