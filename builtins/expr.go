package builtins

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// An exprError ends the evaluation with status 2 and its text.
type exprError string

func (e exprError) Error() string { return string(e) }

// An exprParser evaluates the arguments from left to right.
type exprParser struct {
	args []string
	// last is the argument read last, for messages.
	last string
	// dead is set in a part that | or & does not need.
	dead bool
}

// runExpr is expr: status 0, 1 for a result that is null or zero, 2 for a
// mistake.
func runExpr(c *Call) int {
	args := c.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return c.Unsupported("no operand")
	}
	if len(args) == 1 && (args[0] == "--help" || args[0] == "--version") {
		return c.Unsupported("option '%s'", args[0])
	}
	p := &exprParser{args: args}
	value, err := p.or()
	if err == nil && len(p.args) > 0 {
		err = exprError("syntax error: unexpected argument '" + p.args[0] + "'")
	}
	var e exprError
	switch {
	case errors.As(err, &e):
		c.Errorf("%s", e)
		return 2
	case err != nil:
		return c.Unsupported("%v", err)
	}
	if _, err := fmt.Fprintln(c.Stdout, value); errors.Is(err, unix.EPIPE) {
		return 141
	} else if err != nil {
		c.Errorf("write error: %s", Strerror(err))
		return 3
	}
	if null(value) {
		return 1
	}
	return 0
}

// null says whether a value counts as false: empty, or a zero.
func null(s string) bool {
	return s == "" || strings.Trim(strings.TrimPrefix(s, "-"), "0") == "" && s != "-"
}

// take passes the next argument if it is one of ops.
func (p *exprParser) take(ops ...string) (string, bool) {
	for _, op := range ops {
		if len(p.args) > 0 && p.args[0] == op {
			p.last, p.args = op, p.args[1:]
			return op, true
		}
	}
	return "", false
}

func (p *exprParser) or() (string, error) {
	left, err := p.and()
	for err == nil {
		if _, ok := p.take("|"); !ok {
			break
		}
		var right string
		right, err = p.without(!null(left), p.and)
		if null(left) {
			if left = right; null(right) {
				left = "0"
			}
		}
	}
	return left, err
}

func (p *exprParser) and() (string, error) {
	left, err := p.compare()
	for err == nil {
		if _, ok := p.take("&"); !ok {
			break
		}
		var right string
		right, err = p.without(null(left), p.compare)
		if null(left) || null(right) {
			left = "0"
		}
	}
	return left, err
}

// without evaluates a part whose mistakes in arithmetic do not count if it is
// not needed.
func (p *exprParser) without(dead bool, f func() (string, error)) (string, error) {
	before := p.dead
	p.dead = before || dead
	defer func() { p.dead = before }()
	return f()
}

func (p *exprParser) compare() (string, error) {
	left, err := p.sum()
	for err == nil {
		op, ok := p.take("<", "<=", "=", "==", "!=", ">=", ">")
		if !ok {
			break
		}
		var right string
		right, err = p.sum()
		left = boolean(compared(op, order(left, right)))
	}
	return left, err
}

// order compares as numbers where both are, else as strings.
func order(a, b string) int {
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	if errX != nil || errY != nil || a[0] == '+' || b[0] == '+' {
		return strings.Compare(a, b)
	}
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func compared(op string, order int) bool {
	switch op {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case "!=":
		return order != 0
	case ">=":
		return order >= 0
	case ">":
		return order > 0
	}
	return order == 0
}

func boolean(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func (p *exprParser) sum() (string, error)     { return p.arith(p.product, "+", "-") }
func (p *exprParser) product() (string, error) { return p.arith(p.matched, "*", "/", "%") }

// arith evaluates operators of one precedence.
func (p *exprParser) arith(operand func() (string, error), ops ...string) (string, error) {
	left, err := operand()
	for err == nil {
		op, ok := p.take(ops...)
		if !ok {
			break
		}
		var right string
		if right, err = operand(); err != nil || p.dead {
			continue
		}
		left, err = calculate(op, left, right)
	}
	return left, err
}

func calculate(op, left, right string) (string, error) {
	x, errX := integerOperand(left)
	y, errY := integerOperand(right)
	if err := errors.Join(errX, errY); err != nil {
		return "", err
	}
	var v int64
	switch {
	case (op == "/" || op == "%") && y == 0:
		return "", exprError("division by zero")
	case op == "+":
		v = x + y
	case op == "-":
		v = x - y
	case op == "*":
		v = x * y
	case op == "/":
		v = x / y
	default:
		v = x % y
	}
	return strconv.FormatInt(v, 10), nil
}

// integerOperand reads a number. The real one has no limit; from ±2^31 on the
// work is left to it, so that no product can overflow.
func integerOperand(s string) (int64, error) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || !allDigits(digits) {
		return 0, exprError("non-integer argument")
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || v > 1<<31 || v < -1<<31 {
		return 0, errors.New("number " + s)
	}
	return v, nil
}

// matched evaluates "string : regex".
func (p *exprParser) matched() (string, error) {
	left, err := p.primary()
	for err == nil {
		if _, ok := p.take(":"); !ok {
			break
		}
		var right string
		if right, err = p.primary(); err == nil {
			left, err = matchValue(left, right)
		}
	}
	return left, err
}

// matchValue matches from the start: the first group's text, or the length.
func matchValue(s, pattern string) (string, error) {
	re, err := compileRE(pattern, reFlags{expr: true})
	switch {
	case errors.Is(err, errNoRE):
		return "", err
	case err != nil:
		return "", exprError(err.Error())
	}
	found := re.all([]byte(s), 1)
	if len(found) > 0 && found[0][0] != 0 {
		found = nil
	}
	switch {
	case re.groups > 0 && (len(found) == 0 || found[0][2] < 0):
		return "", nil
	case re.groups > 0:
		return s[found[0][2]:found[0][3]], nil
	case len(found) == 0:
		return "0", nil
	}
	return strconv.Itoa(found[0][1]), nil
}

// primary evaluates an operand, a group or a function.
func (p *exprParser) primary() (string, error) {
	if len(p.args) == 0 {
		return "", exprError("syntax error: missing argument after '" + p.last + "'")
	}
	arg := p.args[0]
	p.last, p.args = arg, p.args[1:]
	switch arg {
	case "(":
		return p.group()
	case ")":
		return "", exprError("syntax error: unexpected ')'")
	case "+":
		if len(p.args) == 0 {
			return p.primary()
		}
		arg = p.args[0]
		p.last, p.args = arg, p.args[1:]
		return arg, nil
	case "length", "match", "substr", "index":
		return p.function(arg)
	}
	return arg, nil
}

func (p *exprParser) group() (string, error) {
	value, err := p.or()
	if err != nil {
		return "", err
	}
	if _, ok := p.take(")"); ok {
		return value, nil
	}
	if len(p.args) > 0 {
		return "", exprError("syntax error: expecting ')' instead of '" + p.args[0] + "'")
	}
	return "", exprError("syntax error: expecting ')' after '" + p.last + "'")
}

func (p *exprParser) function(name string) (string, error) {
	var args [3]string
	count := 2
	switch name {
	case "length":
		count = 1
	case "substr":
		count = 3
	}
	for i := range count {
		var err error
		if args[i], err = p.primary(); err != nil {
			return "", err
		}
	}
	switch name {
	case "length":
		return strconv.Itoa(len(args[0])), nil
	case "match":
		return matchValue(args[0], args[1])
	case "index":
		return strconv.Itoa(strings.IndexAny(args[0], args[1]) + 1), nil
	}
	from, err1 := strconv.Atoi(args[1])
	count, err2 := strconv.Atoi(args[2])
	if err1 != nil || err2 != nil || from < 1 || count < 1 || from > len(args[0]) {
		return "", nil
	}
	return args[0][from-1:][:min(count, len(args[0])-from+1)], nil
}
