package text

import (
	"errors"
	"strings"
	"unicode/utf8"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/posixre"
	"overlayboot/builtins/base/regex"
)

// sedEscape reads the text after a backslash: n, t, xHH, dDDD, oOOO, cX and the like. It
// returns the character and the length of the escape, or length 0 if the text is no escape.
func sedEscape(s string) (c byte, n int) {
	if s == "" {
		return 0, 0
	}
	if i := strings.IndexByte("afnrtv", s[0]); i >= 0 {
		return "\a\f\n\r\t\v"[i], 1
	}
	switch s[0] {
	case 'x':
		return sedNumber(s, 16, 2)
	case 'd':
		return sedNumber(s, 10, 3)
	case 'o':
		return sedNumber(s, 8, 3)
	case 'c':
		if len(s) > 2 && s[1] == '\\' && s[2] == '\\' {
			return '\\' ^ 0x40, 3
		}
		if len(s) > 1 && s[1] != '\\' {
			return strings.ToUpper(s[1:2])[0] ^ 0x40, 2
		}
	}
	return 0, 0
}

// sedNumber reads a limited number of digits after a letter.
func sedNumber(s string, base, digits int) (c byte, n int) {
	value := 0
	for n = 1; n <= digits && n < len(s); n++ {
		d := strings.IndexByte("0123456789abcdef", s[n]|0x20)
		if ascii.IsDigit(s[n]) {
			d = int(s[n] - '0')
		}
		if d < 0 || d >= base {
			break
		}
		value = value*base + d
	}
	if n == 1 {
		return 0, 0
	}
	return byte(value), n
}

// recursive reports \c\x as an error: only a backslash may follow \c\.
func (p *sedParser) recursive(s string) error {
	for i := 0; i+1 < len(s); i++ {
		if s[i] != '\\' {
			continue
		}
		i++
		if s[i] == 'c' && i+2 < len(s) && s[i+1] == '\\' && s[i+2] != '\\' {
			return p.errorf("recursive escaping after \\c not allowed")
		}
	}
	return nil
}

// textArgument parses the text of a, i and c in its three forms: on the same line, after "\"
// and a newline, or after "\" on the same line.
func (p *sedParser) textArgument(c *sedCommand) error {
	const expected = "expected \\ after `a', `c' or `i'"
	ch := p.nonBlank()
	if ch == sedEnd || p.posix && ch != '\\' {
		return p.errorf(expected)
	}
	p.pending = &strings.Builder{}
	if ch != '\\' {
		p.back(ch)
		p.text(c)
		return nil
	}
	switch ch = p.next(); {
	case ch == sedEnd && p.posix:
		return p.errorf("incomplete command")
	case ch == sedEnd: // the next script has the text, or there is none
		return nil
	case ch != '\n':
		p.back(ch)
	}
	p.text(c)
	return nil
}

// text parses the text up to the end of its last line. c is nil for the last command.
func (p *sedParser) text(c *sedCommand) {
	for {
		ch := p.next()
		if ch == '\\' {
			if ch = p.next(); ch == sedEnd {
				p.pending.WriteByte('\n')
				return // the next script may continue the text
			}
			p.back(ch)
			b, n := sedEscape(p.in[p.pos:])
			if n == 0 {
				b, n = byte(ch), 1
			}
			p.pos += n
			p.pending.WriteByte(b)
			continue
		}
		if ch == sedEnd || ch == '\n' {
			p.pending.WriteByte('\n')
			break
		}
		p.pending.WriteByte(byte(ch))
	}
	if c == nil {
		p.endText()
		return
	}
	c.text, p.pending = p.pending.String(), nil
}

// endText stores a text that no script continued in its command.
func (p *sedParser) endText() {
	p.commands[len(p.commands)-1].text, p.pending = p.pending.String(), nil
}

// until reads up to a delimiter and skips it. A backslash escapes the delimiter, and in a
// regular expression brackets do so too.
func (p *sedParser) until(delim int, isRE bool) (string, bool) {
	var b strings.Builder
	for {
		ch := p.next()
		switch {
		case ch == sedEnd || ch == '\n':
			p.back(ch)
			return "", false
		case ch == delim:
			return b.String(), true
		case ch == '[' && isRE:
			rest, _, _ := strings.Cut(p.in[p.pos:], "\n")
			n := posixre.BracketEnd(rest)
			if n < 0 {
				p.pos += len(rest)
				return "", false
			}
			b.WriteString(p.in[p.pos-1 : p.pos+n])
			p.pos += n
			continue
		case ch != '\\':
			b.WriteByte(byte(ch))
			continue
		}
		switch ch = p.next(); {
		case ch == sedEnd:
			return "", false
		case ch == delim:
			b.WriteString(hidden(byte(delim), isRE))
		case ch == '\n' && isRE:
			b.WriteByte('\n')
		default:
			b.WriteByte('\\')
			b.WriteByte(byte(ch))
		}
	}
}

// hidden returns the meaning of a delimiter after a backslash.
func hidden(delim byte, isRE bool) string {
	if !isRE && delim == '&' {
		return `\&`
	}
	return string([]byte{delim})
}

// A sedRE is a regular expression of a script.
type sedRE = posixre.RE

// regexp compiles a regular expression. An empty one stands for the last one used.
func (p *sedParser) regexp(text string, flags posixre.Flags) (*sedRE, error) {
	if text == "" {
		if flags.IgnoreCase || flags.Lines {
			return nil, p.errorf("cannot specify modifiers on empty regexp")
		}
		return nil, nil
	}
	if err := p.recursive(text); err != nil {
		return nil, err
	}
	flags.Strict, flags.Posixly, flags.AnyBracket = p.posix, p.correct, p.anyBracket
	flags.ZeroLines = flags.Lines && p.zero
	flags.UTF8 = p.utf8
	if p.ordered && posixre.Collates(text) {
		return nil, errNoSed("the order of the locale in the expression " + text)
	}
	re, err := posixre.Compile(sedPlainRE(text, p.correct), flags)
	var mistake posixre.Error
	if errors.Is(err, posixre.Error(regex.ErrClassSyntax)) {
		return nil, &sedError{msg: err.Error()}
	}
	if errors.As(err, &mistake) {
		return nil, p.errorf("%s", mistake)
	}
	return re, err
}

// sedPlainRE replaces the escapes that sed knows and the C library does not by their
// characters. A character with a special meaning then has that meaning. In POSIX mode, brackets
// have no escapes.
func sedPlainRE(text string, posix bool) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '[' && posix {
			end := max(posixre.BracketEnd(text[i+1:]), 0)
			b.WriteString(text[i : i+1+end])
			i += end
			continue
		}
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		c, n := sedEscape(text[i:])
		switch {
		case n == 0:
			b.WriteString(text[i-1 : i+1])
			continue
		case c == '\\':
			b.WriteByte('\\')
		}
		b.WriteByte(c)
		i += n - 1
	}
	return b.String()
}

// A sedTable is the mapping of y: of bytes, or in UTF-8 of characters.
type sedTable struct {
	bytes [256]byte
	runes map[rune]rune // nil for a mapping of bytes
}

// transliterate parses y/from/to/.
func (p *sedParser) transliterate(c *sedCommand) error {
	delim := p.next()
	if p.wide(delim) {
		return p.errorf(errWideDelimiter)
	}
	from, ok1 := p.until(delim, false)
	if !ok1 {
		return p.errorf("unterminated `y' command")
	}
	to, ok2 := p.until(delim, false)
	if !ok2 {
		return p.errorf("unterminated `y' command")
	}
	for _, s := range [...]string{from, to} {
		if err := p.recursive(s); err != nil {
			return err
		}
	}
	from, to = unescapeY(from), unescapeY(to)
	if c.table = p.newTable(from, to); c.table == nil {
		return p.errorf("strings for `y' command are different lengths")
	}
	return p.ended()
}

// newTable makes the table of y. It returns nil if the lengths differ.
func (p *sedParser) newTable(from, to string) *sedTable {
	t := new(sedTable)
	if p.utf8 && (!ascii.IsASCII(from) || !ascii.IsASCII(to)) {
		f, g := sedRunes(from), sedRunes(to)
		if len(f) != len(g) {
			return nil
		}
		t.runes = map[rune]rune{}
		for i := len(f) - 1; i >= 0; i-- { // the first of equal characters counts
			t.runes[f[i]] = g[i]
			// sed compares an invalid byte with the first byte of each character
			t.runes[sedLoneByte+rune(appendSedRune(nil, f[i])[0])] = g[i]
		}
		return t
	}
	if len(from) != len(to) {
		return nil
	}
	for i := range t.bytes {
		t.bytes[i] = byte(i)
	}
	for i := range len(from) { // the last of equal bytes counts
		t.bytes[from[i]] = to[i]
	}
	return t
}

// sedRunes returns the characters of a text. A byte that is part of no character counts as one.
func sedRunes(s string) (list []rune) {
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 {
			r = sedLoneByte + rune(s[0])
		}
		list = append(list, r)
		s = s[n:]
	}
	return list
}

// sedLoneByte is the offset of the runes for bytes that are part of no character.
const sedLoneByte = utf8.MaxRune + 1

// appendSedRune appends a rune of sedRunes.
func appendSedRune(b []byte, r rune) []byte {
	if r >= sedLoneByte {
		return append(b, byte(r-sedLoneByte))
	}
	return utf8.AppendRune(b, r)
}

func unescapeY(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		c, n := sedEscape(s[i:])
		if n == 0 {
			c, n = s[i], 1
			if c == 'c' {
				b.WriteByte('\\')
			}
		}
		b.WriteByte(c)
		i += n - 1
	}
	return b.String()
}
