package native

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
)

// The texts that ls, stat, find and du print about a file.

// ModeText returns a mode as ls -l shows it: drwxr-xr-x.
func ModeText(mode uint32) string {
	b := []byte("?rwxrwxrwx")
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		b[0] = '-'
	case unix.S_IFDIR:
		b[0] = 'd'
	case unix.S_IFLNK:
		b[0] = 'l'
	case unix.S_IFCHR:
		b[0] = 'c'
	case unix.S_IFBLK:
		b[0] = 'b'
	case unix.S_IFIFO:
		b[0] = 'p'
	case unix.S_IFSOCK:
		b[0] = 's'
	}
	for i := range 9 {
		if mode&(0o400>>i) == 0 {
			b[1+i] = '-'
		}
	}
	for _, s := range [...]struct {
		bit    uint32
		at     int
		letter byte
	}{{unix.S_ISUID, 3, 's'}, {unix.S_ISGID, 6, 's'}, {unix.S_ISVTX, 9, 't'}} {
		switch {
		case mode&s.bit == 0:
		case b[s.at] == 'x':
			b[s.at] = s.letter
		default:
			b[s.at] = s.letter - 'a' + 'A'
		}
	}
	return string(b)
}

// TypeText returns the file type in the words of stat(1).
func TypeText(st unix.Stat_t) string {
	switch fsys.Type(st) {
	case unix.S_IFREG:
		if st.Size == 0 {
			return "regular empty file"
		}
		return "regular file"
	case unix.S_IFDIR:
		return "directory"
	case unix.S_IFLNK:
		return "symbolic link"
	case unix.S_IFCHR:
		return "character special file"
	case unix.S_IFBLK:
		return "block special file"
	case unix.S_IFIFO:
		return "fifo"
	case unix.S_IFSOCK:
		return "socket"
	}
	return "weird file"
}

// HumanSize returns a size with a unit, rounded up: 1.5K.
func HumanSize(n uint64, base uint64) string {
	if n < base {
		return strconv.FormatUint(n, 10)
	}
	units := "KMGTPEZY"
	if base == 1000 {
		units = "kMGTPEZY"
	}
	power, unit := uint64(1), -1
	for n/power >= base && unit+1 < 6 {
		power *= base
		unit++
	}
	for {
		// Tenths, rounded up.
		whole, rest := n/power, n%power
		tenths := whole*10 + ceilTenths(rest, power)
		if tenths < 100 {
			return strconv.FormatUint(tenths/10, 10) + "." + strconv.FormatUint(tenths%10, 10) +
				units[unit:unit+1]
		}
		if rest > 0 {
			whole++
		}
		if whole < base || unit >= 5 {
			return strconv.FormatUint(whole, 10) + units[unit:unit+1]
		}
		power *= base
		unit++
	}
}

// ceilTenths returns rest*10/power rounded up. It does not overflow 64 bits.
func ceilTenths(rest, power uint64) uint64 {
	if power >= 1<<60 {
		rest, power = rest>>4, power>>4
	}
	return (rest*10 + power - 1) / power
}

// A FileNames looks up the names of owners and groups, each only once.
type FileNames struct {
	*Call
	users, groups map[uint32]string
}

// User returns the name of a user.
func (n *FileNames) User(id uint32) (string, bool) { return n.find(&n.users, PasswdFile, id) }

// Group returns the name of a group.
func (n *FileNames) Group(id uint32) (string, bool) { return n.find(&n.groups, GroupFile, id) }

func (n *FileNames) find(names *map[uint32]string, file string, id uint32) (string, bool) {
	name, known := (*names)[id]
	if !known {
		if *names == nil {
			*names = map[uint32]string{}
		}
		name, _ = n.NameOfID(file, int(id))
		(*names)[id] = name
	}
	return name, name != ""
}

// OwnerText returns the name of a user, or the number if there is no name.
func (n *FileNames) OwnerText(id uint32) string {
	if name, ok := n.User(id); ok {
		return name
	}
	return strconv.FormatUint(uint64(id), 10)
}

// GroupText returns the name of a group, or the number if there is no name.
func (n *FileNames) GroupText(id uint32) string {
	if name, ok := n.Group(id); ok {
		return name
	}
	return strconv.FormatUint(uint64(id), 10)
}

// TimeOf returns a time of stat(2) in a time zone.
func TimeOf(ts unix.Timespec, zone *time.Location) time.Time {
	return time.Unix(ts.Sec, ts.Nsec).In(zone)
}

// ForeignCollation reports whether the category's locale has its own order of names, or its own
// names of days. A locale that is not installed counts as C.
func (c *Call) ForeignCollation(category string) (name string, foreign bool) {
	for _, v := range [...]string{"LC_ALL", category, "LANG"} {
		if name = c.Getenv(v); name != "" {
			break
		}
	}
	base, _, _ := strings.Cut(name, ".")
	if base == "" || base == "C" || base == "POSIX" {
		return "", false
	}
	for _, f := range [...]string{"locale-archive", name, base, base + ".utf8"} {
		if _, err := fsys.StatAt(unix.AT_FDCWD, "/usr/lib/locale/"+f, 0); err == nil {
			return name, true
		}
	}
	return "", false
}
