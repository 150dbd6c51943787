package regex

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"overlayboot/builtins/base/ascii"
)

// A charset is a set of characters: sorted ranges without overlap.
type charset []span

type span struct{ low, high rune }

// normal sorts spans and joins them.
func normal(spans []span) charset {
	slices.SortFunc(spans, func(a, b span) int { return int(a.low) - int(b.low) })
	var out charset
	for _, s := range spans {
		if n := len(out); n > 0 && s.low <= out[n-1].high+1 {
			out[n-1].high = max(out[n-1].high, s.high)
			continue
		}
		out = append(out, s)
	}
	return out
}

func (c charset) contains(r rune) bool {
	_, found := slices.BinarySearchFunc(c, r, func(s span, r rune) int {
		switch {
		case s.high < r:
			return -1
		case s.low > r:
			return 1
		}
		return 0
	})
	return found
}

// last returns the last character. In UTF-8 this excludes the runes of invalid bytes.
func (s syntax) last() rune {
	if s.utf8 {
		return utf8.MaxRune
	}
	return 0xff
}

// without returns all characters that are not in c.
func (s syntax) without(c charset) charset {
	var out charset
	from := rune(0)
	for _, r := range c {
		if r.low > from {
			out = append(out, span{from, min(r.low-1, s.last())})
		}
		from = max(from, r.high+1)
	}
	if from <= s.last() {
		out = append(out, span{from, s.last()})
	}
	return out
}

func (s syntax) dot() charset {
	return s.without(s.lineEnds())
}

// lineEnds returns the characters that . and [^] do not match.
func (s syntax) lineEnds() charset {
	switch {
	case !s.lines:
		return nil
	case s.zeroLines:
		return charset{{0, 0}, {'\n', '\n'}}
	}
	return charset{{'\n', '\n'}}
}

// folded adds the other case of each character.
func (s syntax) folded(c charset) charset {
	if !s.icase {
		return c
	}
	spans := slices.Clone(c)
	for _, r := range c {
		spans = s.foldSpan(spans, r)
	}
	return normal(spans)
}

// dotlessI is ı, whose uppercase letter is I.
const dotlessI = 'ı'

func (s syntax) foldSpan(spans []span, r span) []span {
	for c := max(r.low, 'A'); c <= min(r.high, 'z'); c++ {
		if l := c | 0x20; 'a' <= l && l <= 'z' {
			spans = append(spans, span{c ^ 0x20, c ^ 0x20})
		}
	}
	if !s.utf8 {
		return spans
	}
	// Beyond the last cased character there is nothing to fold.
	const lastCased = 0x1e943
	for c := r.low; c <= min(r.high, lastCased); c++ {
		for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
			// K is no Kelvin sign
			if unicode.ToUpper(f) == unicode.ToUpper(c) && !isLateCyrillic(f) {
				spans = append(spans, span{f, f})
			}
		}
		switch c { // Unicode maps these in one direction only
		case 'i', 'I':
			spans = append(spans, span{dotlessI, dotlessI})
		case dotlessI:
			spans = append(spans, span{'i', 'i'}, span{'I', 'I'})
		}
	}
	return spans
}

// isLateCyrillic reports letters that are too new for GNU to know as other forms of a letter.
func isLateCyrillic(r rune) bool { return 0x1c80 <= r && r <= 0x1c88 }

// upper returns the character that represents both cases in a range.
func (s syntax) upper(r rune) rune {
	switch {
	case !s.icase:
		return r
	case s.utf8 && r <= utf8.MaxRune:
		return unicode.ToUpper(r)
	case 'a' <= r && r <= 'z':
		return r - 0x20
	}
	return r
}

// escapedClass returns the set of \w, \W, \s or \S.
func (s syntax) escapedClass(c rune) charset {
	name := "space"
	if c == 'w' || c == 'W' {
		name = "alnum"
	}
	set := s.class(name)
	if name == "alnum" {
		set = normal(append(set, span{'_', '_'}))
	}
	if c == 'W' || c == 'S' {
		set = s.without(set)
	}
	return set
}

// class returns the members of a named class, or nil for an unknown name.
func (s syntax) class(name string) charset {
	if s.icase && (name == "upper" || name == "lower") {
		name = "alpha"
	}
	var spans []span
	for c := rune(0); c < utf8.RuneSelf; c++ {
		if ascii.InClass(name, byte(c)) {
			spans = append(spans, span{c, c})
		}
	}
	if s.utf8 && len(spans) > 0 {
		spans = append(spans, wideClass(name)...)
	}
	return normal(spans)
}

func digitRune(r rune) bool { return '0' <= r && r <= '9' }

// wideClass returns the members beyond ASCII. Like the C library, it uses Unicode's categories,
// and digits of other scripts are letters. A graphic character that is no letter is
// punctuation.
func wideClass(name string) charset {
	switch name {
	case "alpha", "alnum":
		return tables(unicode.L, unicode.Nd, unicode.Nl, unicode.Other_Alphabetic)
	case "upper":
		return tables(unicode.Lu, unicode.Lt, unicode.Other_Uppercase)
	case "lower":
		return normal(append(tables(unicode.Ll, unicode.Other_Lowercase),
			span{0x1c5, 0x1c5}, span{0x1c8, 0x1c8}, span{0x1cb, 0x1cb}, span{0x1f2, 0x1f2}))
	case "space":
		return breaking(tables(unicode.Zs, unicode.Zl, unicode.Zp))
	case "blank":
		return breaking(tables(unicode.Zs))
	case "punct":
		return wideClass("graph").minus(wideClass("alpha"))
	case "print":
		return tables(unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Zs,
			unicode.Cf, unicode.Co)
	case "graph":
		return wideClass("print").minus(wideClass("space"))
	case "cntrl":
		return tables(unicode.Cc, unicode.Zl, unicode.Zp)
	}
	return nil
}

// breaking removes the blanks at which no line is broken.
func breaking(c charset) charset {
	return c.minus(charset{{0xa0, 0xa0}, {0x2007, 0x2007}, {0x202f, 0x202f}})
}

// minus returns the characters of c that are not in d.
func (c charset) minus(d charset) charset {
	var out charset
	for _, s := range c {
		for _, x := range d {
			if x.high < s.low || x.low > s.high {
				continue
			}
			if x.low > s.low {
				out = append(out, span{s.low, x.low - 1})
			}
			s.low = x.high + 1
		}
		if s.low <= s.high {
			out = append(out, s)
		}
	}
	return out
}

// tables returns the characters beyond ASCII in some of Unicode's tables.
func tables(of ...*unicode.RangeTable) charset {
	var spans []span
	for _, t := range of {
		spans = appendTable(spans, t)
	}
	return normal(spans)
}

func appendTable(spans []span, t *unicode.RangeTable) []span {
	add := func(low, high, stride rune) {
		if stride == 1 {
			spans = append(spans, span{max(low, utf8.RuneSelf), high})
			return
		}
		for c := low; c <= high; c += stride {
			if c >= utf8.RuneSelf {
				spans = append(spans, span{c, c})
			}
		}
	}
	for _, r := range t.R16 {
		if r.Hi >= utf8.RuneSelf {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	for _, r := range t.R32 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	return spans
}

// A bracketReader parses a bracket expression after its first [.
type bracketReader struct {
	*parser
	spans   []span
	classes []span // members from classes, which contain both cases anyway
	plain   bool   // the expression has no ranges and no classes
}

func (p *parser) bracket() (*node, error) {
	b := &bracketReader{parser: p, plain: true}
	if p.pos >= len(p.in) {
		return nil, ErrPattern
	}
	negate := p.in[p.pos] == '^'
	if negate {
		p.beyond = p.beyond || p.utf8
		p.pos++
		if p.pos >= len(p.in) {
			return nil, ErrPattern
		}
	}
	begin := p.pos
	for first := true; first || p.pos >= len(p.in) || p.in[p.pos] != ']'; first = false {
		if err := b.member(first); err != nil {
			return nil, err
		}
	}
	if b.plain && p.warnClass && !negate && looksLikeClass(p.in[begin:p.pos]) {
		return nil, ErrClassSyntax
	}
	p.pos++
	set := normal(append(p.folded(normal(b.spans)), b.classes...))
	if negate {
		set = p.without(set)
		set = set.minus(p.lineEnds())
	}
	return &node{op: opChar, set: set}, nil
}

// looksLikeClass reports whether the members look like :space:.
func looksLikeClass(s []rune) bool {
	return len(s) > 2 && s[0] == ':' && s[len(s)-1] == ':'
}

// An item is an end of a range: a character, or a class, which cannot be an end.
type item struct {
	r     rune
	class bool
	made  bool // the item is the end of a range
}

// wideChar reports whether a character has several bytes.
func wideChar(r rune) bool { return utf8.RuneSelf <= r && r < invalidByte }

// member parses one member: a character, a range or a class.
func (b *bracketReader) member(first bool) error {
	low, err := b.item(first)
	if err != nil {
		return err
	}
	if low.class {
		return nil
	}
	high, rest := low, b.in[b.pos:]
	if len(rest) == 0 {
		return ErrBracket
	}
	if rest[0] == '-' && !threeHyphens(rest) {
		if len(rest) == 1 {
			return ErrBracket
		}
		if rest[1] != ']' {
			b.pos++
			b.plain = false
			if high, err = b.item(true); err != nil {
				return err
			}
			high.made = true
			b.beyond = b.beyond || b.utf8 && !(digitRune(low.r) && digitRune(high.r))
		}
	}
	return b.addRange(low, high)
}

// threeHyphens reports three hyphens, which stand for one hyphen that makes no range.
func threeHyphens(s []rune) bool { return len(s) > 2 && s[1] == '-' && s[2] == '-' }

func (b *bracketReader) addRange(low, high item) error {
	if high.class {
		return ErrRange
	}
	from, to := low.r, high.r
	if b.utf8 && high.made && b.unordered(from, to) {
		return ErrCollate
	}
	if from != to {
		from, to = b.upper(from), b.upper(to)
	}
	if from > to {
		if b.emptyRanges {
			return nil
		}
		return ErrRange
	}
	b.spans = append(b.spans, span{from, to})
	return nil
}

// unordered reports whether the ends of a range have no order. In C.UTF-8, the C library has no
// order beyond ASCII. expr has an order of its own for valid characters.
func (b *bracketReader) unordered(from, to rune) bool {
	if b.emptyRanges {
		return isInvalid(from) || isInvalid(to)
	}
	return wideChar(from) || wideChar(to)
}

// item parses a character, or a class, whose members it adds.
func (b *bracketReader) item(hyphen bool) (item, error) {
	rest := b.in[b.pos:]
	if len(rest) == 0 {
		return item{}, ErrBracket
	}
	if rest[0] == '[' && len(rest) > 1 && strings.ContainsRune(".=:", rest[1]) {
		b.plain = false
		return b.symbol(rest[1])
	}
	b.pos++
	switch {
	case b.escapes && rest[0] == '\\':
		if c, n := ControlEscape(b.ahead(b.pos)); n > 0 {
			b.pos += n
			return item{r: b.single(c)}, nil
		}
	case rest[0] == '-' && threeHyphens(rest):
		b.pos += 2
	case rest[0] == '-' && !hyphen:
		if len(rest) == 1 {
			return item{}, ErrBracket
		}
		if rest[1] != ']' {
			return item{}, ErrRange
		}
	}
	return item{r: rest[0]}, nil
}

// symbol parses [.c.], [=c=] or [:name:].
func (b *bracketReader) symbol(kind rune) (item, error) {
	const longest = 32
	b.pos += 2
	if b.pos >= len(b.in) {
		return item{}, ErrBracket
	}
	rest := b.in[b.pos:]
	end := -1
	for i := 0; i+1 < len(rest) && i < longest; i++ {
		if rest[i] == kind && rest[i+1] == ']' {
			end = i
			break
		}
	}
	if end < 0 {
		return item{}, ErrBracket
	}
	b.pos += end + 2
	name := rest[:end]
	if kind == ':' {
		set := b.class(string(name))
		if set == nil {
			return item{}, ErrClassName
		}
		b.classes = append(b.classes, set...)
		if name := string(name); b.utf8 && name != "digit" && name != "xdigit" {
			b.beyond = true
		}
		return item{class: true}, nil
	}
	if len(name) == 1 && b.emptyRanges && isInvalid(name[0]) {
		return item{class: true}, nil // expr accepts it, and it matches nothing
	}
	if len(name) != 1 || b.utf8 && name[0] >= utf8.RuneSelf {
		return item{}, ErrCollate
	}
	b.beyond = true
	if kind == '=' {
		b.spans = append(b.spans, span{name[0], name[0]})
		return item{class: true}, nil
	}
	return item{r: name[0]}, nil
}

// ControlEscape reads the text after a backslash as sed does: a, f, n, r, t, v, xHH, dDDD,
// oOOO, cX. It returns the character and the length of the escape, or length 0 if the text is
// no escape.
func ControlEscape(s string) (c byte, n int) {
	if s == "" {
		return 0, 0
	}
	if i := strings.IndexByte("afnrtv", s[0]); i >= 0 {
		return "\a\f\n\r\t\v"[i], 1
	}
	digits, base := 0, 0
	switch s[0] {
	case 'x':
		digits, base = 2, 16
	case 'd':
		digits, base = 3, 10
	case 'o':
		digits, base = 3, 8
	case 'c':
		if len(s) > 1 {
			return strings.ToUpper(s[1:2])[0] ^ 0x40, 2
		}
	}
	for ; digits > 0; digits-- {
		if len(s) > digits {
			if v, err := strconv.ParseUint(s[1:1+digits], base, 16); err == nil {
				return byte(v), 1 + digits
			}
		}
	}
	return 0, 0
}
