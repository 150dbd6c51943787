package files

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/dates"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

// shownName returns a name as it is written. For a terminal it is quoted for the shell.
func (l *lister) shownName(name string) string {
	if l.quote {
		return l.quoteShell(name)
	}
	if !l.hideControl {
		return name
	}
	var b strings.Builder
	l.Locale().EachEscaped(name, func(char, esc string) {
		switch {
		case esc == "" || char == `\`:
			b.WriteString(char)
		default:
			b.WriteString(strings.Repeat("?", strings.Count(esc, `\`)))
		}
	})
	return b.String()
}

// quoteShell quotes a name that is special to the shell. A colon is not special.
func (l *lister) quoteShell(name string) string {
	if plain := strings.ReplaceAll(name, ":", "x"); l.Quoted(native.QuoteName(plain)) == plain {
		return name
	}
	return l.Quoted(native.QuoteAlways(name))
}

// print lists files. others also count for the widths of the columns.
func (l *lister) print(files []*lsFile, others ...*lsFile) {
	l.printed = l.printed || len(files) > 0
	var prefix lsWidths
	prefix.measure(l, files)
	prefix.measure(l, others)
	switch l.format {
	case 'l':
		for _, f := range files {
			l.long(f, &prefix)
		}
	case '1':
		for _, f := range files {
			l.w.WriteString(l.short(f, &prefix) + "\n")
		}
	default:
		cells := make([]string, len(files))
		for i, f := range files {
			cells[i] = l.short(f, &prefix)
		}
		if l.format == 'm' {
			l.commas(cells)
		} else {
			l.columns(cells)
		}
	}
}

func (l *lister) commas(cells []string) {
	at := 0
	for i, s := range cells {
		if i > 0 {
			if at+2+l.Locale().Width(s) < l.width || l.width == anyWidth {
				l.w.WriteString(", ")
				at += 2
			} else {
				l.w.WriteString(",\n")
				at = 0
			}
		}
		l.w.WriteString(s)
		at += l.Locale().Width(s)
	}
	if len(cells) > 0 {
		l.w.WriteByte('\n')
	}
}

// columns writes as many columns as fit, each as narrow as possible. The order is downward, or
// across with -x.
func (l *lister) columns(cells []string) {
	if len(cells) == 0 {
		return
	}
	if l.width == anyWidth {
		l.w.WriteString(strings.Join(cells, "  ") + "\n")
		return
	}
	rows, widths := l.fit(cells)
	down, right := 1, rows
	if l.format == 'x' {
		down, right = len(widths), 1
	}
	for row := range rows {
		at, i := 0, row*down
		for col, width := range widths {
			l.w.WriteString(cells[i])
			if i += right; i >= len(cells) || col == len(widths)-1 {
				break
			}
			l.indent(at+l.Locale().Width(cells[i-right]), at+width)
			at += width
		}
		l.w.WriteByte('\n')
	}
}

// fit finds the largest number of columns that fits.
func (l *lister) fit(cells []string) (rows int, widths []int) {
	const between, least = 2, 3
	for n := min(len(cells), max(l.width/least, 1)); n > 1; n-- {
		rows = (len(cells) + n - 1) / n
		widths = make([]int, n)
		for i := range widths {
			widths[i] = least
		}
		for i, s := range cells {
			col := i / rows
			if l.format == 'x' {
				col = i % n
			}
			widths[col] = max(widths[col], l.Locale().Width(s)+between*native.BoolInt(col != n-1))
		}
		sum := 0
		for _, x := range widths {
			sum += x
		}
		if sum < l.width {
			return rows, widths
		}
	}
	return len(cells), []int{0}
}

// indent moves to a column, with tabs as far as possible.
func (l *lister) indent(from, to int) {
	const tab = 8
	for from < to {
		if to/tab > (from+1)/tab {
			l.w.WriteByte('\t')
			from += tab - from%tab
		} else {
			l.w.WriteByte(' ')
			from++
		}
	}
}

// lsWidths are the widths of the columns in the long format.
type lsWidths struct {
	inode, blocks, links, owner, group, author, size, major, minor int
	quoted, acl                                                    bool
}

func (w *lsWidths) measure(l *lister, files []*lsFile) {
	for _, f := range files {
		if l.inode {
			w.inode = max(w.inode, len(f.inodeText()))
		}
		if l.blocks {
			w.blocks = max(w.blocks, len(l.fileBlocks(f)))
		}
		w.quoted = w.quoted || l.quote && l.shownName(f.name) != f.name
		if l.format != 'l' {
			continue
		}
		w.acl = w.acl || f.acl
		w.links = max(w.links, len(f.linksText()))
		w.owner = max(w.owner, len(l.owner(f)))
		w.group = max(w.group, len(l.group(f)))
		w.author = w.owner
		if f.isDevice() {
			w.major = max(w.major, len(strconv.Itoa(int(unix.Major(f.st.Rdev)))))
			w.minor = max(w.minor, len(strconv.Itoa(int(unix.Minor(f.st.Rdev)))))
			w.size = max(w.size, w.major+2+w.minor)
		} else {
			w.size = max(w.size, len(l.sizeText(f)))
		}
	}
}

func (f *lsFile) isDevice() bool {
	t := fsys.Type(f.st)
	return t == unix.S_IFCHR || t == unix.S_IFBLK
}

func (f *lsFile) linksText() string {
	if !f.known {
		return "?"
	}
	return strconv.FormatUint(uint64(f.st.Nlink), 10)
}

func (f *lsFile) inodeText() string {
	if !f.known {
		return "?"
	}
	return strconv.FormatUint(f.st.Ino, 10)
}

func (l *lister) owner(f *lsFile) string {
	return l.idText(f, f.st.Uid, l.OwnerText)
}

func (l *lister) group(f *lsFile) string {
	return l.idText(f, f.st.Gid, l.GroupText)
}

// idText returns the name of an owner or group, or its number with -n.
func (l *lister) idText(f *lsFile, id uint32, name func(uint32) string) string {
	switch {
	case !f.known:
		return "?"
	case l.numeric:
		return strconv.FormatUint(uint64(id), 10)
	}
	return name(id)
}

func (l *lister) sizeText(f *lsFile) string {
	switch {
	case !f.known:
		return "?"
	case l.human != 0:
		return native.HumanSize(uint64(f.st.Size), l.human)
	}
	return strconv.FormatInt(f.st.Size, 10)
}

func (l *lister) fileBlocks(f *lsFile) string {
	if !f.known {
		return "?"
	}
	return l.blockText(uint64(f.st.Blocks))
}

func (l *lister) blockText(blocks uint64) string {
	if l.human != 0 {
		return native.HumanSize(blocks*512, l.human)
	}
	return strconv.FormatUint((blocks+1)/2, 10)
}

// short returns a name with the additions of -i, -s and -F.
func (l *lister) short(f *lsFile, w *lsWidths) string {
	name := l.shownName(f.name)
	if w.quoted && (l.format == 'C' || l.format == 'x') && name == f.name {
		name = " " + name
	}
	text := l.prefix(f, w) + name
	if c := l.mark(f.st.Mode); c != 0 {
		text += string(c)
	}
	return text
}

func (l *lister) prefix(f *lsFile, w *lsWidths) (text string) {
	pad := func(s string, width int) string {
		if l.format == 'm' {
			width = 0
		}
		return strings.Repeat(" ", max(width-len(s), 0)) + s + " "
	}
	if l.inode {
		text = pad(f.inodeText(), w.inode)
	}
	if l.blocks {
		text += pad(l.fileBlocks(f), w.blocks)
	}
	return text
}

// mark returns the indicator of a file type, 0 for none.
func (l *lister) mark(mode uint32) byte {
	kind := mode & unix.S_IFMT
	switch {
	case l.indicator == 0 || kind == 0:
	case kind == unix.S_IFDIR:
		return '/'
	case l.indicator == '/':
	case kind == unix.S_IFLNK:
		return '@'
	case kind == unix.S_IFIFO:
		return '|'
	case kind == unix.S_IFSOCK:
		return '='
	case kind == unix.S_IFREG && l.indicator == 'F' && mode&0o111 != 0:
		return '*'
	}
	return 0
}

func (l *lister) long(f *lsFile, w *lsWidths) {
	mode := native.ModeText(f.st.Mode)
	if !f.known {
		mode = mode[:1] + "?????????"
	}
	l.w.WriteString(l.prefix(f, w) + mode)
	if f.acl {
		l.w.WriteByte('+')
	} else if w.acl {
		l.w.WriteByte(' ')
	}
	fmt.Fprintf(l.w, " %*s ", w.links, f.linksText())
	left := func(s string, width int) {
		if s[0] >= '0' && s[0] <= '9' {
			fmt.Fprintf(l.w, "%*s ", width, s)
		} else {
			fmt.Fprintf(l.w, "%-*s ", width, s)
		}
	}
	if !l.noOwner {
		left(l.owner(f), w.owner)
	}
	if !l.noGroup {
		left(l.group(f), w.group)
	}
	if l.author {
		left(l.owner(f), w.author)
	}
	if f.isDevice() && f.known {
		fmt.Fprintf(l.w, "%*d, %*d ", w.major+max(w.size-w.major-2-w.minor, 0),
			unix.Major(f.st.Rdev), w.minor, unix.Minor(f.st.Rdev))
	} else {
		fmt.Fprintf(l.w, "%*s ", w.size, l.sizeText(f))
	}
	l.w.WriteString(l.date(f) + " ")
	name := l.shownName(f.name)
	if w.quoted && name == f.name {
		name = " " + name
	}
	l.w.WriteString(name)
	mark := l.mark(f.st.Mode)
	if fsys.Type(f.st) == unix.S_IFLNK {
		mark = 0
		if f.target != "" {
			l.w.WriteString(" -> " + l.shownName(f.target))
			mark = l.mark(f.targetMode)
		}
	}
	if mark != 0 {
		l.w.WriteByte(mark)
	}
	l.w.WriteByte('\n')
}

func (l *lister) date(f *lsFile) string {
	if !f.known {
		return fmt.Sprintf("%*s", len(dates.Format(l.recent, l.now.In(l.zone))), "?")
	}
	when := native.TimeOf(l.stamp(f), l.zone)
	format := l.old
	if when.After(l.now.Add(-halfYear)) && !when.After(l.now) {
		format = l.recent
	}
	return dates.Format(format, when)
}
