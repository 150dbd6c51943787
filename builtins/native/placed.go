package native

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
)

// A NamedFile is a file together with one of its names.
type NamedFile struct {
	fsys.Inode
	Name string
}

// PlacedFiles are the files that a command has made of its operands so far. Another operand
// with the same last name must not replace one of them. A nil map remembers nothing.
type PlacedFiles map[NamedFile]bool

// NewPlacedFiles returns a set for that many operands. It is nil for fewer than two, which
// cannot conflict.
func NewPlacedFiles(operands int) PlacedFiles {
	if operands < 2 {
		return nil
	}
	return PlacedFiles{}
}

// Place remembers a file that the command made.
func (placed PlacedFiles) Place(c *Call, name string) {
	if placed == nil {
		return
	}
	if st, err := c.Lstat(name); err == nil {
		placed[NamedFile{fsys.InodeOf(st), name}] = true
	}
}

// Has reports whether an earlier operand was placed there.
func (placed PlacedFiles) Has(st unix.Stat_t, name string) bool {
	return placed[NamedFile{fsys.InodeOf(st), name}]
}
