package compat

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// textLimit is the size in bytes up to which a text file is compared line by line. A larger
// file is compared by its hash.
const textLimit = 1 << 20

// tree records the files below top, under the path name. Only the kernel can follow the
// link that top may be: readlink of another process's root in /proc yields "/".
func (w *witness) tree(where, top, name string) {
	start := top + "/."
	_ = filepath.WalkDir(start, func(path string, d fs.DirEntry, err error) error {
		shown := name + strings.TrimPrefix(path, top)
		if shown == fixtures {
			return fs.SkipDir
		}
		if err == nil && path != start {
			w.file(where, path, shown)
		}
		return nil
	})
}

// file records the kind, mode, owner, size, content and extended attributes of one file.
func (w *witness) file(where, path, shown string) {
	info, err := os.Lstat(path)
	if err != nil {
		return
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return
	}
	text := fmt.Sprintf("%s %04o %d:%d", kindNames[st.Mode&unix.S_IFMT], st.Mode&0o7777,
		st.Uid, st.Gid)
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFCHR, unix.S_IFBLK:
		text += fmt.Sprintf(" device %d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	case unix.S_IFLNK:
		target, _ := os.Readlink(path)
		text += " to " + target
	case unix.S_IFREG:
		w.content(where, path, shown, st.Size)
	}
	w.add(where, shown, text+attributes(path))
}

var kindNames = map[uint32]string{unix.S_IFDIR: "folder", unix.S_IFREG: "file",
	unix.S_IFLNK: "link", unix.S_IFIFO: "fifo", unix.S_IFSOCK: "socket",
	unix.S_IFCHR: "character", unix.S_IFBLK: "block"}

// content records a text as it is, and other content by its size and hash.
func (w *witness) content(where, path, shown string, size int64) {
	if size > 64<<20 {
		w.add(where, shown+" content", fmt.Sprintf("%d bytes", size))
		return
	}
	data, err := os.ReadFile(path)
	switch {
	case err != nil:
		w.add(where, shown+" content", err.Error())
	case size <= textLimit && isText(string(data)):
		w.add(where, shown+" content", string(data))
	default:
		w.add(where, shown+" content", fmt.Sprintf("%d bytes %x", size, sha256.Sum256(data)))
	}
}

func isText(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && !unicode.IsSpace(r)
	}) < 0
}

// attributes lists the extended attributes. The value that an overlay stores about the
// origin of a copied file is a file handle, which differs between file systems.
func attributes(path string) string {
	buf := make([]byte, 4096)
	n, err := unix.Llistxattr(path, buf)
	if err != nil || n == 0 {
		return ""
	}
	names := strings.Split(strings.TrimSuffix(string(buf[:n]), "\x00"), "\x00")
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		value := make([]byte, 4096)
		n, err := unix.Lgetxattr(path, name, value)
		if err != nil {
			n = 0
		}
		fmt.Fprintf(&b, "\n%s=%x", name, value[:n])
	}
	return b.String()
}
