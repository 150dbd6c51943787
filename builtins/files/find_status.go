package files

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/dates"
	"overlayboot/builtins/base/filemode"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

// This file holds the tests of find that use a file's status.

func findStatusWords() []findWord {
	return []findWord{
		{"type", true, findType("type")}, {"xtype", true, findType("xtype")},
		{"size", true, (*findParser).size}, {"perm", true, (*findParser).perm},
		{"mtime", true, findAge("mtime", 24*time.Hour)}, {"mmin", true, findAge("mmin", time.Minute)},
		{"atime", true, findAge("atime", 24*time.Hour)}, {"amin", true, findAge("amin", time.Minute)},
		{"ctime", true, findAge("ctime", 24*time.Hour)}, {"cmin", true, findAge("cmin", time.Minute)},
		{"newer", true, func(p *findParser, arg string) findExpr { return p.newer('m', 'm', arg) }},
		{"anewer", true, func(p *findParser, arg string) findExpr { return p.newer('a', 'm', arg) }},
		{"cnewer", true, func(p *findParser, arg string) findExpr { return p.newer('c', 'm', arg) }},
		{"user", true, findOwner(native.PasswdFile)}, {"group", true, findOwner(native.GroupFile)},
		{"uid", true, findNumber(func(e *findEntry) int64 { return int64(e.st.Uid) })},
		{"gid", true, findNumber(func(e *findEntry) int64 { return int64(e.st.Gid) })},
		{"links", true, findNumber(func(e *findEntry) int64 { return int64(e.st.Nlink) })},
		{"inum", true, findNumber(func(e *findEntry) int64 { return int64(e.st.Ino) })},
		{"nouser", false, func(p *findParser, _ string) findExpr {
			return func(e *findEntry) bool {
				if !p.need(e) {
					return false
				}
				_, ok := p.User(e.st.Uid)
				return !ok
			}
		}},
		{"nogroup", false, func(p *findParser, _ string) findExpr {
			return func(e *findEntry) bool {
				if !p.need(e) {
					return false
				}
				_, ok := p.Group(e.st.Gid)
				return !ok
			}
		}},
		{"empty", false, func(p *findParser, _ string) findExpr { return p.isEmpty }},
		{"samefile", true, (*findParser).same},
		{"readable", false, findAccess(unix.R_OK)}, {"writable", false, findAccess(unix.W_OK)},
		{"executable", false, findAccess(unix.X_OK)},
	}
}

func findAccess(mode uint32) func(*findParser, string) findExpr {
	return func(p *findParser, _ string) findExpr {
		return func(e *findEntry) bool {
			return unix.Faccessat2(e.dir, e.name, mode, unix.AT_EACCESS) == nil
		}
	}
}

func typeLetter(kind uint32) byte {
	switch kind {
	case unix.S_IFREG:
		return 'f'
	case unix.S_IFDIR:
		return 'd'
	case unix.S_IFLNK:
		return 'l'
	case unix.S_IFCHR:
		return 'c'
	case unix.S_IFBLK:
		return 'b'
	case unix.S_IFIFO:
		return 'p'
	case unix.S_IFSOCK:
		return 's'
	}
	return 'U'
}

func findType(word string) func(*findParser, string) findExpr {
	return func(p *findParser, arg string) findExpr {
		set := ""
		for i, one := range strings.Split(arg, ",") {
			if len(one) != 1 || !strings.Contains("fdlcbps", one) || i > 6 {
				return p.lacks("-" + word + " " + arg)
			}
			if strings.Contains(set, one) {
				p.message = fmt.Sprintf("Duplicate file type '%s' in the argument list to -%s.", one, word)
				return nil
			}
			set += one
		}
		return func(e *findEntry) bool {
			kind := e.kind
			if word == "xtype" {
				flags := 0
				if p.follow == 'L' {
					flags = unix.AT_SYMLINK_NOFOLLOW
				}
				st, err := fsys.StatAt(e.dir, e.name, flags)
				if err == nil {
					kind = fsys.Type(st)
				}
			}
			return strings.IndexByte(set, typeLetter(kind)) >= 0
		}
	}
}

// cutComparison splits the sign off +N, -N or N.
func cutComparison(arg string) (sign byte, rest string) {
	if arg != "" && (arg[0] == '+' || arg[0] == '-') {
		return arg[0], arg[1:]
	}
	return '=', arg
}

func compares(sign byte, a, b int64) bool {
	switch sign {
	case '+':
		return a > b
	case '-':
		return a < b
	}
	return a == b
}

func findNumber(value func(*findEntry) int64) func(*findParser, string) findExpr {
	return func(p *findParser, arg string) findExpr {
		sign, digits := cutComparison(arg)
		n, err := strconv.ParseInt(digits, 10, 63)
		if err != nil || !ascii.OnlyDigits(digits) {
			return p.lacks("argument '" + arg + "'")
		}
		return func(e *findEntry) bool { return p.need(e) && compares(sign, value(e), n) }
	}
}

func (p *findParser) size(arg string) findExpr {
	sign, rest := cutComparison(arg)
	unit := int64(512)
	if rest != "" && !ascii.IsDigit(rest[len(rest)-1]) {
		units := map[byte]int64{'b': 512, 'c': 1, 'w': 2, 'k': 1 << 10, 'M': 1 << 20, 'G': 1 << 30}
		if unit = units[rest[len(rest)-1]]; unit == 0 {
			return p.lacks("-size " + arg)
		}
		rest = rest[:len(rest)-1]
	}
	n, err := strconv.ParseInt(rest, 10, 63)
	if err != nil || !ascii.OnlyDigits(rest) {
		return p.lacks("-size " + arg)
	}
	return func(e *findEntry) bool {
		return p.need(e) && compares(sign, (e.st.Size+unit-1)/unit, n)
	}
}

func (p *findParser) perm(arg string) findExpr {
	kind, text := byte('='), arg
	if arg != "" && (arg[0] == '-' || arg[0] == '/') {
		kind, text = arg[0], arg[1:]
	}
	changes, ok := filemode.Parse(text)
	if !ok || kind == '=' && len(text) > 1 && text[0] == '+' && ascii.IsDigit(text[1]) {
		p.message = "invalid mode " + p.Quoted(native.QuoteText(arg))
		return nil
	}
	file := filemode.Adjust(0, false, 0, changes)
	dir := filemode.Adjust(0, true, 0, changes)
	return func(e *findEntry) bool {
		if !p.need(e) {
			return false
		}
		want := file
		if e.kind == unix.S_IFDIR {
			want = dir
		}
		switch mode := e.st.Mode & filemode.AllModeBits; kind {
		case '-':
			return mode&want == want
		case '/':
			return want == 0 || mode&want != 0
		default:
			return mode == want
		}
	}
}

// findAge is -mtime and its relatives: the age of a file in whole units.
func findAge(name string, unit time.Duration) func(*findParser, string) findExpr {
	return func(p *findParser, arg string) findExpr {
		sign, number := cutComparison(arg)
		n, err := strconv.ParseFloat(number, 64)
		if err != nil || n < 0 || math.IsNaN(n) || n > 1e9 || strings.ContainsAny(number, "xXpP_nN+-") {
			return p.lacks("-" + name + " " + arg)
		}
		origin := p.now
		if p.dayStart {
			local := origin.In(p.zone)
			origin = time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, p.zone)
		}
		age := time.Duration(n * float64(unit))
		which := name[0]
		return func(e *findEntry) bool {
			if !p.need(e) {
				return false
			}
			ts := e.stamp(which)
			old := origin.Sub(time.Unix(ts.Sec, ts.Nsec))
			switch {
			case sign == '-':
				return old < age
			case sign == '+' && unit == time.Minute:
				return old > age
			case sign == '+':
				return old >= age+unit
			case unit == time.Minute:
				return old > age-unit && old <= age
			}
			return old >= age && old < age+unit
		}
	}
}

func (e *findEntry) stamp(which byte) unix.Timespec {
	switch which {
	case 'a':
		return e.st.Atim
	case 'c':
		return e.st.Ctim
	}
	return e.st.Mtim
}

// newer is -newerXY: it compares time X of the file with time Y of another file, or with a
// date.
func (p *findParser) newer(x, y byte, arg string) findExpr {
	var than time.Time
	switch {
	case strings.IndexByte("acm", x) < 0:
		return p.lacks(fmt.Sprintf("-newer%c%c", x, y))
	case y == 't':
		when, ok := dates.Parse(arg, p.now.In(p.zone))
		if !ok {
			return p.lacks("date " + native.QuoteText(arg).String())
		}
		than = when
	case strings.IndexByte("acm", y) < 0:
		return p.lacks(fmt.Sprintf("-newer%c%c", x, y))
	default:
		e := &findEntry{dir: p.Dir, name: arg, path: arg}
		if err := p.status0(e); err != nil {
			p.message = p.Quoted(native.QuoteText(arg)) + ": " + clib.Strerror(err)
			return nil
		}
		ts := e.stamp(y)
		than = time.Unix(ts.Sec, ts.Nsec)
	}
	return func(e *findEntry) bool {
		if !p.need(e) {
			return false
		}
		ts := e.stamp(x)
		return time.Unix(ts.Sec, ts.Nsec).After(than)
	}
}

func findOwner(file string) func(*findParser, string) findExpr {
	return func(p *findParser, arg string) findExpr {
		if e, ok := p.EntryOfID(file, arg); ok {
			arg = e[2]
		}
		n, err := strconv.ParseUint(arg, 10, 32)
		if err != nil || !ascii.OnlyDigits(arg) {
			word := map[string]string{native.PasswdFile: "a known user",
				native.GroupFile: "an existing group"}[file]
			return p.lacks(native.QuoteText(arg).String() + ", which is not the name of " + word)
		}
		return func(e *findEntry) bool {
			if !p.need(e) {
				return false
			}
			if file == native.PasswdFile {
				return uint64(e.st.Uid) == n
			}
			return uint64(e.st.Gid) == n
		}
	}
}

func (p *findParser) same(arg string) findExpr {
	e := &findEntry{dir: p.Dir, name: arg, path: arg}
	if err := p.status0(e); err != nil {
		p.message = p.Quoted(native.QuoteText(arg)) + ": " + clib.Strerror(err)
		return nil
	}
	id := fsys.InodeOf(e.st)
	return func(e *findEntry) bool { return p.need(e) && fsys.InodeOf(e.st) == id }
}
