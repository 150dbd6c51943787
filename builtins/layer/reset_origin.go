package layer

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// The kernel knows a file of the upper directory by the file of the lower one from which it was
// copied, also when it has been renamed since. If a reset shows that lower file again, the two
// would be one file for the kernel, and the second to be looked at a stale file handle. So a
// renamed file forgets its origin. A renamed directory cannot: its content is that of the lower
// one. The reset is then refused.

// detach has renamed files forget their origin, as far as they stay. With dry it only checks
// whether a renamed directory is in the way.
func (r *resetter) detach(units []unit, dry bool) error {
	d := detacher{resetter: r, units: units, dry: dry}
	return d.dir("", "", r.upper)
}

type detacher struct {
	*resetter
	units []unit
	dry   bool
}

// goes reports whether a path goes with one of the units.
func (d *detacher) goes(at string) bool {
	return slices.ContainsFunc(d.units, func(u unit) bool { return isAtOrBelow(at, u.path) })
}

// dir looks at all files in a directory. origin is its path in the lower tree.
func (d *detacher) dir(at, origin string, in *dir) error {
	names, err := in.names()
	if err != nil {
		return err
	}
	for _, name := range names {
		here := path.Join(at, name)
		if d.goes(here) {
			continue
		}
		if err := d.entry(here, path.Join(origin, name), name, in); err != nil {
			return fmt.Errorf("/%s: %w", here, err)
		}
	}
	return nil
}

func (d *detacher) entry(at, origin, name string, in *dir) error {
	n, err := in.lookup(name)
	if err != nil || n == nil {
		return err
	}
	m, err := d.Format.marks(n)
	if err != nil || m.whiteout {
		return err
	}
	if m.redirect != "" {
		origin = path.Join(path.Dir(origin), m.redirect)
		if strings.HasPrefix(m.redirect, "/") {
			origin = m.redirect[1:]
		}
		if d.shows(origin) {
			return fmt.Errorf("it has been renamed from /%s and has its content, so that both "+
				"cannot be there: reset /%s, too", origin, at)
		}
	}
	if !n.IsDir() {
		if d.dry || m.metacopy {
			return nil
		}
		return d.forget(at, n)
	}
	sub, err := in.openIfThere(name)
	if sub == nil || err != nil {
		return err
	}
	defer sub.close()
	return d.dir(at, origin, sub)
}

// shows reports whether the reset shows a directory of the lower tree again: one that a unit has
// hidden, or one above a unit that was made anew.
func (d *detacher) shows(origin string) bool {
	return slices.ContainsFunc(d.units, func(u unit) bool {
		return isAtOrBelow(origin, u.path) || isAtOrBelow(u.path, origin)
	})
}

// forget removes the mark that names the origin of a file, unless that is the file of the same
// path in the lower tree.
func (d *detacher) forget(at string, n *Node) error {
	mark := string(d.Format) + "origin"
	value, ok, err := n.Xattr(mark)
	if err != nil || !ok {
		return err
	}
	parent, name, err := d.descend(strings.Split(at, "/"))
	if err != nil {
		return err
	}
	if parent != nil {
		handle, _, err := unix.NameToHandleAt(parent.fd(), name, 0)
		if parent != d.Lower.root {
			parent.close()
		}
		// the mark is a header, the type of the handle, the UUID of the file system, the handle
		const handleAt = 21
		if err == nil && len(value) > handleAt && value[handleAt:] == string(handle.Bytes()) {
			return nil
		}
	}
	return unix.Lremovexattr(n.path(), mark)
}
