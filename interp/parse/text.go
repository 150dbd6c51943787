package parse

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// A Text is what a parser has read, with the values of aliases in the place of
// their names: positions in a syntax tree are offsets in it.
type Text struct {
	whole   string // a text that was there at once and holds no alias
	isWhole bool
	log     []byte // any other
	first   int    // the number of its first line
	docs    []extent
	inner   map[*syntax.CmdSubst]*Text
	// uncounted are the offsets of newlines that begin no line.
	uncounted []int
}

// An extent says where the operator and the lines of a here-document are.
type extent struct{ op, from, to int }

func (t *Text) slice(from, to int) string {
	if t.isWhole {
		return t.whole[from:to]
	}
	return string(t.log[from:to])
}

// Between is the text from an offset to another.
func (t *Text) Between(from, to int) string { return t.slice(from, to) }

// Changed reports whether the text is not just what was given to be parsed.
func (t *Text) Changed() bool { return !t.isWhole }

// Inner is the text of a substitution in backquotes: positions of what is in it
// are offsets there.
func (t *Text) Inner(c *syntax.CmdSubst) *Text { return t.inner[c] }

// Commands returns the text of consecutive commands, by which another parser,
// one without aliases, gets the same, and the number of its first line.
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
		if end > done { // the lines that follow keep their numbers
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
		case within && d.from == done: // it must not begin with lines that were lost
			b.WriteString(t.slice(done, d.to))
			done = d.to
		case !within && d.from >= done && d.to <= to: // it is another command's
			copyTo(d.from)
			lost += strings.Count(t.slice(d.from, d.to), "\n")
			done = d.to
		}
	}
	copyTo(to)
	if bodies.Len() > 0 { // a newline would be joined to a backslash at the end
		b.WriteByte('\n')
		b.WriteString(bodies.String())
	}
	return b.String(), line
}

// endOf is where the text of a command ends, but for here-documents. It has the
// ampersand of one that runs in the background.
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

// input is the place that has been reached in a text.
type input struct {
	text *Text
	rest string        // what is there already, behind line
	read func() string // gets what is not

	line   string // what is being read: one line, or more where an alias has some
	pos    int    // the next byte of it
	base   int    // its offset in the text
	lineno int    // the number of newlines before pos, and one
	active []alias
	began  bool // a line has been read for the command
	ended  bool // there is no more
}

// load gets the next line.
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
	if strings.IndexByte(line, 0) >= 0 { // no text holds one, and dash drops them
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

// detach makes a text one that grows, with what it has up to an offset.
func (t *Text) detach(at int) {
	if t.isWhole {
		t.log, t.whole, t.isWhole = []byte(t.whole[:at]), "", false
	}
}

// replace puts a value in the place of the text from an offset to here; what is to
// be read next stays that.
func (p *Parser) replace(from int, value string) {
	p.text.detach(p.base + len(p.line))
	for i := range p.active {
		p.active[i].end += from + len(value) - p.offset()
	}
	line := value + p.line[p.pos:]
	if from < p.base {
		p.base = from // the text began in another line
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

// peek returns the next byte behind any line continuation (XCU 2.2.1).
func (p *Parser) peek() int {
	c := p.peekByte()
	for c == '\\' && p.pos+1 < len(p.line) && p.line[p.pos+1] == '\n' {
		p.pos += 2
		p.lineno++
		c = p.peekByte()
	}
	return c
}

// offset is that of the next byte.
func (p *Parser) offset() int { return p.base + p.pos }

// here is the position of the next byte.
func (p *Parser) here() syntax.Pos { return p.at(p.offset(), p.lineno) }

func (p *Parser) at(offset, line int) syntax.Pos {
	return syntax.NewPos(uint(offset), uint(line), uint(max(offset-p.base, 0)+1))
}

// slice is the text between two offsets, of which most are in the current line.
func (p *Parser) slice(from, to int) string {
	if from >= p.base {
		return p.line[from-p.base : to-p.base]
	}
	return p.text.slice(from, to)
}
