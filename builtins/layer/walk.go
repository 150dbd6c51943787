package layer

import (
	"fmt"
	"slices"
	"strings"
)

// A Kind tells how a path of the subhost differs from the lower directory.
type Kind byte

// The kinds of changes.
const (
	Added   Kind = 'A'
	Changed Kind = 'C'
	Removed Kind = 'D'
)

// A Change is a path at which the root of the subhost differs from the lower directory.
type Change struct {
	Kind Kind
	// Path has no slash in front; that of the root is "".
	Path string
	// New is the file now, nil if it is removed. Data is the file with its content, which is
	// another one if overlay has copied only its status.
	New, Data *Node
	// Old is the file in the lower directory, nil if the file is added.
	Old *Node
	// What tells in which respects a changed file differs.
	What Aspects
}

// Layers are an upper directory and the lower one that it changes.
type Layers struct {
	Upper, Lower *Tree
	Format       Format
}

// Close ends the use of both trees.
func (l *Layers) Close() {
	l.Upper.Close()
	l.Lower.Close()
}

// Options of a walk.
type Options struct {
	// Times has another time of modification count as a change, but for directories.
	Times bool
	// Below also visits what was below a directory that has been removed, or has become
	// another file. Without it, only that directory is visited.
	Below bool
	// Only are the paths to visit, with all below them, clean and without a slash in front.
	// All are visited if it is empty.
	Only []string
}

// A walker walks three trees at once: the upper directory, the place in the lower directory that
// overlay merges it with, and the place there that has the same path. The latter two differ only
// in a directory that was renamed.
type walker struct {
	*Layers
	Options
	visit func(*Change) error
	found map[string]bool // those of Only that exist in some tree
}

// sides are the directories of one path, nil where there is none.
type sides struct{ upper, origin, base *dir }

// Walk visits the changes, in the order of their names, each directory before what is in it. It
// needs memory for the names of the directories above a file only. Files that vanish meanwhile
// are no errors. The nodes of a change are valid until visit returns. missing are those of
// Options.Only that no tree has.
func (l *Layers) Walk(o Options, visit func(*Change) error) (missing []string, err error) {
	w := walker{l, o, visit, map[string]bool{}}
	s := sides{l.Upper.root, l.Lower.root, l.Lower.root}
	if w.wants(nil) {
		if err := w.root(s); err != nil {
			return nil, err
		}
	}
	if err := w.dir(nil, s); err != nil {
		return nil, err
	}
	for _, p := range o.Only {
		if p == "" || w.found[p] {
			continue
		}
		there, err := w.lowerHas(p)
		if err != nil {
			return nil, err
		}
		if !there {
			missing = append(missing, p)
		}
	}
	return missing, nil
}

// root visits the root itself.
func (w *walker) root(s sides) error {
	upper, err := s.upper.node()
	if err != nil {
		return err
	}
	base, err := s.base.node()
	if err != nil || upper == nil || base == nil {
		return err
	}
	return w.compare(nil, merged{upper, upper}, base)
}

// wants reports whether a path is to be visited.
func (w *walker) wants(at *trail) bool {
	if len(w.Only) == 0 {
		return true
	}
	name := at.String()
	return slices.ContainsFunc(w.Only, func(p string) bool { return isAtOrBelow(name, p) })
}

// isAtOrBelow reports whether a clean path is another one, or below it.
func isAtOrBelow(name, top string) bool {
	return top == "" || name == top || strings.HasPrefix(name, top+"/")
}

// names returns the names to look at in a directory. Where the lower directory is merged as it
// is, only the names of the upper one can differ.
func (w *walker) names(at *trail, s sides) (names []string, err error) {
	if !w.wants(at) {
		above := strings.TrimSuffix("/"+at.String(), "/") + "/"
		for _, p := range w.Only {
			if rest, ok := strings.CutPrefix("/"+p, above); ok {
				name, _, _ := strings.Cut(rest, "/")
				names = append(names, name)
			}
		}
	} else {
		list := []*dir{s.upper}
		if s.origin != s.base {
			list = append(list, s.origin, s.base)
		}
		for _, d := range list {
			more, err := d.names()
			if err != nil {
				return nil, fmt.Errorf("cannot read /%s: %w", at, err)
			}
			if names == nil {
				names = more
				continue
			}
			names = append(names, more...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// dir visits all in a directory.
func (w *walker) dir(at *trail, s sides) error {
	names, err := w.names(at, s)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := w.entry(at.to(name), s); err != nil {
			return err
		}
	}
	return nil
}
