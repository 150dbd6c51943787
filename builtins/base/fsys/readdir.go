package fsys

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// An entry is a name in a directory, with the inode that getdents64(2) gives for it.
type entry struct {
	inode uint64
	name  string
}

// NamesByInode returns the names in a directory in the order of their inodes. cp and mv of
// GNU copy in that order, since it needs the fewest movements of a disk's head.
func NamesByInode(dir *os.File) (names []string, err error) {
	var entries []entry
	buf := make([]byte, 32<<10)
	for {
		var n int
		err = Retry(func() (err error) {
			n, err = unix.ReadDirent(int(dir.Fd()), buf)
			return err
		})
		if err != nil || n == 0 {
			break
		}
		entries = appendEntries(entries, buf[:n])
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.inode, b.inode) })
	for _, e := range entries {
		names = append(names, e.name)
	}
	if errors.Is(err, unix.ENOENT) { // the directory has been removed meanwhile
		err = nil
	}
	return names, err
}

// appendEntries reads the records of getdents64(2), struct linux_dirent64: an inode and an
// offset of 8 bytes each, the length of the record in 2, a type in 1, then the name.
func appendEntries(entries []entry, records []byte) []entry {
	const nameAt = 19
	for len(records) > nameAt {
		length := int(binary.NativeEndian.Uint16(records[16:]))
		if length <= nameAt || length > len(records) {
			break
		}
		name, _, _ := bytes.Cut(records[nameAt:length], []byte{0})
		if s := string(name); s != "." && s != ".." {
			entries = append(entries, entry{binary.NativeEndian.Uint64(records), s})
		}
		records = records[length:]
	}
	return entries
}
