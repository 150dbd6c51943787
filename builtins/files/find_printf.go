package files

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/dates"
	"overlayboot/builtins/base/filemode"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

// A findPiece is a piece of a -printf format: text or a directive.
type findPiece struct {
	text   string
	letter byte
	time   byte // the k of %Ak, %Ck and %Tk
	spec   native.StatDirective
}

// printf is -printf and -fprintf, with the escapes and directives of find(1).
func (p *findParser) printf(out *findOutput, format string) findExpr {
	pieces, problem := findPieces(format)
	if problem == "" {
		problem = p.foreignTimes(pieces)
	}
	if problem != "" {
		return p.lacks("-printf " + problem)
	}
	return func(e *findEntry) bool {
		for _, piece := range pieces {
			if piece.letter == 0 {
				out.w.WriteString(piece.text)
				continue
			}
			v, ok := p.field(e, piece)
			if !ok {
				return true
			}
			out.w.WriteString(show(piece.spec, v))
		}
		return true
	}
}

// foreignTimes names a locale whose words or formats for times are needed.
func (p *findParser) foreignTimes(pieces []findPiece) (problem string) {
	words := func(piece findPiece) bool {
		return strings.IndexByte("aAbBhcxXpPr", piece.time) >= 0 && piece.time != 0
	}
	if !slices.ContainsFunc(pieces, words) || !p.ToolExists() {
		return ""
	}
	if name, foreign := p.ForeignCollation("LC_TIME"); foreign {
		return "the dates of " + name
	}
	return ""
}

func findPieces(format string) (pieces []findPiece, problem string) {
	var text strings.Builder
	for i := 0; i < len(format); i++ {
		c := format[i]
		switch {
		case c == '\\' && i+1 < len(format):
			i++
			at := strings.IndexByte("abfnrtv\\0", format[i])
			if at < 0 {
				if '1' <= format[i] && format[i] <= '7' {
					at = 8
				} else {
					return nil, format[i-1 : i+1]
				}
			}
			if at < 8 {
				text.WriteByte("\a\b\f\n\r\t\v\\"[at])
				continue
			}
			n, end := 0, i
			for ; end < len(format) && end < i+3 && '0' <= format[end] && format[end] <= '7'; end++ {
				n = n*8 + int(format[end]-'0')
			}
			text.WriteByte(byte(n))
			i = end - 1
		case c == '%':
			if i+1 < len(format) && format[i+1] == '%' {
				text.WriteByte('%')
				i++
				continue
			}
			spec, next := native.CutStatDirective(format, i)
			piece := findPiece{letter: spec.Letter, spec: spec}
			if spec.Part != 0 || spec.Letter == 0 ||
				strings.IndexByte("abcdfFgGhHiklmMnpPsStuUyYDACT", spec.Letter) < 0 {
				return nil, format[i:]
			}
			if strings.IndexByte("ACT", spec.Letter) >= 0 {
				const letters = "@aAbBcdDFhHIjklmMprSTUwWxXyYZ+s"
				if next >= len(format) || strings.IndexByte(letters, format[next]) < 0 {
					return nil, format[i:]
				}
				piece.time = format[next]
				next++
			}
			if text.Len() > 0 {
				pieces = append(pieces, findPiece{text: text.String()})
				text.Reset()
			}
			pieces = append(pieces, piece)
			i = next - 1
		default:
			text.WriteByte(c)
		}
	}
	return append(pieces, findPiece{text: text.String()}), ""
}

func (f *finder) field(e *findEntry, piece findPiece) (v statValue, ok bool) {
	text := func(s string) (statValue, bool) { return statText(s), true }
	switch piece.letter {
	case 'p':
		return text(e.path)
	case 'P':
		return text(strings.TrimPrefix(e.path[e.root:], "/"))
	case 'f':
		base := fsys.LastPart(e.path)
		if base != "/" && strings.HasSuffix(e.path, "/") {
			base += "/"
		}
		return text(base)
	case 'h':
		return text(findDirOf(e.path))
	case 'H':
		return text(e.path[:e.root])
	case 'd':
		return text(strconv.Itoa(e.depth))
	}
	if !f.need(e) {
		return statValue{}, false
	}
	if n, ok := plainStatus(&e.st, piece.letter); ok {
		return text(strconv.FormatUint(n, 10))
	}
	return f.statusField(e, piece), true
}

// plainStatus returns a property of a file that is a plain number.
func plainStatus(st *unix.Stat_t, letter byte) (n uint64, ok bool) {
	switch letter {
	case 'U':
		return uint64(st.Uid), true
	case 'G':
		return uint64(st.Gid), true
	case 's':
		return uint64(st.Size), true
	case 'b':
		return uint64(st.Blocks), true
	case 'k':
		return uint64(st.Blocks+1) / 2, true
	case 'i':
		return st.Ino, true
	case 'n':
		return uint64(st.Nlink), true
	case 'D':
		return st.Dev, true
	}
	return 0, false
}

// statusField returns the other properties of a file.
func (f *finder) statusField(e *findEntry, piece findPiece) statValue {
	st, text := e.st, statText
	switch piece.letter {
	case 'l':
		target := ""
		if e.kind == unix.S_IFLNK {
			target, _ = fsys.ReadlinkAt(e.dir, e.name)
		}
		return text(target)
	case 'y':
		return text(string(typeLetter(e.kind)))
	case 'Y':
		return text(f.followedType(e))
	case 'm':
		return statNumber('o', uint64(st.Mode&filemode.AllModeBits))
	case 'M':
		return text(native.ModeText(st.Mode))
	case 'u':
		return text(f.OwnerText(st.Uid))
	case 'g':
		return text(f.GroupText(st.Gid))
	case 'S':
		if st.Size == 0 {
			if st.Blocks == 0 {
				return text("1")
			}
			return text("-inf")
		}
		return text(formatG(512 * float64(st.Blocks) / float64(st.Size)))
	case 'F':
		return text(f.fsTypeOf(st))
	}
	return text(f.timeField(e, piece))
}

// formatG is %g of printf(3).
func formatG(n float64) string {
	return strconv.FormatFloat(n, 'g', 6, 64)
}

// followedType returns the type of the target of a symbolic link: N for a missing target, L for
// a loop.
func (f *finder) followedType(e *findEntry) string {
	if e.kind != unix.S_IFLNK {
		return string(typeLetter(e.kind))
	}
	st, err := fsys.StatAt(e.dir, e.name, 0)
	switch err {
	case nil:
		return string(typeLetter(fsys.Type(st)))
	case unix.ENOENT, unix.ENOTDIR:
		return "N"
	case unix.ELOOP:
		return "L"
	}
	return "?"
}

// fsTypeOf returns the file system type in the mount table.
func (f *finder) fsTypeOf(st unix.Stat_t) string {
	table, _ := f.MountTable()
	found := "unknown"
	for _, m := range table {
		s, err := fsys.StatAt(unix.AT_FDCWD, m.Target, unix.AT_SYMLINK_NOFOLLOW)
		if err == nil && s.Dev == st.Dev {
			found = m.FSType
		}
	}
	return found
}

func (f *finder) timeField(e *findEntry, piece findPiece) string {
	ts := e.stamp(piece.letter | 0x20)
	if piece.letter == 'T' {
		ts = e.st.Mtim
	}
	t := native.TimeOf(ts, f.zone)
	fraction := fmt.Sprintf(".%09d0", ts.Nsec)
	switch piece.time {
	case '@':
		if ts.Sec < 0 && ts.Nsec > 0 {
			return fmt.Sprintf("-%d.%09d0", -(ts.Sec + 1), 1e9-ts.Nsec)
		}
		return strconv.FormatInt(ts.Sec, 10) + fraction
	case '+':
		return dates.Format("%Y-%m-%d+%H:%M:%S", t) + fraction
	case 'S':
		return dates.Format("%S", t) + fraction
	case 'T', 'X':
		return dates.Format("%H:%M:%S", t) + fraction
	case 0: // %a, %c and %t print ctime(3) format
		return dates.Format("%a %b %e %H:%M:%S", t) + fraction + dates.Format(" %Y", t)
	}
	return dates.Format("%"+string(piece.time), t)
}
