package pattern

import (
	"bytes"
	"encoding/binary"
	"errors"
	"sort"
	"strings"

	"golang.org/x/sys/unix"
)

// Glob returns the names of the files that a pattern matches, in byte order, and nil if there
// is none. Relative names start from the directory with file descriptor dir, which may be
// unix.AT_FDCWD.
//
// As in dash, slashes stand as they are written, a leading dot must be matched
// by a dot outside brackets, and . and .. are names like others.
func Glob(dir int, pattern string) []string {
	if !HasMeta(pattern) {
		return nil
	}
	g := globber{dir: dir}
	g.expand("", pattern)
	sort.Strings(g.names)
	return g.names
}

type globber struct {
	dir   int
	names []string
}

// expand adds the names that start with an existing directory prefix and match the pattern
// behind it.
func (g *globber) expand(prefix, pattern string) {
	start, end, slash, meta := component(pattern)
	if !meta {
		var st unix.Stat_t
		name := prefix + Unescape(pattern)
		if prefix != "" && unix.Fstatat(g.dir, name, &st, unix.AT_SYMLINK_NOFOLLOW) == nil {
			g.names = append(g.names, name)
		}
		return
	}
	prefix += Unescape(pattern[:start])
	match := pattern[start:end]
	hidden := strings.HasPrefix(strings.TrimPrefix(match, "\\"), ".")
	last := end == len(pattern)
	var found []string
	g.read(prefix, func(name []byte, kind byte) {
		if name[0] == '.' && !hidden || !last && !mayHoldFiles(kind) {
			return
		}
		if Match(match, string(name)) {
			found = append(found, string(name))
		}
	})
	for _, name := range found {
		if last {
			g.names = append(g.names, prefix+name)
		} else {
			g.expand(prefix+name+"/", pattern[slash+1:])
		}
	}
}

func mayHoldFiles(kind byte) bool {
	return kind == unix.DT_DIR || kind == unix.DT_LNK || kind == unix.DT_UNKNOWN
}

// component finds the first component with a special character: pattern[start:end]. slash is
// the index of the slash behind it, which may be escaped.
func component(pattern string) (start, end, slash int, meta bool) {
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*', '?':
			meta = true
			continue
		case '[':
			meta = meta || bracketCloses(pattern[i+1:])
			continue
		}
		at := i
		if pattern[i] == '\\' && i+1 < len(pattern) {
			i++
		}
		if pattern[i] != '/' {
			continue
		}
		if meta {
			return start, at, i, true
		}
		start = i + 1
	}
	return start, len(pattern), len(pattern), meta
}

// bracketCloses reports whether a ] follows before the next slash.
func bracketCloses(s string) bool {
	i := 0
	if strings.HasPrefix(s, "!") {
		i++
	}
	for {
		if i < len(s) && s[i] == '\\' {
			i++
		}
		if i >= len(s) || s[i] == '/' {
			return false
		}
		if i++; i < len(s) && s[i] == ']' {
			return true
		}
	}
}

// read calls visit for each entry of a directory, including . and .., with its type as
// getdents64(2) returns it. The name is valid during the call only. An unreadable directory has
// no entries.
func (g *globber) read(name string, visit func(name []byte, kind byte)) {
	if name == "" {
		name = "."
	}
	fd, err := openDir(g.dir, name)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	var buf [8192]byte
	for {
		n, err := unix.Getdents(fd, buf[:])
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || n <= 0 {
			return
		}
		entries(buf[:n], visit)
	}
}

func openDir(dir int, name string) (int, error) {
	for {
		fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if !errors.Is(err, unix.EINTR) {
			return fd, err
		}
	}
}

// entries walks over a buffer of struct linux_dirent64: inode and offset of eight bytes each,
// length of the record of two, type of one, and the name.
func entries(buf []byte, visit func(name []byte, kind byte)) {
	const lengthAt, typeAt, nameAt = 16, 18, 19
	for len(buf) > nameAt {
		size := int(binary.NativeEndian.Uint16(buf[lengthAt:]))
		if size <= nameAt || size > len(buf) {
			return
		}
		name := buf[nameAt:size]
		if end := bytes.IndexByte(name, 0); end > 0 {
			visit(name[:end], buf[typeAt])
		}
		buf = buf[size:]
	}
}
