package parse

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// The classes of bytes.
const (
	special     uint8 = 1 << iota // special anywhere in a word
	endsWord                      // special outside quotes
	nameStart                     // the first byte of a name
	nameByte                      // any byte of a name
	digit                         // the name of a positional parameter, or the number of a file
	parameter                     // the name of a special parameter
	inQuotes    = special
	outOfQuotes = special | endsWord
)

// classes is a table for speed, since a parser spends most of its time on single bytes.
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

// is reports whether a byte, which may be eof, belongs to a class.
func is(c int, class uint8) bool { return c >= 0 && classes[byte(c)]&class != 0 }

// A place is the context of a part of a word.
type place uint8

const (
	quoted     place = 1 << iota // as in double quotes
	braces                       // the word of ${…}, up to the brace
	arithmetic                   // the expression of $((…))
	inDocument                   // a here-document, outside of ${…}
	delimiting                   // the delimiter of a here-document

	bare place = 0
)

// scanWord reads a word. Most words are plain.
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
		// The commands in a substitution have changed these fields.
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

// peekIn does the work of peek, and returns eof at the end of a here-document.
func (p *Parser) peekIn() int {
	if p.docDone {
		return eof
	}
	return p.peek()
}

// parts reads the parts of a word up to the byte that ends the word. The byte itself is left
// unread, except for the parentheses that end an arithmetic expression. If the text ends, the
// caller reports the missing byte.
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
		if stop == outOfQuotes && (c == '\n' || c == '(' || c == ')') {
			return b.done()
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
			b.take(1)
			p.endLine()
		case '(':
			level++
			b.take(1)
		case ')':
			switch {
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

// quoting reads the part of a word behind a quote, a backslash, a dollar sign or a backquote.
// It reports false for the quote that ends the text.
func (p *Parser) quoting(b *builder, c int, in place) bool {
	switch {
	case c == '$':
		p.dollar(b, in)
	case c == '`' && in&delimiting == 0:
		b.done() // in the line of its end
		b.part(p.backquoted(in))
	case c == '\\':
		p.backslash(b)
	case c == '\'' && in&quoted == 0:
		b.done()
		b.part(p.singleQuoted())
	case c == '"' && (in&quoted == 0 || in&braces != 0):
		b.done()
		b.part(p.doubleQuoted(in))
	case c == '"' && in&(arithmetic|inDocument) == 0:
		return false
	default:
		b.take(1)
	}
	return true
}

// endLine counts a newline in a word. A here-document may end behind the newline.
func (p *Parser) endLine() {
	p.lineno++
	if p.doc != nil {
		p.atDelimiter()
	}
}

// backslash reads a quoted byte. The literal keeps the backslash, as in mvdan.cc/sh, and an
// expansion recognizes quoted bytes by it.
func (p *Parser) backslash(b *builder) {
	p.quoted = true
	at, off := p.here(), p.offset()
	p.pos++
	if p.peekByte() == eof {
		b.add(off, 1, at)
		return
	}
	b.add(off, 2, at)
	p.pos++
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
	q.Parts = p.parts(quoted | in&delimiting)
	q.Right = p.here()
	if p.peekIn() != '"' {
		p.missing("Unterminated quoted string")
		return q
	}
	p.pos++
	return q
}

// missing fails at the end of the text. At the end of a here-document a quote may stay open; an
// expansion around the quote may not.
func (p *Parser) missing(text string) {
	if p.doc == nil {
		p.fail("%s", text)
	}
}

// A builder collects the parts of a word.
type builder struct {
	p        *Parser
	parts    []syntax.WordPart
	open     bool // there is literal text that is not yet a part
	at       syntax.Pos
	from, to int    // the offsets of the text since the last gap
	earlier  []byte // the text before the gap
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

// text returns the literal text.
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

// done turns the literal text into a part and returns all parts. The last part of a
// here-document ends in the line of the delimiter. By that line a printer knows that no command
// follows in it.
func (b *builder) done() []syntax.WordPart {
	if b.open {
		line := b.p.lineno
		if b.p.docDone {
			line--
		}
		b.parts = append(b.parts, &syntax.Lit{
			ValuePos: b.at, ValueEnd: b.p.at(b.to, line), Value: b.text(),
		})
		b.open = false
	}
	return b.parts
}
