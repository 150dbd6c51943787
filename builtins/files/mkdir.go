package files

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/filemode"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var mkdirOptions = []native.Option{
	{Key: 'p', Long: "parents"}, {Key: 'm', Long: "mode", Arg: native.NeedArg},
	{Key: 'v', Long: "verbose"},
}

type mkdirRun struct {
	*native.Call
	parents, verbose bool
	modeText         string
	hasMode          bool
	mode             uint32
	// modeBits are the bits of mode that -m sets, independent of the umask.
	modeBits uint32
	mask     uint32
}

// Mkdir is mkdir(1).
func Mkdir(c *native.Call) int {
	opts, names, problem := c.Options(mkdirOptions, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	m := mkdirRun{Call: c, mode: 0o777}
	for _, o := range opts {
		switch o.Key {
		case 'p':
			m.parents = true
		case 'm':
			m.hasMode, m.modeText = true, o.Value
		case 'v':
			m.verbose = true
		}
	}
	if len(names) == 0 {
		return c.UsageError(1, "missing operand")
	}
	if m.hasMode {
		changes, ok := filemode.Parse(m.modeText)
		if !ok {
			c.Errorf("invalid mode %s", native.QuoteText(m.modeText))
			return 1
		}
		m.mode = filemode.Adjust(0o777, true, m.Umask(), changes)
		m.modeBits = filemode.ChangedBits(true, m.Umask(), changes)
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
	if err != nil && m.parents && m.IsDir(name) {
		return true
	}
	if err != nil {
		return m.fail(name, err)
	}
	m.tell(name)
	if m.hasMode {
		if err := m.setMode(name); err != nil {
			m.Errorf("cannot set permissions of %s: %s", native.QuoteText(name), clib.Strerror(err))
			return false
		}
	}
	return true
}

// firstMode returns the mode for mkdir(2). Nobody else can write to a directory that does not
// have its special bits yet.
func (m *mkdirRun) firstMode() uint32 {
	mode := m.mode
	if m.modeBits&filemode.SetIDBits|m.mode&0o1000 != 0 {
		mode &^= 0o022
	}
	return mode & 0o1777
}

// setMode restores the bits that the umask removed and adds the bits that mkdir(2) ignores. As
// in mkdir(1), g+s also makes the directory writable for all, and +t does not.
func (m *mkdirRun) setMode(name string) error {
	st, err := m.Stat(name)
	if err != nil {
		return err
	}
	mode := m.firstMode() | st.Mode&filemode.SetIDBits
	if (mode^m.mode)&m.modeBits != 0 {
		mode = m.mode | mode&^m.modeBits
	}
	return unix.Fchmodat(m.Dir, name, mode, 0)
}

// makeParents makes the missing parent directories of name. Their owner can always write to
// them and enter them, whatever the umask is.
func (m *mkdirRun) makeParents(name string) bool {
	trimmed := fsys.TrimSlashes(name)
	if dir := fsys.DirPart(trimmed); dir == "." || m.IsDir(dir) {
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
		case m.IsDir(dir):
		case err == unix.EEXIST:
			if _, err := m.Stat(dir); err == nil {
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
		m.mask = m.Umask() | 1<<31
	}
	return m.mask &^ (1 << 31)
}

func (m *mkdirRun) tell(name string) {
	if m.verbose {
		m.Say("%s: created directory %s\n", m.Name(), native.QuoteAlways(name))
	}
}

func (m *mkdirRun) fail(name string, err error) bool {
	m.Errorf("cannot create directory %s: %s", native.QuoteText(name), clib.Strerror(err))
	return false
}
