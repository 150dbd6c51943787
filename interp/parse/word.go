package parse

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Classes of bytes.
const (
	special     uint8 = 1 << iota // anywhere in a word
	endsWord                      // outside quotes
	nameStart                     // first of a name
	nameByte                      // within a name
	digit                         // of a parameter or file
	parameter                     // the name of a special parameter
	inQuotes    = special
	outOfQuotes = special | endsWord
)

// classes is a table for speed: a parser's time goes into looking at bytes.
var classes = [256]uint8{
	'\n': special | endsWord, ' ': endsWord, '\t': endsWord, '<': endsWord, '>': endsWord,
	'&': endsWord, '|': endsWord, ';': endsWord,
	'(': special | endsWord, ')': special | endsWord,
	'\\': special, '\'': special, '"': special, '`': special, '$': special | parameter,
	'}': special,
	'@': parameter, '*': parameter, '#': parameter, '?': parameter, '-': parameter,
	'!': parameter,
	'0': digit | nameByte, '1': digit | nameByte, '2': digit | nameByte, '3': digit | nameByte,
	'4': digit | nameByte, '5': digit | nameByte, '6': digit | nameByte, '7': digit | nameByte,
	'8': digit | nameByte, '9': digit | nameByte,
	'_': nameStart | nameByte,
	'a': nameStart | nameByte, 'b': nameStart | nameByte, 'c': nameStart | nameByte,
	'd': nameStart | nameByte, 'e': nameStart | nameByte, 'f': nameStart | nameByte,
	'g': nameStart | nameByte, 'h': nameStart | nameByte, 'i': nameStart | nameByte,
	'j': nameStart | nameByte, 'k': nameStart | nameByte, 'l': nameStart | nameByte,
	'm': nameStart | nameByte, 'n': nameStart | nameByte, 'o': nameStart | nameByte,
	'p': nameStart | nameByte, 'q': nameStart | nameByte, 'r': nameStart | nameByte,
	's': nameStart | nameByte, 't': nameStart | nameByte, 'u': nameStart | nameByte,
	'v': nameStart | nameByte, 'w': nameStart | nameByte, 'x': nameStart | nameByte,
	'y': nameStart | nameByte, 'z': nameStart | nameByte,
	'A': nameStart | nameByte, 'B': nameStart | nameByte, 'C': nameStart | nameByte,
	'D': nameStart | nameByte, 'E': nameStart | nameByte, 'F': nameStart | nameByte,
	'G': nameStart | nameByte, 'H': nameStart | nameByte, 'I': nameStart | nameByte,
	'J': nameStart | nameByte, 'K': nameStart | nameByte, 'L': nameStart | nameByte,
	'M': nameStart | nameByte, 'N': nameStart | nameByte, 'O': nameStart | nameByte,
	'P': nameStart | nameByte, 'Q': nameStart | nameByte, 'R': nameStart | nameByte,
	'S': nameStart | nameByte, 'T': nameStart | nameByte, 'U': nameStart | nameByte,
	'V': nameStart | nameByte, 'W': nameStart | nameByte, 'X': nameStart | nameByte,
	'Y': nameStart | nameByte, 'Z': nameStart | nameByte,
}

// is reports whether a byte, which may be eof, is of a class.
func is(c int, class uint8) bool { return c >= 0 && classes[byte(c)]&class != 0 }

// A place says what is around a part of a word.
type place uint8

const (
	quoted     place = 1 << iota // as in double quotes
	braces                       // the word of ${…}, which a brace ends
	arithmetic                   // the expression of $((…))
	inDocument                   // a here-document, outside of ${…}
	inBraces                     // double quotes somewhere in the word of ${…}
	delimiting                   // the word that a here-document ends at

	bare place = 0
)

// scanWord reads a word. Most are plain.
func (p *Parser) scanWord(look check) token {
	p.quoted = false
	at, end := p.start, p.pos
	for end < len(p.line) && classes[p.line[end]]&outOfQuotes == 0 {
		end++
	}
	if end < len(p.line) && classes[p.line[end]]&endsWord != 0 {
		node := &struct {
			word  syntax.Word
			parts [1]syntax.WordPart
			lit   syntax.Lit
		}{}
		value := p.line[p.pos:end]
		p.pos = end
		node.lit = syntax.Lit{ValuePos: at, ValueEnd: p.here(), Value: value}
		node.parts[0] = &node.lit
		node.word.Parts = node.parts[:]
		p.word, p.name = &node.word, value
	} else {
		in := bare
		if look&delimiter != 0 {
			in = delimiting
		}
		parts := p.parts(in)
		// The commands in a substitution have left their own.
		p.start, p.name, p.word = at, "", &syntax.Word{Parts: parts}
		if lit, ok := parts[0].(*syntax.Lit); ok && len(parts) == 1 && !p.quoted {
			p.name = lit.Value
		}
	}
	if len(p.name) == 1 && is(int(p.name[0]), digit) {
		if c := p.peek(); c == '<' || c == '>' {
			return p.redirection(p.word.Parts[0].(*syntax.Lit))
		}
	}
	return word
}

// peekIn is peek; the text ends where a here-document does.
func (p *Parser) peekIn() int {
	if p.docDone {
		return eof
	}
	return p.peek()
}

// parts reads the parts of a word up to what ends it, which is left to be read but
// for the parentheses that end an arithmetic expression. Where the text ends, the
// caller misses something.
func (p *Parser) parts(in place) []syntax.WordPart {
	p.enter()
	defer p.leave()
	b := builder{p: p}
	stop := outOfQuotes
	if in != bare && in != delimiting {
		stop = inQuotes
	}
	level := 0
	for {
		c := p.peekIn()
		if c == eof {
			return b.done()
		}
		if classes[byte(c)]&stop == 0 {
			end := p.pos + 1
			for end < len(p.line) && classes[p.line[end]]&stop == 0 {
				end++
			}
			b.take(end - p.pos)
			continue
		}
		switch c {
		case '$', '`', '\\', '"', '\'':
			if !p.quoting(&b, c, in) {
				return b.done()
			}
		case '}':
			if in&braces != 0 {
				return b.done()
			}
			b.take(1)
		case '\n':
			if stop == outOfQuotes {
				return b.done()
			}
			b.take(1)
			p.endLine()
		case '(':
			if stop == outOfQuotes {
				return b.done()
			}
			level++
			b.take(1)
		case ')':
			switch {
			case stop == outOfQuotes:
				return b.done()
			case in&arithmetic == 0:
				b.take(1)
			case level > 0:
				level--
				b.take(1)
			case p.closes(&b):
				return b.done()
			}
		default:
			return b.done()
		}
	}
}

// quoting reads what a byte introduces that quotes or expands. It reports false for
// the quote that ends the text.
func (p *Parser) quoting(b *builder, c int, in place) bool {
	switch {
	case c == '$':
		p.dollar(b, in)
	case c == '`' && in&delimiting == 0:
		b.part(p.backquoted(in))
	case c == '\\':
		p.backslash(b, in)
	case c == '\'' && in&quoted == 0:
		b.part(p.singleQuoted())
	case c == '"' && (in&quoted == 0 || in&braces != 0):
		b.part(p.doubleQuoted(in))
	case c == '"' && in&(arithmetic|inDocument) == 0:
		return false
	default:
		b.take(1)
	}
	return true
}

// endLine counts a newline in a word, behind which a here-document may end.
func (p *Parser) endLine() {
	p.lineno++
	if p.doc != nil {
		p.atDelimiter()
	}
}

// backslash reads a quoted byte. The text keeps both, which the expansion looks at;
// but a brace is quoted only here.
func (p *Parser) backslash(b *builder, in place) {
	p.quoted = true
	at, off := p.here(), p.offset()
	p.pos++
	c := p.peekByte()
	switch {
	case c == eof:
		b.add(off, 1, at)
	case c == '}' && in&quoted != 0 && in&(braces|inBraces) != 0:
		b.take(1)
	case in == braces: // apart from text that may be split
		b.done()
		b.add(off, 2, at)
		p.pos++
		b.done()
	default:
		b.add(off, 2, at)
		p.pos++
	}
}

func (p *Parser) singleQuoted() *syntax.SglQuoted {
	q := &syntax.SglQuoted{Left: p.here()}
	p.quoted = true
	p.pos++
	b := builder{p: p}
	for {
		if p.docDone || p.peekByte() == eof {
			p.missing("Unterminated quoted string")
			return q
		}
		rest := p.line[p.pos:]
		if n := strings.IndexByte(rest, '\''); n >= 0 {
			p.lineno += strings.Count(rest[:n], "\n")
			b.take(n)
			break
		}
		b.take(len(rest))
		if p.lineno += strings.Count(rest, "\n"); p.doc != nil {
			p.atDelimiter()
		}
	}
	q.Value, q.Right = b.text(), p.here()
	p.pos++
	return q
}

func (p *Parser) doubleQuoted(in place) *syntax.DblQuoted {
	q := &syntax.DblQuoted{Left: p.here()}
	p.quoted = true
	p.pos++
	inner := quoted | in&(delimiting|inBraces)
	if in&braces != 0 {
		inner |= inBraces
	}
	q.Parts = p.parts(inner)
	q.Right = p.here()
	if p.peekIn() != '"' {
		p.missing("Unterminated quoted string")
		return q
	}
	p.pos++
	return q
}

// missing fails at the end of the text. At the end of a here-document quotes need
// not be closed, but what they are in.
func (p *Parser) missing(text string) {
	if p.doc == nil {
		p.fail("%s", text)
	}
}

// A builder collects the parts of a word.
type builder struct {
	p        *Parser
	parts    []syntax.WordPart
	open     bool // there is literal text, not yet a part
	at       syntax.Pos
	from, to int    // its offsets since the last gap
	earlier  []byte // what was before the gap
}

// take adds the next n bytes to the literal text.
func (b *builder) take(n int) {
	b.add(b.p.offset(), n, syntax.Pos{})
	b.p.pos += n
}

// add adds n bytes at an offset to the literal text.
func (b *builder) add(offset, n int, at syntax.Pos) {
	if !b.open {
		if !at.IsValid() {
			at = b.p.here()
		}
		b.open, b.at, b.from, b.to, b.earlier = true, at, offset, offset, nil
	} else if b.to != offset {
		b.earlier = append(b.earlier, b.p.slice(b.from, b.to)...)
		b.from, b.to = offset, offset
	}
	b.to += n
}

// text is the literal text.
func (b *builder) text() string {
	if !b.open {
		return ""
	}
	if b.earlier == nil {
		return b.p.slice(b.from, b.to)
	}
	return string(b.earlier) + b.p.slice(b.from, b.to)
}

func (b *builder) part(part syntax.WordPart) {
	b.done()
	b.parts = append(b.parts, part)
}

// done makes a part of the literal text and returns all parts.
func (b *builder) done() []syntax.WordPart {
	if b.open {
		b.parts = append(b.parts, &syntax.Lit{
			ValuePos: b.at, ValueEnd: b.p.at(b.to, b.p.lineno), Value: b.text(),
		})
		b.open = false
	}
	return b.parts
}
