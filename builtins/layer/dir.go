package layer

import (
	"errors"
	"io"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
)

// openLevels is how many directories of one path are open at a time. A tree may be deeper than
// a process may open files.
const openLevels = 40

// A dir is an open directory of a tree.
type dir struct {
	file *os.File // nil while parked
	up   *dir     // nil for a root, and for the target of a redirect
	id   fsys.Inode
}

// openDir opens a directory; the name has one component, and is no link.
func openDir(at int, name string) (*dir, error) {
	file, err := fsys.OpenDirAt(at, name, unix.O_NOFOLLOW)
	if err != nil {
		return nil, err
	}
	var st unix.Stat_t
	if err := fsys.Retry(func() error { return unix.Fstat(int(file.Fd()), &st) }); err != nil {
		file.Close()
		return nil, err
	}
	return &dir{file: file, id: fsys.InodeOf(st)}, nil
}

// fd returns the descriptor. That of a directory that could not be opened again is -1, for
// which every call fails.
func (d *dir) fd() int {
	if d.file == nil {
		return -1
	}
	return int(d.file.Fd())
}

// open opens a directory in d, and parks the directory that is openLevels above.
func (d *dir) open(name string) (*dir, error) {
	sub, err := openDir(d.fd(), name)
	if err != nil {
		return nil, err
	}
	sub.up = d
	far := d
	for range openLevels {
		if far = far.up; far == nil {
			return sub, nil
		}
	}
	if far.up != nil && far.file != nil { // a root stays open
		far.file.Close()
		far.file = nil
	}
	return sub, nil
}

// close closes the directory, and opens the one above again if that is parked. If the directory
// has been moved meanwhile, what is above stays closed: its other names count as vanished.
func (d *dir) close() {
	if d.file == nil {
		return
	}
	if d.up != nil && d.up.file == nil {
		up, err := openDir(d.fd(), "..")
		if err == nil && up.id == d.up.id {
			d.up.file = up.file
		} else if err == nil {
			up.file.Close()
		}
	}
	d.file.Close()
}

// openIfThere is open; without such a directory the result is nil.
func (d *dir) openIfThere(name string) (*dir, error) {
	sub, err := d.open(name)
	if err != nil {
		if vanished(err) {
			err = nil
		}
		return nil, err
	}
	return sub, nil
}

// closeIfOpen is close for a directory that may be nil.
func (d *dir) closeIfOpen() {
	if d != nil {
		d.close()
	}
}

// names returns the names in the directory, sorted.
func (d *dir) names() ([]string, error) {
	if d == nil || d.file == nil {
		return nil, nil
	}
	if _, err := d.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	names, err := d.file.Readdirnames(-1)
	if vanished(err) {
		err = nil
	}
	slices.Sort(names)
	return names, err
}

// vanished reports whether an error says that a file is no longer there, or is another file.
// A subhost that runs changes its files at any time.
func vanished(err error) bool {
	return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) ||
		errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ESTALE) || errors.Is(err, unix.EBADF)
}
