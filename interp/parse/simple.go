package parse

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// simpleCommand reads assignments, words and redirections (XCU 2.9.1), or the
// definition of a function (XCU 2.9.5).
func (p *Parser) simpleCommand() *syntax.Stmt {
	node := &struct {
		stmt syntax.Stmt
		call syntax.CallExpr
		args [4]*syntax.Word
	}{}
	st, call := &node.stmt, &node.call
	call.Args = node.args[:0]
	look, line := aliases, p.lineno
	for first := true; ; first = false {
		t := p.next(look)
		if first {
			st.Position = p.at(int(p.start.Offset()), line)
		}
		switch {
		case t == word && look != 0 && IsAssignment(p.word):
			call.Assigns = append(call.Assigns, assignment(p.word))
		case t == word:
			call.Args = append(call.Args, p.word)
			look = 0
		case t == redirection:
			st.Redirs = append(st.Redirs, p.redirected())
		case t == leftParen && len(call.Args) == 1 && len(call.Assigns) == 0 && len(st.Redirs) == 0:
			st.Cmd = p.function(st.Position, call.Args[0])
			return st
		default:
			p.back = true
			if len(call.Args) > 0 || len(call.Assigns) > 0 {
				st.Cmd = call
			}
			return st
		}
	}
}

// function reads the rest of a function definition, behind its left parenthesis.
func (p *Parser) function(at syntax.Pos, name *syntax.Word) *syntax.FuncDecl {
	p.expect(rightParen, 0)
	lit, ok := name.Parts[0].(*syntax.Lit)
	if !ok || len(name.Parts) > 1 || !IsName(lit.Value) ||
		p.Special != nil && p.Special(lit.Value) {
		p.fail("Bad function name")
	}
	return &syntax.FuncDecl{
		Position: at, Parens: true, Name: lit, Body: p.command(afterNewline),
	}
}

// IsAssignment reports whether a word begins with a name and an equals sign.
func IsAssignment(w *syntax.Word) bool {
	lit, ok := w.Parts[0].(*syntax.Lit)
	if !ok {
		return false
	}
	name, _, found := strings.Cut(lit.Value, "=")
	return found && IsName(name)
}

// assignment turns a word into an assignment, which keeps all parts of the word but the first.
func assignment(w *syntax.Word) *syntax.Assign {
	lit := w.Parts[0].(*syntax.Lit)
	name, value, _ := strings.Cut(lit.Value, "=")
	at := lit.ValuePos
	node := &struct {
		assign syntax.Assign
		name   syntax.Lit
	}{}
	n := uint(len(name))
	end := syntax.NewPos(at.Offset()+n, at.Line(), at.Col()+n)
	from := syntax.NewPos(at.Offset()+n+1, at.Line(), at.Col()+n+1)
	node.name = syntax.Lit{Value: name, ValuePos: at, ValueEnd: end}
	node.assign.Name = &node.name
	if value != "" {
		lit.Value, lit.ValuePos = value, from
	} else {
		w.Parts = w.Parts[1:]
	}
	if len(w.Parts) > 0 {
		node.assign.Value = w
	} else { // line continuations may be between the name and the end of the word
		last := lit.ValueEnd
		node.name.ValueEnd = syntax.NewPos(last.Offset()-1, last.Line(), last.Col()-1)
	}
	return &node.assign
}

// redirected reads the word of a redirection, behind its operator.
func (p *Parser) redirected() *syntax.Redirect {
	r := p.redirect
	look := check(0)
	if r.Op == syntax.Hdoc || r.Op == syntax.DashHdoc {
		look = delimiter
	}
	if p.next(look) != word {
		p.unexpected(anything)
	}
	r.Word = p.word
	if look != 0 {
		p.pending = append(p.pending, p.newDocument(&r))
	}
	return &r
}

// IsName reports whether a text is a name (XBD 3.216).
func IsName(text string) bool {
	for i := range len(text) {
		if classes[text[i]]&nameByte == 0 {
			return false
		}
	}
	return text != "" && classes[text[0]]&nameStart != 0
}
