// Package arith evaluates the expression of an arithmetic expansion, $((expression)), after the
// expansions inside it (POSIX XCU 2.6.4).
//
// Expressions are those of dash: the operators of C on signed 64-bit integers, without ++, --
// and the comma. An overflow wraps around, a shift count is taken modulo 64, and a constant
// that is too large becomes the largest number. A variable must hold one number. An unset or
// empty variable counts as 0, even with set -u.
//
// dash evaluates while it parses: an assignment before a syntax error takes effect, and a
// division by zero before a syntax error is reported instead of it. Compile therefore never
// fails: it emits code that fails where dash fails.
package arith

import (
	"strconv"

	"overlayboot/builtins/base/number"
)

// Vars gives access to the variables of the shell.
type Vars interface {
	// Get returns the value of a variable and whether it is set.
	Get(name string) (value string, set bool)
	// Set assigns to a variable. An error ends the evaluation.
	Set(name, value string) error
}

// An Error is an expression that cannot be evaluated.
type Error struct {
	// Problem names the fault, and Expr is the whole expression.
	Problem, Expr string
}

// Error returns dash's message.
func (e *Error) Error() string {
	return "arithmetic expression: " + e.Problem + `: "` + e.Expr + `"`
}

// An Expr is a compiled expression. Evaluation does not change it, so several goroutines may
// share it.
type Expr struct {
	source string
	code   []instruction
}

// Compile compiles an expression. A syntax error is reported by the evaluation.
func Compile(expr string) *Expr {
	p := parser{source: expr, code: make([]instruction, 0, len(expr)/2+2)}
	p.parse()
	return &Expr{source: expr, code: p.code}
}

// Eval evaluates the expression.
func (x *Expr) Eval(vars Vars) (int64, error) { return run(x.source, x.code, vars) }

// run is a stack machine. Each instruction except the jumps pops its operands and pushes one
// result.
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

// jump executes the instructions of && || and ?:. It returns the program counter before the
// next instruction, or -1 for a jump without a target.
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

// assign evaluates =, or the operator sub together with =.
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

// binary reports false for a division by zero. The smallest number divided by -1 is itself,
// with remainder 0; that division kills dash.
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
