package layer

import (
	"strings"

	"golang.org/x/sys/unix"
)

// A path below a directory that has been removed, or made anew, is hidden by that directory as a
// whole: by a whiteout, or by the mark "opaque". To show the path, each other name in there is
// hidden one by one. All that hides the names is made before the mark goes, so that the subhost
// never sees anything in between.

// opaqueMark is the name of the mark.
func (r *resetter) opaqueMark() string { return string(r.Format) + "opaque" }

// revive replaces the whiteout of a directory by a directory like that of the lower tree, but
// empty: it is opaque.
func (r *resetter) revive(in *dir, name, at string) error {
	n, err := in.lookup(name)
	if err != nil || n == nil {
		return err
	}
	m, err := r.Format.marks(n)
	if err != nil || !m.whiteout {
		return err
	}
	parent, base, err := r.descend(strings.Split(at, "/"))
	if err != nil || parent == nil {
		return err
	}
	if parent != r.Lower.root {
		defer parent.close()
	}
	like, err := r.lower(parent, base)
	if err != nil || !like.IsDir() {
		return err
	}
	made, err := r.trash.makeDir()
	if err != nil {
		return err
	}
	node, err := r.trash.dir.lookup(made)
	if err != nil {
		return err
	}
	if err := r.likeness(node, like); err != nil {
		return err
	}
	if err := unix.Lsetxattr(node.path(), r.opaqueMark(), []byte("y"), 0); err != nil {
		return err
	}
	return unix.Renameat2(r.trash.dir.fd(), made, in.fd(), name, unix.RENAME_EXCHANGE)
}

// likeness gives a directory the owner, mode, attributes and times of another.
func (r *resetter) likeness(n, like *Node) error {
	fd, err := n.dir.open(n.name)
	if err != nil {
		return err
	}
	defer fd.file.Close()
	st := like.Stat
	if err := unix.Fchown(fd.fd(), int(st.Uid), int(st.Gid)); err != nil {
		return err
	}
	has, err := r.Format.shownXattrs(n)
	if err != nil {
		return err
	}
	wants, err := r.Format.shownXattrs(like)
	if err != nil {
		return err
	}
	for name := range has {
		if _, ok := wants[name]; !ok && !strings.HasPrefix(name, string(r.Format)) {
			if err := unix.Lremovexattr(n.path(), name); err != nil {
				return err
			}
		}
	}
	for name, value := range wants {
		if inner, ok := strings.CutPrefix(name, string(r.Format)); ok {
			name = string(r.Format) + "overlay." + inner
		}
		if err := unix.Lsetxattr(n.path(), name, []byte(value), 0); err != nil {
			return err
		}
	}
	if err := unix.Fchmod(fd.fd(), st.Mode&0o7777); err != nil {
		return err
	}
	return unix.UtimesNanoAt(n.dir.fd(), n.name, []unix.Timespec{st.Atim, st.Mtim},
		unix.AT_SYMLINK_NOFOLLOW)
}

// clear has overlay merge an opaque directory with the lower one again. The names of the lower
// one that the upper one has not are hidden.
func (r *resetter) clear(d *dir, at string) error {
	self, err := d.node()
	if err != nil || self == nil {
		return err
	}
	m, err := r.Format.marks(self)
	if err != nil || !m.opaque {
		return err
	}
	lower, err := r.lowerDir(at)
	if err != nil {
		return err
	}
	if lower != nil {
		defer lower.close()
		names, err := lower.names()
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := r.hide(d, lower, name); err != nil {
				return err
			}
		}
	}
	return unix.Fremovexattr(d.fd(), r.opaqueMark())
}

// lowerDir opens a directory of the lower tree; it is nil if there is none.
func (r *resetter) lowerDir(at string) (*dir, error) {
	parent, name, err := r.descend(strings.Split(at, "/"))
	if err != nil || parent == nil {
		return nil, err
	}
	d, err := parent.openIfThere(name)
	if d != nil {
		d.up = nil
	}
	if parent != r.Lower.root {
		parent.close()
	}
	return d, err
}

// hide hides a name of the lower directory in a directory that is still opaque.
func (r *resetter) hide(d, lower *dir, name string) error {
	base, err := r.lower(lower, name)
	if err != nil || base == nil {
		return err
	}
	n, err := d.lookup(name)
	switch {
	case err != nil:
		return err
	case n == nil:
		return unix.Mknodat(d.fd(), name, unix.S_IFCHR, 0)
	case !n.IsDir() || !base.IsDir():
		return nil
	}
	m, err := r.Format.marks(n)
	if err != nil || m.opaque || m.redirect != "" {
		return err
	}
	return unix.Lsetxattr(n.path(), r.opaqueMark(), []byte("y"), 0)
}
