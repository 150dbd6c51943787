package builtins

import (
	"strings"

	"golang.org/x/sys/unix"
)

var mvOptions = []option{
	{'f', "force", noArg}, {'n', "no-clobber", noArg}, {'T', "no-target-directory", noArg},
	{'t', "target-directory", needArg}, {'v', "verbose", noArg},
}

type mover struct {
	*Call
	force, noClobber, verbose bool
	// placed are the files that were moved so far, where there are several operands.
	placed placedFiles
	// copier carries to another file system; it remembers files with several names.
	copier *copier
}

// runMv is mv(1).
func runMv(c *Call) int {
	opts, args, problem := c.options(mvOptions, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	m := mover{Call: c}
	var to destination
	for _, o := range opts {
		switch o.key {
		case 'f':
			m.force, m.noClobber = true, false
		case 'n':
			m.force, m.noClobber = false, true
		case 'T':
			to.noDir = true
		case 't':
			to.dir, to.hasDir = o.value, true
		case 'v':
			m.verbose = true
		}
	}
	if !m.force && !m.noClobber && c.asksUser() {
		return c.Unsupported("questions at a terminal")
	}
	if len(args) == 0 {
		return c.usageError(1, "missing file operand")
	}
	names, status := c.resolveDestination(&to, args)
	if status != 0 {
		return status
	}
	m.placed = newPlacedFiles(len(names))
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
	st, err := m.lstat(from)
	if err != nil {
		return m.fail("cannot stat %s: %s", quoteAlways(from), Strerror(err))
	}
	old, err := m.lstat(to)
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
		m.placed.place(m.Call, to)
		if m.verbose {
			m.say("renamed %s -> %s\n", quoteAlways(from), quoteAlways(to))
		}
		return true
	case unix.EXDEV:
		return m.carry(from, to)
	case unix.EINVAL:
		return m.fail("cannot move %s to a subdirectory of itself, %s", quoteAlways(from),
			quoteAlways(to))
	}
	return m.fail("cannot move %s to %s: %s", quoteAlways(from), quoteAlways(to), Strerror(err))
}

func (m *mover) mayReplace(from, to string, st, old unix.Stat_t) bool {
	fromDir, toDir := fileType(st) == unix.S_IFDIR, fileType(old) == unix.S_IFDIR
	switch {
	case sameFile(st, old), m.leadsTo(from, to, st, old):
		return m.fail("%s and %s are the same file", quoteAlways(from), quoteAlways(to))
	case fromDir && !toDir:
		return m.fail("cannot overwrite non-directory %s with directory %s", quoteAlways(to),
			quoteAlways(from))
	case !fromDir && toDir:
		return m.fail("cannot overwrite directory %s with non-directory", quoteAlways(to))
	case !fromDir && m.placed.has(old, to):
		return m.fail("will not overwrite just-created %s with %s", quoteAlways(to),
			quoteAlways(from))
	}
	return true
}

// leadsTo says whether a link is about to replace what it leads to.
func (m *mover) leadsTo(from, to string, st, old unix.Stat_t) bool {
	if fileType(st) != unix.S_IFLNK || fileType(old) == unix.S_IFLNK {
		return false
	}
	if target, err := m.stat(from); err != nil || !sameFile(target, old) {
		return false
	}
	real, err := m.canonical(from, noneMissing, false)
	return err == nil && m.sameEntry(real, to)
}

// carry moves to another file system: a copy with everything, then removal.
func (m *mover) carry(from, to string) bool {
	flags := 0
	if st, err := m.lstat(to); err == nil && fileType(st) == unix.S_IFDIR {
		flags = unix.AT_REMOVEDIR
	}
	if err := unix.Unlinkat(m.Dir, to, flags); err != nil && err != unix.ENOENT {
		return m.fail("inter-device move failed: %s to %s; unable to remove target: %s",
			quoteAlways(from), quoteAlways(to), Strerror(err))
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
	m.placed.place(m.Call, to)
	r := remover{Call: m.Call, recursive: true, verbose: m.verbose}
	r.operand(strings.TrimRight(from, "/"))
	return !r.failed
}
