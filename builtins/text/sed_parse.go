package text

import (
	"fmt"
	"strconv"
	"strings"
)

// A sedCommand is one command of a script.
type sedCommand struct {
	a1, a2 *sedAddress
	negate bool
	name   byte

	text    string // text of a, i and c; label; name of a file to read; command of e
	outName string // name of a file to write
	number  int    // target of b, t and {; exit status of q; width of l
	re      *sedRE
	repl    []sedPart
	flags   sedFlags
	table   *sedTable
	file    *sedOutput

	// state and end are the state of an address range.
	state sedRange
	end   int
}

// A sedError is an error at a place in a script: a character of an expression or a line of a
// file.
type sedError struct {
	msg        string
	expression int // 0: the message has no place
	file       string
	pos        int
}

// Error returns the message without the place.
func (e *sedError) Error() string { return e.msg }

// An errNoSed names a feature that only the real sed has.
type errNoSed string

// Error returns the name of the feature.
func (e errNoSed) Error() string { return string(e) }

// A sedParser parses scripts, one after the other.
type sedParser struct {
	in          string
	pos         int
	file        string // name of the script file, "" for an expression
	expressions int
	scripts     int
	fromStdin   bool

	extended, posix, sandbox, utf8 bool
	// correct says that POSIXLY_CORRECT is set, which has fewer effects than --posix.
	correct      bool
	anyBracket   bool // [:space:] is no error
	zero, canRun bool
	ordered      bool // the locale has a collation order of its own

	silent   bool // set by #n
	commands []sedCommand
	blocks   []sedBlock
	labels   map[string]int
	jumps    []int
	outNames []string         // the files of w, in order
	pending  *strings.Builder // text of a, i or c that the next script continues
}

// A sedBlock is an open {, with the place for the error that it is unmatched.
type sedBlock struct {
	command int
	open    sedError
}

func (p *sedParser) errorf(format string, args ...any) error {
	e := p.place()
	e.msg = fmt.Sprintf(format, args...)
	return &e
}

// place returns the current place, as sed reports it.
func (p *sedParser) place() sedError {
	if p.file != "" {
		return sedError{file: p.file, pos: 1 + strings.Count(p.in[:p.pos], "\n")}
	}
	return sedError{expression: p.expressions, pos: p.pos}
}

// next returns the next character and skips it, or returns sedEnd.
func (p *sedParser) next() int {
	if p.pos == len(p.in) {
		return sedEnd
	}
	p.pos++
	return int(p.in[p.pos-1])
}

// sedEnd stands for the end of a script.
const sedEnd = -1

// back goes back by one character.
func (p *sedParser) back(ch int) {
	if ch != sedEnd {
		p.pos--
	}
}

// peek returns the next character.
func (p *sedParser) peek() int {
	ch := p.next()
	p.back(ch)
	return ch
}

func isBlank(ch int) bool { return ch == ' ' || ch == '\t' }

// nonBlank returns the next character that is no blank.
func (p *sedParser) nonBlank() int {
	for {
		if ch := p.next(); !isBlank(ch) {
			return ch
		}
	}
}

func digit(ch int) bool { return '0' <= ch && ch <= '9' }

// integer reads the rest of a number that begins with ch.
func (p *sedParser) integer(ch int) (n int) {
	for ; digit(ch); ch = p.next() {
		n = n*10 + ch - '0'
	}
	p.back(ch)
	return n
}

// parse parses one script.
func (p *sedParser) parse(text, file string) error {
	p.in, p.pos, p.file = text, 0, file
	p.scripts++
	if p.scripts == 1 && strings.HasPrefix(text, "#n") { // in 4.9, whatever follows
		p.silent = true
	}
	if p.pending != nil {
		p.text(nil)
	}
	for {
		ch := p.next()
		for ch == ';' || ch == '\n' || isBlank(ch) || '\v' <= ch && ch <= '\r' {
			ch = p.next()
		}
		if ch == sedEnd {
			return nil
		}
		p.back(ch)
		if err := p.command(); err != nil {
			return err
		}
	}
}

// finish closes the commands that the last script left open, and resolves the labels.
func (p *sedParser) finish() error {
	if n := len(p.blocks); n > 0 {
		e := p.blocks[n-1].open
		e.msg = "unmatched `{'"
		return &e
	}
	if p.pending != nil {
		p.endText()
	}
	for _, i := range p.jumps {
		c := &p.commands[i]
		c.number = len(p.commands)
		if c.text == "" {
			continue
		}
		to, ok := p.labels[c.text]
		if !ok {
			return &sedError{msg: fmt.Sprintf("can't find label for jump to `%s'", c.text)}
		}
		c.number = to
	}
	return nil
}

// command parses one command with its addresses.
func (p *sedParser) command() error {
	c := sedCommand{number: -1}
	if err := p.addresses(&c); err != nil {
		return err
	}
	ch := p.nonBlank()
	if ch == '!' {
		c.negate = true
		if ch = p.nonBlank(); ch == '!' {
			return p.errorf("multiple `!'s")
		}
	}
	if ch == sedEnd {
		return p.errorf("missing command")
	}
	c.name = byte(ch)
	keep, err := p.body(&c)
	if keep && err == nil {
		p.commands = append(p.commands, c)
	}
	return err
}

// sedGNU are the commands that --posix does not know. sedOne are those that accept only one
// address with --posix.
const (
	sedGNU = "eFvzQTRWL"
	sedOne = "=ailqr"
)

// body parses the rest of a command after its name. keep reports whether the command does
// anything at run time.
func (p *sedParser) body(c *sedCommand) (keep bool, err error) {
	if p.posix && strings.IndexByte(sedGNU, c.name) >= 0 {
		return false, p.unknown(c)
	}
	one := "qQ"
	if p.posix {
		one = sedOne
	}
	if c.a2 != nil && strings.IndexByte(one, c.name) >= 0 {
		return false, p.errorf("command only uses one address")
	}
	if p.sandbox && strings.IndexByte("erRwW", c.name) >= 0 {
		return false, p.errorf("e/r/w commands disabled in sandbox mode")
	}
	switch c.name {
	case '#':
		if c.a1 != nil {
			return false, p.errorf("comments don't accept any addresses")
		}
		p.line()
		return false, nil
	case 'v':
		return false, p.version()
	case '{':
		p.blocks = append(p.blocks, sedBlock{len(p.commands), p.blockPlace()})
		return true, nil
	case '}':
		return false, p.closeBlock(c)
	case ':':
		return false, p.label(c)
	case 'L':
		return false, errNoSed("command L")
	}
	return true, p.arguments(c)
}

func (p *sedParser) unknown(c *sedCommand) error {
	return p.errorf("unknown command: `%s'", string([]byte{c.name}))
}

// blockPlace returns the place of an unmatched {. In an expression, sed reports it as character
// 0.
func (p *sedParser) blockPlace() sedError {
	e := p.place()
	if e.file == "" {
		e.pos = 0
	}
	return e
}

// arguments parses the arguments of a command that does something at run time.
func (p *sedParser) arguments(c *sedCommand) error {
	switch c.name {
	case 'b', 't', 'T':
		c.text = p.word()
		p.jumps = append(p.jumps, len(p.commands))
		return nil
	case 'a', 'i', 'c':
		return p.textArgument(c)
	case 'e':
		return p.execArgument(c)
	case 'q', 'Q', 'l':
		ch := p.nonBlank()
		if digit(ch) && !p.posix {
			c.number = p.integer(ch)
		} else {
			p.back(ch)
		}
		return p.ended()
	case 'r', 'R':
		return p.fileName(&c.text)
	case 'w', 'W':
		return p.outName(c)
	case 's':
		return p.substitute(c)
	case 'y':
		return p.transliterate(c)
	case '=', 'd', 'D', 'F', 'g', 'G', 'h', 'H', 'n', 'N', 'p', 'P', 'x', 'z':
		return p.ended()
	}
	return p.unknown(c)
}

func (p *sedParser) closeBlock(c *sedCommand) error {
	if len(p.blocks) == 0 {
		return p.errorf("unexpected `}'")
	}
	if c.a1 != nil {
		return p.errorf("`}' doesn't want any addresses")
	}
	last := len(p.blocks) - 1
	p.commands[p.blocks[last].command].number = len(p.commands)
	p.blocks = p.blocks[:last]
	return p.ended()
}

// ended checks that only a separator follows.
func (p *sedParser) ended() error {
	switch ch := p.nonBlank(); ch {
	case sedEnd, '\n', ';':
		return nil
	case '\r':
		if ch := p.next(); ch == sedEnd || ch == '\n' {
			return nil
		}
	case '}', '#':
		p.back(ch)
		return nil
	}
	return p.errorf("extra characters after command")
}

// word reads a label, which ends at a blank or a separator.
func (p *sedParser) word() string {
	ch := p.nonBlank()
	p.back(ch)
	from := p.pos
	for p.pos < len(p.in) && strings.IndexByte(";}# \t\n\v\f\r", p.in[p.pos]) < 0 {
		p.pos++
	}
	return p.in[from:p.pos]
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
	name := p.word()
	if name == "" {
		return p.errorf("\":\" lacks a label")
	}
	if _, known := p.labels[name]; !known {
		p.labels[name] = len(p.commands)
	}
	return nil
}

func (p *sedParser) fileName(name *string) error {
	ch := p.nonBlank()
	p.back(ch)
	if *name = p.line(); *name == "" {
		return p.errorf("missing filename in r/R/w/W commands")
	}
	return nil
}

// outName reads the name of a file to write.
func (p *sedParser) outName(c *sedCommand) error {
	err := p.fileName(&c.outName)
	if err == nil {
		p.outNames = append(p.outNames, c.outName)
	}
	return err
}

// version checks the version of sed that the v command requires.
func (p *sedParser) version() error {
	wanted := p.word()
	if wanted == "" {
		return nil
	}
	have := [3]int{4, 9, 0}
	for i, part := range strings.SplitN(wanted, ".", 3) {
		n, err := strconv.Atoi(part)
		if err != nil || n > have[i] {
			return p.errorf("expected newer version of sed")
		}
		if n < have[i] {
			break
		}
	}
	return nil
}

// execArgument reads the command of the e command.
func (p *sedParser) execArgument(c *sedCommand) error {
	if !p.canRun {
		return errNoSed("command e")
	}
	ch := p.nonBlank()
	p.back(ch)
	c.text = p.line()
	return nil
}
