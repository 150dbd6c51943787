package parse

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// dollar reads an expansion that begins with a dollar sign, or the dollar sign alone.
func (p *Parser) dollar(b *builder, in place) {
	at, off := p.here(), p.offset()
	p.pos++
	c := p.peek()
	switch {
	case in&delimiting != 0:
		b.add(off, 1, at)
	case c == '\'' && in&quoted == 0:
		p.pos++
		b.done()
		b.part(p.dollarQuoted(at))
	case c == '{':
		p.pos++
		b.done()
		b.part(p.bracedParameter(at, in))
	case c == '(':
		p.pos++
		b.done()
		if p.peek() == '(' {
			p.pos++
			b.part(p.arithmeticExpansion(at))
		} else {
			b.part(p.substitution(at))
		}
	case is(c, nameStart):
		b.part(p.parameter(at, p.parameterName(nameByte)))
	case is(c, digit|parameter):
		p.pos++
		b.part(p.parameter(at, p.line[p.pos-1:p.pos]))
	default:
		b.add(off, 1, at)
	}
}

// parameterName reads a name of bytes of a class.
func (p *Parser) parameterName(class uint8) string {
	b := builder{p: p}
	for is(p.peek(), class) {
		b.take(1)
	}
	return b.text()
}

// parameter returns the expansion of a parameter whose name was just read.
func (p *Parser) parameter(at syntax.Pos, name string) *syntax.ParamExp {
	node := &struct {
		exp syntax.ParamExp
		lit syntax.Lit
	}{}
	node.exp = syntax.ParamExp{Dollar: at, Short: true, Param: &node.lit}
	node.lit = syntax.Lit{ValuePos: at, ValueEnd: p.here(), Value: name}
	return &node.exp
}

// bracedParameter reads ${…} behind the brace. A node without a parameter stands for an invalid
// substitution, which is an error only when it is expanded.
func (p *Parser) bracedParameter(at syntax.Pos, in place) *syntax.ParamExp {
	from, line := p.offset(), p.lineno
	h := p.parameterHead()
	if h.bad {
		p.uncount(from, line)
	}
	exp := p.parameter(at, h.name)
	exp.Short, exp.Length = false, h.length
	inner := braces | in&quoted
	if h.trims {
		inner = braces
	}
	word := p.parts(inner)
	exp.Rbrace = p.here()
	if p.peekIn() != '}' {
		if inner&quoted != 0 && p.doc == nil {
			p.fail("Unterminated quoted string")
		}
		p.fail("Missing '}'")
	}
	p.pos++
	switch {
	case h.bad:
		exp.Param, exp.Length = nil, false
	case h.op != 0:
		exp.Exp = &syntax.Expansion{Op: h.op}
		if word != nil {
			exp.Exp.Word = &syntax.Word{Parts: word}
		}
	}
	return exp
}

// uncount notes the newlines behind an offset in an invalid substitution. Neither dash nor the
// parser counts them as lines.
func (p *Parser) uncount(from, line int) {
	n := strings.Count(p.text.slice(from, p.offset()), "\n") - (p.lineno - line)
	for range n {
		p.text.uncounted = append(p.text.uncounted, from)
	}
}

// A head is the part of ${…} before the word.
type head struct {
	name   string
	op     syntax.ParExpOperator
	length bool // ${#…}
	trims  bool // the word is a pattern
	bad    bool // the substitution is invalid
}

func (p *Parser) parameterHead() (h head) {
	c := p.peek()
	switch {
	case is(c, nameStart):
		h.name = p.parameterName(nameByte)
	case is(c, digit):
		h.name = p.parameterName(digit)
	case c == '}' || c == eof:
		return head{bad: true}
	default:
		p.pos++
		if c == '#' {
			return p.numberOrLength()
		}
		if !is(c, parameter) {
			return head{bad: true}
		}
		h.name = string(rune(c))
	}
	return p.parameterOperator(h, p.read1())
}

// numberOrLength reads the text behind ${#. It is a parameter, for its length, or an operator
// on the parameter #.
func (p *Parser) numberOrLength() (h head) {
	c := p.peek()
	switch {
	case is(c, nameStart):
		h = head{name: p.parameterName(nameByte), length: true}
	case is(c, digit):
		h = head{name: p.parameterName(digit), length: true}
	default:
		c = p.read1()
		if c == '}' || p.peek() != '}' {
			return p.parameterOperator(head{name: "#"}, c)
		}
		return head{name: string(rune(c)), length: true, bad: !is(c, parameter)}
	}
	h.bad = p.peek() != '}'
	return h
}

// parameterOperator reads the rest of an operator whose first byte is c. A byte that begins no
// operator is dropped.
func (p *Parser) parameterOperator(h head, c int) head {
	colon := c == ':'
	if colon {
		c = p.read1()
	}
	switch c {
	case '}':
		if colon {
			h.bad = true
		} else {
			p.pos-- // the brace ends the word, which is empty
		}
	case '-':
		h.op = syntax.DefaultUnset
	case '+':
		h.op = syntax.AlternateUnset
	case '?':
		h.op = syntax.ErrorUnset
	case '=':
		h.op = syntax.AssignUnset
	case '%', '#':
		return p.trimOperator(h, c, colon)
	default:
		h.bad = true
	}
	if colon && h.op != 0 {
		h.op++ // the operator that also tests for a null value
	}
	return h
}

func (p *Parser) trimOperator(h head, c int, colon bool) head {
	if colon {
		h.bad = true
		return h
	}
	h.trims, h.op = true, syntax.RemSmallSuffix
	if c == '#' {
		h.op = syntax.RemSmallPrefix
	}
	if p.peek() == c {
		p.pos++
		h.op++ // the operator for the longest match
	}
	return h
}

// read1 reads the next byte.
func (p *Parser) read1() int {
	c := p.peek()
	if c != eof {
		p.pos++
	}
	return c
}

// closes reads the two parentheses that end an arithmetic expression, or a single parenthesis
// inside the expression.
func (p *Parser) closes(b *builder) bool {
	at, off := p.here(), p.offset()
	p.pos++
	if p.peek() != ')' {
		b.add(off, 1, at)
		return false
	}
	p.right = at
	p.pos++
	return true
}

// arithmeticExpansion reads $((…)) behind the parentheses. The expression stays a word, since
// the shell expands it before it parses the result (XCU 2.6.4).
func (p *Parser) arithmeticExpansion(at syntax.Pos) *syntax.ArithmExp {
	a := &syntax.ArithmExp{Left: at}
	p.right = syntax.Pos{}
	from := p.here()
	a.X = &syntax.Word{Parts: p.parts(quoted | arithmetic)}
	if p.right == (syntax.Pos{}) {
		p.fail("Missing '))'")
	}
	a.Right, p.right = p.right, syntax.Pos{}
	if word := a.X.(*syntax.Word); word.Parts == nil {
		a.X = emptyWord(from)
	}
	return a
}

// emptyWord returns a word without text, at a known position.
func emptyWord(at syntax.Pos) *syntax.Word {
	return &syntax.Word{Parts: []syntax.WordPart{&syntax.Lit{ValuePos: at, ValueEnd: at}}}
}

// substitution reads $(…) behind the parenthesis.
func (p *Parser) substitution(at syntax.Pos) *syntax.CmdSubst {
	c := &syntax.CmdSubst{Left: at}
	quoted, pending, doc, redirect := p.quoted, p.pending, p.doc, p.redirect
	p.pending, p.doc = nil, nil
	c.Stmts = p.list(true)
	c.Right = p.expect(rightParen, 0)
	p.quoted, p.pending, p.doc, p.redirect = quoted, pending, doc, redirect
	return c
}

// backquoted reads `…`. A second parser reads its text, without the backslashes that quote
// bytes inside backquotes.
func (p *Parser) backquoted(in place) *syntax.CmdSubst {
	c := &syntax.CmdSubst{Left: p.here(), Backquotes: true}
	p.pos++
	from := p.offset()
	inner := New(p.backquotedText(in), Config{Alias: p.Alias, Special: p.Special})
	inner.depth = p.depth
	c.Stmts = inner.list(true)
	if inner.text.Changed() { // a later parser of this text must find no alias
		p.replace(from, requote(inner.text.slice(0, len(inner.text.log))+inner.rest, in))
	}
	c.Right = p.here()
	p.pos++
	if p.text.inner == nil {
		p.text.inner = map[*syntax.CmdSubst]*Text{}
	}
	p.text.inner[c] = inner.text
	return c
}

func (p *Parser) backquotedText(in place) string {
	var text []byte
	for {
		c := p.peek()
		switch c {
		case eof:
			p.fail("EOF in backquote substitution")
		case '`':
			return string(text)
		case '\n':
			p.lineno++
		case '\\':
			p.pos++
			c = p.peekByte()
			if c != '\\' && c != '`' && c != '$' && (c != '"' || in&quoted == 0) {
				text = append(text, '\\')
			}
			if c == eof {
				continue
			}
		}
		text = append(text, byte(c))
		p.pos++
	}
}

// requote adds the backslashes that a text needs inside backquotes.
func requote(text string, in place) string {
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\\', c == '`', c == '$', c == '"' && in&quoted != 0:
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
