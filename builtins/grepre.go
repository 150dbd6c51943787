package builtins

// What is here turns grep's expressions into Go's; compileRE does without.

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// errNoRE marks expressions that only the real tools know.
var errNoRE = errors.New("regular expression")

// compileGo compiles what translateRE made, whole or put together from parts.
func compileGo(text string, f reFlags) (*posixRE, error) {
	flags := "(?s)"
	if f.lines {
		flags = "(?sm)"
	}
	re, err := regexp.Compile(flags + text)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", errNoRE, err)
	}
	re.Longest()
	return &posixRE{inGo: re, groups: re.NumSubexp()}, nil
}

// latin1 gives the text whose runes are the bytes of b.
func latin1(b []byte) (s string, same bool) {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			runes := make([]rune, len(b))
			for i, c := range b {
				runes[i] = rune(c)
			}
			return string(runes), false
		}
	}
	return string(b), true
}

func (p *posixRE) goMatch(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			s, _ := latin1(b)
			return p.inGo.MatchString(s)
		}
	}
	return p.inGo.Match(b)
}

func (p *posixRE) goAll(b []byte, n int) [][]int {
	s, same := latin1(b)
	found := p.inGo.FindAllStringSubmatchIndex(s, n)
	if same {
		return found
	}
	for _, m := range found {
		for i, off := range m {
			if off >= 0 {
				m[i] = utf8.RuneCountInString(s[:off])
			}
		}
	}
	return found
}

// translateRE turns a POSIX expression into Go's syntax.
func translateRE(pattern string, f reFlags) (string, error) {
	t := &reTranslator{in: pattern, reFlags: f, atom: -1, afterStart: -1}
	for t.pos < len(t.in) {
		if err := t.element(); err != nil {
			return "", err
		}
	}
	if t.wordStart {
		return "", errNoRE
	}
	if len(t.groups) > 0 {
		return "", reError("Unmatched ( or \\(")
	}
	return t.out.String(), nil
}

// reTranslator reads a POSIX expression from left to right.
type reTranslator struct {
	reFlags
	in  string
	pos int
	out strings.Builder
	// atom is where the last repeatable element starts in out, -1 if there is
	// none; repeated says that it has a repetition already.
	atom     int
	repeated bool
	groups   []int // where the open groups start
	// wordStart is set between \< and the element behind it; wordEnd when the
	// last element is sure to end with a word character. Go has \b only, which
	// is the same where a word character is sure.
	wordStart, wordEnd bool
	// afterStart is the place in out of an element just behind \<, else -1.
	afterStart int
}

// put adds an element; word says that it matches exactly one word character.
func (t *reTranslator) put(s string, word bool) error {
	if t.wordStart && !word {
		return errNoRE
	}
	if t.wordStart {
		t.afterStart = t.out.Len()
	}
	t.atom, t.repeated, t.wordStart, t.wordEnd = t.out.Len(), false, false, word
	t.out.WriteString(s)
	return nil
}

func (t *reTranslator) literal(c byte) error {
	var set [256]bool
	set[c] = true
	if t.icase && isLetter(c) {
		set[c^0x20] = true
		return t.put(goClass(&set), true)
	}
	return t.put(quoteByte(c), isWord(c))
}

func quoteByte(c byte) string {
	if isWord(c) || c == ' ' || c == '/' {
		return string(rune(c))
	}
	return fmt.Sprintf(`\x%02x`, c)
}

// element translates the next element of the expression.
func (t *reTranslator) element() error {
	c := t.in[t.pos]
	t.pos++
	switch {
	case c == '\\':
		return t.escaped()
	case c == '[':
		return t.bracket()
	case c == '.':
		return t.put(".", false)
	case c == '*':
		return t.repeat("*", '*')
	case c == '^' && (t.extended || t.atBegin()):
		return t.anchor("^")
	case c == '$' && (t.extended || t.atEnd()):
		return t.anchor("$")
	case c == '\n' && t.grep:
		return t.operator('|')
	case t.extended && strings.IndexByte("+?{()|", c) >= 0:
		return t.operator(c)
	}
	return t.literal(c)
}

// escaped translates what follows a backslash.
func (t *reTranslator) escaped() error {
	if t.pos == len(t.in) {
		return reError("Trailing backslash")
	}
	c := t.in[t.pos]
	t.pos++
	switch {
	case !t.extended && strings.IndexByte("+?{()|", c) >= 0:
		return t.operator(c)
	case '1' <= c && c <= '9':
		return errNoRE
	case c == 'w':
		return t.put("[0-9A-Za-z_]", true)
	case c == 'W':
		return t.put("[^0-9A-Za-z_]", false)
	case c == 's':
		return t.put(`[\t-\r ]`, false)
	case c == 'S':
		return t.put(`[^\t-\r ]`, false)
	case strings.IndexByte("bB<>`'", c) >= 0:
		return t.assertion(c)
	case t.escapes:
		if b, n := controlEscape(t.in[t.pos-1:]); n > 0 {
			t.pos += n - 1
			return t.literal(b)
		}
	}
	return t.literal(c)
}

func (t *reTranslator) assertion(c byte) error {
	switch c {
	case '`':
		return t.anchor(`\A`)
	case '\'':
		return t.anchor(`\z`)
	case '<':
		t.out.WriteString(`\b`)
		t.atom, t.wordStart, t.wordEnd = -1, true, false
		return nil
	case '>':
		if !t.wordEnd {
			return errNoRE
		}
		return t.anchor(`\b`)
	}
	return t.anchor(`\` + string(rune(c)))
}

func (t *reTranslator) anchor(s string) error {
	err := t.put(s, false)
	if !t.extended {
		t.atom = -1 // a * behind it stands for itself
	}
	return err
}

// atBegin says whether ^ at pos-1 is an anchor in a BRE.
func (t *reTranslator) atBegin() bool {
	before := t.in[:t.pos-1]
	return before == "" || strings.HasSuffix(before, `\(`) || strings.HasSuffix(before, `\|`) ||
		strings.HasSuffix(before, "\n")
}

// atEnd says whether $ at pos-1 is an anchor in a BRE.
func (t *reTranslator) atEnd() bool {
	after := t.in[t.pos:]
	return after == "" || strings.HasPrefix(after, `\)`) || strings.HasPrefix(after, `\|`) ||
		strings.HasPrefix(after, "\n")
}

// operator translates + ? { ( ) and |, with or without their backslash.
func (t *reTranslator) operator(c byte) error {
	switch c {
	case '+', '?':
		return t.repeat(string(rune(c)), c)
	case '{':
		return t.interval()
	case '(':
		if t.wordStart {
			return errNoRE
		}
		t.groups = append(t.groups, t.out.Len())
		t.out.WriteByte('(')
		t.atom, t.wordEnd = -1, false
	case ')':
		if len(t.groups) == 0 && t.grep && t.extended {
			return t.literal(')')
		}
		if len(t.groups) == 0 {
			return reError("Unmatched ) or \\)")
		}
		if t.wordStart {
			return errNoRE
		}
		t.out.WriteByte(')')
		t.atom, t.repeated, t.wordEnd = t.groups[len(t.groups)-1], false, false
		t.groups = t.groups[:len(t.groups)-1]
	case '|':
		if t.wordStart {
			return errNoRE
		}
		t.out.WriteByte('|')
		t.atom, t.wordEnd = -1, false
	}
	return nil
}

// repeat puts an operator behind the last element; without one, the operator
// stands for itself in a BRE.
func (t *reTranslator) repeat(op string, self byte) error {
	if t.atom < 0 {
		if t.extended {
			return errNoRE
		}
		return t.literal(self)
	}
	if t.atom == t.afterStart && op != "+" {
		return errNoRE // it may be empty, and \< looks at what follows it
	}
	if t.repeated { // a second one would mean something else to Go
		text := t.out.String()
		t.out.Reset()
		t.out.WriteString(text[:t.atom] + "(?:" + text[t.atom:] + ")")
	}
	t.out.WriteString(op)
	t.repeated = true
	t.wordEnd = t.wordEnd && op == "+"
	return nil
}

// interval translates {n}, {n,}, {,m} and {n,m}.
func (t *reTranslator) interval() error {
	closing := `\}`
	if t.extended {
		closing = "}"
	}
	body, rest, found := strings.Cut(t.in[t.pos:], closing)
	low, high, two := strings.Cut(body, ",")
	if !found || !allDigits(low) || !allDigits(high) || low == "" && !two {
		if t.extended { // then it is no interval
			return t.literal('{')
		}
		if !found {
			return reError(`Unmatched \{`)
		}
		return reError(`Invalid content of \{\}`)
	}
	if t.atom < 0 {
		if t.extended {
			return t.literal('{')
		}
		return reError("Invalid preceding regular expression")
	}
	t.pos = len(t.in) - len(rest)
	if low == "" {
		low = "0"
	}
	text := "{" + low
	if two {
		text += "," + high
	}
	return t.repeat(text+"}", '{')
}

const errBracket = reError("Unmatched [, [^, [:, [., or [=")

// bracket translates a bracket expression; pos is behind its [.
func (t *reTranslator) bracket() error {
	var set [256]bool
	negate := strings.HasPrefix(t.in[t.pos:], "^")
	if negate {
		t.pos++
	}
	for first := true; ; first = false {
		if t.pos >= len(t.in) {
			return errBracket
		}
		if t.in[t.pos] == ']' && !first {
			t.pos++
			break
		}
		if err := t.member(&set); err != nil {
			return err
		}
	}
	word := !negate
	for i := range set {
		c := byte(i)
		if t.icase && isLetter(c) && (set[c] || set[c^0x20]) {
			set[c], set[c^0x20] = true, true
		}
		word = word && (!set[c] || isWord(c))
	}
	if negate {
		for i := range set {
			set[i] = !set[i]
		}
	}
	if negate && t.lines {
		set['\n'] = false
	}
	return t.put(goClass(&set), word)
}

// member adds one member of a bracket expression: a character, a range, or a
// class in its own brackets.
func (t *reTranslator) member(set *[256]bool) error {
	rest := t.in[t.pos:]
	if strings.HasPrefix(rest, "[:") {
		name, _, found := strings.Cut(rest[2:], ":]")
		if !found {
			return errBracket
		}
		t.pos += len(name) + 4
		return addClass(set, name)
	}
	low, err := t.bracketChar()
	if err != nil {
		return err
	}
	high := low
	if rest = t.in[t.pos:]; len(rest) > 1 && rest[0] == '-' && rest[1] != ']' {
		t.pos++
		if high, err = t.bracketChar(); err != nil {
			return err
		}
	}
	if high < low {
		return reError("Invalid range end")
	}
	for i := int(low); i <= int(high); i++ {
		set[i] = true
	}
	return nil
}

// bracketChar reads one character of a bracket expression: itself, [.c.] or
// [=c=].
func (t *reTranslator) bracketChar() (byte, error) {
	rest := t.in[t.pos:]
	if len(rest) > 1 && rest[0] == '[' && (rest[1] == '.' || rest[1] == '=') {
		if len(rest) < 5 || rest[3] != rest[1] || rest[4] != ']' {
			return 0, reError("Invalid collation character")
		}
		t.pos += 5
		return rest[2], nil
	}
	if t.escapes && len(rest) > 1 && rest[0] == '\\' {
		if c, n := controlEscape(rest[1:]); n > 0 {
			t.pos += n + 1
			return c, nil
		}
	}
	t.pos++
	return rest[0], nil
}

// addClass adds the members of [:name:].
func addClass(set *[256]bool, name string) error {
	const classes = " alpha digit alnum upper lower space blank punct print graph cntrl xdigit "
	if !strings.Contains(classes, " "+name+" ") {
		return reError("Invalid character class name")
	}
	for i := range 128 {
		c := byte(i)
		set[c] = set[c] || inClass(name, c)
	}
	return nil
}

func inClass(name string, c byte) bool {
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
	}
	return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' // xdigit
}

// goClass writes a set as a class of Go's syntax.
func goClass(set *[256]bool) string {
	var b strings.Builder
	for i := 0; i < 256; i++ {
		if !set[i] {
			continue
		}
		first := i
		for i+1 < 256 && set[i+1] {
			i++
		}
		fmt.Fprintf(&b, `\x{%x}-\x{%x}`, first, i)
	}
	if b.Len() == 0 {
		return `[^\x{0}-\x{10ffff}]` // nothing matches
	}
	return "[" + b.String() + "]"
}
