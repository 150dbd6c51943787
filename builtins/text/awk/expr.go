package awk

import (
	"math"
	"strings"
)

// An expr is an expression.
type expr interface{ eval(m *machine) value }

// An lvalue is an expression that can be assigned to.
type lvalue interface {
	expr
	assign(m *machine, v value)
}

type (
	numberExpr value
	stringExpr value
	regexNode  struct{ *regex }
	regexExpr  struct{ re *regexNode }
	groupExpr  struct{ e expr }
	varExpr    struct {
		sym   *symbol
		index int
		local bool
	}
	fieldExpr struct{ index expr }
	indexExpr struct {
		array *symbol
		index []expr
	}
	condExpr  struct{ cond, yes, no expr }
	logicExpr struct {
		left, right expr
		or          bool
	}
	inExpr struct {
		index []expr
		array *symbol
	}
	matchExpr struct {
		left, right expr
		not         bool
	}
	compareExpr struct {
		left, right expr
		want        byte // bits for less, equal, greater
	}
	concatExpr struct{ parts []expr }
	mathExpr   struct {
		left, right expr
		op          byte
	}
	notExpr  struct{ e expr }
	negExpr  struct{ e expr }
	stepExpr struct {
		target lvalue
		by     float64
		after  bool
	}
	assignExpr struct {
		target lvalue
		e      expr
	}
	updateExpr struct {
		target lvalue
		e      expr
		op     byte
	}
	callExpr struct {
		f    *function
		args []expr
		line int
	}
	arrayArg struct{ sym *symbol }
)

func (e numberExpr) eval(*machine) value   { return value(e) }
func (e stringExpr) eval(*machine) value   { return value(e) }
func (e *groupExpr) eval(m *machine) value { return e.e.eval(m) }

func (e *regexExpr) eval(m *machine) value {
	m.needRecord()
	return truth(e.re.match(m.record))
}

func (e *varExpr) eval(m *machine) value {
	switch {
	case e.local:
		return m.frame[e.index].value
	case e.index == vNF:
		return m.get(vNF)
	}
	return m.vars[e.index].value
}

func (e *varExpr) assign(m *machine, v value) {
	switch {
	case e.local:
		m.frame[e.index].value = v
	case e.index <= vOFMT:
		m.set(e.index, v)
	default:
		m.vars[e.index].value = v
	}
}

func (e *fieldExpr) eval(m *machine) value {
	if n, ok := e.index.(numberExpr); ok {
		return m.field(n.n)
	}
	return m.field(e.index.eval(m).num())
}

func (e *fieldExpr) assign(m *machine, v value) { m.setField(e.index.eval(m).num(), v) }

func (m *machine) array(s *symbol) *array {
	if s.local {
		c := &m.frame[s.index]
		if c.array == nil {
			c.array = newArray()
		}
		return c.array
	}
	return m.vars[s.index].array
}

func (m *machine) subscript(index []expr) key {
	if len(index) == 1 {
		v := index[0].eval(m)
		if v.k == number {
			if i := toInt(v.n); float64(i) == v.n {
				return key{number: i, isNumber: true}
			}
		}
		return key{name: m.str(v)}
	}
	var b strings.Builder
	for i, e := range index {
		if i > 0 {
			b.WriteString(m.subsep)
		}
		b.WriteString(m.str(e.eval(m)))
	}
	return key{name: b.String()}
}

func (e *indexExpr) eval(m *machine) value {
	name := m.subscript(e.index)
	return *m.array(e.array).at(name)
}

func (e *indexExpr) assign(m *machine, v value) {
	name := m.subscript(e.index)
	*m.array(e.array).at(name) = v
}

func (e *condExpr) eval(m *machine) value {
	if e.cond.eval(m).isTrue() {
		return e.yes.eval(m)
	}
	return e.no.eval(m)
}

func (e *logicExpr) eval(m *machine) value {
	if e.left.eval(m).isTrue() == e.or {
		return truth(e.or)
	}
	return truth(e.right.eval(m).isTrue())
}

func (e *inExpr) eval(m *machine) value {
	name := m.subscript(e.index)
	return truth(m.array(e.array).has(name))
}

func (e *matchExpr) eval(m *machine) value {
	s := m.str(e.left.eval(m))
	return truth(m.regexOf(e.right).match(s) != e.not)
}

// regexOf returns the value of an expression as a regular expression.
func (m *machine) regexOf(e expr) *regex {
	if re, ok := e.(*regexExpr); ok {
		return re.re.regex
	}
	return m.regex(m.str(e.eval(m)))
}

// regex compiles a regular expression at run time, once.
func (m *machine) regex(src string) *regex {
	re := m.dynamic[src]
	if re == nil {
		var err error
		if re, err = compile(src); err != nil {
			m.failAt("regular expression compile failed (" + err.Error() + ")\n" + src)
		}
		if len(m.dynamic) > 500 {
			clear(m.dynamic)
		}
		m.dynamic[src] = re
	}
	return re
}

func (e *compareExpr) eval(m *machine) value {
	left := e.left.eval(m)
	order := m.compare(left, e.right.eval(m))
	return truth(e.want>>(order+1)&1 != 0)
}

func (e *concatExpr) eval(m *machine) value {
	var room [6]string
	list := room[:0]
	for _, p := range e.parts {
		list = append(list, m.str(p.eval(m)))
	}
	if len(list) == 2 {
		return str(list[0] + list[1])
	}
	return str(strings.Join(list, ""))
}

func (e *mathExpr) eval(m *machine) value {
	left := e.left.eval(m).num()
	return num(calculate(e.op, left, e.right.eval(m).num()))
}

func calculate(op byte, a, b float64) float64 {
	switch op {
	case '+':
		return a + b
	case '-':
		return a - b
	case '*':
		return a * b
	case '/':
		return a / b
	case '%':
		switch {
		case math.IsNaN(a):
			return a
		case math.IsNaN(b):
			return b
		case b == 0 || math.IsInf(a, 0):
			return negativeNaN()
		}
		return math.Mod(a, b)
	}
	return power(a, b)
}

// power is pow(3), including the signs of its NaN results. Go may round the results for integer
// exponents differently.
func power(a, b float64) float64 {
	switch {
	case a == 1 || b == 0:
		return 1
	case math.IsNaN(b) || math.IsNaN(a) && math.IsInf(b, 0):
		return a + b // keeps the sign of the NaN
	case math.IsNaN(a) && math.Signbit(a) && math.Abs(math.Mod(b, 2)) == 1:
		return -a
	case math.IsNaN(a):
		return a
	case a < 0 && b != math.Trunc(b) && !math.IsInf(a, 0):
		return negativeNaN()
	}
	return math.Pow(a, b)
}

// negativeNaN returns the NaN that the processor returns for an undefined result.
func negativeNaN() float64 { return math.Copysign(math.NaN(), -1) }

func (e *notExpr) eval(m *machine) value { return truth(!e.e.eval(m).isTrue()) }
func (e *negExpr) eval(m *machine) value { return num(-e.e.eval(m).num()) }

func (e *stepExpr) eval(m *machine) value {
	target := m.pin(e.target)
	old := target.eval(m).num()
	target.assign(m, num(old+e.by))
	if e.after {
		return num(old)
	}
	return num(old + e.by)
}

// pin evaluates the index of an lvalue, so that this happens only once.
func (m *machine) pin(target lvalue) lvalue {
	switch t := target.(type) {
	case *fieldExpr:
		if _, ok := t.index.(numberExpr); !ok {
			return &fieldExpr{numberExpr(num(t.index.eval(m).num()))}
		}
	case *indexExpr:
		name := m.subscript(t.index)
		return elementAt{m.array(t.array).at(name)}
	}
	return target
}

type elementAt struct{ v *value }

func (e elementAt) eval(*machine) value        { return *e.v }
func (e elementAt) assign(_ *machine, v value) { *e.v = v }

func (e *assignExpr) eval(m *machine) value {
	target := e.target
	if _, simple := target.(*varExpr); !simple {
		target = m.pin(target)
	}
	v := e.e.eval(m)
	target.assign(m, v)
	return v
}

func (e *updateExpr) eval(m *machine) value {
	target := m.pin(e.target)
	right := e.e.eval(m).num()
	v := num(calculate(e.op, target.eval(m).num(), right))
	target.assign(m, v)
	return v
}

// maxDepth is the maximum depth of function calls.
const maxDepth = 100_000

func (e *callExpr) eval(m *machine) value {
	frame := make([]cell, len(e.f.params))
	for i, a := range e.args {
		switch a := a.(type) {
		case *arrayArg:
			frame[i].array = m.array(a.sym)
		default:
			frame[i].value = a.eval(m)
		}
	}
	if m.depth++; m.depth > maxDepth {
		m.fail("program limit exceeded: eval stack size=1024")
	}
	outer := m.frame
	m.frame, m.result = frame, value{}
	f := e.f.body.exec(m)
	m.frame = outer
	m.depth--
	if f == flowExit {
		panic(exitCall{})
	}
	result := m.result
	m.result = value{}
	return result
}

// exitCall is the panic value that takes exit out of a function.
type exitCall struct{}

// eval is never needed: callExpr handles array arguments itself.
func (e *arrayArg) eval(*machine) value { return value{} }
