package layer

import (
	"fmt"
	"slices"
	"strings"
)

// merged is a file as the subhost sees it: its status, and the file with its content. Both are
// nil where the subhost sees none.
type merged struct{ node, data *Node }

// An entry is a name in the three directories of a walk, nil where a directory does not have it.
// A whiteout is no file.
type entry struct {
	*trail
	upper, origin, base *Node
	marks               marks
}

// entry visits a name in a directory, and all below it.
func (w *walker) entry(at *trail, s sides) error {
	e, err := w.lookup(at, s)
	if err != nil {
		return fmt.Errorf("cannot look at /%s: %w", at, err)
	}
	if (e.upper != nil || e.origin != nil || e.base != nil) && len(w.Only) > 0 {
		if path := at.String(); slices.Contains(w.Only, path) {
			w.found[path] = true
		}
	}
	if e.upper == nil && !e.marks.whiteout && (e.origin == e.base || e.origin.sameAs(e.base)) {
		return nil
	}
	now, done, err := w.merge(e, s)
	if err != nil {
		return fmt.Errorf("cannot look at /%s: %w", at, err)
	}
	err = w.compare(at, now, e.base)
	done()
	if err != nil {
		return err
	}
	if now.node.IsDir() || e.base.IsDir() && (w.Below || !w.wants(at)) {
		return w.below(e, now, s)
	}
	return nil
}

// lookup finds a name in the three directories.
func (w *walker) lookup(at *trail, s sides) (e entry, err error) {
	e, name := entry{trail: at}, at.name
	if e.upper, err = s.upper.lookup(name); err != nil {
		return e, err
	}
	if e.upper != nil {
		if e.marks, err = w.Format.marks(e.upper); err != nil {
			return e, err
		}
	}
	if e.base, err = w.lower(s.base, name); err != nil {
		return e, err
	}
	if e.origin = e.base; s.origin != s.base {
		e.origin, err = w.lower(s.origin, name)
	}
	if e.marks.whiteout {
		e.upper, e.origin = nil, nil
	}
	return e, err
}

// lower returns a file of the lower directory, which may have whiteouts, too.
func (w *walker) lower(d *dir, name string) (*Node, error) {
	n, err := d.lookup(name)
	if n.isWhiteout() || err != nil {
		return nil, err
	}
	if n.isFile() && n.Stat.Size == 0 {
		if m, err := w.Format.marks(n); m.whiteout || err != nil {
			return nil, err
		}
	}
	return n, nil
}

// merge returns the file that the subhost sees. The caller calls done when it has read it.
func (w *walker) merge(e entry, s sides) (now merged, done func(), err error) {
	done = func() {}
	switch {
	case e.upper == nil:
		return merged{e.origin, e.origin}, done, nil
	case !e.marks.metacopy:
		return merged{e.upper, e.upper}, done, nil
	case e.marks.redirect == "":
		return merged{e.upper, e.origin}, done, nil
	}
	d, name, err := w.follow(s, e.marks.redirect)
	if err != nil || d == nil {
		return merged{e.upper, nil}, done, err
	}
	if d != s.origin && d != w.Lower.root {
		done = d.close
	}
	data, err := w.lower(d, name)
	return merged{e.upper, data}, done, err
}

// below visits what is in a directory, or was in one.
func (w *walker) below(e entry, now merged, s sides) (err error) {
	var sub sides
	defer func() {
		sub.base.closeIfOpen()
		if sub.origin != sub.base {
			sub.origin.closeIfOpen()
		}
		sub.upper.closeIfOpen()
	}()
	if e.upper.IsDir() {
		if sub.upper, err = s.upper.openIfThere(e.name); sub.upper == nil {
			return err
		}
	}
	if e.base.IsDir() {
		if sub.base, err = s.base.openIfThere(e.name); err != nil {
			return err
		}
	}
	if now.node.IsDir() {
		if err = w.openOrigin(e, s, &sub); err != nil {
			return err
		}
	}
	return w.dir(e.trail, sub)
}

// openOrigin opens the directory with which overlay merges the upper one. Mostly it is the one
// of the same path.
func (w *walker) openOrigin(e entry, s sides, sub *sides) (err error) {
	switch {
	case e.upper != nil && e.marks.opaque:
		return nil
	case e.upper != nil && e.marks.redirect != "":
		d, name, err := w.follow(s, e.marks.redirect)
		if err != nil || d == nil {
			return err
		}
		n, err := w.lower(d, name)
		if err == nil && n.IsDir() {
			sub.origin, err = d.openIfThere(name)
		}
		if d != s.origin && d != w.Lower.root {
			d.close()
			if sub.origin != nil {
				sub.origin.up = nil
			}
		}
		if err != nil {
			return err
		}
	case e.origin.IsDir() && e.origin.sameAs(e.base):
		sub.origin = sub.base
	case e.origin.IsDir():
		sub.origin, err = s.origin.openIfThere(e.name)
	}
	if sub.origin != nil && sub.base != nil && sub.origin != sub.base &&
		sub.origin.id == sub.base.id {
		sub.origin.close()
		sub.origin = sub.base
	}
	return err
}

// follow returns the directory of the lower tree that has the target of a redirect, and the
// name of that there; nil if there is none.
func (w *walker) follow(s sides, redirect string) (*dir, string, error) {
	if rest, ok := strings.CutPrefix(redirect, "/"); ok {
		return w.descend(strings.Split(rest, "/"))
	}
	return s.origin, redirect, nil
}

// descend returns the directory that has the last of the names of a path in the lower tree.
// It is the root, or the caller closes it.
func (w *walker) descend(parts []string) (*dir, string, error) {
	d, last := w.Lower.root, len(parts)-1
	for _, name := range parts[:last] {
		n, err := w.lower(d, name)
		var sub *dir
		if err == nil && n.IsDir() {
			sub, err = d.openIfThere(name)
		}
		if d != w.Lower.root {
			d.close()
		}
		if sub == nil || err != nil {
			return nil, "", err
		}
		sub.up, d = nil, sub
	}
	return d, parts[last], nil
}

// lowerHas reports whether the lower tree has a path.
func (w *walker) lowerHas(at string) (bool, error) {
	d, name, err := w.descend(strings.Split(at, "/"))
	if err != nil || d == nil {
		return false, err
	}
	n, err := w.lower(d, name)
	if d != w.Lower.root {
		d.close()
	}
	return n != nil, err
}
