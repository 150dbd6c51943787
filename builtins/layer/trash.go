package layer

import (
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
)

// trashName is the directory in WORK to which files are moved before they are removed. So each
// path changes in one step, and an end in between leaves no half of a directory.
const trashName = "overlay-reset"

// A trash is that directory. It is on the mount of UPPER, as overlay demands of WORK.
type trash struct {
	work, dir *dir
	next      int
}

// openTrash makes the directory, and empties one that is left of a run that was ended.
func openTrash(work *dir) (*trash, error) {
	err := unix.Mkdirat(work.fd(), trashName, 0o700)
	if err != nil && err != unix.EEXIST {
		return nil, fmt.Errorf("cannot make %s in WORK: %w", trashName, err)
	}
	d, err := work.open(trashName)
	if err != nil {
		return nil, fmt.Errorf("cannot open %s in WORK: %w", trashName, err)
	}
	t := &trash{work: work, dir: d}
	if err := d.dropACLs(); err != nil {
		d.close()
		return nil, fmt.Errorf("cannot remove the ACLs of %s in WORK: %w", trashName, err)
	}
	if err := t.empty(); err != nil {
		d.close()
		return nil, err
	}
	return t, nil
}

// dropACLs removes the ACLs of a directory. What is made in it would inherit them, and with it what
// is moved from there to UPPER.
func (d *dir) dropACLs() error {
	for _, name := range []string{"system.posix_acl_default", "system.posix_acl_access"} {
		err := unix.Fremovexattr(d.fd(), name)
		if err != nil && err != unix.ENODATA && err != unix.ENOTSUP {
			return err
		}
	}
	return nil
}

// close removes what is in the directory, and the directory.
func (t *trash) close() error {
	err := t.empty()
	t.dir.close()
	if err != nil {
		return err
	}
	if err := unix.Unlinkat(t.work.fd(), trashName, unix.AT_REMOVEDIR); err != nil {
		return fmt.Errorf("cannot remove %s in WORK: %w", trashName, err)
	}
	return nil
}

// take moves a file to the trash, and returns its name there.
func (t *trash) take(from *dir, name string) (string, error) {
	for {
		to := strconv.Itoa(t.next)
		t.next++
		err := fsys.Retry(func() error {
			return unix.Renameat2(from.fd(), name, t.dir.fd(), to, unix.RENAME_NOREPLACE)
		})
		if err != unix.EEXIST {
			return to, err
		}
	}
}

// empty removes all that is in the trash. It moves directories up to the trash first, so that
// the depth of a tree does not matter.
func (t *trash) empty() error {
	for {
		names, err := t.dir.names()
		if err != nil {
			return err
		}
		if len(names) == 0 {
			return nil
		}
		removed := false
		for _, name := range names {
			if e := t.remove(name); e == nil {
				removed = true
			} else {
				err = e
			}
		}
		if !removed {
			return fmt.Errorf("something is left in %s in WORK: %w", trashName, err)
		}
	}
}

// remove removes a file in the trash. The directories in a directory stay in the trash.
func (t *trash) remove(name string) error {
	err := unix.Unlinkat(t.dir.fd(), name, 0)
	if err == nil || !isDirectoryError(err) {
		return err
	}
	d, err := t.dir.open(name)
	if err != nil {
		return err
	}
	names, err := d.names()
	for _, inner := range names {
		e := unix.Unlinkat(d.fd(), inner, 0)
		if isDirectoryError(e) {
			_, e = t.take(d, inner)
		}
		if e != nil {
			err = fmt.Errorf("cannot remove %s: %w", quotePath(inner), e)
		}
	}
	d.close()
	if e := unix.Unlinkat(t.dir.fd(), name, unix.AT_REMOVEDIR); err == nil {
		err = e
	}
	return err
}

// isDirectoryError reports whether unlink(2) may have failed since the file is a directory.
func isDirectoryError(err error) bool { return err == unix.EISDIR || err == unix.EPERM }

// makeDir makes a directory in the trash, and returns its name.
func (t *trash) makeDir() (string, error) {
	for {
		name := strconv.Itoa(t.next)
		t.next++
		if err := unix.Mkdirat(t.dir.fd(), name, 0o700); err != unix.EEXIST {
			return name, err
		}
	}
}
