package parse

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// command reads a command with its redirections. Its line, which messages name, is the line in
// which its first token ended.
func (p *Parser) command(look check) *syntax.Stmt {
	p.enter()
	defer p.leave()
	line := p.lineno
	p.next(look)
	st := &syntax.Stmt{Position: p.at(int(p.start.Offset()), line)}
	switch p.tok {
	case word, redirection:
		p.back = true
		return p.simpleCommand()
	case ifWord:
		st.Cmd = p.ifClause()
	case whileWord, untilWord:
		st.Cmd = p.whileClause()
	case forWord:
		st.Cmd = p.forClause(line)
	case caseWord:
		st.Cmd = p.caseClause(line)
	case leftParen:
		c := &syntax.Subshell{Lparen: p.start}
		c.Stmts = p.compoundList()
		c.Rparen = p.expect(rightParen, 0)
		st.Cmd = c
	case leftBrace:
		c := &syntax.Block{Lbrace: p.start}
		c.Stmts = p.compoundList()
		c.Rbrace = p.expect(rightBrace, 0)
		st.Cmd = c
	default:
		p.unexpected(anything)
	}
	for look := commandStart; p.next(look) == redirection; look = 0 {
		st.Redirs = append(st.Redirs, p.redirected())
	}
	p.back = true
	return st
}

// expect reads a token that must come next, and returns its position.
func (p *Parser) expect(t token, look check) syntax.Pos {
	if p.next(look) != t {
		p.unexpected(t)
	}
	return p.start
}

// ifClause reads an if clause behind the word `if`.
func (p *Parser) ifClause() *syntax.IfClause {
	c := &syntax.IfClause{Position: p.start}
	c.Cond = p.compoundList()
	for part := c; ; part = part.Else {
		part.ThenPos = p.expect(thenWord, 0)
		part.Then = p.compoundList()
		if p.next(0) != elifWord {
			if p.tok == elseWord {
				part.Else = &syntax.IfClause{Position: p.start}
				part.Else.Then = p.compoundList()
			} else {
				p.back = true
			}
			break
		}
		part.Else = &syntax.IfClause{Position: p.start}
		part.Else.Cond = p.compoundList()
	}
	end := p.expect(fiWord, 0)
	for part := c; part != nil; part = part.Else {
		part.FiPos = end
	}
	return c
}

func (p *Parser) whileClause() *syntax.WhileClause {
	c := &syntax.WhileClause{WhilePos: p.start, Until: p.tok == untilWord}
	c.Cond = p.compoundList()
	c.DoPos = p.expect(doWord, 0)
	c.Do = p.compoundList()
	c.DonePos = p.expect(doneWord, 0)
	return c
}

func (p *Parser) forClause(line int) *syntax.ForClause {
	c := &syntax.ForClause{ForPos: p.at(int(p.start.Offset()), line)}
	if p.next(0) != word || !IsName(p.name) {
		p.fail("Bad for loop variable")
	}
	loop := &syntax.WordIter{Name: p.word.Parts[0].(*syntax.Lit)}
	c.Loop = loop
	if p.next(afterNewline) == inWord {
		loop.InPos = p.start
		for p.next(0) == word {
			loop.Items = append(loop.Items, p.word)
		}
		if p.tok != newline && p.tok != semicolon {
			p.unexpected(anything)
		}
		p.back = p.tok == newline // a newline is read again, for its here-documents
	} else if p.tok != semicolon {
		p.back = true
	}
	c.DoPos = p.expect(doWord, afterNewline)
	c.Do = p.compoundList()
	c.DonePos = p.expect(doneWord, 0)
	return c
}

func (p *Parser) caseClause(line int) *syntax.CaseClause {
	c := &syntax.CaseClause{Case: p.at(int(p.start.Offset()), line)}
	p.expect(word, 0)
	c.Word = p.word
	c.In = p.expect(inWord, afterNewline)
	for p.next(newlines|keywords) != esacWord {
		item := p.caseItem()
		c.Items = append(c.Items, item)
		if p.next(newlines|keywords) == esacWord {
			break
		}
		switch p.tok {
		case endCase:
		case fallThrough:
			item.Op = syntax.Fallthrough
		default:
			p.unexpected(endCase)
		}
		item.OpPos = p.start
	}
	c.Esac = p.start
	return c
}

// caseItem reads patterns and their commands. The caller has read the first token.
func (p *Parser) caseItem() *syntax.CaseItem {
	item := &syntax.CaseItem{Op: syntax.Break}
	if p.tok == leftParen {
		p.next(0)
	}
	wrong := word
	for {
		if p.tok < word && wrong == word {
			wrong = p.tok // dash takes the token, and reports it behind the pattern
		}
		item.Patterns = append(item.Patterns, p.word)
		if p.next(0) != pipe {
			break
		}
		p.next(0)
	}
	if p.tok != rightParen {
		p.unexpected(rightParen)
	}
	if wrong != word {
		p.tok = wrong
		p.unexpected(word)
	}
	item.Stmts = p.listIn(true, true)
	return item
}

// Definition skips the definition of a function that comes next. The definition must be written
// as in the scripts of this program: a line "NAME() {", and as its end the first line "}".
// Definition returns the name, the body with its braces, and the number of its first line.
func (p *Parser) Definition() (name, body string, line int, ok bool) {
	if !p.text.isWhole || p.pos < len(p.line) || len(p.active) > 0 {
		return "", "", 0, false
	}
	first, after, _ := strings.Cut(p.rest, "\n")
	name, ok = strings.CutSuffix(first, "() {")
	if !ok || !IsName(name) {
		return "", "", 0, false
	}
	end := strings.Index(after, "\n}\n")
	if end < 0 {
		return "", "", 0, false
	}
	line = p.lineno
	size := len(p.rest) - len(after) + end + len("\n}\n")
	body = "{\n" + after[:end] + "\n}"
	p.base += len(p.line) + size
	p.lineno += strings.Count(p.rest[:size], "\n")
	p.line, p.pos, p.rest = "", 0, p.rest[size:]
	return name, body, line, true
}
