package layer

import (
	"strings"

	"golang.org/x/sys/unix"
)

// A Format says by which prefix of extended attributes overlay marks files.
type Format string

// The formats: that of every mount by root, and that of a mount with the option userxattr.
const (
	Trusted Format = "trusted.overlay."
	User    Format = "user.overlay."
)

// marks are what overlay has noted about a file of an upper directory.
type marks struct {
	whiteout bool // the file of that name in the lower directory is hidden
	opaque   bool // a directory: all of the lower directory is hidden
	metacopy bool // a regular file: its content is that of a file in the lower directory
	// redirect is where in the lower directory the content is, "" for the same path. A name
	// without a slash is beside it.
	redirect string
}

// isWhiteout reports whether a file is a whiteout of the usual kind, a character device 0:0.
func (n *Node) isWhiteout() bool {
	return n != nil && n.Type() == unix.S_IFCHR && n.Stat.Rdev == 0
}

// marks reads the marks of a file.
func (f Format) marks(n *Node) (m marks, err error) {
	if n.isWhiteout() {
		return marks{whiteout: true}, nil
	}
	if !n.IsDir() && !n.isFile() {
		return m, nil
	}
	names, err := n.XattrNames()
	if err != nil {
		return m, err
	}
	for _, name := range names {
		mark, ok := strings.CutPrefix(name, string(f))
		if !ok {
			continue
		}
		switch mark {
		case "whiteout":
			m.whiteout = n.isFile() && n.Stat.Size == 0
		case "metacopy":
			m.metacopy = n.isFile()
		case "opaque", "redirect":
			value, _, err := n.Xattr(name)
			if err != nil {
				return m, err
			}
			if mark == "redirect" {
				m.redirect = value
			} else {
				m.opaque = value == "y"
			}
		}
	}
	return m, nil
}

// Shown returns the name under which overlay shows an extended attribute. ok is false for one
// that is overlay's own. A subhost that mounts an overlay itself sees its attributes by their
// names, while those of the file have another prefix.
func (f Format) Shown(name string) (shown string, ok bool) {
	mark, ok := strings.CutPrefix(name, string(f))
	if !ok {
		return name, true
	}
	inner, ok := strings.CutPrefix(mark, "overlay.")
	return string(f) + inner, ok
}

// shownXattrs returns the extended attributes of a file as overlay shows them.
func (f Format) shownXattrs(n *Node) (map[string]string, error) {
	names, err := n.XattrNames()
	if err != nil || len(names) == 0 {
		return nil, err
	}
	all := map[string]string{}
	for _, name := range names {
		shown, ok := f.Shown(name)
		if !ok {
			continue
		}
		value, there, err := n.Xattr(name)
		if err != nil {
			return nil, err
		}
		if there {
			all[shown] = value
		}
	}
	return all, nil
}
