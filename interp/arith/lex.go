package arith

import (
	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/number"
)

// A token is an op or one of the following kinds.
const (
	tokenEnd op = opCount + iota
	tokenOpen
	tokenClose
	tokenQuestion
	tokenColon
	tokenBad
)

// next reads a token. It sets p.value to the number of an opConst or to the position of an
// opVar, and p.sub to the operator of an opAssign.
func (p *parser) next() op {
	for p.pos < len(p.source) {
		switch c := p.source[p.pos]; {
		case c == ' ' || c == '\t' || c == '\n':
			p.pos++
		case '0' <= c && c <= '9':
			value, length, _ := number.Int(p.source[p.pos:], 0)
			p.value = value
			p.pos += length
			return opConst
		case isName(c):
			start := p.pos
			for p.pos < len(p.source) && (isName(p.source[p.pos]) || ascii.IsDigit(p.source[p.pos])) {
				p.pos++
			}
			p.value = int64(start)<<32 | int64(p.pos)
			return opVar
		default:
			return p.operator(c)
		}
	}
	return tokenEnd
}

func isName(c byte) bool { return c == '_' || ascii.IsLetter(c) }

// have skips one byte if it is c.
func (p *parser) have(c byte) bool {
	if p.pos < len(p.source) && p.source[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

// assigning returns opAssign with the operator o if an = follows, and o otherwise.
func (p *parser) assigning(o op) op {
	if p.have('=') {
		p.sub = o
		return opAssign
	}
	return o
}

func (p *parser) operator(c byte) op {
	p.pos++
	switch c {
	case '(':
		return tokenOpen
	case ')':
		return tokenClose
	case '?':
		return tokenQuestion
	case ':':
		return tokenColon
	case '~':
		return opComplement
	case '*':
		return p.assigning(opMul)
	case '/':
		return p.assigning(opDiv)
	case '%':
		return p.assigning(opRem)
	case '+':
		return p.assigning(opAdd)
	case '-':
		return p.assigning(opSub)
	case '^':
		return p.assigning(opBitXor)
	}
	return p.longer(c)
}

// longer reads an operator whose first byte may begin several operators.
func (p *parser) longer(c byte) op {
	doubled := c != '!' && c != '=' && p.have(c)
	switch {
	case c == '&' && doubled:
		return opAnd
	case c == '|' && doubled:
		return opOr
	case c == '<' && doubled:
		return p.assigning(opShiftLeft)
	case c == '>' && doubled:
		return p.assigning(opShiftRight)
	case c == '&':
		return p.assigning(opBitAnd)
	case c == '|':
		return p.assigning(opBitOr)
	case c == '<':
		return p.either(opLessEqual, opLess)
	case c == '>':
		return p.either(opGreaterEqual, opGreater)
	case c == '!':
		return p.either(opNotEqual, opNot)
	case c == '=':
		p.sub = opConst
		return p.either(opEqual, opAssign)
	}
	return tokenBad
}

// either returns the first op if an = follows, and otherwise the second.
func (p *parser) either(with, without op) op {
	if p.have('=') {
		return with
	}
	return without
}
