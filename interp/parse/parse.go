// Package parse reads shell text into syntax trees (XCU 2.3, 2.4 and 2.10). It follows dash's
// interpretation of the grammar, and has dash's error messages. The nodes are those of
// mvdan.cc/sh/v3/syntax.
//
// Where the standard leaves the grammar open, the parser follows dash. An invalid substitution
// is an error only when it is expanded, the expression of $((…)) is text, and aliases are
// replaced in scripts too. Text is bytes without an encoding.
//
// The parser reads a line at a time, and no further than a command needs, since the command may
// read the text behind it.
package parse

import (
	"fmt"
	"io"

	"mvdan.cc/sh/v3/syntax"
)

// A Config describes the shell to a parser. Every field is optional.
type Config struct {
	// Alias returns the value of an alias.
	Alias func(name string) (value string, ok bool)
	// Special reports whether a name is that of a special built-in utility. No function may
	// have such a name.
	Special func(name string) bool
	// Prompt is called before a line is read; more says that a command has begun.
	Prompt func(more bool)
	// Echo is called with each line that the parser has read.
	Echo func(line string)
	// FirstLine is the number of the first line; 0 means 1.
	FirstLine int
}

// A Parser reads commands from a text.
type Parser struct {
	Config
	input

	tok      token
	back     bool            // tok is read again by next
	start    syntax.Pos      // the position of tok
	word     *syntax.Word    // the word, if tok is one
	name     string          // the text of a word without quotes and expansions
	quoted   bool            // a part of the word is quoted
	redirect syntax.Redirect // the redirection, if tok is one

	pending []*document // here-documents whose lines follow
	doc     *document   // the here-document that is being read
	docDone bool        // the end of doc has been read
	right   syntax.Pos  // the end of the last arithmetic expression
	depth   int
}

// An Error is a syntax error. Line is the last line that the parser had read.
type Error struct {
	Line int
	Text string
}

// Error returns dash's message, without the line.
func (e *Error) Error() string { return e.Text }

// New returns a parser for a whole text.
func New(text string, c Config) *Parser {
	p := newParser(c)
	p.text.whole, p.text.isWhole, p.rest = text, true, text
	return p
}

// NewReader returns a parser for a text that arrives line by line. read returns the next line
// with its newline, and an empty text at the end.
func NewReader(read func() string, c Config) *Parser {
	p := newParser(c)
	p.read = read
	return p
}

func newParser(c Config) *Parser {
	p := &Parser{Config: c}
	p.lineno = max(c.FirstLine, 1)
	p.text = &Text{first: p.lineno}
	return p
}

// All parses a whole text.
func All(text string, c Config) ([]*syntax.Stmt, *Text, error) {
	p := New(text, c)
	var all []*syntax.Stmt
	for {
		list, err := p.Next()
		if err == io.EOF {
			return all, p.text, nil
		}
		if err != nil {
			return nil, nil, err
		}
		all = append(all, list...)
	}
}

// Next returns the commands up to the newline that ends them, which may be none, and io.EOF at
// the end. After an *Error, the parser continues behind the text that it has read; see Drop.
func (p *Parser) Next() (list []*syntax.Stmt, err error) {
	defer caught(&err)
	p.back, p.pending, p.doc, p.docDone, p.depth = false, nil, nil, false, 0
	p.began, p.ended = false, false
	return p.completeCommand()
}

// caught turns the panic of fail into an error.
func caught(err *error) {
	if e := recover(); e != nil {
		failure, ok := e.(*Error)
		if !ok {
			panic(e)
		}
		*err = failure
	}
}

// Drop discards the rest of the current line, as an interactive shell does after an error.
func (p *Parser) Drop() {
	p.pos, p.active = len(p.line), nil
}

// Text returns the text that the parser has read so far.
func (p *Parser) Text() *Text { return p.text }

// Offset returns the offset of the next byte in the text.
func (p *Parser) Offset() int { return p.offset() }

// Line returns the number of the current line.
func (p *Parser) Line() int { return p.lineno }

func (p *Parser) fail(format string, args ...any) {
	panic(&Error{p.lineno, fmt.Sprintf(format, args...)})
}

// unexpected fails because of the last token. expected is the right token, or anything.
func (p *Parser) unexpected(expected token) {
	if expected == anything {
		p.fail("%s unexpected", p.tok)
	}
	p.fail("%s unexpected (expecting %s)", p.tok, expected)
}

// maxDepth limits the nesting of commands and expansions, and so the size of the stack.
const maxDepth = 10000

func (p *Parser) enter() {
	if p.depth++; p.depth > maxDepth {
		p.fail("nested too deeply")
	}
}

func (p *Parser) leave() { p.depth-- }
