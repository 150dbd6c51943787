package builtins

import (
	"errors"
	"strings"
	"unicode/utf8"

	"overlayboot/builtins/regex"
)

// sedEscape reads what follows a backslash: n, t, xHH, dDDD, oOOO, cX and the
// like. It returns the character and the length read, 0 if it is none.
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

// sedNumber reads up to so many digits behind a letter.
func sedNumber(s string, base, digits int) (c byte, n int) {
	value := 0
	for n = 1; n <= digits && n < len(s); n++ {
		d := strings.IndexByte("0123456789abcdef", s[n]|0x20)
		if isDigit(s[n]) {
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

// recursive complains about \c\x, in which nothing but \ may follow.
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

// textArgument reads the text of a, i and c in its three forms: on the same
// line, behind "\" and a newline, or behind "\" on the same line.
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

// text reads the text up to the end of its last line. nil is the last command.
func (p *sedParser) text(c *sedCommand) {
	for {
		ch := p.next()
		if ch == '\\' {
			if ch = p.next(); ch == sedEnd {
				p.pending.WriteByte('\n')
				return // the next script may go on with it
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

// endText gives the text that no script went on with to its command.
func (p *sedParser) endText() {
	p.commands[len(p.commands)-1].text, p.pending = p.pending.String(), nil
}

// until reads up to a delimiter and passes it. A backslash hides it and, in an
// expression, so do brackets.
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
			n := bracketEnd(rest)
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

// hidden is what a delimiter behind a backslash stands for.
func hidden(delim byte, isRE bool) string {
	if !isRE && delim == '&' {
		return `\&`
	}
	return string([]byte{delim})
}

// A sedRE is a regular expression of a script.
type sedRE = posixRE

// regexp compiles an expression; the empty one means the last one used.
func (p *sedParser) regexp(text string, flags reFlags) (*sedRE, error) {
	if text == "" {
		if flags.icase || flags.lines {
			return nil, p.errorf("cannot specify modifiers on empty regexp")
		}
		return nil, nil
	}
	if err := p.recursive(text); err != nil {
		return nil, err
	}
	flags.strict, flags.posixly, flags.anyBracket = p.posix, p.correct, p.anyBracket
	flags.zeroLines = flags.lines && p.zero
	flags.utf8 = p.utf8
	if p.ordered && collates(text) {
		return nil, errNoSed("the order of the locale in the expression " + text)
	}
	re, err := compileRE(sedPlainRE(text, p.correct), flags)
	var mistake reError
	if errors.Is(err, reError(regex.ErrClassSyntax)) {
		return nil, &sedError{msg: err.Error()}
	}
	if errors.As(err, &mistake) {
		return nil, p.errorf("%s", mistake)
	}
	return re, err
}

// sedPlainRE puts the characters themselves for what sed, not the C library,
// knows behind a backslash. What they mean in an expression they mean now. For POSIX
// there is nothing to know in brackets.
func sedPlainRE(text string, posix bool) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '[' && posix {
			end := max(bracketEnd(text[i+1:]), 0)
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

// A sedTable is what y does: to bytes, or in UTF-8 to characters.
type sedTable struct {
	bytes [256]byte
	runes map[rune]rune // nil where bytes do
}

// transliterate reads y/from/to/.
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

// newTable makes the table of y, nil if the lengths differ.
func (p *sedParser) newTable(from, to string) *sedTable {
	t := new(sedTable)
	if p.utf8 && (!isASCII(from) || !isASCII(to)) {
		f, g := sedRunes(from), sedRunes(to)
		if len(f) != len(g) {
			return nil
		}
		t.runes = map[rune]rune{}
		for i := len(f) - 1; i >= 0; i-- { // the first of equal ones counts
			t.runes[f[i]] = g[i]
			// sed compares a byte that is no character with the first of each
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
	for i := range len(from) { // the last of equal ones counts
		t.bytes[from[i]] = to[i]
	}
	return t
}

// sedRunes are the characters of a text; a byte that is part of none is one of its own.
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

// sedLoneByte is where the bytes are that are part of no character.
const sedLoneByte = utf8.MaxRune + 1

// appendSedRune appends what sedRunes made.
func appendSedRune(b []byte, r rune) []byte {
	if r >= sedLoneByte {
		return append(b, byte(r-sedLoneByte))
	}
	return utf8.AppendRune(b, r)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
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

// bracketEnd returns the length of a bracket expression behind its [, -1 if it
// has no end.
func bracketEnd(s string) int {
	i := 0
	if strings.HasPrefix(s, "^") {
		i++
	}
	for first := true; i < len(s); first = false {
		switch {
		case s[i] == ']' && !first:
			return i + 1
		case s[i] == '[' && i+1 < len(s) && strings.IndexByte(":.=", s[i+1]) >= 0:
			end := strings.Index(s[i+2:], s[i+1:i+2]+"]")
			if end < 0 {
				return -1
			}
			i += end + 3
		}
		i++
	}
	return -1
}
