package text

import (
	"errors"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
)

// A sedEdit is a file edited in place. The output goes to a new file, which replaces the old
// one at the end.
type sedEdit struct {
	name, temp string
	file       *os.File
}

func (s *sed) startEdit(name string) bool {
	var st unix.Stat_t
	if err := unix.Fstatat(s.c.Dir, name, &st, 0); err != nil ||
		st.Mode&unix.S_IFMT != unix.S_IFREG {
		s.c.Errorf("couldn't edit %s: not a regular file", name)
		s.status = 4
		return false
	}
	f, temp, err := s.tempFile(name)
	if err != nil {
		s.c.Errorf("couldn't open temporary file %s: %s", temp, clib.Strerror(err))
		s.status, s.quit, s.names = 4, true, nil
		return false
	}
	// An ordinary user cannot give a file away. The file then belongs to that user.
	_ = unix.Fchown(int(f.Fd()), int(st.Uid), int(st.Gid))
	_ = unix.Fchmod(int(f.Fd()), st.Mode&0o7777)
	s.edit = &sedEdit{name, temp, f}
	s.out = s.output(f, temp)
	return true
}

// tempFile makes a file in the directory of another.
func (s *sed) tempFile(name string) (f *os.File, temp string, err error) {
	for {
		temp = path.Dir(name) + "/sed" + fsys.RandomName(6)
		f, err = s.c.OpenFile(temp, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL, 0o600)
		if !errors.Is(err, unix.EEXIST) {
			return f, temp, err
		}
	}
}

// followLinks returns the file that a chain of symbolic links leads to. A dangling link ends
// the run.
func (s *sed) followLinks(name string) (file string, ok bool) {
	file = name
	for range 40 { // the limit of the kernel
		var target [unix.PathMax]byte
		n, err := unix.Readlinkat(s.c.Dir, file, target[:])
		if errors.Is(err, unix.EINVAL) {
			return file, true
		}
		if err != nil {
			s.giveUp("couldn't readlink %s: %s", file, clib.Strerror(err))
			return "", false
		}
		to := string(target[:n])
		if slash := strings.LastIndexByte(file, '/'); slash >= 0 && !path.IsAbs(to) {
			to = file[:slash+1] + to
		}
		file = to
	}
	s.giveUp("couldn't follow symlink %s: %s", name, clib.Strerror(unix.ELOOP))
	return "", false
}

// giveUp ends the run for an error after which sed cannot continue.
func (s *sed) giveUp(format string, args ...any) {
	_ = s.out.w.Flush()
	s.c.Errorf(format, args...)
	s.status, s.quit, s.names = 4, true, nil
}

// endEdit replaces the old file with the new one.
func (s *sed) endEdit() {
	e := s.edit
	if e == nil {
		return
	}
	s.flushLater()
	err := s.out.w.Flush()
	if e2 := e.file.Close(); err == nil {
		err = e2
	}
	s.edit, s.out = nil, s.stdout
	from := e.temp
	if backup := backupName(e.name, s.suffix); err == nil && backup != e.name {
		if err = unix.Renameat(s.c.Dir, e.name, s.c.Dir, backup); err != nil {
			from = e.name
		}
	}
	if err == nil {
		err = unix.Renameat(s.c.Dir, e.temp, s.c.Dir, e.name)
	}
	if err != nil {
		_ = unix.Unlinkat(s.c.Dir, e.temp, 0)
		if s.dead() {
			return // finish reports the error
		}
		s.giveUp("cannot rename %s: %s", from, clib.Strerror(err))
	}
}

// backupName replaces each * of the suffix with the name, which includes the directory. A
// suffix without * is appended to the name.
func backupName(name, suffix string) string {
	if !strings.Contains(suffix, "*") {
		return name + suffix
	}
	return strings.ReplaceAll(suffix, "*", name)
}
