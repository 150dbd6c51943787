package files

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var rmOptions = []native.Option{
	{Key: 'r', Long: "recursive"}, {Key: 'R'}, {Key: 'f', Long: "force"},
	{Key: 'd', Long: "dir"}, {Key: 'v', Long: "verbose"},
}

// A remover removes files and directories. mv uses it too.
type remover struct {
	*native.Call
	recursive, force, dirs, verbose bool
	failed                          bool
}

// Rm is rm(1). It follows no symbolic link below its operands: it opens each directory relative
// to the file descriptor of its parent.
func Rm(c *native.Call) int {
	opts, names, problem := c.Options(rmOptions, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	r := remover{Call: c}
	for _, o := range opts {
		switch o.Key {
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
	if !r.force && c.AsksUser() {
		return c.Unsupported("questions at a terminal")
	}
	if len(names) == 0 && !r.force {
		return c.UsageError(1, "missing operand")
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
	st, err := r.Lstat(name)
	switch {
	case err != nil:
		if also := unix.Unlinkat(r.Dir, name, 0); also == unix.ENOTDIR {
			err = also // more precise for a symbolic link with a trailing slash
		}
		r.fail(name, err)
		return
	case fsys.Type(st) == unix.S_IFDIR && r.recursive:
		if last := fsys.LastPart(name); last == "." || last == ".." {
			r.Errorf("refusing to remove '.' or '..' directory: skipping %s", native.QuoteAlways(name))
			r.failed = true
			return
		}
		if root, err := fsys.StatAt(unix.AT_FDCWD, "/", 0); err == nil && fsys.SameFile(root, st) {
			r.refuseRoot(name)
			return
		}
	}
	r.remove(r.Dir, name, name, fsys.Type(st) == unix.S_IFDIR)
}

func (r *remover) refuseRoot(name string) {
	if name == "/" {
		r.Errorf("it is dangerous to operate recursively on '/'")
	} else {
		r.Errorf("it is dangerous to operate recursively on %s (same as '/')", native.QuoteAlways(name))
	}
	r.Errorf("use --no-preserve-root to override this failsafe")
	r.failed = true
}

// remove removes name in the directory dir. shown is the name in messages.
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
		r.Say("%s%s\n", what, native.QuoteAlways(name))
	}
}

// empty removes the contents of a directory. ok is false if something is left, which is
// reported. gone reports that the directory itself is removed too.
func (r *remover) empty(dir int, name, shown string) (gone, ok bool) {
	f, err := fsys.OpenDirAt(dir, name, unix.O_NOFOLLOW)
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
		r.remove(int(f.Fd()), e.Name(), fsys.JoinName(shown, e.Name()), e.Type() == os.ModeDir)
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
	r.Errorf("cannot remove %s: %s", native.QuoteAlways(name), clib.Strerror(err))
	r.failed = true
}
