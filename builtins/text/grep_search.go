package text

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
)

// file searches an operand unless a pattern leaves it out. GNU grep reports an operand that
// cannot be opened even then.
func (g *grep) file(name string) {
	if name != "-" && g.files.skip(name, true) && !g.isDir(name) {
		if f, err := g.c.Open(name); err != nil {
			g.complain(name, err)
		} else {
			_ = f.Close()
		}
		return
	}
	g.search(name)
}

// search searches one file.
func (g *grep) search(name string) {
	r, closer, err := g.open(name)
	if err != nil {
		g.complain(name, err)
		return
	}
	defer closer()
	s := &grepFile{grep: g, name: name, limit: g.max, shownTo: -1}
	s.in = grepLines{r: r, end: g.end, binary: g.end == 0 || g.binary == binaryText}
	if name == "-" {
		s.name = g.label
	}
	if g.prints() && isStdout(g.c, r) {
		g.complain(s.name, errInputIsAlsoOutput)
		return
	}
	s.search()
	if name == "-" {
		s.giveBack(r)
	}
	if err := s.in.err; errors.Is(err, unix.EISDIR) {
		g.failed = true
		if !g.silent {
			_ = g.out.Flush()
			g.c.Errorf("%s: Is a directory", name)
		}
	} else if err != nil {
		g.complain(s.name, err)
	}
}

const errInputIsAlsoOutput fsys.Error = "input file is also the output"

// prints reports whether grep writes lines while files are still to be read.
func (g *grep) prints() bool { return !g.quiet && g.list == 0 && !g.count && g.max > 1 }

// grepLines reads the lines of a file. After a NUL is found, that buffer and the following ones
// end a line at each NUL too: the file is binary, and grep shows none of its lines.
type grepLines struct {
	r      io.Reader
	end    byte
	buf    []byte // text that is read and not returned yet, inside store
	store  []byte
	base   int64 // offset of buf in the file
	begin  int64 // offset of store in the file
	eof    bool
	err    error
	binary bool // do not look for NULs
	found  bool // a NUL was found
}

// next returns the next line without its end, and the offset of the line. The text is valid
// until the next call.
func (l *grepLines) next() (line []byte, offset int64, ok bool) {
	for from := 0; ; {
		if i := bytes.IndexByte(l.buf[from:], l.end); i >= 0 {
			line, offset = l.buf[:from+i], l.base
			l.buf, l.base = l.buf[from+i+1:], l.base+int64(from+i+1)
			return line, offset, true
		}
		from = len(l.buf)
		if l.eof {
			line, offset = l.buf, l.base
			l.buf, l.base = nil, l.base+int64(from)
			return line, offset, from > 0
		}
		before := l.found
		if l.fill(); l.found && !before {
			from = 0
		}
	}
}

// grepBuffer is the amount that GNU grep reads at once. A NUL makes the text of a whole buffer
// binary.
const grepBuffer = 96 << 10

// fill reads once. It invalidates the lines returned before.
func (l *grepLines) fill() {
	old := len(l.buf)
	store := l.store
	if need := old + grepBuffer; need > len(store) {
		store = make([]byte, max(need, 2*len(store)))
	}
	copy(store, l.buf)
	l.store, l.begin = store, l.base
	n, err := l.r.Read(store[old : old+grepBuffer])
	l.buf = store[:old+n]
	fresh := l.buf[old:]
	if !l.binary && bytes.IndexByte(fresh, 0) >= 0 {
		l.binary, l.found = true, true
	}
	if l.found {
		for i, b := range fresh {
			if b == 0 {
				fresh[i] = l.end
			}
		}
	}
	if err != nil {
		l.eof = true
		if err != io.EOF {
			l.err = err
		}
	}
}

// skip skips whole lines that do not match, up to before lines before a match. It counts them
// if counts is set. moved reports whether it skipped any.
func (l *grepLines) skip(re grepMatcher, before int, counts bool) (lines int, moved bool) {
	for !l.found {
		block := l.buf
		if !l.eof {
			block = block[:bytes.LastIndexByte(block, l.end)+1]
		}
		match, _ := re.index(block)
		from := match
		if match < 0 {
			from = len(block)
		}
		from = linesBack(block, from, before)
		if counts {
			lines += bytes.Count(block[:from], []byte{l.end})
		}
		moved = moved || from > 0
		l.buf, l.base = l.buf[from:], l.base+int64(from)
		if match >= 0 || len(block) == 0 || l.eof {
			break
		}
		l.fill()
	}
	return lines, moved
}

// count counts the matching lines among the whole lines and skips them all. end is the offset
// after the last match.
func (l *grepLines) count(re grepMatcher) (matches int, end int64) {
	for !l.found {
		block := l.buf
		if !l.eof {
			block = block[:bytes.LastIndexByte(block, l.end)+1]
		}
		for len(block) > 0 {
			from, to := re.index(block)
			if from < 0 || from == len(block) { // there is no line after the last newline
				to = len(block)
			} else {
				matches++
				end = l.base + int64(min(to+1, len(block)))
			}
			passed := min(to+1, len(block))
			block, l.buf, l.base = block[passed:], l.buf[passed:], l.base+int64(passed)
		}
		if l.eof {
			break
		}
		l.fill()
	}
	return matches, end
}

// linesBack returns the start of the text that begins some lines before a line.
func linesBack(b []byte, at, lines int) int {
	for ; lines > 0 && at > 0; lines-- {
		at = bytes.LastIndexByte(b[:at-1], '\n') + 1
	}
	return at
}

// A grepFile is the search of one file.
type grepFile struct {
	*grep
	in    grepLines
	name  string
	line  int
	limit int // number of lines that may still be selected
	count int // number of selected lines
	// hidden says that a line was not shown because it is no text in the locale.
	hidden bool
	// selectedBinary says that a line of a binary file was selected.
	selectedBinary bool
	// afterMatch is the offset after the last selected line.
	afterMatch int64
	shownTo    int64 // offset after the last line shown, -1 for none
	pending    int   // number of context lines still to show
	queue      []grepLine
	// inRange says that the previous line was selected; last is that line. With -v, such lines
	// form a group. lastHidden says that last was not shown.
	inRange, lastHidden bool
	last                grepLine
}

// A grepLine is a line with its number and its offset.
type grepLine struct {
	text   []byte
	number int
	offset int64
}

func (s *grepFile) search() {
	quietly := s.quiet || s.list != 0
	if s.grep.count && !quietly && s.limit == math.MaxInt && s.skips() {
		s.count, s.afterMatch = s.in.count(s.re)
		s.matched = s.matched || s.count > 0
	}
	for s.limit > 0 && writable(s.out) {
		if s.skips() {
			lines, moved := s.in.skip(s.re, s.before, s.numbers || s.after >= 0 || s.before >= 0)
			s.line += lines
			if moved {
				s.queue = nil // enough lines for the context are still unread
			}
		}
		if s.lastHidden && bytes.IndexByte(s.in.buf, s.end) < 0 {
			s.endRange() // the next read drops the text before it
		}
		text, offset, ok := s.in.next()
		if !ok {
			break
		}
		if s.in.found && s.binary == binaryNoMatch {
			s.count = 0
			break
		}
		s.line++
		l := grepLine{text, s.line, offset}
		if s.re.Match(text) == s.invert {
			s.endRange()
			s.context(l)
			continue
		}
		s.count++
		s.limit--
		s.afterMatch = s.in.base
		s.matched = true
		s.selectedBinary = s.selectedBinary || s.in.found
		if quietly || s.in.found && !s.grep.count {
			break
		}
		s.show(l)
	}
	s.endRange()
	s.trailing()
	s.summary()
}

// skips reports whether lines that do not match are of no use.
func (s *grepFile) skips() bool {
	return !s.invert && s.end == '\n' && s.before < 100 && s.pending == 0
}

// giveBack moves the offset of standard input to where GNU grep leaves it: after the last line
// that -m allows, or at the end. It does nothing if standard input cannot seek.
func (s *grepFile) giveBack(r io.Reader) {
	f, ok := r.(io.Seeker)
	switch {
	case !ok || s.in.err != nil:
	case s.limit == 0 && s.max < math.MaxInt:
		read := s.in.base + int64(len(s.in.buf))
		_, _ = f.Seek(s.afterMatch-read, io.SeekCurrent)
	case !s.in.eof && !s.quiet:
		_, _ = f.Seek(0, io.SeekEnd)
	}
}

// trailing shows the context after the last line that -m allows.
func (s *grepFile) trailing() {
	for s.limit == 0 && s.pending > 0 {
		text, offset, ok := s.in.next()
		if !ok {
			return
		}
		s.line++
		s.context(grepLine{text, s.line, offset})
	}
}

// summary prints the output that comes once for each file.
func (s *grepFile) summary() {
	switch {
	case s.quiet:
	case s.list == 'l' && s.count > 0, s.list == 'L' && s.count == 0:
		s.putName('\n')
		s.flushLine()
	case s.list != 0:
	case s.grep.count:
		if s.names == 'H' {
			s.putName(':')
		}
		s.out.WriteString(strconv.Itoa(s.count) + "\n")
		s.flushLine()
	case s.binary == binaryMessage && (s.hidden || s.selectedBinary):
		_ = s.out.Flush()
		s.c.Errorf("%s: binary file matches", s.name)
	}
}

// putName writes the file name, followed by NUL or mark.
func (s *grepFile) putName(mark byte) {
	s.out.WriteString(s.name)
	if s.nul {
		mark = 0
	}
	s.out.WriteByte(mark)
}

func (s *grepFile) flushLine() {
	if s.buffered {
		_ = s.out.Flush()
	}
}

// head writes the prefix of a line, or of a match at offset. It returns false for text that is
// invalid in the locale, which is not shown.
func (s *grepFile) head(text []byte, number int, offset int64, mark byte) bool {
	if s.binary != binaryText && s.locale.UTF8 && !validText(text) {
		s.hidden = true
		return false
	}
	if s.names == 'H' {
		s.putName(mark)
	}
	if s.numbers {
		s.putNumber(int64(number), mark)
	}
	if s.offsets {
		s.putNumber(offset, mark)
	}
	return true
}

func (s *grepFile) putNumber(n int64, mark byte) {
	s.out.Write(strconv.AppendInt(s.out.AvailableBuffer(), n, 10))
	s.out.WriteByte(mark)
}

// separate writes -- between groups of lines that are not adjacent.
func (s *grepFile) separate(offset int64) {
	if s.after+s.before >= -1 && s.printed && s.shownTo != offset && s.separator != nil {
		s.out.WriteString(*s.separator + "\n")
	}
}

// put shows a line, or with -o the matches in it.
func (s *grepFile) put(l grepLine, mark byte) (shown bool) {
	if s.only {
		shown = (mark == ':') == s.invert || s.putMatches(l, mark)
	} else {
		shown = s.head(l.text, l.number, l.offset, mark)
	}
	if !shown {
		s.keep(l)
		return false
	}
	s.shownTo, s.queue = l.offset+int64(len(l.text))+1, nil
	if !s.only {
		s.out.Write(l.text)
		s.out.WriteByte(s.end)
		s.flushLine()
	}
	return true
}

// putMatches shows the matches that are not empty, up to a match that is no text.
func (s *grepFile) putMatches(l grepLine, mark byte) bool {
	for at := 0; at <= len(l.text); {
		from, to, ok := s.re.find(l.text, at)
		if !ok {
			break
		}
		if from == to {
			at = to + 1
			continue
		}
		if !s.head(l.text[from:to], l.number, l.offset+int64(from), mark) {
			return false
		}
		s.out.Write(l.text[from:to])
		s.out.WriteByte(s.end)
		s.flushLine()
		at = to
	}
	return true
}

// show prints a selected line, after the context before it.
func (s *grepFile) show(l grepLine) {
	if s.grep.count {
		return
	}
	if !s.invert || !s.inRange {
		s.showBefore(l)
	}
	s.lastHidden = !s.put(l, ':')
	s.printed, s.inRange, s.last = true, true, l
	s.pending = max(s.after, 0)
	if !s.invert {
		s.endRange()
	}
}

func (s *grepFile) showBefore(l grepLine) {
	first := l.offset
	if len(s.queue) > 0 {
		first = s.queue[0].offset
	}
	s.separate(first)
	queue := s.queue
	s.queue = nil
	for _, before := range queue {
		s.put(before, '-')
	}
}

// endRange is called after selected lines. If the last of them was not shown, GNU grep looks
// for the trailing context at the end of the last line shown, and stops at a line that it
// cannot show.
func (s *grepFile) endRange() {
	hidden := s.lastHidden
	s.inRange, s.lastHidden = false, false
	if !hidden || s.pending == 0 {
		return
	}
	from, to := s.shownTo, s.last.offset
	if from < 0 {
		from, s.shownTo = s.in.begin, s.in.begin
	}
	queue := s.queue
	for ; s.pending > 0 && s.in.begin <= from && from < to; s.pending-- {
		rest := s.in.store[from-s.in.begin : to-s.in.begin]
		text, _, _ := bytes.Cut(rest, []byte{s.end})
		number := s.last.number - bytes.Count(rest, []byte{s.end})
		if !s.put(grepLine{text, number, from}, '-') {
			break
		}
		from = s.shownTo
	}
	s.queue, s.pending = queue, 0
	for len(s.queue) > 0 && s.queue[0].offset < s.shownTo {
		s.queue = s.queue[1:]
	}
}

// context shows or keeps a line that is not selected. A line that cannot be shown ends the
// trailing context.
func (s *grepFile) context(l grepLine) {
	switch {
	case s.grep.count || s.quiet || s.list != 0 || s.in.found:
	case s.pending > 0:
		if s.pending--; !s.put(l, '-') {
			s.pending = 0
		}
	default:
		s.keep(l)
	}
}

// keep keeps a line as leading context: a line that is not selected, or that is no text and was
// not shown.
func (s *grepFile) keep(l grepLine) {
	if s.before <= 0 {
		return
	}
	if len(s.queue) == s.before {
		s.queue = s.queue[1:]
	}
	l.text = bytes.Clone(l.text)
	s.queue = append(s.queue, l)
}
