package layer

import (
	"archive/tar"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
)

// The comments by which --restore knows the entries of a backup: a file that went, with all that
// follows below it, and a directory above such a file.
const (
	commentRecord = "comment"
	unitComment   = "overlay-reset: unit"
	aboveComment  = "overlay-reset: above"
)

// write writes what goes to the file of --backup. The file has its name only when it is complete
// and on the disk; if this fails, or the process is killed, there is none.
func (r *resetCall) write(p *place, s *resetter, units []unit, all bool) (err error) {
	if err := r.outside(p); err != nil {
		return err
	}
	if _, err := r.Lstat(r.backup); err == nil {
		return unix.EEXIST
	}
	f, link, err := r.unnamed()
	if err != nil {
		return err
	}
	defer f.Close()
	if err := r.fill(f, s, units, all); err != nil {
		return both(err, link(false))
	}
	if err := link(true); err != nil {
		return err
	}
	return r.syncDir()
}

// unnamed makes the file of --backup, without its name. link gives it the name, or removes it.
// It has another name where the file system has no files without one.
func (r *resetCall) unnamed() (f *os.File, link func(keep bool) error, err error) {
	f, err = r.OpenFile(path.Dir(r.backup), unix.O_WRONLY|unix.O_TMPFILE, 0o600)
	if err == nil {
		return f, func(keep bool) error {
			if !keep {
				return nil
			}
			return unix.Linkat(unix.AT_FDCWD, fmt.Sprintf("/proc/self/fd/%d", f.Fd()), r.Dir, r.backup,
				unix.AT_SYMLINK_FOLLOW)
		}, nil
	}
	if no := fsys.Errno(err); no != unix.EOPNOTSUPP && no != unix.EISDIR && no != unix.EINVAL {
		return nil, nil, no
	}
	part := r.backup + ".part"
	f, err = r.OpenFile(part, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", part, fsys.Errno(err))
	}
	return f, func(keep bool) (err error) {
		if keep {
			err = unix.Linkat(r.Dir, part, r.Dir, r.backup, 0)
		}
		return both(err, unix.Unlinkat(r.Dir, part, 0))
	}, nil
}

// fill writes the file of --backup, to the disk.
func (r *resetCall) fill(f *os.File, s *resetter, units []unit, all bool) error {
	z, err := compressor(f)
	if err != nil {
		return err
	}
	w := &sink{WriteCloser: z}
	a := newArchiver(w, func(at string) {
		r.Errorf("the socket %s is not in the backup", quotePath("/"+at))
	})
	if err := s.archive(a, units, all); err != nil {
		z.Close()
		if w.failed != nil {
			return w.failed // whatever file was being read
		}
		return err
	}
	if err := a.Close(); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return fsys.Errno(f.Sync())
}

// A sink keeps the first error of a writer.
type sink struct {
	io.WriteCloser
	failed error
}

// Write writes.
func (s *sink) Write(p []byte) (int, error) {
	n, err := s.WriteCloser.Write(p)
	if s.failed == nil {
		s.failed = fsys.Errno(err)
	}
	return n, err
}

// outside makes sure that the backup is not in a directory that the reset empties.
func (r *resetCall) outside(p *place) error {
	folder, err := r.Canonical(path.Dir(r.backup), fsys.NoneMissing, false)
	if err != nil {
		return fsys.Errno(err)
	}
	for _, d := range []string{p.upper, p.work} {
		if isAtOrBelow(folder, d) {
			return fmt.Errorf("it would be in %s", d)
		}
	}
	return nil
}

// syncDir writes the directory of the backup to the disk.
func (r *resetCall) syncDir() error {
	d, err := r.OpenFile(path.Dir(r.backup), unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// archive writes units, each behind the directories above it.
func (s *resetter) archive(a *archiver, units []unit, all bool) error {
	if all {
		n, err := s.upper.node()
		if err != nil || n == nil {
			return os.ErrNotExist
		}
		if err := a.file(&trail{name: "."}, n, comment(aboveComment)); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	for _, u := range units {
		if err := s.archiveUnit(a, u, seen); err != nil {
			return err
		}
	}
	return nil
}

// comment returns an edit of a header that adds a comment.
func comment(text string) func(*tar.Header) {
	return func(h *tar.Header) {
		if h.PAXRecords == nil {
			h.PAXRecords = map[string]string{}
		}
		h.PAXRecords[commentRecord] = text
	}
}

// archiveUnit writes a unit. seen are the directories that the archive has already.
func (s *resetter) archiveUnit(a *archiver, u unit, seen map[string]bool) error {
	parts := strings.Split(u.path, "/")
	d := s.upper
	defer func() {
		if d != s.upper {
			d.close()
		}
	}()
	for i, name := range parts[:len(parts)-1] {
		at := strings.Join(parts[:i+1], "/")
		n, err := d.lookup(name)
		if err == nil && n == nil {
			err = os.ErrNotExist
		}
		if err == nil && !seen[at] {
			err = a.file(&trail{name: at}, n, comment(aboveComment))
		}
		if err != nil {
			return cannotKeep(at, err)
		}
		seen[at] = true
		sub, err := d.open(name)
		if err != nil {
			return err
		}
		sub.up = nil
		if d != s.upper {
			d.close()
		}
		d = sub
	}
	if u.whiteout {
		h := &tar.Header{Typeflag: tar.TypeChar, Name: u.path, Format: tar.FormatPAX}
		comment(unitComment)(h)
		return a.WriteHeader(h)
	}
	n, err := d.lookup(parts[len(parts)-1])
	if err != nil || n == nil {
		return cannotKeep(u.path, err)
	}
	return a.tree(&trail{name: u.path}, n, func(h *tar.Header) {
		comment(unitComment)(h)
		if u.opaque {
			h.PAXRecords[xattrRecord+s.opaqueMark()] = "y"
		}
	})
}
