package regex

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A charset is a set of characters: ranges in order, without overlap.
type charset []span

type span struct{ low, high rune }

// normal puts spans in order and joins them.
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

// last is the last character there is: in UTF-8 not the bytes that are none.
func (s syntax) last() rune {
	if s.utf8 {
		return utf8.MaxRune
	}
	return 0xff
}

// without gives all characters that are not in c.
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

// lineEnds are the characters that only a lone text of them matches.
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

// dotlessI is ı, whose capital letter is I.
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
	// Beyond the last of the characters with a case there is nothing to fold.
	const lastCased = 0x1e943
	for c := r.low; c <= min(r.high, lastCased); c++ {
		for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
			if unicode.ToUpper(f) == unicode.ToUpper(c) && !isLateCyrillic(f) { // K is no Kelvin sign
				spans = append(spans, span{f, f})
			}
		}
		switch c { // of which Unicode has only one way
		case 'i', 'I':
			spans = append(spans, span{dotlessI, dotlessI})
		case dotlessI:
			spans = append(spans, span{'i', 'i'}, span{'I', 'I'})
		}
	}
	return spans
}

// isLateCyrillic tells letters that are newer than what GNU knows as other forms of a letter.
func isLateCyrillic(r rune) bool { return 0x1c80 <= r && r <= 0x1c88 }

// upper is the character that stands for both cases in a range.
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

// escapedClass is the set of \w, \W, \s and \S.
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

// class gives the members of a named class, nil if there is none.
func (s syntax) class(name string) charset {
	if s.icase && (name == "upper" || name == "lower") {
		name = "alpha"
	}
	var spans []span
	for c := rune(0); c < utf8.RuneSelf; c++ {
		if InClass(name, byte(c)) {
			spans = append(spans, span{c, c})
		}
	}
	if s.utf8 && len(spans) > 0 {
		spans = append(spans, wideClass(name)...)
	}
	return normal(spans)
}

func digitRune(r rune) bool { return '0' <= r && r <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// InClass tells whether an ASCII character is in a named class of POSIX.
func InClass(name string, c byte) bool {
	switch name {
	case "alpha":
		return isLetter(c)
	case "digit":
		return isDigit(c)
	case "alnum":
		return isLetter(c) || isDigit(c)
	case "upper":
		return 'A' <= c && c <= 'Z'
	case "lower":
		return 'a' <= c && c <= 'z'
	case "space":
		return c == ' ' || '\t' <= c && c <= '\r'
	case "blank":
		return c == ' ' || c == '\t'
	case "punct":
		return '!' <= c && c <= '~' && !isLetter(c) && !isDigit(c)
	case "print":
		return ' ' <= c && c <= '~'
	case "graph":
		return '!' <= c && c <= '~'
	case "cntrl":
		return c < ' ' || c == 127
	case "xdigit":
		return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f'
	}
	return false
}

// wideClass gives the members beyond ASCII, by Unicode's categories as the C
// library does: digits of other scripts are letters, what is neither letter nor
// blank is a mark.
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

// breaking takes the blanks out at which no line is broken.
func breaking(c charset) charset {
	return c.minus(charset{{0xa0, 0xa0}, {0x2007, 0x2007}, {0x202f, 0x202f}})
}

// minus gives what is in c, but not in d.
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

// tables gives the characters beyond ASCII of some of Unicode's tables.
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

// A bracketReader reads a bracket expression, without its first [.
type bracketReader struct {
	*parser
	spans   []span
	classes []span // what classes add, which have both cases anyway
	plain   bool   // there are neither ranges nor classes in it
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

// looksLikeClass tells :space: from other members.
func looksLikeClass(s []rune) bool {
	return len(s) > 2 && s[0] == ':' && s[len(s)-1] == ':'
}

// An item is one end of a range: a character, or a class that cannot be one.
type item struct {
	r     rune
	class bool
	made  bool // it is the end of a range
}

// wideChar says that a character has several bytes.
func wideChar(r rune) bool { return utf8.RuneSelf <= r && r < invalidByte }

// member reads one member: a character, a range or a class.
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

// threeHyphens stand for one that makes no range.
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

// unordered says that there is no order for the ends of a range: in C.UTF-8, the C library has
// none beyond ASCII; expr has one of its own for what are characters.
func (b *bracketReader) unordered(from, to rune) bool {
	if b.emptyRanges {
		return isInvalid(from) || isInvalid(to)
	}
	return wideChar(from) || wideChar(to)
}

// item reads a character or a class, which it adds.
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

// symbol reads [.c.], [=c=] or [:name:].
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
		return item{class: true}, nil // expr takes it, and finds it nowhere
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

// ControlEscape reads what follows a backslash as sed does: a, f, n, r, t, v,
// xHH, dDDD, oOOO, cX. It returns the character and the length read, 0 if it
// is none.
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
