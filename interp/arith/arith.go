// Package arith evaluates the expression of an arithmetic expansion,
// $((expression)), after the expansions inside it were made (POSIX XCU 2.6.4).
//
// It knows what dash knows: the operators of C on signed 64-bit integers but
// for ++, -- and the comma; an overflow wraps around, a shift counts modulo 64,
// a constant too large is the largest number. A variable must hold one number;
// unset or empty, it counts as 0 (under set -u too).
//
// dash evaluates while it parses, so that what precedes a syntax error has its
// effect, and a division by zero that comes first is reported first. Compile
// therefore never fails: it makes code that fails where dash would.
package arith

import (
	"strconv"

	"overlayboot/interp/number"
)

// Vars are the variables of the shell.
type Vars interface {
	// Get returns the value of a variable and whether it is set.
	Get(name string) (value string, set bool)
	// Set assigns to a variable; an error ends the evaluation.
	Set(name, value string) error
}

// An Error is an expression that cannot be evaluated.
type Error struct {
	// Problem is what is wrong, Expr the whole expression.
	Problem, Expr string
}

// Error is the message in dash's words.
func (e *Error) Error() string {
	return "arithmetic expression: " + e.Problem + `: "` + e.Expr + `"`
}

// An Expr is a compiled expression. It is not changed by evaluation and may be
// used from several goroutines.
type Expr struct {
	source string
	code   []instruction
}

// Compile translates an expression. Where it has a syntax error, so will say
// its evaluation.
func Compile(expr string) *Expr {
	p := parser{source: expr}
	p.parse()
	code := make([]instruction, 0, p.n)
	for i := range p.n {
		code = append(code, *p.at(i))
	}
	return &Expr{source: expr, code: code}
}

// Eval evaluates an expression that is used once.
func Eval(expr string, vars Vars) (int64, error) {
	p := parser{source: expr}
	p.parse()
	if p.n <= len(p.few) {
		return run(expr, p.few[:p.n], vars)
	}
	return Compile(expr).Eval(vars)
}

// Eval evaluates the expression.
func (x *Expr) Eval(vars Vars) (int64, error) { return run(x.source, x.code, vars) }

// run is a stack machine. Each instruction but the jumps takes its operands
// from the stack and leaves one result.
func run(source string, code []instruction, vars Vars) (int64, error) {
	var buf [16]int64
	stack := buf[:0]
	for pc := 0; pc < len(code); pc++ {
		in := &code[pc]
		top := len(stack) - 1
		switch {
		case in.op == opConst:
			stack = append(stack, in.value)
		case in.op == opVar:
			v, err := lookup(in.name(source), vars)
			if err != nil {
				return 0, err
			}
			stack = append(stack, v)
		case in.op == opAssign:
			v, err := assign(in, stack[top], source, vars)
			if err != nil {
				return 0, err
			}
			stack[top] = v
		case in.op == opFail:
			return 0, &Error{problems[in.value], source}
		case in.op >= opAnd:
			if stack, pc = jump(in, stack, pc); pc < 0 {
				pc = len(code) - 2 // an unfinished jump goes to the failure
			}
		case in.op >= opNegate:
			stack[top] = unary(in.op, stack[top])
		default:
			v, ok := binary(in.op, stack[top-1], stack[top])
			if !ok {
				return 0, &Error{divisionByZero, source}
			}
			stack = stack[:top]
			stack[top-1] = v
		}
	}
	return stack[0], nil
}

// jump executes the instructions of && || and ?:. It returns the program
// counter before the next instruction, -1 for a jump without a target.
func jump(in *instruction, stack []int64, pc int) ([]int64, int) {
	target := int(in.value) - 1
	if in.op == opJump {
		return stack, target
	}
	top := len(stack) - 1
	value := stack[top]
	switch {
	case in.op == opAnd && value == 0:
		return stack, target
	case in.op == opOr && value != 0:
		stack[top] = 1
		return stack, target
	case in.op == opUnless && value == 0:
		return stack[:top], target
	}
	return stack[:top], pc
}

func lookup(name string, vars Vars) (int64, error) {
	text, _ := vars.Get(name)
	return number.Parse(text, 0)
}

// assign does = or, where sub is an operator, what that does and =.
func assign(in *instruction, value int64, source string, vars Vars) (int64, error) {
	name := in.name(source)
	if in.sub != opConst {
		old, err := lookup(name, vars)
		if err != nil {
			return 0, err
		}
		var ok bool
		if value, ok = binary(in.sub, old, value); !ok {
			return 0, &Error{divisionByZero, source}
		}
	}
	return value, vars.Set(name, strconv.FormatInt(value, 10))
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func unary(op op, a int64) int64 {
	switch op {
	case opNegate:
		return -a
	case opNot:
		return truth(a == 0)
	case opComplement:
		return ^a
	}
	return truth(a != 0) // opBool
}

// binary is false for a division by zero. The smallest number divided by -1
// is itself, with remainder 0; it kills dash.
func binary(op op, a, b int64) (int64, bool) {
	switch op {
	case opMul:
		return a * b, true
	case opDiv, opRem:
		if b == 0 {
			return 0, false
		}
		if op == opDiv {
			return a / b, true
		}
		return a % b, true
	case opAdd:
		return a + b, true
	case opSub:
		return a - b, true
	case opShiftLeft:
		return a << (uint64(b) & 63), true
	case opShiftRight:
		return a >> (uint64(b) & 63), true
	case opBitAnd:
		return a & b, true
	case opBitXor:
		return a ^ b, true
	case opBitOr:
		return a | b, true
	}
	return truth(compare(op, a, b)), true
}

func compare(op op, a, b int64) bool {
	switch op {
	case opLess:
		return a < b
	case opLessEqual:
		return a <= b
	case opGreater:
		return a > b
	case opGreaterEqual:
		return a >= b
	case opEqual:
		return a == b
	}
	return a != b
}
