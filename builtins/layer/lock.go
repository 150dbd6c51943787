package layer

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/site"
)

// A nameLock is the lock of a name, which a boot takes before it does anything.
type nameLock struct {
	file *os.File
	path string
}

// lockName takes the lock as the function lock of the scripts does. It is nil if another process
// has it.
func lockName(name string) (*nameLock, error) {
	for _, kind := range []string{"boot", "stop", "subhosts", "pipes", "roots"} {
		if err := os.MkdirAll(filepath.Join(site.Records, kind), 0o700); err != nil {
			return nil, err
		}
	}
	var st unix.Stat_t
	if err := unix.Lstat(site.Records, &st); err != nil || int(st.Uid) != os.Geteuid() ||
		fsys.Type(st) != unix.S_IFDIR {
		return nil, fmt.Errorf("%s is not ours", site.Records)
	}
	l := &nameLock{path: filepath.Join(site.Records, "boot", name)}
	for {
		var err error
		l.file, err = os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return nil, err
		}
		err = fsys.Retry(func() error {
			return unix.Flock(int(l.file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		})
		if err == nil && l.isCurrent() {
			return l, nil
		}
		l.file.Close()
		if err == unix.EWOULDBLOCK {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("cannot lock %s: %w", l.path, err)
		}
	}
}

// isCurrent reports whether the path still leads to the locked file: the holder before may have
// removed that.
func (l *nameLock) isCurrent() bool {
	var locked, there unix.Stat_t
	return unix.Fstat(int(l.file.Fd()), &locked) == nil && unix.Stat(l.path, &there) == nil &&
		fsys.SameFile(locked, there)
}

// unlock gives up the lock.
func (l *nameLock) unlock() {
	os.Remove(l.path)
	l.file.Close()
}

// lock takes the lock of the subhost's name, and makes sure that nothing uses its directories.
func (p *place) lock() (*nameLock, error) {
	if p.name == "." || p.name == ".." || strings.ContainsAny(p.name, "/ \t\n") {
		return nil, fmt.Errorf("%s: %q cannot be the name of a subhost", p.config.Path, p.name)
	}
	l, err := lockName(p.name)
	if err != nil {
		return nil, err
	}
	record, _ := site.ReadRecord(p.name)
	switch {
	case record.Runs():
		err = fmt.Errorf("%s is running; stop it first", p.name)
	case l == nil && record.Starts():
		err = fmt.Errorf("%s is being started; stop it first", p.name)
	case l == nil:
		err = fmt.Errorf("another command is at work on %s", p.name)
	}
	if err != nil && l != nil {
		l.unlock()
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}
