package parse

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// A token is a token of the grammar (XCU 2.10).
type token uint8

const (
	endOfFile token = iota
	newline
	semicolon
	ampersand
	andIf
	orIf
	pipe
	leftParen
	rightParen
	endCase
	fallThrough
	redirection
	word
	bang // the first reserved word
	caseWord
	doWord
	doneWord
	elifWord
	elseWord
	esacWord
	fiWord
	forWord
	ifWord
	inWord
	thenWord
	untilWord
	whileWord
	leftBrace
	rightBrace

	anything token = 255
)

var tokenNames = [...]string{
	"end of file", "newline", `";"`, `"&"`, `"&&"`, `"||"`, `"|"`, `"("`, `")"`, `";;"`,
	`";&"`, "redirection", "word", `"!"`, `"case"`, `"do"`, `"done"`, `"elif"`, `"else"`, `"esac"`,
	`"fi"`, `"for"`, `"if"`, `"in"`, `"then"`, `"until"`, `"while"`, `"{"`, `"}"`,
}

// String returns the name of a token for messages.
func (t token) String() string { return tokenNames[t] }

// endsList reports whether a token ends a list of commands, so that it cannot begin one.
func (t token) endsList() bool {
	switch t {
	case endOfFile, rightParen, endCase, doWord, doneWord, elifWord, elseWord, esacWord,
		fiWord, thenWord, rightBrace:
		return true
	}
	return false
}

// reserved returns the token of a reserved word (XCU 2.4), or word.
func reserved(name string) token {
	if len(name) > len("while") {
		return word
	}
	for t := bang; t <= rightBrace; t++ {
		if quoted := tokenNames[t]; quoted[1:len(quoted)-1] == name {
			return t
		}
	}
	return word
}

// A check tells next how to treat the next token.
type check uint8

const (
	newlines check = 1 << iota // skip newlines
	keywords
	aliases
	delimiter // the word is the delimiter of a here-document

	commandStart = keywords | aliases
	afterNewline = newlines | keywords | aliases
)

// next reads a token.
func (p *Parser) next(look check) token {
	for {
		more := p.take(look)
		for look&newlines != 0 && p.tok == newline {
			p.documents()
			more = p.take(look)
		}
		look |= more
		if p.tok != word || p.name == "" {
			return p.tok
		}
		if look&keywords != 0 {
			if t := reserved(p.name); t != word {
				p.tok = t
				return t
			}
		}
		if look&aliases == 0 || !p.replaceAlias() {
			return word
		}
	}
}

// take reads a token as it stands in the text, or returns the token that was given back. more
// holds further checks for a token behind an alias.
func (p *Parser) take(look check) (more check) {
	if p.back {
		p.back = false
		return 0
	}
	p.tok = p.scan(look)
	if len(p.active) > 0 && p.leaveAliases() {
		more = aliases
	}
	return more
}

func (p *Parser) scan(look check) token {
	c := p.peek()
	for c == ' ' || c == '\t' || c == '#' {
		if c == '#' {
			p.skipComment()
		} else {
			p.pos++
		}
		c = p.peek()
	}
	p.start = p.here()
	switch c {
	case eof:
		return endOfFile
	case '\n':
		p.pos++
		p.lineno++
		return newline
	case '&':
		return p.operator('&', andIf, ampersand)
	case '|':
		return p.operator('|', orIf, pipe)
	case ';':
		return p.operator(';', endCase, semicolon)
	case '(':
		p.pos++
		return leftParen
	case ')':
		p.pos++
		return rightParen
	case '<', '>':
		return p.redirection(nil)
	}
	return p.scanWord(look)
}

func (p *Parser) operator(second int, double, single token) token {
	p.pos++
	if p.peek() != second {
		return single
	}
	p.pos++
	return double
}

func (p *Parser) skipComment() {
	if n := strings.IndexByte(p.line[p.pos:], '\n'); n >= 0 {
		p.pos += n
	} else {
		p.pos = len(p.line)
	}
}

// redirection reads the operator of a redirection (XCU 2.7). n is the number before it.
func (p *Parser) redirection(n *syntax.Lit) token {
	p.redirect = syntax.Redirect{N: n, OpPos: p.here()}
	first := p.peek()
	p.pos++
	second := p.peek()
	op := syntax.RdrOut
	if first == '<' {
		op = syntax.RdrIn
	}
	switch [2]byte{byte(first), byte(second)} {
	case [2]byte{'>', '>'}:
		op = syntax.AppOut
	case [2]byte{'>', '|'}:
		op = syntax.RdrClob
	case [2]byte{'>', '&'}:
		op = syntax.DplOut
	case [2]byte{'<', '&'}:
		op = syntax.DplIn
	case [2]byte{'<', '>'}:
		op = syntax.RdrInOut
	case [2]byte{'<', '<'}:
		op = syntax.Hdoc
	}
	if op != syntax.RdrOut && op != syntax.RdrIn {
		p.pos++
	}
	if op == syntax.Hdoc && p.peek() == '-' {
		p.pos++
		op = syntax.DashHdoc
	}
	p.redirect.Op = op
	return redirection
}

// An alias is an alias whose value the parser is reading (XCU 2.3.1).
type alias struct {
	name string
	end  int  // the offset behind its value
	more bool // the value ends in a blank: the next word may be an alias, too
}

// replaceAlias replaces the name of an alias by its value. Inside its own value an alias is not
// replaced.
func (p *Parser) replaceAlias() bool {
	if p.Alias == nil {
		return false
	}
	for _, a := range p.active {
		if a.name == p.name {
			return false
		}
	}
	value, ok := p.Alias(p.name)
	if !ok {
		return false
	}
	from := int(p.start.Offset())
	p.replace(from, value)
	p.pos = from - p.base
	if value != "" {
		last := value[len(value)-1]
		more := last == ' ' || last == '\t'
		p.active = append(p.active, alias{p.name, from + len(value), more})
	}
	return true
}

// leaveAliases ends the aliases whose values have been read. An alias that ends right behind
// the last word still counts for that word.
func (p *Parser) leaveAliases() (blank bool) {
	at := p.offset()
	for n := len(p.active) - 1; n >= 0 && p.active[n].end <= at; n-- {
		blank = blank || p.active[n].more
		if p.active[n].more = false; p.active[n].end < at {
			p.active = p.active[:n]
		}
	}
	return blank
}
