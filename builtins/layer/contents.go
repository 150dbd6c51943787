package layer

import (
	"archive/tar"
	"path"
	"slices"
	"strings"
)

// The contents of a backup are what it restores, as far as that is known without its files.
type contents struct {
	units []unit
	above map[string]bool // the directories that are in the backup for what is in them
	root  bool            // the root itself is one of these
	known map[string]bool // the paths of the units
	moved []moved
}

// A moved is a directory that was renamed, and merges with another place of the lower tree.
type moved struct{ path, origin string }

// note adds an entry of the backup.
func (c *contents) note(h *tar.Header) error {
	if c.above == nil {
		c.above, c.known = map[string]bool{}, map[string]bool{}
	}
	name := strings.TrimSuffix(h.Name, "/")
	comment := h.PAXRecords[commentRecord]
	if name == "." {
		c.root = comment == aboveComment
		return nil
	}
	isPart := func(p string) bool { return p == "" || p == "." || p == ".." }
	if slices.ContainsFunc(strings.Split(name, "/"), isPart) || strings.Contains(name, "\x00") {
		return unfit("the name leads elsewhere")
	}
	if to := redirectOf(h); to != "" && h.Typeflag == tar.TypeDir {
		if origin, ok := strings.CutPrefix(to, "/"); ok {
			c.moved = append(c.moved, moved{name, origin})
		} else {
			c.moved = append(c.moved, moved{name, path.Join(path.Dir(name), to)})
		}
	}
	if comment != unitComment && comment != aboveComment {
		return nil
	}
	if c.above[name] {
		return unfit("it is in the backup twice")
	}
	for up := name; up != "."; up = path.Dir(up) {
		if c.known[up] {
			return unfit("it is in the backup twice")
		}
		if up != name && !c.above[up] {
			return unfit("a directory above it is not in the backup")
		}
	}
	if comment == aboveComment {
		if h.Typeflag != tar.TypeDir {
			return unfit("it is no directory")
		}
		c.above[name] = true
		return nil
	}
	c.known[name] = true
	isWhiteout := h.Typeflag == tar.TypeChar && h.Devmajor == 0 && h.Devminor == 0
	c.units = append(c.units, unit{path: name, whiteout: isWhiteout})
	return nil
}

// redirectOf returns the mark of a directory that was renamed.
func redirectOf(h *tar.Header) string {
	for _, f := range []Format{Trusted, User} {
		if to := h.PAXRecords[xattrRecord+string(f)+"redirect"]; to != "" {
			return to
		}
	}
	return ""
}
