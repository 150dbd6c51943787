package builtins

import (
	"golang.org/x/sys/unix"
)

var mkdirOptions = []option{
	{'p', "parents", noArg}, {'m', "mode", needArg}, {'v', "verbose", noArg},
}

type mkdirRun struct {
	*Call
	parents, verbose bool
	modeText         string
	hasMode          bool
	mode             uint32
	// modeBits are those of mode that -m decides, not the mask.
	modeBits uint32
	mask     uint32
}

// runMkdir is mkdir(1).
func runMkdir(c *Call) int {
	opts, names, problem := c.options(mkdirOptions, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	m := mkdirRun{Call: c, mode: 0o777}
	for _, o := range opts {
		switch o.key {
		case 'p':
			m.parents = true
		case 'm':
			m.hasMode, m.modeText = true, o.value
		case 'v':
			m.verbose = true
		}
	}
	if len(names) == 0 {
		return c.usageError(1, "missing operand")
	}
	if m.hasMode {
		changes, ok := parseMode(m.modeText)
		if !ok {
			c.Errorf("invalid mode %s", quoteText(m.modeText))
			return 1
		}
		m.mode = adjustMode(0o777, true, m.umask(), changes)
		m.modeBits = changedBits(true, m.umask(), changes)
	}
	status := 0
	for _, name := range names {
		if !m.make(name) {
			status = 1
		}
	}
	return status
}

func (m *mkdirRun) make(name string) bool {
	if m.parents && !m.makeParents(name) {
		return false
	}
	err := unix.Mkdirat(m.Dir, name, m.firstMode())
	if err != nil && m.parents && m.isDir(name) {
		return true
	}
	if err != nil {
		return m.fail(name, err)
	}
	m.tell(name)
	if m.hasMode {
		if err := m.setMode(name); err != nil {
			m.Errorf("cannot set permissions of %s: %s", quoteText(name), Strerror(err))
			return false
		}
	}
	return true
}

// firstMode is the mode to create with: nobody else writes to a directory that
// has yet to get its special bits.
func (m *mkdirRun) firstMode() uint32 {
	mode := m.mode
	if m.modeBits&setIDBits|m.mode&0o1000 != 0 {
		mode &^= 0o022
	}
	return mode & 0o1777
}

// setMode brings back what the mask took away and adds the bits that mkdir(2)
// ignores. That g+s also makes the directory writable for all, and +t does
// not, is the tool's way.
func (m *mkdirRun) setMode(name string) error {
	st, err := m.stat(name)
	if err != nil {
		return err
	}
	mode := m.firstMode() | st.Mode&setIDBits
	if (mode^m.mode)&m.modeBits != 0 {
		mode = m.mode | mode&^m.modeBits
	}
	return unix.Fchmodat(m.Dir, name, mode, 0)
}

// makeParents makes the directories that name is to be in. Its owner can
// always write and enter them, whatever the mask says.
func (m *mkdirRun) makeParents(name string) bool {
	trimmed := trimSlashes(name)
	if dir := dirPart(trimmed); dir == "." || m.isDir(dir) {
		return true
	}
	for i := 1; i < len(trimmed); i++ {
		if trimmed[i] != '/' || trimmed[i-1] == '/' {
			continue
		}
		dir := trimmed[:i]
		err := unix.Mkdirat(m.Dir, dir, 0o777)
		switch {
		case err == nil:
			m.tell(dir)
			if mask := m.maskOnce(); mask&0o300 != 0 {
				unix.Fchmodat(m.Dir, dir, 0o777&^mask|0o300, 0)
			}
		case m.isDir(dir):
		case err == unix.EEXIST:
			if _, err := m.stat(dir); err == nil {
				return m.fail(dir, unix.ENOTDIR)
			}
			return m.fail(dir, unix.EEXIST)
		default:
			return m.fail(dir, err)
		}
	}
	return true
}

func (m *mkdirRun) maskOnce() uint32 {
	if m.mask == 0 {
		m.mask = m.umask() | 1<<31
	}
	return m.mask &^ (1 << 31)
}

func (m *mkdirRun) tell(name string) {
	if m.verbose {
		m.say("%s: created directory %s\n", m.Name(), quoteAlways(name))
	}
}

func (m *mkdirRun) fail(name string, err error) bool {
	m.Errorf("cannot create directory %s: %s", quoteText(name), Strerror(err))
	return false
}
