package layer

import (
	"fmt"
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
	return d.dir(nil, nil, r.upper)
}

type detacher struct {
	*resetter
	units []unit
	dry   bool
}

// goes reports whether a path goes with one of the units.
func (d *detacher) goes(at *trail) bool {
	if len(d.units) == 0 {
		return false
	}
	path := at.String()
	return slices.ContainsFunc(d.units, func(u unit) bool { return isAtOrBelow(path, u.path) })
}

// dir looks at all files in a directory. origin is its path in the lower tree.
func (d *detacher) dir(at, origin *trail, in *dir) error {
	names, err := in.names()
	if err != nil {
		return fmt.Errorf("/%s: %w", at, err)
	}
	for _, name := range names {
		here := at.to(name)
		if d.goes(here) {
			continue
		}
		from, sub, err := d.entry(here, origin.to(name), in)
		if err != nil {
			return fmt.Errorf("/%s: %w", here, err)
		}
		if sub == nil {
			continue
		}
		err = d.dir(here, from, sub)
		sub.close()
		if err != nil {
			return err
		}
	}
	return nil
}

// entry looks at a file. A directory is returned, with its path in the lower tree.
func (d *detacher) entry(at, origin *trail, in *dir) (from *trail, sub *dir, err error) {
	n, err := in.lookup(at.name)
	if err != nil || n == nil {
		return nil, nil, err
	}
	m, err := d.Format.marks(n)
	if err != nil || m.whiteout {
		return nil, nil, err
	}
	if m.redirect != "" {
		origin = origin.up.to(m.redirect)
		if rest, ok := strings.CutPrefix(m.redirect, "/"); ok {
			origin = &trail{name: rest}
		}
		if d.shows(origin.String()) {
			return nil, nil, fmt.Errorf("it has been renamed from /%s and has its content, so that "+
				"both cannot be there: reset /%s, too", origin, at)
		}
	}
	if !n.IsDir() {
		if d.dry || m.metacopy {
			return nil, nil, nil
		}
		return nil, nil, d.forget(at.String(), n)
	}
	sub, err = in.openIfThere(at.name)
	return origin, sub, err
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
