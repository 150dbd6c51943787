package builtins

import "golang.org/x/sys/unix"

// A namedFile is a file under a name.
type namedFile struct {
	inode
	name string
}

// placedFiles are what a command has made of its operands so far: another operand of the
// same last name must not take the place of one. nil remembers nothing.
type placedFiles map[namedFile]bool

// newPlacedFiles is for so many operands: one cannot be in the way of itself.
func newPlacedFiles(operands int) placedFiles {
	if operands < 2 {
		return nil
	}
	return placedFiles{}
}

// place remembers a file that was made.
func (placed placedFiles) place(c *Call, name string) {
	if placed == nil {
		return
	}
	if st, err := c.lstat(name); err == nil {
		placed[namedFile{inodeOf(st), name}] = true
	}
}

// has reports whether an operand before was placed there.
func (placed placedFiles) has(st unix.Stat_t, name string) bool {
	return placed[namedFile{inodeOf(st), name}]
}
