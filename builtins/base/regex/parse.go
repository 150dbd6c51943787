package regex

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// The parser follows the C library's rules with the options of grep, sed, expr and regcomp(3).
// They differ where POSIX leaves something undefined.

const (
	dupMax   = 0x7fff // RE_DUP_MAX
	maxDepth = 20000  // nested groups: each costs stack
	maxGroup = 1 << 16
)

// invalidByte is the first rune for bytes that are invalid in UTF-8. Each such byte is a
// character that only matches itself.
const invalidByte rune = utf8.MaxRune + 1

type op uint8

const (
	opEmpty op = iota
	opChar
	opAssert
	opGroup
	opCat
	opAlt
	opRepeat
	opBackref
)

// A node is a part of an expression.
type node struct {
	op       op
	set      charset   // of opChar
	assert   assertion // of opAssert
	index    int       // of opGroup and opBackref
	min, max int       // of opRepeat; max is -1 for any number
	sub      []*node   // parts of opCat and opAlt, the only part of others
}

// A syntax holds the rules of a dialect.
type syntax struct {
	extended       bool // ERE
	icase, utf8    bool
	lines          bool // newlines end lines: . and [^] do not match them
	invalidOps     bool // an operator without an operand is an error
	invalidDup     bool // so is an operator after another, or a leading \{ (BRE)
	intervalIsText bool // { that starts no interval is itself
	newlineAlt     bool // a newline separates alternatives
	lonelyParen    bool // an unmatched ) is itself
	emptyRanges    bool // [b-a] matches nothing
	automaton      bool // the rules of GNU grep's own automaton, not of the C library
	warnClass      bool // [:space:] is an error
	escapes        bool // \n and the like are control characters
	strict         bool // \+ \? \| \w \b and the like are plain characters
	zeroLines      bool // lines end at NUL
}

func (f Flags) syntax() syntax {
	ere := f&Extended != 0
	s := syntax{extended: ere, icase: f&IgnoreCase != 0, utf8: f&UTF8 != 0,
		lines: f&Newline != 0, escapes: f&Escapes != 0, strict: f&Strict != 0,
		zeroLines: f&ZeroLines != 0}
	switch f & dialects {
	case Grep:
		s.intervalIsText, s.lonelyParen, s.newlineAlt = ere, ere, true
		s.warnClass = true
	case Sed:
		s.invalidOps, s.invalidDup = ere, !ere
		s.lonelyParen = ere && f&LonelyParen != 0
		s.warnClass = f&AnyBracket == 0
	case Expr:
		s.emptyRanges = true
	default:
		s.invalidOps, s.invalidDup, s.lonelyParen = ere, !ere, ere
	}
	return s
}

type tokenKind uint8

const (
	tEnd tokenKind = iota
	tChar
	tDot
	tStar
	tPlus
	tQuestion
	tOpenInterval
	tCloseInterval
	tOpen
	tClose
	tAlt
	tBracket
	tAssert
	tBackref
)

type token struct {
	kind   tokenKind
	r      rune
	assert assertion
	size   int
}

// A parser reads an expression from left to right.
type parser struct {
	syntax
	in     []rune
	pos    int // position after tok
	tok    token
	depth  int
	groups int
	base   int // number of groups in the patterns before this one
	// closed are the groups 1 to 9 that a back-reference may name here. A group of another
	// alternative is not among them.
	closed   uint16
	backrefs uint16
	warnings []string
	begins   bool // for the automaton, tok begins an alternative: assertions do not count
	// beyond says that the automaton passes the expression to the C library. differs says that
	// the two may read the expression differently.
	beyond, differs bool
}

// decode returns the characters of a pattern.
func (s syntax) decode(pattern string) []rune {
	if s.escapes && s.utf8 {
		pattern = escapedBytes(pattern)
	}
	runes := make([]rune, 0, len(pattern))
	for i := 0; i < len(pattern); {
		if !s.utf8 {
			runes = append(runes, rune(pattern[i]))
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(pattern[i:])
		if r == utf8.RuneError && n == 1 {
			r = invalidByte + rune(pattern[i])
		}
		runes = append(runes, r)
		i += n
	}
	return runes
}

// escapedBytes replaces escapes such as \xc3\xa9 by bytes, which together may form a character.
func escapedBytes(pattern string) string {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '\\' || i+1 == len(pattern) {
			b.WriteByte(pattern[i])
			continue
		}
		i++
		if c, n := ControlEscape(pattern[i:]); n > 0 && c >= utf8.RuneSelf {
			b.WriteByte(c)
			i += n - 1
			continue
		}
		b.WriteString(pattern[i-1 : i+1])
	}
	return b.String()
}

// bytewise reports whether an expression has invalid bytes and nothing that depends on
// characters. The C library then finds such a byte inside a character too.
func bytewise(n *node, p *parser) bool {
	if !p.utf8 || p.icase || !slices.ContainsFunc(p.in, isInvalid) {
		return false
	}
	return onlyLiterals(n)
}

func isInvalid(r rune) bool { return r >= invalidByte }

func onlyLiterals(n *node) bool {
	if n.op == opAssert && n.assert >= wordBoundary {
		return false
	}
	if n.op == opChar {
		return len(n.set) == 1 && n.set[0].low == n.set[0].high
	}
	return !slices.ContainsFunc(n.sub, func(n *node) bool { return !onlyLiterals(n) })
}

func (p *parser) parse() (*node, error) {
	p.begins = true
	p.beyond = p.utf8 && slices.ContainsFunc(p.in, isInvalid)
	p.next(true)
	n, err := p.alternatives()
	if err == nil && p.tok.kind != tEnd {
		err = ErrRightParen
	}
	return n, err
}

// next reads the next token. caret says that ^ is an anchor here in a BRE.
func (p *parser) next(caret bool) {
	switch p.tok.kind {
	case tOpen, tAlt:
		p.begins = true
	case tEnd, tAssert, tStar, tPlus, tQuestion: // begins stays as it is
	default:
		p.begins = false
	}
	p.tok = p.peek(caret)
	p.pos += p.tok.size
}

func (p *parser) peek(caret bool) token {
	if p.pos >= len(p.in) {
		return token{}
	}
	c := p.in[p.pos]
	t := token{kind: tChar, r: c, size: 1}
	switch {
	case c == '\\':
		return p.escape()
	case c == '[':
		t.kind = tBracket
	case c == '.':
		t.kind = tDot
	case c == '*':
		t.kind = tStar
	case c == '^' && (p.extended || caret || p.pos == 0 || p.newlineAlt && p.in[p.pos-1] == '\n'):
		t.kind, t.assert = tAssert, lineStart
	case c == '$' && (p.extended || p.atEnd()):
		t.kind, t.assert = tAssert, lineEnd
	case c == '\n' && p.newlineAlt:
		t.kind = tAlt
	case p.extended:
		t.kind = operatorKind(c)
	}
	return t
}

// operatorKind returns the kind of an operator that needs a backslash in a BRE.
func operatorKind(c rune) tokenKind {
	kinds := [...]tokenKind{tPlus, tQuestion, tOpenInterval, tCloseInterval, tOpen, tClose, tAlt}
	if i := strings.IndexRune("+?{}()|", c); i >= 0 {
		return kinds[i]
	}
	return tChar
}

// atEnd reports whether a $ at pos is an anchor in a BRE.
func (p *parser) atEnd() bool {
	rest := p.in[p.pos+1:]
	if len(rest) == 0 {
		return true
	}
	if p.automaton && len(rest) > 1 && (rest[0] == ')' || rest[0] == '|') {
		p.differs = true // the automaton does not require the backslash
		return true
	}
	p.pos++
	kind := p.peek(false).kind
	p.pos--
	return kind == tAlt || kind == tClose
}

func (p *parser) escape() token {
	if p.pos+1 == len(p.in) {
		return token{kind: tChar, r: -1, size: 1}
	}
	c := p.in[p.pos+1]
	t := token{kind: tChar, r: c, size: 2}
	if !p.extended && !(p.strict && strings.ContainsRune("+?|", c)) {
		t.kind = operatorKind(c)
	}
	if p.strict && !('1' <= c && c <= '9') {
		return t
	}
	asserts := [...]assertion{wordBoundary, notBoundary, wordStart, wordEnd, textStart, textEnd}
	switch i := strings.IndexRune("bB<>`'", c); {
	case i >= 0:
		t.kind, t.assert = tAssert, asserts[i]
		if p.zeroLines && (c == '`' || c == '\'') {
			t.assert -= textStart - lineStart // sed then looks at each line separately
		}
	case '1' <= c && c <= '9':
		t.kind = tBackref
	case c == 'w' || c == 'W' || c == 's' || c == 'S':
		t.kind = tBracket
	case p.escapes && t.kind == tChar:
		if r, n := ControlEscape(p.ahead(p.pos + 1)); n > 0 {
			t.r, t.size = p.single(r), 1+n
		}
	}
	return t
}

// ahead returns the text from a position on, as far as an escape may reach.
func (p *parser) ahead(from int) string {
	var b [4]byte
	n := 0
	for _, r := range p.in[from:min(from+len(b), len(p.in))] {
		if r >= utf8.RuneSelf {
			break
		}
		b[n] = byte(r)
		n++
	}
	return string(b[:n])
}

// single returns the character of one byte.
func (p *parser) single(b byte) rune {
	if p.utf8 && b >= utf8.RuneSelf {
		return invalidByte + rune(b)
	}
	return rune(b)
}

func (p *parser) alternatives() (*node, error) {
	before, all := p.closed, p.closed
	n, err := p.branch()
	if err != nil || p.tok.kind != tAlt {
		return n, err
	}
	alt := &node{op: opAlt, sub: []*node{n}}
	for p.tok.kind == tAlt {
		p.next(true)
		all |= p.closed
		p.closed = before
		if n, err = p.branch(); err != nil {
			return nil, err
		}
		alt.sub = append(alt.sub, n)
	}
	p.closed |= all
	return alt, nil
}

// branchEnd reports whether the token ends an alternative.
func (p *parser) branchEnd() bool {
	return p.tok.kind == tEnd || p.tok.kind == tAlt || p.tok.kind == tClose && p.depth > 0
}

func (p *parser) branch() (*node, error) {
	cat := &node{op: opCat}
	for !p.branchEnd() {
		n, err := p.element()
		if err != nil {
			return nil, err
		}
		if n != nil && n.op != opEmpty {
			cat.sub = append(cat.sub, n)
		}
	}
	switch len(cat.sub) {
	case 0:
		return &node{}, nil
	case 1:
		return cat.sub[0], nil
	}
	return cat, nil
}

// element parses one element with its repetitions.
func (p *parser) element() (*node, error) {
	var n *node
	var err error
	switch t := p.tok; t.kind {
	case tAssert:
		return p.assertion()
	case tStar, tPlus, tQuestion, tOpenInterval:
		return p.lonelyOperator()
	case tOpen:
		n, err = p.group()
	case tBackref:
		if n, err = p.backref(t.r); err != nil {
			return nil, err
		}
	case tClose:
		if !p.lonelyParen {
			return nil, ErrRightParen
		}
		n = p.char(t.r)
	default:
		n, err = p.oneChar()
	}
	if err != nil {
		return nil, err
	}
	p.next(false)
	return p.repetitions(n)
}

// assertion parses an assertion. To the C library, an operator after it has no operand.
func (p *parser) assertion() (*node, error) {
	n := &node{op: opAssert, assert: p.tok.assert}
	p.beyond = p.beyond || p.utf8 && n.assert >= wordBoundary
	p.next(false)
	if !p.automaton || !p.extended && p.begins {
		return n, nil
	}
	p.differs = p.differs || operator(p.tok.kind)
	return p.repetitions(n)
}

func operator(k tokenKind) bool {
	return k == tStar || k == tPlus || k == tQuestion || k == tOpenInterval
}

// lonelyInterval parses an interval without an operand, or its text.
func (p *parser) lonelyInterval() (*node, error) {
	if !p.automaton { // the C library skips only the brace
		p.next(false)
		return p.behindLonely()
	}
	begins := p.begins
	low, high, text, err := p.interval()
	switch {
	case err != nil:
		return nil, err
	case text:
		p.begins = begins
		return p.oneCharRepeated()
	}
	p.warn("{...}", begins)
	p.next(false)
	return p.repetitions(repeat(&node{}, low, high))
}

func (p *parser) oneCharRepeated() (*node, error) {
	n, err := p.oneChar()
	if err != nil {
		return nil, err
	}
	p.next(false)
	return p.repetitions(n)
}

// behindLonely parses the text after an operator without an operand. A parenthesis there closes
// no group: the C library takes it as a character.
func (p *parser) behindLonely() (*node, error) {
	if p.automaton || p.tok.kind != tClose || !p.lonelyParen || p.depth == 0 {
		return nil, nil
	}
	return p.oneCharRepeated()
}

// warn warns about an operator without an operand.
func (p *parser) warn(operator string, begins bool) {
	if p.automaton && begins {
		p.warnings = append(p.warnings, operator+" at start of expression")
	}
}

// oneChar returns the node of a token that matches one character.
func (p *parser) oneChar() (*node, error) {
	t := p.tok
	switch {
	case t.kind == tDot:
		return &node{op: opChar, set: p.dot()}, nil
	case t.kind == tBracket && t.r == '[':
		return p.bracket()
	case t.kind == tBracket:
		p.beyond = p.beyond || p.utf8
		return &node{op: opChar, set: p.escapedClass(t.r)}, nil
	case t.r < 0:
		return nil, ErrBackslash
	}
	return p.char(t.r), nil
}

func (p *parser) char(r rune) *node {
	return &node{op: opChar, set: p.folded(charset{{r, r}})}
}

// lonelyOperator parses a repetition operator without an operand.
func (p *parser) lonelyOperator() (*node, error) {
	t := p.tok
	p.differs = true
	switch {
	case p.invalidOps, t.kind == tOpenInterval && p.invalidDup:
		return nil, ErrRepeat
	case !p.extended:
		p.tok.kind = tChar
		p.next(false)
		return p.repetitions(p.char(t.r))
	case t.kind == tOpenInterval:
		return p.lonelyInterval()
	}
	p.warn(string(t.r), p.begins)
	p.next(false)
	return p.behindLonely()
}

func (p *parser) group() (*node, error) {
	if p.depth++; p.depth > maxDepth || p.groups >= maxGroup {
		return nil, ErrMemory
	}
	p.groups++
	g := &node{op: opGroup, index: p.groups}
	p.next(true)
	n, err := p.alternatives()
	if err != nil {
		return nil, err
	}
	if p.tok.kind != tClose {
		return nil, ErrParen
	}
	p.depth--
	if own := g.index - p.base; own <= 9 {
		p.closed |= 1 << own
	}
	g.sub = []*node{n}
	return g, nil
}

func (p *parser) backref(digit rune) (*node, error) {
	i := int(digit - '0')
	if p.closed&(1<<i) == 0 {
		return nil, ErrBackref
	}
	p.backrefs |= 1 << i
	p.beyond = true
	return &node{op: opBackref, index: p.base + i}, nil
}

// repetitions parses the operators after n.
func (p *parser) repetitions(n *node) (*node, error) {
	for {
		low, high := 0, -1
		begins, sign := p.begins, string(p.tok.r)
		switch p.tok.kind {
		case tStar:
		case tPlus:
			low = 1
		case tQuestion:
			high = 1
		case tOpenInterval:
			var text bool
			var err error
			if low, high, text, err = p.interval(); err != nil {
				return nil, err
			}
			if text {
				p.begins = begins
				return n, nil
			}
			sign = "{...}"
		default:
			return n, nil
		}
		p.warn(sign, begins)
		p.next(false)
		n = repeat(n, low, high)
		if k := p.tok.kind; p.invalidDup && (k == tStar || k == tOpenInterval) {
			return nil, ErrRepeat
		}
	}
}

func repeat(n *node, low, high int) *node {
	if n.op == opEmpty || high == 0 {
		return &node{}
	}
	if low == 1 && high == 1 {
		return n
	}
	return &node{op: opRepeat, min: low, max: high, sub: []*node{n}}
}

const (
	noNumber  = -1
	badNumber = -2
)

// interval parses the text after a brace up to the closing brace. If that is no interval and
// the dialect allows it, the brace becomes a character.
func (p *parser) interval() (low, high int, text bool, err error) {
	start, tok := p.pos, p.tok
	low = p.number()
	comma := p.tok.kind == tChar && p.tok.r == ','
	if low == noNumber && !comma {
		return 0, 0, false, ErrInterval
	}
	if low == noNumber {
		low = 0
	}
	high = low
	if low != badNumber && p.tok.kind != tCloseInterval {
		high = badNumber
		if comma {
			high = p.number()
		}
	}
	switch {
	case low != badNumber && high != badNumber:
		return low, high, false, p.checkInterval(low, high)
	case p.intervalIsText:
		p.pos, p.tok = start, tok
		p.tok.kind = tChar
		return 0, 0, true, nil
	case p.tok.kind == tEnd:
		return 0, 0, false, ErrBrace
	}
	return 0, 0, false, ErrInterval
}

func (p *parser) checkInterval(low, high int) error {
	if high != noNumber && low > high || p.tok.kind != tCloseInterval {
		return ErrInterval
	}
	if max(low, high) > dupMax {
		return ErrTooBig
	}
	return nil
}

// number reads digits up to a comma or the closing brace, which becomes tok.
func (p *parser) number() int {
	n := noNumber
	for {
		p.next(false)
		switch {
		case p.tok.kind == tEnd:
			return badNumber
		case p.tok.kind == tCloseInterval || p.tok.kind == tChar && p.tok.r == ',':
			return n
		case p.tok.kind != tChar || p.tok.r < '0' || p.tok.r > '9' || n == badNumber:
			n = badNumber
		default:
			n = min(max(n, 0)*10+int(p.tok.r-'0'), math.MaxInt16+1)
		}
	}
}
