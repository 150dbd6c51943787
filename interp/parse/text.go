package parse

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// A Text is the text that a parser has read, in which values replace the names of aliases.
// Positions in a syntax tree are offsets in the Text.
type Text struct {
	whole   string // a text that was complete at once and has no replaced alias
	isWhole bool
	log     []byte // any other text
	first   int    // the number of its first line
	docs    []extent
	inner   map[*syntax.CmdSubst]*Text
	// uncounted holds the offsets of newlines that do not count as lines.
	uncounted []int
}

// An extent holds the offset of a here-document's operator, and the offsets of its lines.
type extent struct{ op, from, to int }

func (t *Text) slice(from, to int) string {
	if t.isWhole {
		return t.whole[from:to]
	}
	return string(t.log[from:to])
}

// Between returns the text between two offsets.
func (t *Text) Between(from, to int) string { return t.slice(from, to) }

// Changed reports whether the text differs from the one that the parser was given.
func (t *Text) Changed() bool { return !t.isWhole }

// Inner returns the text of a substitution in backquotes. Positions of its commands are
// offsets in that text.
func (t *Text) Inner(c *syntax.CmdSubst) *Text { return t.inner[c] }

// Commands returns the text of consecutive commands, and the number of its first line. Another
// parser, without aliases, parses the text to the same commands.
func (t *Text) Commands(list []*syntax.Stmt) (text string, line int) {
	from := int(list[0].Position.Offset())
	to := int(endOf(list[len(list)-1]).Offset())
	line = t.first + strings.Count(t.slice(0, from), "\n")
	for _, at := range t.uncounted {
		if at < from {
			line--
		}
	}
	var b, bodies strings.Builder
	done, lost := from, 0
	copyTo := func(end int) {
		if end > done { // keeps the line numbers behind the gap
			b.WriteString(strings.Repeat("\n", lost))
			b.WriteString(t.slice(done, end))
			done, lost = end, 0
		}
	}
	for _, d := range t.docs {
		within := d.op >= from && d.op < to
		switch {
		case within && d.from >= to:
			bodies.WriteString(t.slice(d.from, d.to))
		case within && d.from == done: // the text must not begin with the lost lines
			b.WriteString(t.slice(done, d.to))
			done = d.to
		case !within && d.from >= done && d.to <= to: // it belongs to another command
			copyTo(d.from)
			lost += strings.Count(t.slice(d.from, d.to), "\n")
			done = d.to
		}
	}
	copyTo(to)
	if bodies.Len() > 0 { // the newline would join a backslash at the end
		b.WriteByte('\n')
		b.WriteString(bodies.String())
	}
	return b.String(), line
}

// endOf returns the end of a command's text, without here-documents. For a command in the
// background it includes the ampersand.
func endOf(st *syntax.Stmt) syntax.Pos {
	if st.Background {
		return st.End()
	}
	if st.Semicolon.IsValid() {
		return st.Semicolon
	}
	end := st.Position
	switch cmd := st.Cmd.(type) {
	case nil:
	case *syntax.BinaryCmd:
		end = endOf(cmd.Y)
	case *syntax.FuncDecl:
		end = endOf(cmd.Body)
	default:
		end = cmd.End()
	}
	for _, r := range st.Redirs {
		if at := r.Word.End(); at.After(end) {
			end = at
		}
	}
	return end
}

// input is the position of a parser in its text.
type input struct {
	text *Text
	rest string        // the known text behind line
	read func() string // returns the next line, for a text that arrives

	line   string // the current line, or several lines of an alias
	pos    int    // the index of the next byte in line
	base   int    // the offset of line in the text
	lineno int    // the number of newlines before pos, plus one
	active []alias
	began  bool // a line of the command has been read
	ended  bool // the text has ended
}

// load reads the next line.
func (p *Parser) load() bool {
	if p.ended {
		return false
	}
	if p.Prompt != nil {
		p.Prompt(p.began)
	}
	line := p.nextLine()
	if line == "" {
		p.ended = true
		return false
	}
	p.began = true
	if p.Echo != nil {
		p.Echo(line)
	}
	p.base += len(p.line)
	p.line, p.pos = line, 0
	if strings.IndexByte(line, 0) >= 0 { // dash drops null bytes, too
		p.text.detach(p.base)
		p.line = strings.ReplaceAll(line, "\x00", "")
	}
	if !p.text.isWhole {
		p.text.log = append(p.text.log, p.line...)
	}
	return p.line != "" || p.load()
}

func (p *Parser) nextLine() string {
	if p.rest == "" {
		if p.read == nil {
			return ""
		}
		return p.read()
	}
	n := strings.IndexByte(p.rest, '\n') + 1
	if n == 0 {
		n = len(p.rest)
	}
	line := p.rest[:n]
	p.rest = p.rest[n:]
	return line
}

// detach makes a growing text of the part before an offset.
func (t *Text) detach(at int) {
	if t.isWhole {
		t.log, t.whole, t.isWhole = []byte(t.whole[:at]), "", false
	}
}

// replace replaces the text from an offset to the next byte by a value. The next byte stays the
// same.
func (p *Parser) replace(from int, value string) {
	p.text.detach(p.base + len(p.line))
	for i := range p.active {
		p.active[i].end += from + len(value) - p.offset()
	}
	line := value + p.line[p.pos:]
	if from < p.base {
		p.base = from // the replaced text began in another line
	} else {
		line = p.line[:from-p.base] + line
	}
	p.line, p.pos = line, from+len(value)-p.base
	p.text.log = append(p.text.log[:p.base], line...)
}

const eof = -1

// peekByte returns the next byte as it is.
func (p *Parser) peekByte() int {
	if p.pos == len(p.line) && !p.load() {
		return eof
	}
	return int(p.line[p.pos])
}

// peek returns the next byte, and skips line continuations before it (XCU 2.2.1).
func (p *Parser) peek() int {
	c := p.peekByte()
	for c == '\\' && p.pos+1 < len(p.line) && p.line[p.pos+1] == '\n' {
		p.pos += 2
		p.lineno++
		c = p.peekByte()
	}
	return c
}

// offset returns the offset of the next byte.
func (p *Parser) offset() int { return p.base + p.pos }

// here returns the position of the next byte.
func (p *Parser) here() syntax.Pos { return p.at(p.offset(), p.lineno) }

func (p *Parser) at(offset, line int) syntax.Pos {
	return syntax.NewPos(uint(offset), uint(line), uint(max(offset-p.base, 0)+1))
}

// slice returns the text between two offsets, most of which are in the current line.
func (p *Parser) slice(from, to int) string {
	if from >= p.base {
		return p.line[from-p.base : to-p.base]
	}
	return p.text.slice(from, to)
}
