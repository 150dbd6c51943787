package layer

import (
	"fmt"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// A resetter puts paths of an upper directory back.
type resetter struct {
	walker
	tree  *Tree // the directory that has both of the next two
	upper *dir
	work  *dir
	trash *trash
}

// openResetter opens the directories of a subhost that does not run.
func openResetter(p *place) (*resetter, error) {
	if isAtOrBelow(p.work, p.upper) || isAtOrBelow(p.upper, p.work) {
		return nil, fmt.Errorf("UPPER=%s and WORK=%s are not apart", p.upper, p.work)
	}
	layers, err := p.open()
	if err != nil {
		return nil, err
	}
	top := commonDir(p.upper, p.work)
	trees, err := OpenTrees(0, top)
	if err != nil {
		layers.Close()
		return nil, err
	}
	r := &resetter{walker: walker{Layers: layers}, tree: trees[0]}
	if r.upper, err = r.tree.root.openPath(p.upper[len(top):]); err == nil {
		r.work, err = r.tree.root.openPath(p.work[len(top):])
	}
	if err != nil {
		r.close()
		return nil, fmt.Errorf("WORK=%s is not on the same mount as UPPER=%s: %w",
			p.work, p.upper, err)
	}
	return r, nil
}

func (r *resetter) close() {
	r.upper.closeIfOpen()
	r.work.closeIfOpen()
	r.tree.Close()
	r.Layers.Close()
}

// commonDir returns the deepest directory that two absolute paths are below.
func commonDir(a, b string) string {
	top := path.Dir(a)
	for top != "/" && !isAtOrBelow(b, top) {
		top = path.Dir(top)
	}
	return strings.TrimSuffix(top, "/") + "/"
}

// openPath opens a directory below d, following no link.
func (d *dir) openPath(name string) (*dir, error) {
	at := d
	for part := range strings.SplitSeq(strings.Trim(name, "/"), "/") {
		sub, err := openDir(at.fd(), part)
		if at != d {
			at.close()
		}
		if err != nil {
			return nil, err
		}
		at = sub
	}
	return at, nil
}

// A unit is what goes of the upper directory so that a path is as in the lower one.
type unit struct {
	path string
	// whiteout says that the upper directory hides the path by an opaque directory above it,
	// which has no such file.
	whiteout bool
	// opaque says that the directory is opaque only since one above it is.
	opaque bool
}

// inspect returns what goes for a path; ok is false if the path is as in the lower directory.
func (r *resetter) inspect(at string) (u unit, ok bool, err error) {
	inLower, err := r.lowerHas(at)
	if err != nil {
		return u, false, err
	}
	parts := strings.Split(at, "/")
	d, opaque := r.upper, false
	defer func() {
		if d != r.upper {
			d.close()
		}
	}()
	for i, name := range parts {
		here := strings.Join(parts[:i+1], "/")
		n, err := d.lookup(name)
		if err != nil {
			return u, false, err
		}
		var m marks
		if n != nil {
			if m, err = r.Format.marks(n); err != nil {
				return u, false, err
			}
		}
		isLast := i == len(parts)-1
		switch {
		case n == nil:
			return unit{path: here, whiteout: true}, opaque && inLower, nil
		case isLast:
			return unit{path: here, opaque: n.IsDir() && opaque && inLower && m.redirect == ""},
				true, nil
		case m.whiteout:
			return unit{path: here}, inLower, nil
		case !n.IsDir() && !inLower:
			return u, false, nil
		case !n.IsDir():
			return u, false, fmt.Errorf("/%s has become another file, so that /%s has no place: "+
				"reset /%s", here, at, here)
		case m.redirect != "":
			return u, false, fmt.Errorf("/%s has been renamed from %s, and /%s with it: reset /%s",
				here, m.redirect, at, here)
		}
		opaque = opaque || m.opaque
		sub, err := d.open(name)
		if err != nil {
			return u, false, err
		}
		sub.up = nil
		if d != r.upper {
			d.close()
		}
		d = sub
	}
	return u, false, nil
}

// put puts a path back. inspect has found that this is possible, and that the path is not as in
// the lower directory.
func (r *resetter) put(at string) error {
	parts := strings.Split(at, "/")
	last := len(parts) - 1
	inLower, err := r.lowerHas(at)
	if err != nil {
		return err
	}
	d := r.upper
	defer func() {
		if d != r.upper {
			d.close()
		}
	}()
	for i, name := range parts[:last] {
		here := strings.Join(parts[:i+1], "/")
		if inLower {
			if err := r.revive(d, name, here); err != nil {
				return fmt.Errorf("cannot make /%s a directory again: %w", here, err)
			}
		}
		sub, err := d.openIfThere(name)
		if sub == nil || err != nil {
			return err
		}
		sub.up = nil
		if d != r.upper {
			d.close()
		}
		d = sub
		if inLower {
			if err := r.clear(d, here); err != nil {
				return fmt.Errorf("cannot merge /%s with the lower directory again: %w", here, err)
			}
		}
	}
	_, err = r.trash.take(d, parts[last])
	if err == unix.ENOENT {
		err = nil
	}
	return err
}
