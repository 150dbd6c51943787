package layer

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"

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
		return r.listBackup(s, f)
	}
	if err := r.ask(fmt.Sprintf("Restore what %s has into %s?", r.restore, p.name)); err != nil {
		return err
	}
	if s.trash, err = openTrash(s.work); err != nil {
		return fmt.Errorf("%w; %w", err, errRefused)
	}
	defer func() { err = both(err, s.trash.close()) }()
	e := &extractor{r: s}
	if e.root, err = s.stage(); err != nil {
		return fmt.Errorf("%w; %w", err, errRefused)
	}
	defer e.root.close()
	if err := r.extract(p, f, e); err != nil {
		return fmt.Errorf("%w; %w", err, errRefused)
	}
	if err := s.fits(&e.contents); err != nil {
		return fmt.Errorf("%w; %w", err, errRefused)
	}
	if err := s.place(e.root, &e.contents); err != nil {
		return err
	}
	return s.detach(nil, false)
}

// stage makes the directory in the trash in which a backup is extracted.
func (s *resetter) stage() (*dir, error) {
	made, err := s.trash.makeDir()
	if err != nil {
		return nil, fmt.Errorf("cannot write to WORK: %w", err)
	}
	staged, err := s.trash.dir.open(made)
	if err != nil {
		return nil, err
	}
	staged.up = nil
	return staged, nil
}

// extract reads the whole backup.
func (r *resetCall) extract(p *place, f *os.File, e *extractor) error {
	err := readBackup(f, e.entry)
	if err == nil {
		err = e.finish(0)
	}
	var unreadable readError
	switch {
	case errors.As(err, &unreadable):
		return fmt.Errorf("cannot read the backup %s: %w", r.restore, err)
	case err != nil:
		return fmt.Errorf("cannot write to WORK=%s: %w", p.work, err)
	}
	return nil
}

// listBackup prints the paths that a backup restores.
func (r *resetCall) listBackup(s *resetter, in *os.File) error {
	var c contents
	err := readBackup(in, func(h *tar.Header, _ *content) error { return c.note(h) })
	if err != nil {
		return fmt.Errorf("cannot read the backup %s: %w", r.restore, err)
	}
	for _, u := range c.units {
		if _, err := fmt.Fprintln(r.Stdout, quotePath("/"+u.path)); err != nil {
			return err
		}
	}
	return s.fits(&c)
}

// A readError is about a backup itself, not about the files that are made from it.
type readError struct{ error }

// Unwrap returns the error that was marked.
func (e readError) Unwrap() error { return e.error }

// unfit returns an error about an entry of a backup.
func unfit(text string) error { return readError{errors.New(text)} }

// readBackup calls a function for each entry of a backup.
func readBackup(in *os.File, entry func(*tar.Header, *content) error) error {
	z, err := decompressor(in)
	if err != nil {
		return readError{err}
	}
	defer z.Close()
	t := &tape{in: z}
	archive := tar.NewReader(t)
	for first := true; ; first = false {
		t.kept, t.keeps = t.kept[:0], true
		h, err := archive.Next()
		t.keeps = false
		if err == io.EOF {
			return t.end(first)
		}
		if err != nil {
			return readError{err}
		}
		if first && h.PAXRecords[commentRecord] == "" {
			return unfit("it was not made by overlay-reset")
		}
		c := &content{tape: t, plain: archive}
		if c.parts, err = t.parts(h); err == nil {
			err = entry(h, c)
		}
		if err == nil {
			err = c.copy(func(int64) io.Writer { return io.Discard })
		}
		if err != nil {
			return fmt.Errorf("%s: %w", quotePath("/"+h.Name), err)
		}
	}
}
