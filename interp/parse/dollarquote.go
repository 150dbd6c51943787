package parse

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// escapes maps the letter behind a backslash in $'…' to its byte.
var escapes = [256]byte{
	'"': '"', '\'': '\'', '\\': '\\', 'a': '\a', 'b': '\b', 'e': 0x1b, 'f': '\f', 'n': '\n',
	'r': '\r', 't': '\t', 'v': '\v',
}

// dollarQuoted reads the text behind $' (XCU 2.2.4 of the 2024 edition, which dash lacks). The
// node keeps the text as written; SingleQuoted returns its value.
func (p *Parser) dollarQuoted(at syntax.Pos) *syntax.SglQuoted {
	q := &syntax.SglQuoted{Left: at, Dollar: true}
	p.quoted = true
	b := builder{p: p}
	for {
		c := eof
		if !p.docDone {
			c = p.peekByte()
		}
		switch c {
		case eof:
			p.missing("Unterminated quoted string")
			q.Value = b.text()
			return q
		case '\'':
			q.Value, q.Right = b.text(), p.here()
			p.pos++
			return q
		case '\\':
			_, n := escape(nil, p.line[p.pos+1:])
			b.take(1 + n)
		case '\n':
			b.take(1)
			p.endLine()
		default:
			b.take(1)
		}
	}
}

// SingleQuoted returns the value of '…' or $'…'.
func SingleQuoted(q *syntax.SglQuoted) string {
	if !q.Dollar {
		return q.Value
	}
	var value []byte
	for text := q.Value; text != ""; {
		c := text[0]
		text = text[1:]
		if c != '\\' {
			value = append(value, c)
			continue
		}
		n := 0
		value, n = escape(value, text)
		text = text[n:]
	}
	// A null byte ends the text, as it ends any word.
	before, _, _ := strings.Cut(string(value), "\x00")
	return before
}

// escape adds the byte for the text behind a backslash, and returns the length of that text. An
// unknown escape keeps its backslash.
func escape(value []byte, text string) ([]byte, int) {
	if text == "" || text[0] == '\n' {
		return append(value, '\\'), 0
	}
	switch c := text[0]; {
	case c == 'x':
		if n, size := number(text[1:], 16, 2); size > 0 {
			return append(value, n), 1 + size
		}
		return append(value, '\\', 'x'), 1
	case c >= '0' && c <= '7':
		n, size := number(text, 8, 3)
		return append(value, n), size
	case c == 'c':
		value, size := control(value, text[1:])
		return value, 1 + size
	case escapes[c] != 0:
		return append(value, escapes[c]), 1
	default:
		return append(value, '\\', c), 1
	}
}

// control adds the control character for \cX, and returns the length of X.
func control(value []byte, text string) ([]byte, int) {
	if text == "" || text[0] == '\n' || text[0] == '\'' {
		return append(value, '\\', 'c'), 0
	}
	size := 1
	if strings.HasPrefix(text, `\\`) { // X is a doubled backslash
		size = 2
	}
	if text[0] == '?' {
		return append(value, 0x7f), size
	}
	return append(value, text[0]&0x1f), size
}

// number reads at most that many digits. It returns the lowest byte of the number, and the
// count of digits.
func number(text string, base, most int) (n byte, size int) {
	for size < min(most, len(text)) {
		d := strings.IndexByte("0123456789abcdef", text[size]|0x20)
		if d < 0 || d >= base {
			break
		}
		n = n*byte(base) + byte(d)
		size++
	}
	return n, size
}
