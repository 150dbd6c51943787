package parse

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// escapes are the bytes that a backslash and a letter stand for in $'…'.
var escapes = [256]byte{
	'"': '"', '\'': '\'', '\\': '\\', 'a': '\a', 'b': '\b', 'e': 0x1b, 'f': '\f', 'n': '\n',
	'r': '\r', 't': '\t', 'v': '\v',
}

// dollarQuoted reads what follows $' (XCU 2.2.4 of the 2024 edition, which dash does
// not have). The value of the node is the text that it stands for.
func (p *Parser) dollarQuoted(at syntax.Pos) *syntax.SglQuoted {
	q := &syntax.SglQuoted{Left: at}
	p.quoted = true
	var value []byte
	for {
		c := eof
		if !p.docDone {
			c = p.peekByte()
		}
		switch c {
		case eof:
			p.missing("Unterminated quoted string")
			q.Value = string(value)
			return q
		case '\'':
			q.Right = p.here()
			p.pos++
			// A null byte ends the text, as it ends any word.
			text, _, _ := strings.Cut(string(value), "\x00")
			q.Value = text
			return q
		case '\\':
			p.pos++
			value = p.escape(value)
			continue
		}
		value = append(value, byte(c))
		p.pos++
		if c == '\n' {
			p.endLine()
		}
	}
}

// escape adds what the text behind a backslash stands for; an unknown one keeps its
// backslash.
func (p *Parser) escape(value []byte) []byte {
	c := p.peekByte()
	switch {
	case c == eof:
		return append(value, '\\')
	case c == 'x':
		p.pos++
		if n, ok := p.number(16, 2); ok {
			return append(value, n)
		}
		return append(value, '\\', 'x')
	case c >= '0' && c <= '7':
		n, _ := p.number(8, 3)
		return append(value, n)
	case c == 'c':
		p.pos++
		return p.control(value)
	case c == '\n':
		return append(value, '\\')
	}
	p.pos++
	if escapes[c] != 0 {
		return append(value, escapes[c])
	}
	return append(value, '\\', byte(c))
}

// control adds the control character that \cX stands for.
func (p *Parser) control(value []byte) []byte {
	c := p.peekByte()
	switch {
	case c == eof || c == '\n' || c == '\'':
		return append(value, '\\', 'c')
	case c == '\\' && strings.HasPrefix(p.line[p.pos:], `\\`):
		p.pos++ // a backslash stands doubled
	}
	p.pos++
	if c == '?' {
		return append(value, 0x7f)
	}
	return append(value, byte(c)&0x1f)
}

// number reads up to so many digits, of which the lowest byte counts.
func (p *Parser) number(base, digits int) (n byte, ok bool) {
	for ; digits > 0; digits-- {
		d := strings.IndexByte("0123456789abcdef", byte(p.peekByte())|0x20)
		if d < 0 || d >= base {
			break
		}
		n = n*byte(base) + byte(d)
		ok = true
		p.pos++
	}
	return n, ok
}
