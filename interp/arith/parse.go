package arith

// An op is an instruction, or a token.
type op uint8

// The instructions. The binary operators come first, in the order of the
// precedence table.
const (
	opMul op = iota
	opDiv
	opRem
	opAdd
	opSub
	opShiftLeft
	opShiftRight
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
	opEqual
	opNotEqual
	opBitAnd
	opBitXor
	opBitOr

	opNegate
	opNot
	opComplement
	opBool // 1 for any number but 0

	opAnd    // jumps when the left side of && decides
	opOr     // jumps when the left side of || decides
	opUnless // jumps when the condition of ?: is 0
	opJump

	opConst
	opVar
	opAssign
	opFail
	opCount
)

// precedence lists the levels of the binary operators, the tightest first.
var precedence = [...]uint8{
	opMul: 0, opDiv: 0, opRem: 0,
	opAdd: 1, opSub: 1,
	opShiftLeft: 2, opShiftRight: 2,
	opLess: 3, opLessEqual: 3, opGreater: 3, opGreaterEqual: 3,
	opEqual: 4, opNotEqual: 4,
	opBitAnd: 5,
	opBitXor: 6,
	opBitOr:  7,
}

const loosest = 8

const divisionByZero = "division by zero"

// problems are the messages of opFail, by its value.
var problems = [...]string{
	expectPrimary: "expecting primary",
	expectClose:   "expecting ')'",
	expectColon:   "expecting ':'",
	expectEOF:     "expecting EOF",
	tooDeep:       "nested too deep",
}

const (
	expectPrimary = iota
	expectClose
	expectColon
	expectEOF
	tooDeep
)

// maxDepth bounds the recursion. dash overflows its stack at a similar depth.
const maxDepth = 10000

type instruction struct {
	op op
	// sub is the operator of an assignment, and opConst for a plain assignment.
	sub op
	// value is a number, the target of a jump, or the position of a name in the source:
	// start<<32 | end.
	value int64
}

func (in *instruction) name(source string) string {
	return source[in.value>>32 : in.value&0xffffffff]
}

// A parser reads one or two tokens ahead, as dash's does. It emits the code in the order in
// which dash evaluates, and no more code after a failure.
type parser struct {
	source string
	pos    int
	// value and sub belong to the last token.
	value int64
	sub   op
	// last is the first token behind the parsed part.
	last   op
	failed bool
	depth  int
	code   []instruction
}

// emit returns the index of the new instruction.
func (p *parser) emit(o op, sub op, value int64) int {
	if p.failed {
		return 0
	}
	p.code = append(p.code, instruction{o, sub, value})
	return len(p.code) - 1
}

// land makes a jump lead to the next instruction. Jumps that a failure left unfinished have the
// target 0, and lead to that failure.
func (p *parser) land(at int) {
	if !p.failed {
		p.code[at].value = int64(len(p.code))
	}
}

// fail ends the code. The parser ignores the rest of the source.
func (p *parser) fail(problem int64) {
	p.emit(opFail, 0, problem)
	p.failed = true
	p.pos = len(p.source)
	p.last = tokenEnd
}

func (p *parser) parse() {
	p.assignment(p.next())
	if p.last != tokenEnd {
		p.fail(expectEOF)
	}
}

// enter counts the levels of recursion.
func (p *parser) enter() bool {
	if p.depth++; p.depth > maxDepth {
		p.fail(tooDeep)
	}
	return !p.failed
}

// In the following functions, token is the first token of the part to parse, value its value,
// and ahead the token behind it.

func (p *parser) assignment(token op) {
	value := p.value
	if !p.enter() {
		return
	}
	if ahead := p.next(); token == opVar && ahead == opAssign {
		sub := p.sub
		p.assignment(p.next())
		p.emit(opAssign, sub, value)
	} else {
		p.conditional(token, value, ahead)
	}
	p.depth--
}

func (p *parser) conditional(token op, value int64, ahead op) {
	p.or(token, value, ahead)
	if p.last != tokenQuestion {
		return
	}
	unless := p.emit(opUnless, 0, 0)
	p.assignment(p.next())
	if p.last != tokenColon {
		p.fail(expectColon)
		return
	}
	end := p.emit(opJump, 0, 0)
	p.land(unless)
	p.conditional(p.further())
	p.depth--
	p.land(end)
}

// further reads the first tokens of a part. The caller decreases p.depth after the part.
func (p *parser) further() (token op, value int64, ahead op) {
	if !p.enter() {
		return tokenEnd, 0, tokenEnd
	}
	token = p.next()
	value = p.value
	return token, value, p.next()
}

func (p *parser) or(token op, value int64, ahead op) {
	p.and(token, value, ahead)
	if p.last != opOr {
		return
	}
	decided := p.emit(opOr, 0, 0)
	p.or(p.further())
	p.depth--
	p.emit(opBool, 0, 0)
	p.land(decided)
}

func (p *parser) and(token op, value int64, ahead op) {
	p.primary(token, value, ahead)
	if p.last < opNegate {
		p.binary(p.last, loosest)
	}
	if p.last != opAnd {
		return
	}
	decided := p.emit(opAnd, 0, 0)
	p.and(p.further())
	p.depth--
	p.emit(opBool, 0, 0)
	p.land(decided)
}

// binary parses the right side of an operator, and further operators that bind tighter than
// prec.
func (p *parser) binary(o op, prec uint8) {
	for {
		token := p.next()
		value := p.value
		p.primary(token, value, p.next())
		if p.last < opNegate && precedence[p.last] < precedence[o] {
			p.binary(p.last, precedence[o])
		}
		p.emit(o, 0, 0)
		if p.last >= opNegate || precedence[p.last] >= prec {
			return
		}
		o = p.last
	}
}

func (p *parser) primary(token op, value int64, ahead op) {
	switch token {
	case tokenOpen:
		p.assignment(ahead)
		if p.last != tokenClose {
			p.fail(expectClose)
		} else {
			p.last = p.next()
		}
	case opConst, opVar:
		p.emit(token, 0, value)
		p.last = ahead
	case opAdd, opSub, opNot, opComplement:
		p.operand(token, ahead)
	default:
		p.fail(expectPrimary)
	}
}

// operand parses the operand of a unary operator.
func (p *parser) operand(o op, token op) {
	value := p.value
	if !p.enter() {
		return
	}
	p.primary(token, value, p.next())
	p.depth--
	switch o {
	case opSub:
		p.emit(opNegate, 0, 0)
	case opNot, opComplement:
		p.emit(o, 0, 0)
	}
}
