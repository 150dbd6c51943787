package files

import (
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var mvOptions = []native.Option{
	{Key: 'f', Long: "force"}, {Key: 'n', Long: "no-clobber"}, {Key: 'T', Long: "no-target-directory"},
	{Key: 't', Long: "target-directory", Arg: native.NeedArg}, {Key: 'v', Long: "verbose"},
}

type mover struct {
	*native.Call
	force, noClobber, verbose bool
	// placed are the files moved so far, if there are several operands.
	placed native.PlacedFiles
	// copier moves files to another file system. It remembers files with several links.
	copier *copier
}

// Mv is mv(1).
func Mv(c *native.Call) int {
	opts, args, problem := c.Options(mvOptions, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	m := mover{Call: c}
	var to destination
	for _, o := range opts {
		switch o.Key {
		case 'f':
			m.force, m.noClobber = true, false
		case 'n':
			m.force, m.noClobber = false, true
		case 'T':
			to.noDir = true
		case 't':
			to.dir, to.hasDir = o.Value, true
		case 'v':
			m.verbose = true
		}
	}
	if !m.force && !m.noClobber && c.AsksUser() {
		return c.Unsupported("questions at a terminal")
	}
	if len(args) == 0 {
		return c.UsageError(1, "missing file operand")
	}
	names, status := resolveDestination(c, &to, args)
	if status != 0 {
		return status
	}
	m.placed = native.NewPlacedFiles(len(names))
	for _, name := range names {
		if !m.move(name, to.of(name)) {
			status = 1
		}
	}
	return status
}

func (m *mover) fail(format string, args ...any) bool {
	m.Errorf(format, args...)
	return false
}

func (m *mover) move(from, to string) bool {
	st, err := m.Lstat(from)
	if err != nil {
		return m.fail("cannot stat %s: %s", native.QuoteAlways(from), clib.Strerror(err))
	}
	old, err := m.Lstat(to)
	if err == nil {
		if m.noClobber {
			return true
		}
		if ok := m.mayReplace(from, to, st, old); !ok {
			return false
		}
	}
	err = unix.Renameat(m.Dir, from, m.Dir, to)
	switch err {
	case nil:
		m.placed.Place(m.Call, to)
		if m.verbose {
			m.Say("renamed %s -> %s\n", native.QuoteAlways(from), native.QuoteAlways(to))
		}
		return true
	case unix.EXDEV:
		return m.carry(from, to)
	case unix.EINVAL:
		return m.fail("cannot move %s to a subdirectory of itself, %s", native.QuoteAlways(from),
			native.QuoteAlways(to))
	}
	return m.fail("cannot move %s to %s: %s", native.QuoteAlways(from), native.QuoteAlways(to),
		clib.Strerror(err))
}

func (m *mover) mayReplace(from, to string, st, old unix.Stat_t) bool {
	fromDir, toDir := fsys.Type(st) == unix.S_IFDIR, fsys.Type(old) == unix.S_IFDIR
	switch {
	case fsys.SameFile(st, old), m.leadsTo(from, to, st, old):
		return m.fail("%s and %s are the same file", native.QuoteAlways(from), native.QuoteAlways(to))
	case fromDir && !toDir:
		return m.fail("cannot overwrite non-directory %s with directory %s", native.QuoteAlways(to),
			native.QuoteAlways(from))
	case !fromDir && toDir:
		return m.fail("cannot overwrite directory %s with non-directory", native.QuoteAlways(to))
	case !fromDir && m.placed.Has(old, to):
		return m.fail("will not overwrite just-created %s with %s", native.QuoteAlways(to),
			native.QuoteAlways(from))
	}
	return true
}

// leadsTo reports whether a symbolic link is about to replace its own target.
func (m *mover) leadsTo(from, to string, st, old unix.Stat_t) bool {
	if fsys.Type(st) != unix.S_IFLNK || fsys.Type(old) == unix.S_IFLNK {
		return false
	}
	if target, err := m.Stat(from); err != nil || !fsys.SameFile(target, old) {
		return false
	}
	canonical, err := m.Canonical(from, fsys.NoneMissing, false)
	return err == nil && sameEntry(m.Call, canonical, to)
}

// carry moves a file to another file system: it copies the file with all attributes and removes
// the original.
func (m *mover) carry(from, to string) bool {
	flags := 0
	if st, err := m.Lstat(to); err == nil && fsys.Type(st) == unix.S_IFDIR {
		flags = unix.AT_REMOVEDIR
	}
	if err := unix.Unlinkat(m.Dir, to, flags); err != nil && err != unix.ENOENT {
		return m.fail("inter-device move failed: %s to %s; unable to remove target: %s",
			native.QuoteAlways(from), native.QuoteAlways(to), clib.Strerror(err))
	}
	if m.copier == nil {
		m.copier = newCopier(m.Call)
		m.copier.moves = true
		m.copier.archive()
		m.copier.verbose = m.verbose
	}
	p := m.copier
	p.failed, p.top, p.intoSelf = false, [2]string{from, to}, false
	p.copy(from, to, false)
	if p.failed {
		return false
	}
	m.placed.Place(m.Call, to)
	r := remover{Call: m.Call, recursive: true, verbose: m.verbose}
	r.operand(strings.TrimRight(from, "/"))
	return !r.failed
}
