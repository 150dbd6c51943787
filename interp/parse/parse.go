// Package parse reads shell text into syntax trees (XCU 2.3, 2.4 and 2.10), in
// dash's reading of the grammar, with dash's words for what is wrong. The nodes
// are those of mvdan.cc/sh/v3/syntax.
//
// Where the standard leaves the grammar no choice, so does this parser; beyond
// that it does what dash does: a substitution that makes no sense is one until it
// is expanded, the expression of $((…)) is text, aliases are replaced in scripts
// too. Text is bytes, of no encoding.
//
// Text is read a line at a time and no further than a command needs: what follows
// may be for the command to read.
package parse

import (
	"fmt"
	"io"

	"mvdan.cc/sh/v3/syntax"
)

// A Config is what a parser has to know of its shell. All of it may be left out.
type Config struct {
	// Alias returns the text that a command name stands for.
	Alias func(name string) (value string, ok bool)
	// Special reports whether a name is that of a special built-in utility, which
	// no function can have.
	Special func(name string) bool
	// Prompt is called before a line is read; more says that a command has begun.
	Prompt func(more bool)
	// Echo is called with each line that has been read.
	Echo func(line string)
	// FirstLine is the number of the first line, if not 1.
	FirstLine int
}

// A Parser reads commands from a text.
type Parser struct {
	Config
	input

	tok      token
	back     bool            // tok is to be read again
	start    syntax.Pos      // where it begins
	word     *syntax.Word    // of a word
	name     string          // its text where nothing of it is quoted or expanded
	quoted   bool            // a part of it is quoted
	redirect syntax.Redirect // of a redirection

	pending []*document // the here-documents whose lines are to come
	doc     *document   // the one that is being read
	docDone bool        // its end has been read
	right   syntax.Pos  // of the end of the last arithmetic expression
	depth   int
}

// An Error is a syntax error, in the line that had been reached.
type Error struct {
	Line int
	Text string
}

func (e *Error) Error() string { return e.Text }

// New returns a parser of a text that is there as a whole.
func New(text string, c Config) *Parser {
	p := newParser(c)
	p.text.whole, p.text.isWhole, p.rest = text, true, text
	return p
}

// NewReader returns a parser of a text that is got line by line: read returns
// the next one with its newline, and nothing at the end.
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

// Next returns the commands up to the next newline that ends one, which may be
// none, and io.EOF at the end. After an *Error, which is in the line that has been
// reached, it goes on behind what has been read; see Drop.
func (p *Parser) Next() (list []*syntax.Stmt, err error) {
	defer caught(&err)
	p.back, p.pending, p.doc, p.docDone, p.depth = false, nil, nil, false, 0
	p.began, p.ended = false, false
	return p.completeCommand()
}

// caught makes an error of what fail has thrown.
func caught(err *error) {
	if e := recover(); e != nil {
		failure, ok := e.(*Error)
		if !ok {
			panic(e)
		}
		*err = failure
	}
}

// Drop forgets the rest of the line that has been reached, as a shell does for its
// user after an error.
func (p *Parser) Drop() {
	p.pos, p.active = len(p.line), nil
}

// Text is what has been read so far.
func (p *Parser) Text() *Text { return p.text }

// Offset is that of what is to be read next, in the text.
func (p *Parser) Offset() int { return p.offset() }

// Line is the number of the line that has been reached.
func (p *Parser) Line() int { return p.lineno }

func (p *Parser) fail(format string, args ...any) {
	panic(&Error{p.lineno, fmt.Sprintf(format, args...)})
}

// unexpected fails for the token that was read last; expected is what should be
// there, or word for whatever else.
func (p *Parser) unexpected(expected token) {
	if expected == anything {
		p.fail("%s unexpected", p.tok)
	}
	p.fail("%s unexpected (expecting %s)", p.tok, expected)
}

// maxDepth limits the nesting of commands and expansions: the stack is to last.
const maxDepth = 10000

func (p *Parser) enter() {
	if p.depth++; p.depth > maxDepth {
		p.fail("nested too deeply")
	}
}

func (p *Parser) leave() { p.depth-- }
