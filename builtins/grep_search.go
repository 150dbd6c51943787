package builtins

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"

	"golang.org/x/sys/unix"
)

// file searches an operand, unless it is one to leave out: that is looked at behind whether
// it can be opened.
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
	if g.prints() && g.c.isStdout(r) {
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

const errInputIsAlsoOutput fileError = "input file is also the output"

// prints reports whether lines are written while files are still to be read.
func (g *grep) prints() bool { return !g.quiet && g.list == 0 && !g.count && g.max > 1 }

// grepLines are the lines of a file. From the buffer on in which a NUL is found, each NUL
// ends a line, too: the file is binary, and nothing of it is shown.
type grepLines struct {
	r      io.Reader
	end    byte
	buf    []byte // what is read and not yet passed on, in store
	store  []byte
	base   int64 // the offset of buf in the file
	begin  int64 // that of store
	eof    bool
	err    error
	binary bool // NULs are no longer looked for
	found  bool // there was one
}

// next returns the next line without its end, and where it begins; the text is good until
// the next call.
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

// grepBuffer is how much GNU grep reads at once: a NUL makes binary what is in that.
const grepBuffer = 96 << 10

// fill reads once. What a line returned before is gone then.
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

// skip passes lines up to those before one that matches, as long as whole ones are there,
// and counts them if that is asked for. moved says that it passed any.
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

// count passes whole lines and counts those that match; end is where the last of them ends.
func (l *grepLines) count(re grepMatcher) (matches int, end int64) {
	for !l.found {
		block := l.buf
		if !l.eof {
			block = block[:bytes.LastIndexByte(block, l.end)+1]
		}
		for len(block) > 0 {
			from, to := re.index(block)
			if from < 0 || from == len(block) { // behind the last newline is no line
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

// linesBack returns where a number of lines before a line begin.
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
	limit int // of lines to select, still
	count int // selected lines
	// hidden says that a line was not shown, since it is no text in the locale.
	hidden bool
	// selectedBinary says that a line of a binary file was selected.
	selectedBinary bool
	// afterMatch is where the last selected line ends.
	afterMatch int64
	shownTo    int64 // where the last line shown ends, -1 for none
	pending    int   // lines of context still to show
	queue      []grepLine
	// inRange says that the line before was selected, last what that was: with -v, such
	// lines belong together. lastHidden says that it was not shown.
	inRange, lastHidden bool
	last                grepLine
}

// A grepLine is a line with its number and place.
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
				s.queue = nil // as many lines are still before the one that matches
			}
		}
		if s.lastHidden && bytes.IndexByte(s.in.buf, s.end) < 0 {
			s.endRange() // what is before it will be gone
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
		if s.re.match(text) == s.invert {
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

// skips says that a line that does not match is of no use.
func (s *grepFile) skips() bool {
	return !s.invert && s.end == '\n' && s.before < 100 && s.pending == 0
}

// giveBack puts standard input where GNU grep leaves it: behind the last line that -m allows,
// or at the end. Where it cannot seek there is nothing to do.
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

// trailing shows the context behind the last line that -m allows.
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

// summary prints what comes once for each file.
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

// putName writes the file's name, and NUL or mark behind it.
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

// head writes what is before a line or a match at offset. What is no text in the locale is
// not shown.
func (s *grepFile) head(text []byte, number int, offset int64, mark byte) bool {
	if s.binary != binaryText && s.locale.utf8 && !validText(text) {
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

// separate writes -- between groups of lines that are not neighbours.
func (s *grepFile) separate(offset int64) {
	if s.after+s.before >= -1 && s.printed && s.shownTo != offset && s.separator != nil {
		s.out.WriteString(*s.separator + "\n")
	}
}

// put shows a line, or with -o what matches in it.
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

// putMatches shows the matches that are not empty, up to one that is no text.
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

// show prints a selected line with the context before it.
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

// endRange is called behind selected lines. If the last was not shown, GNU grep looks for
// the context behind it where the last line shown ends, and ends at one that it cannot show.
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

// context shows or keeps a line that is not selected. One that cannot be shown ends what is
// shown behind a selected one.
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

// keep keeps a line as context for one behind it: one that is not selected, or that is no
// text and was not shown.
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
