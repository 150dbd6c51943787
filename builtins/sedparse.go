package builtins

import (
	"errors"
	"fmt"
	"strings"
)

// A sedAddress selects lines.
type sedAddress struct {
	kind byte // 'n' line n, 's' first~step, '$', '/', '+' n more, '~' next multiple of n
	n    int
	step int
	re   *posixRE // nil for the last one used
}

// A sedCommand is one command of a script.
type sedCommand struct {
	a1, a2 *sedAddress
	negate bool
	name   byte

	text   string // of a, i and c; a label; a file name; from the y command
	number int    // where b, t and { go to; the exit status of q; the width of l
	re     *posixRE
	repl   []sedPart
	flags  sedFlags
	table  *[256]byte // of y
	file   *sedOutput

	// active and end are the state of a range of addresses.
	active bool
	end    int
}

// sedFlags are those of the s command.
type sedFlags struct {
	global bool
	print  bool
	nth    int
}

// A sedPart is a piece of a replacement: text, a group, or a change of case.
type sedPart struct {
	text  string
	group int  // -1 for text
	fold  byte // one of U L u l E
}

// A sedError is a mistake in a script, at a place in it.
type sedError struct {
	msg string
	pos int // -1: no place is shown
}

func (e *sedError) Error() string { return e.msg }

// errNoSed marks what only the real sed knows.
type errNoSed string

func (e errNoSed) Error() string { return string(e) }

// sedParser reads a script: all expressions, one a line.
type sedParser struct {
	in       string
	pos      int
	extended bool
	commands []sedCommand
	blocks   []int
	files    []string // file names of w, in the order of use
}

func (p *sedParser) errorf(format string, args ...any) error {
	return &sedError{fmt.Sprintf(format, args...), p.pos}
}

// peek returns the next character, 0 at the end.
func (p *sedParser) peek() byte {
	if p.pos < len(p.in) {
		return p.in[p.pos]
	}
	return 0
}

func (p *sedParser) skip(chars string) {
	for p.pos < len(p.in) && strings.IndexByte(chars, p.in[p.pos]) >= 0 {
		p.pos++
	}
}

func (p *sedParser) integer() (n int) {
	for ; isDigit(p.peek()); p.pos++ {
		n = n*10 + int(p.peek()-'0')
	}
	return n
}

// parse reads the whole script and finds the labels.
func (p *sedParser) parse() error {
	for {
		p.skip(" \t\n;\v\f\r")
		if p.pos >= len(p.in) {
			break
		}
		if err := p.command(); err != nil {
			return err
		}
	}
	if len(p.blocks) > 0 {
		p.pos = 0
		return p.errorf("unmatched `{'")
	}
	return p.resolve()
}

func (p *sedParser) resolve() error {
	for i := range p.commands {
		c := &p.commands[i]
		if c.name != 'b' && c.name != 't' && c.name != 'T' {
			continue
		}
		c.number = len(p.commands)
		found := c.text == ""
		for j := range p.commands {
			if p.commands[j].name == ':' && p.commands[j].text == c.text && !found {
				c.number, found = j, true
			}
		}
		if !found {
			return &sedError{fmt.Sprintf("can't find label for jump to `%s'", c.text), -1}
		}
	}
	return nil
}

// command reads one command with its addresses.
func (p *sedParser) command() error {
	var c sedCommand
	var err error
	if c.a1, err = p.address(); err != nil {
		return err
	}
	if c.a1 != nil {
		if err := p.secondAddress(&c); err != nil {
			return err
		}
	}
	p.skip(" \t")
	if p.peek() == '!' {
		c.negate = true
		for p.peek() == '!' {
			p.pos++
			p.skip(" \t")
		}
	}
	if p.pos == len(p.in) || p.peek() == '\n' {
		return p.errorf("missing command")
	}
	c.name = p.peek()
	p.pos++
	return p.body(&c)
}

func (p *sedParser) secondAddress(c *sedCommand) (err error) {
	p.skip(" \t")
	if p.peek() == ',' {
		p.pos++
		p.skip(" \t")
		if c.a2, err = p.address(); err != nil {
			return err
		}
		if c.a2 == nil {
			p.pos++
			return p.errorf("unexpected `,'")
		}
	}
	if c.a1.kind == 'n' && c.a1.n == 0 && (c.a2 == nil || c.a2.kind != '/') {
		p.pos++
		return p.errorf("invalid usage of line address 0")
	}
	return nil
}

// address reads one address, nil if there is none.
func (p *sedParser) address() (*sedAddress, error) {
	switch c := p.peek(); {
	case c == '$':
		p.pos++
		return &sedAddress{kind: '$'}, nil
	case (c == '+' || c == '~') && p.pos+1 < len(p.in) && isDigit(p.in[p.pos+1]):
		p.pos++
		return &sedAddress{kind: c, n: p.integer()}, nil
	case isDigit(c):
		a := &sedAddress{kind: 'n', n: p.integer()}
		if p.peek() == '~' {
			p.pos++
			a.kind, a.step = 's', p.integer()
		}
		return a, nil
	case c == '/' || c == '\\':
		p.pos++
		if c == '\\' {
			p.pos++
		}
		return p.addressRE()
	}
	return nil, nil
}

// addressRE reads an expression whose delimiter has just been passed.
func (p *sedParser) addressRE() (*sedAddress, error) {
	delim := p.in[p.pos-1]
	text, ok := p.until(delim, true)
	if !ok {
		return nil, p.errorf("unterminated address regex")
	}
	flags := reFlags{extended: p.extended, escapes: true}
	for {
		switch p.peek() {
		case 'I':
			flags.icase = true
		case 'M':
			flags.lines = true
		default:
			re, err := p.regexp(text, flags)
			return &sedAddress{kind: '/', re: re}, err
		}
		p.pos++
	}
}

// regexp compiles an expression; the empty one means the last one used.
func (p *sedParser) regexp(text string, flags reFlags) (*posixRE, error) {
	if text == "" {
		return nil, nil
	}
	re, err := compileRE(text, flags)
	var mistake reError
	if errors.As(err, &mistake) {
		return nil, p.errorf("%s", mistake)
	}
	return re, err
}

// until reads up to a delimiter and passes it. A backslash hides it and, in an
// expression, so do brackets.
func (p *sedParser) until(delim byte, isRE bool) (string, bool) {
	var b strings.Builder
	for p.pos < len(p.in) {
		c := p.in[p.pos]
		p.pos++
		switch {
		case c == delim:
			return b.String(), true
		case c == '\n' && isRE:
			return "", false
		case c == '[' && isRE:
			n := bracketEnd(p.in[p.pos:])
			if n < 0 {
				p.pos = len(p.in)
				return "", false
			}
			b.WriteString("[" + p.in[p.pos:p.pos+n])
			p.pos += n
			continue
		case c != '\\' || p.pos == len(p.in):
			b.WriteByte(c)
			continue
		}
		next := p.in[p.pos]
		p.pos++
		switch {
		case next == delim:
			b.WriteString(hidden(delim, isRE))
		case next == '\n' && isRE:
			b.WriteByte('\n')
		default:
			b.WriteByte('\\')
			b.WriteByte(next)
		}
	}
	return "", false
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
			if end := strings.Index(s[i+2:], s[i+1:i+2]+"]"); end >= 0 {
				i += end + 3
			}
		}
		i++
	}
	return -1
}

// hidden is what a delimiter behind a backslash stands for.
func hidden(delim byte, isRE bool) string {
	if !isRE && delim == '&' {
		return `\&`
	}
	return string([]byte{delim})
}

// body reads what follows the name of a command, and keeps the command.
func (p *sedParser) body(c *sedCommand) error {
	var err error
	switch c.name {
	case '#':
		if c.a1 != nil {
			return p.errorf("comments don't accept any addresses")
		}
		p.line()
		return nil
	case '{':
		p.blocks = append(p.blocks, len(p.commands))
		p.commands = append(p.commands, *c)
		return nil
	case '}':
		return p.closeBlock(c)
	case ':':
		err = p.label(c)
	case 'b', 't', 'T':
		p.skip(" \t")
		c.text = p.word(";}\n")
		err = p.ended()
	case 'a', 'i', 'c':
		err = p.textArgument(c)
	case 'q', 'Q', 'l', 'L':
		p.skip(" \t")
		c.number = -1
		if isDigit(p.peek()) {
			c.number = p.integer()
		}
		if (c.name == 'q' || c.name == 'Q') && c.a2 != nil {
			return p.errorf("command only uses one address")
		}
		err = p.ended()
	case 'r', 'w':
		err = p.fileName(c)
	case 's':
		err = p.substitute(c)
	case 'y':
		err = p.transliterate(c)
	case '=', 'd', 'D', 'p', 'P', 'n', 'N', 'g', 'G', 'h', 'H', 'x', 'z':
		err = p.ended()
	case 'e', 'F', 'R', 'W', 'v':
		return errNoSed("command " + string(rune(c.name)))
	default:
		return p.errorf("unknown command: `%c'", c.name)
	}
	p.commands = append(p.commands, *c)
	return err
}

func (p *sedParser) closeBlock(c *sedCommand) error {
	if len(p.blocks) == 0 {
		return p.errorf("unexpected `}'")
	}
	if c.a1 != nil {
		return p.errorf("} doesn't want any addresses")
	}
	last := len(p.blocks) - 1
	p.commands[p.blocks[last]].number = len(p.commands)
	p.blocks = p.blocks[:last]
	return p.ended()
}

// ended checks that nothing but a separator follows.
func (p *sedParser) ended() error {
	p.skip(" \t\r")
	switch p.peek() {
	case '\n', ';':
		p.pos++
		return nil
	case 0, '}', '#':
		return nil
	}
	p.pos++
	return p.errorf("extra characters after command")
}

func (p *sedParser) word(stop string) string {
	from := p.pos
	for p.pos < len(p.in) && strings.IndexByte(stop, p.in[p.pos]) < 0 {
		p.pos++
	}
	return strings.TrimRight(p.in[from:p.pos], " \t")
}

// line reads the rest of the line.
func (p *sedParser) line() string {
	from := p.pos
	if i := strings.IndexByte(p.in[from:], '\n'); i >= 0 {
		p.pos += i + 1
		return p.in[from : p.pos-1]
	}
	p.pos = len(p.in)
	return p.in[from:]
}

func (p *sedParser) label(c *sedCommand) error {
	if c.a1 != nil {
		return p.errorf(": doesn't want any addresses")
	}
	p.skip(" \t")
	if c.text = p.word(";\n"); c.text == "" {
		return p.errorf("\":\" lacks a label")
	}
	return nil
}

func (p *sedParser) fileName(c *sedCommand) error {
	p.skip(" \t")
	if c.text = p.line(); c.text == "" {
		return p.errorf("missing filename in r/R/w/W commands")
	}
	if c.name == 'w' {
		p.files = append(p.files, c.text)
	}
	return nil
}

// textArgument reads the text of a, i and c in its three forms: on the same
// line, behind "\" and a newline, or behind "\" on the same line.
func (p *sedParser) textArgument(c *sedCommand) error {
	p.skip(" \t")
	if p.pos == len(p.in) {
		return p.errorf("expected \\ after `a', `c' or `i'")
	}
	if p.peek() == '\\' {
		p.pos++
		from := p.pos
		if p.skip(" \t"); p.peek() == '\n' {
			p.pos++
		} else {
			p.pos = from // blanks behind "\" belong to the text
		}
		if p.pos == len(p.in) {
			return p.errorf("expected \\ after `a', `c' or `i'")
		}
	}
	var b strings.Builder
	for p.pos < len(p.in) && p.peek() != '\n' {
		ch := p.peek()
		p.pos++
		if ch == '\\' && p.pos < len(p.in) {
			ch = p.peek()
			n := 0
			if ch != '\n' {
				var esc byte
				if esc, n = controlEscape(p.in[p.pos:]); n > 0 {
					ch = esc
				}
			}
			p.pos += max(n, 1)
		}
		b.WriteByte(ch)
	}
	p.pos++
	c.text = b.String() + "\n"
	return nil
}

// substitute reads s/RE/replacement/flags.
func (p *sedParser) substitute(c *sedCommand) error {
	delim := p.peek()
	p.pos++
	pattern, ok := p.until(delim, true)
	if !ok || delim == '\n' || delim == '\\' {
		return p.errorf("unterminated `s' command")
	}
	text, ok := p.until(delim, false)
	if !ok {
		return p.errorf("unterminated `s' command")
	}
	c.repl = replacement(text)
	flags, err := p.sFlags(c)
	if err != nil {
		return err
	}
	if c.re, err = p.regexp(pattern, flags); err != nil || c.re == nil {
		return err
	}
	for _, part := range c.repl {
		if part.group > c.re.groups {
			return p.errorf("invalid reference \\%d on `s' command's RHS", part.group)
		}
	}
	return nil
}

// sFlags reads the flags of s up to the end of the command.
func (p *sedParser) sFlags(c *sedCommand) (reFlags, error) {
	flags := reFlags{extended: p.extended, escapes: true}
	for {
		ch := p.peek()
		p.pos++
		switch {
		case ch == 'g':
			if c.flags.global {
				return flags, p.errorf("multiple `g' options to `s' command")
			}
			c.flags.global = true
		case ch == 'p':
			if c.flags.print {
				return flags, p.errorf("multiple `p' options to `s' command")
			}
			c.flags.print = true
		case ch == 'i' || ch == 'I':
			flags.icase = true
		case ch == 'm' || ch == 'M':
			flags.lines = true
		case ch == 'e':
			return flags, errNoSed("flag e of s")
		case isDigit(ch):
			p.pos--
			if c.flags.nth > 0 {
				return flags, p.errorf("multiple number options to `s' command")
			}
			if c.flags.nth = p.integer(); c.flags.nth == 0 {
				return flags, p.errorf("number option to `s' command may not be zero")
			}
		case ch == 'w':
			p.skip(" \t")
			if c.text = p.line(); c.text == "" {
				return flags, p.errorf("missing filename in r/R/w/W commands")
			}
			p.files = append(p.files, c.text)
			return flags, nil
		case ch == '\n' || ch == ';':
			return flags, nil
		case ch == 0 || ch == '}' || ch == '#':
			p.pos--
			return flags, nil
		case ch != ' ' && ch != '\t' && ch != '\r':
			return flags, p.errorf("unknown option to `s'")
		}
	}
}

// replacement splits the right side of s into its parts.
func replacement(s string) []sedPart {
	var parts []sedPart
	var text strings.Builder
	add := func(part sedPart) {
		if text.Len() > 0 {
			parts = append(parts, sedPart{text: text.String(), group: -1})
			text.Reset()
		}
		parts = append(parts, part)
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '&' {
			add(sedPart{group: 0})
			continue
		}
		if c != '\\' || i+1 == len(s) {
			text.WriteByte(c)
			continue
		}
		i++
		esc, n := controlEscape(s[i:])
		switch c = s[i]; {
		case isDigit(c):
			add(sedPart{group: int(c - '0')})
		case strings.IndexByte("ULulE", c) >= 0:
			add(sedPart{group: -1, fold: c})
		case n > 0:
			text.WriteByte(esc)
			i += n - 1
		default:
			text.WriteByte(c)
		}
	}
	if text.Len() > 0 {
		parts = append(parts, sedPart{text: text.String(), group: -1})
	}
	return parts
}

// transliterate reads y/from/to/.
func (p *sedParser) transliterate(c *sedCommand) error {
	delim := p.peek()
	p.pos++
	from, ok1 := p.until(delim, false)
	to, ok2 := p.until(delim, false)
	if !ok1 || !ok2 {
		return p.errorf("unterminated `y' command")
	}
	from, to = unescapeY(from), unescapeY(to)
	if len(from) != len(to) {
		return p.errorf("strings for `y' command are different lengths")
	}
	c.table = new([256]byte)
	for i := range c.table {
		c.table[i] = byte(i)
	}
	for i := len(from) - 1; i >= 0; i-- { // the first of equal ones counts
		c.table[from[i]] = to[i]
	}
	return p.ended()
}

func unescapeY(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			if esc, n := controlEscape(s[i+1:]); n > 0 {
				b.WriteByte(esc)
				i += n
				continue
			}
			if s[i+1] == '\\' || s[i+1] == '&' {
				i++
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
