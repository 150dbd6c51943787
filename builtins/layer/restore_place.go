package layer

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// A state tells what the subhost has at the path of a directory.
type state byte

const (
	absent  state = iota // nothing
	removed              // nothing, since a whiteout hides what the lower tree has
	present              // a directory that the upper one has
	shown                // a directory that only the lower one has
)

// A descent goes down a path in the upper directory.
type descent struct {
	*resetter
	dir    *dir // nil where the upper directory has none
	at     string
	opaque bool // nothing of the lower tree is to be seen in the directory
}

func (r *resetter) fromTop() *descent { return &descent{resetter: r, dir: r.upper} }

// state looks at a name in the directory, for a path that is to get a place below that.
func (d *descent) state(name, target string) (state, *Node, error) {
	here := path.Join(d.at, name)
	n, err := d.dir.lookup(name)
	if err != nil {
		return absent, nil, err
	}
	if n == nil {
		base, done, err := d.lowerNode(here)
		defer done()
		switch {
		case err != nil || base == nil:
			return absent, nil, err
		case base.IsDir():
			return shown, nil, nil
		}
		return absent, nil, fmt.Errorf("LOWER has another file at /%s, so that /%s has no place",
			here, target)
	}
	m, err := d.Format.marks(n)
	switch {
	case err != nil:
		return absent, nil, err
	case m.whiteout:
		return removed, n, nil
	case !n.IsDir():
		return absent, nil, fmt.Errorf("/%s has become another file, so that /%s has no place: "+
			"reset /%s", here, target, here)
	case m.redirect != "":
		return absent, nil, fmt.Errorf("/%s has been renamed from %s, and /%s has no place in it: "+
			"reset /%s", here, m.redirect, target, here)
	}
	return present, n, nil
}

// lowerNode returns the file of the lower tree that is to be seen at a path, or nil.
func (d *descent) lowerNode(at string) (n *Node, done func(), err error) {
	done = func() {}
	if d.opaque {
		return nil, done, nil
	}
	parent, name, err := d.descend(strings.Split(at, "/"))
	if err != nil || parent == nil {
		return nil, done, err
	}
	if parent != d.Lower.root {
		done = parent.close
	}
	n, err = d.lower(parent, name)
	return n, done, err
}

// enter goes into a directory of the upper one.
func (d *descent) enter(name string) error {
	sub, err := d.dir.open(name)
	if err != nil {
		return err
	}
	sub.up = nil
	d.leave()
	d.dir, d.at = sub, path.Join(d.at, name)
	self, err := sub.node()
	if err != nil || self == nil {
		return err
	}
	m, err := d.Format.marks(self)
	d.opaque = d.opaque || m.opaque
	return err
}

// leave closes the directory.
func (d *descent) leave() {
	if d.dir != nil && d.dir != d.upper {
		d.dir.close()
	}
}

// reach goes down a path as far as there are directories, and returns the state at its end.
func (d *descent) reach(parts []string, target string) (s state, err error) {
	s = present
	for _, name := range parts {
		if s, _, err = d.state(name, target); err != nil || s == absent || s == removed {
			return s, err
		}
		if s == present {
			err = d.enter(name)
		} else {
			d.leave()
			d.dir, d.at = nil, path.Join(d.at, name)
		}
		if err != nil {
			return s, err
		}
	}
	return s, nil
}

// hasParent reports whether the subhost sees the directory of a path. It is an error if that
// can be none.
func (r *resetter) hasParent(parts []string) (bool, error) {
	d := r.fromTop()
	defer func() { d.leave() }()
	s, err := d.reach(parts[:len(parts)-1], strings.Join(parts, "/"))
	return s == present || s == shown, err
}

// fits makes sure that there is a place for all that a backup has.
func (r *resetter) fits(c *contents) error {
	var units []unit
	for _, u := range c.units {
		if _, err := r.hasParent(strings.Split(u.path, "/")); err != nil {
			return err
		}
		if !u.whiteout {
			units = append(units, u)
		}
	}
	for _, m := range c.moved {
		if c.covers(m.origin) {
			continue
		}
		d := r.fromTop()
		s, err := d.reach(strings.Split(m.origin, "/"), m.path)
		if err == nil && (s == shown || s == present && !d.opaque) {
			err = fmt.Errorf("/%s was renamed from /%s and has its content, so that both cannot be "+
				"there: remove /%s first", m.path, m.origin, m.origin)
		} else {
			err = nil // the origin is not to be seen
		}
		d.leave()
		if err != nil {
			return err
		}
	}
	return r.detach(units, true)
}

// covers reports whether a path is one of the units, or below one.
func (c *contents) covers(at string) bool {
	for ; at != "."; at = path.Dir(at) {
		if c.known[at] {
			return true
		}
	}
	return false
}

// place puts extracted units into the upper directory.
func (r *resetter) place(staged *dir, c *contents) error {
	for i, u := range c.units {
		if err := r.placeUnit(staged, u); err != nil {
			return fmt.Errorf("cannot restore /%s: %w; %s", u.path, err, soFar(i, len(c.units)))
		}
	}
	if !c.root {
		return nil
	}
	like, err := staged.node()
	if err != nil {
		return err
	}
	node, err := r.upper.node()
	if err != nil || node == nil || like == nil {
		return err
	}
	return r.likeness(node, like)
}

// soFar says how much of a command has been done.
func soFar(n, all int) string {
	if n == 0 {
		return errRefused.Error()
	}
	return fmt.Sprintf("%d of %d paths are done", n, all)
}

// placeUnit moves a file from the extracted tree to the upper directory; what is there goes to
// the trash. Directories above it that the subhost has not are made like those in the backup, and
// are empty but for the file. The file may need what the lower tree has at its path, so the
// directories above it are merged with those there.
func (r *resetter) placeUnit(staged *dir, u unit) error {
	parts := strings.Split(u.path, "/")
	last := len(parts) - 1
	inLower, err := r.lowerHas(u.path)
	if err != nil {
		return err
	}
	if u.whiteout {
		// where nothing is to be hidden, a whiteout would be seen
		if there, err := r.hasParent(parts); err != nil || !there {
			return err
		}
	}
	from, to := staged, r.fromTop()
	defer func() {
		to.leave()
		if from != staged {
			from.close()
		}
	}()
	for _, name := range parts[:last] {
		if err := to.makeDir(from, name, u.path); err != nil {
			return fmt.Errorf("cannot make /%s: %w", path.Join(to.at, name), err)
		}
		if err := to.enter(name); err != nil {
			return err
		}
		if to.opaque && inLower {
			if err := r.clear(to.dir, to.at); err != nil {
				return fmt.Errorf("cannot merge /%s with the lower directory again: %w", to.at, err)
			}
			to.opaque = false
		}
		next, err := from.open(name)
		if err != nil {
			return err
		}
		next.up = nil
		if from != staged {
			from.close()
		}
		from = next
	}
	if u.whiteout && last > 0 && !inLower {
		_, err = r.trash.take(to.dir, parts[last])
		if err == unix.ENOENT {
			err = nil
		}
		return err
	}
	return exchange(from, parts[last], to.dir, parts[last])
}

// exchange moves a file to where another may be, which then is at the place of the first.
func exchange(from *dir, name string, to *dir, other string) error {
	err := unix.Renameat2(from.fd(), name, to.fd(), other, unix.RENAME_EXCHANGE)
	if err == unix.ENOENT {
		err = unix.Renameat2(from.fd(), name, to.fd(), other, unix.RENAME_NOREPLACE)
	}
	return err
}

// makeDir makes a directory in the upper one, unless there is one. Where the subhost sees that of
// the lower tree, it is like that, otherwise like that in the backup.
func (d *descent) makeDir(staged *dir, name, target string) error {
	s, _, err := d.state(name, target)
	if err != nil || s == present {
		return err
	}
	like, err := staged.lookup(name)
	done := func() {}
	if s == shown {
		like, done, err = d.lowerNode(path.Join(d.at, name))
	}
	defer done()
	if err != nil {
		return err
	}
	if like == nil {
		return errors.New("there is nothing to make it like")
	}
	made, err := d.trash.makeDir()
	if err != nil {
		return err
	}
	n, err := d.trash.dir.lookup(made)
	if err != nil {
		return err
	}
	if err := d.likeness(n, like); err != nil {
		return err
	}
	if s == removed {
		if err := unix.Lsetxattr(n.path(), d.opaqueMark(), []byte("y"), 0); err != nil {
			return err
		}
	}
	return exchange(d.trash.dir, made, d.dir, name)
}
