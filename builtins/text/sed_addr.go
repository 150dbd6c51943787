package text

import (
	"overlayboot/builtins/base/posixre"
)

// A sedAddress selects lines.
type sedAddress struct {
	kind byte // 'n' line n, 's' first~step, '$', '/', '+' n more lines, '~' next multiple of n
	n    int
	step int
	re   *sedRE // nil for the last one used
}

func (a *sedAddress) expression() *sedRE {
	if a == nil {
		return nil
	}
	return a.re
}

// A sedRange is the state of an address range.
type sedRange byte

const (
	sedInactive sedRange = iota
	sedActive
	// sedClosed is a range from a line number that has ended and cannot start again.
	sedClosed
)

// addresses parses the addresses of a command.
func (p *sedParser) addresses(c *sedCommand) (err error) {
	if c.a1, err = p.address(); err != nil || c.a1 == nil {
		return err
	}
	if c.a1.kind == '+' || c.a1.kind == '~' {
		return p.errorf("invalid usage of +N or ~N as first address")
	}
	ch := p.nonBlank()
	if ch == ',' {
		blank := p.nonBlank()
		p.back(blank)
		if c.a2, err = p.address(); err != nil {
			return err
		}
		if c.a2 == nil {
			p.next()
			return p.errorf("unexpected `,'")
		}
		ch = p.nonBlank()
	}
	if c.a1.kind == 'n' && c.a1.n == 0 {
		if c.a2 == nil && ch == 'r' && !p.posix {
			p.back(ch)
			return nil // 0r: the file comes before the first line
		}
		if c.a2 == nil || c.a2.kind != '/' || p.posix {
			return p.errorf("invalid usage of line address 0")
		}
		c.state = sedActive // 0,/re/ may end at line 1
	}
	p.back(ch)
	return nil
}

// address parses one address. It returns nil if there is none.
func (p *sedParser) address() (*sedAddress, error) {
	switch ch := p.next(); {
	case ch == '$':
		return &sedAddress{kind: '$'}, nil
	case (ch == '+' || ch == '~') && !p.posix:
		return p.relative(byte(ch)), nil
	case digit(ch):
		return p.lineAddress(ch), nil
	case ch == '/':
		return p.addressRE('/')
	case ch == '\\':
		return p.addressRE(p.next())
	default:
		p.back(ch)
		return nil, nil
	}
}

// relative parses the number of +N or ~N.
func (p *sedParser) relative(kind byte) *sedAddress {
	a := &sedAddress{kind: kind}
	ch := p.nonBlank()
	if digit(ch) {
		a.n = p.integer(ch)
	} else {
		p.back(ch)
	}
	return a
}

// lineAddress parses N or first~step.
func (p *sedParser) lineAddress(ch int) *sedAddress {
	a := &sedAddress{kind: 'n', n: p.integer(ch)}
	if ch = p.nonBlank(); ch != '~' || p.posix {
		p.back(ch)
		return a
	}
	ch = p.nonBlank()
	if digit(ch) {
		a.step = p.integer(ch)
	} else {
		p.back(ch)
	}
	if a.step > 0 {
		a.kind = 's'
	}
	return a
}

// addressRE parses a regular expression after its delimiter.
func (p *sedParser) addressRE(delim int) (*sedAddress, error) {
	if p.wide(delim) {
		return nil, p.errorf(errWideDelimiter)
	}
	text, ok := p.until(delim, true)
	if !ok {
		return nil, p.errorf("unterminated address regex")
	}
	flags := posixre.Flags{Extended: p.extended}
	for {
		ch := p.nonBlank()
		switch {
		case ch == 'I' && !p.posix:
			flags.IgnoreCase = true
		case ch == 'M' && !p.posix:
			flags.Lines = true
		default:
			p.back(ch)
			re, err := p.regexp(text, flags)
			if re != nil {
				re.Address = true
			}
			return &sedAddress{kind: '/', re: re}, err
		}
	}
}

// matches reports whether the addresses of a command select the current line.
func (s *sed) matches(c *sedCommand) bool {
	switch {
	case c.a1 == nil:
		return true
	case c.a2 == nil:
		return s.matchOne(c.a1)
	case c.state == sedActive:
		return s.endRange(c)
	case c.a1.kind == 'n':
		if c.state == sedClosed || s.lineNo < c.a1.n {
			return false
		}
	case !s.matchOne(c.a1):
		return false
	}
	return s.startRange(c)
}

func (s *sed) matchOne(a *sedAddress) bool {
	switch a.kind {
	case 'n':
		return s.lineNo == a.n
	case 's':
		return s.lineNo >= a.n && (s.lineNo-a.n)%a.step == 0
	case '$':
		return s.atEnd()
	}
	return s.matchRE(a.re)
}

// startRange handles the first line of a range and sets the end of the range. A range that
// starts at a line number may be reached late.
func (s *sed) startRange(c *sedCommand) bool {
	switch c.a2.kind {
	case 'n':
		c.end = c.a2.n
		if c.a1.kind == 'n' && s.lineNo >= c.end {
			c.state = sedClosed
			return s.lineNo == c.a1.n || s.lineNo == c.end
		}
	case '+':
		c.end = s.lineNo + c.a2.n
	case '~':
		c.end = s.lineNo
		if c.a2.n > 0 { // the next multiple, even if this line is one
			c.end = (s.lineNo/c.a2.n + 1) * c.a2.n
		}
	case 's', '$':
		c.state = sedActive
		if s.matchOne(c.a2) {
			c.close()
		}
		return true
	default:
		c.state = sedActive
		return true
	}
	c.state = sedActive
	if s.lineNo >= c.end {
		c.close()
	}
	return true
}

// close ends a range. A range from a line number does not start again.
func (c *sedCommand) close() {
	c.state = sedInactive
	if c.a1.kind == 'n' {
		c.state = sedClosed
	}
}

// endRange decides whether a line is in an open range.
func (s *sed) endRange(c *sedCommand) bool {
	switch c.a2.kind {
	case '$':
		if s.atEnd() {
			c.close()
		}
	case '/', 's':
		if s.matchOne(c.a2) {
			c.close()
		}
	case '+', '~':
		if s.lineNo >= c.end {
			c.close()
		}
	default:
		if s.lineNo >= c.end {
			c.close()
		}
		return s.lineNo <= c.end // false if n or N has read past the last line
	}
	return true
}

// resetRanges resets all ranges when line numbers start again.
func (s *sed) resetRanges() {
	for i := range s.commands {
		c := &s.commands[i]
		c.state = sedInactive
		if c.a2 != nil && c.a1.kind == 'n' && c.a1.n == 0 {
			c.state = sedActive
		}
	}
}
