package builtins

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// What ls, stat, find and du say about a file.

// modeText is a mode as ls -l shows it: drwxr-xr-x.
func modeText(mode uint32) string {
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

// typeText is a file's type in the words of stat(1) and the like.
func typeText(st unix.Stat_t) string {
	switch fileType(st) {
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

// humanSize is a size with a unit, rounded up: 1.5K.
func humanSize(n uint64, base uint64) string {
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

// ceilTenths is rest*10/power rounded up, without leaving 64 bits.
func ceilTenths(rest, power uint64) uint64 {
	if power >= 1<<60 {
		rest, power = rest>>4, power>>4
	}
	return (rest*10 + power - 1) / power
}

// A fileNames finds the names of owners, each of them once.
type fileNames struct {
	*Call
	users, groups map[uint32]string
}

func (n *fileNames) user(id uint32) (string, bool)  { return n.find(&n.users, passwdFile, id) }
func (n *fileNames) group(id uint32) (string, bool) { return n.find(&n.groups, groupFile, id) }

func (n *fileNames) find(names *map[uint32]string, file string, id uint32) (string, bool) {
	name, known := (*names)[id]
	if !known {
		if *names == nil {
			*names = map[uint32]string{}
		}
		name, _ = n.idName(file, int(id))
		(*names)[id] = name
	}
	return name, name != ""
}

// ownerText is a name, or the number where there is none.
func (n *fileNames) ownerText(id uint32) string {
	if name, ok := n.user(id); ok {
		return name
	}
	return strconv.FormatUint(uint64(id), 10)
}

func (n *fileNames) groupText(id uint32) string {
	if name, ok := n.group(id); ok {
		return name
	}
	return strconv.FormatUint(uint64(id), 10)
}

func timeOf(ts unix.Timespec, zone *time.Location) time.Time {
	return time.Unix(ts.Sec, ts.Nsec).In(zone)
}

// foreignCollation says whether the locale has an order of names, or names of days, of its
// own. One that is not installed means C.
func (c *Call) foreignCollation(category string) (name string, foreign bool) {
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
		if _, err := statAt(unix.AT_FDCWD, "/usr/lib/locale/"+f, 0); err == nil {
			return name, true
		}
	}
	return "", false
}
