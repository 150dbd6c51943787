package layer

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
)

// restoreInto puts the files of a backup into the upper directory. All of them are read into the
// trash first; then each takes the place of what is there.
func (r *resetCall) restoreInto(p *place, s *resetter) (err error) {
	f, err := r.OpenFile(r.restore, unix.O_RDONLY, 0)
	if err != nil {
		return fmt.Errorf("cannot open %s: %w", r.restore, fsys.Errno(err))
	}
	defer f.Close()
	if r.dryRun {
		return r.listBackup(f)
	}
	if err := r.ask(fmt.Sprintf("Restore what %s has into %s?", r.restore, p.name)); err != nil {
		return err
	}
	if s.trash, err = openTrash(s.work); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.trash.close()) }()
	made, err := s.trash.makeDir()
	if err != nil {
		return err
	}
	staged, err := s.trash.dir.open(made)
	if err != nil {
		return err
	}
	staged.up = nil
	defer staged.close()
	e := &extractor{root: staged}
	if err := readBackup(f, e.entry); err != nil {
		return fmt.Errorf("cannot read the backup %s: %w; %w", r.restore, err, errRefused)
	}
	if err := e.finish(0); err != nil {
		return err
	}
	if err := s.place(staged, e.above, e.units); err != nil {
		return err
	}
	return s.detach(nil, false)
}

// listBackup prints the paths that a backup restores.
func (r *resetCall) listBackup(in *os.File) error {
	return readBackup(in, func(h *tar.Header, _ io.Reader) error {
		if h.PAXRecords[commentRecord] != unitComment {
			return nil
		}
		_, err := fmt.Fprintln(r.Stdout, quotePath("/"+path.Clean(h.Name)))
		return err
	})
}

// readBackup calls a function for each entry of a backup.
func readBackup(in *os.File, entry func(*tar.Header, io.Reader) error) error {
	z, err := decompressor(in)
	if err != nil {
		return err
	}
	defer z.Close()
	archive := tar.NewReader(z)
	for first := true; ; first = false {
		h, err := archive.Next()
		if err == io.EOF {
			// what follows belongs to the checksum of the whole
			_, err = io.Copy(io.Discard, z)
			return err
		}
		if err != nil {
			return err
		}
		if first && h.PAXRecords[commentRecord] == "" {
			return errors.New("it was not made by overlay-reset")
		}
		if err := entry(h, archive); err != nil {
			return fmt.Errorf("%s: %w", quotePath(h.Name), err)
		}
	}
}

// place puts extracted units into the upper directory.
func (s *resetter) place(staged *dir, above map[string]bool, units []string) error {
	for _, at := range units {
		parts := strings.Split(at, "/")
		if err := s.placeUnit(staged, above, parts); err != nil {
			return fmt.Errorf("cannot restore /%s: %w", at, err)
		}
	}
	if !above[""] {
		return nil
	}
	like, err := staged.node()
	if err != nil {
		return err
	}
	node, err := s.upper.node()
	if err != nil || node == nil || like == nil {
		return err
	}
	return s.likeness(node, like)
}

// placeUnit moves a file from the extracted tree to the upper directory; what is there goes to
// the trash. Directories above it that are missing are made like those in the backup.
func (s *resetter) placeUnit(from *dir, above map[string]bool, parts []string) error {
	to, at := s.upper, ""
	defer func() {
		if at != "" {
			from.close()
			to.close()
		}
	}()
	for _, name := range parts[:len(parts)-1] {
		here := path.Join(at, name)
		if !above[here] {
			return errors.New("a directory above it is not in the backup")
		}
		if err := s.makeLike(to, from, name); err != nil {
			return err
		}
		next, err := from.open(name)
		if err != nil {
			return err
		}
		into, err := to.open(name)
		if err != nil {
			next.file.Close()
			return err
		}
		next.up, into.up = nil, nil
		if at != "" {
			from.close()
			to.close()
		}
		from, to, at = next, into, here
	}
	name := parts[len(parts)-1]
	err := unix.Renameat2(from.fd(), name, to.fd(), name, unix.RENAME_EXCHANGE)
	if err == unix.ENOENT {
		err = unix.Renameat2(from.fd(), name, to.fd(), name, unix.RENAME_NOREPLACE)
	}
	return err
}

// makeLike makes a directory of the extracted tree in the upper directory, unless there is one.
func (s *resetter) makeLike(to, from *dir, name string) error {
	n, err := to.lookup(name)
	if err != nil || n.IsDir() {
		return err
	}
	if n != nil {
		if _, err := s.trash.take(to, name); err != nil {
			return err
		}
	}
	like, err := from.lookup(name)
	if err != nil || like == nil {
		return err
	}
	if err := unix.Mkdirat(to.fd(), name, 0o700); err != nil {
		return err
	}
	if n, err = to.lookup(name); err != nil || n == nil {
		return err
	}
	if err := s.likeness(n, like); err != nil {
		return err
	}
	return s.copyMarks(n, like)
}

// copyMarks gives a new directory the marks of overlay that another has.
func (s *resetter) copyMarks(n, like *Node) error {
	names, err := like.XattrNames()
	if err != nil {
		return err
	}
	for _, name := range names {
		if !strings.HasPrefix(name, string(s.Format)) {
			continue
		}
		value, _, err := like.Xattr(name)
		if err == nil {
			err = unix.Lsetxattr(n.path(), name, []byte(value), 0)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
