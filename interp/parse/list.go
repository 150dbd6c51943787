package parse

import (
	"io"

	"mvdan.cc/sh/v3/syntax"
)

// completeCommand reads the commands up to a newline. They run before the parser reads on.
func (p *Parser) completeCommand() (list []*syntax.Stmt, err error) {
	for {
		switch p.next(commandStart) {
		case newline:
			p.documents()
			return list, nil
		case endOfFile:
			p.documents()
			if list == nil {
				err = io.EOF
			}
			return list, err
		}
		p.back = true
		list = append(list, p.andOr())
		switch p.next(0) {
		case ampersand, semicolon:
			p.terminate(list)
		case newline, endOfFile:
			p.back = true
		default:
			p.unexpected(anything)
		}
	}
}

// terminate ends the last command of a list by the operator that was just read.
func (p *Parser) terminate(list []*syntax.Stmt) {
	st := list[len(list)-1]
	st.Semicolon, st.Background = p.start, p.tok == ampersand
}

// compoundList reads at least one command, up to a token that cannot begin a command.
func (p *Parser) compoundList() []*syntax.Stmt { return p.list(false) }

// list reads as compoundList does. With empty set, the list may be empty.
func (p *Parser) list(empty bool) []*syntax.Stmt { return p.listIn(false, empty) }

// listIn reads as list does. item says that the list belongs to a case item.
func (p *Parser) listIn(item, empty bool) (list []*syntax.Stmt) {
	for {
		if t := p.next(afterNewline); t == endOfFile {
			p.documents()
			p.back = true
			return list
		}
		p.back = true
		if empty && p.tok.endsList() || item && p.fallsThrough() {
			return list
		}
		empty = true
		list = append(list, p.andOr())
		if p.next(0); item && p.fallsThrough() {
			return list
		}
		switch p.tok {
		case ampersand, semicolon:
			p.terminate(list)
		case newline, endOfFile:
			p.back = true
		default:
			p.back = true
			return list
		}
	}
}

// fallsThrough reports whether the token is the first byte of ;& (XCU 2.9.4.3 of the 2024
// edition), which ends only the list of a case item. It then reads ;& as the token.
func (p *Parser) fallsThrough() bool {
	if p.tok != semicolon || p.peek() != '&' {
		return false
	}
	p.pos++
	p.tok, p.back = fallThrough, true
	return true
}

// andOr reads pipelines with && and || between them (XCU 2.9.3).
func (p *Parser) andOr() *syntax.Stmt {
	st := p.pipeline(0)
	for {
		op := syntax.AndStmt
		switch p.next(0) {
		case andIf:
		case orIf:
			op = syntax.OrStmt
		default:
			p.back = true
			return st
		}
		at := p.start
		st = binary(st, op, at, p.pipeline(afterNewline))
	}
}

func binary(x *syntax.Stmt, op syntax.BinCmdOperator, at syntax.Pos, y *syntax.Stmt) *syntax.Stmt {
	node := &struct {
		stmt syntax.Stmt
		cmd  syntax.BinaryCmd
	}{cmd: syntax.BinaryCmd{OpPos: at, Op: op, X: x, Y: y}}
	node.stmt = syntax.Stmt{Position: x.Position, Cmd: &node.cmd}
	return &node.stmt
}

// pipeline reads commands with | between them (XCU 2.9.2).
func (p *Parser) pipeline(look check) *syntax.Stmt {
	negated := p.next(look) == bang
	at := p.start
	var st *syntax.Stmt
	if negated {
		st = p.command(commandStart)
	} else {
		p.back = true
		st = p.command(0)
	}
	for p.next(0) == pipe {
		op := p.start
		st = binary(st, syntax.Pipe, op, p.command(afterNewline))
	}
	p.back = true
	if negated {
		st.Negated = true
		st.Position = syntax.NewPos(at.Offset(), st.Position.Line(), at.Col())
	}
	return st
}
