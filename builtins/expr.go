package builtins

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An exprError ends the evaluation with status 2 and its text.
type exprError string

func (e exprError) Error() string { return string(e) }

// An exprParser evaluates the arguments from left to right.
type exprParser struct {
	locale locale
	args   []string
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
	l, problem := c.inLocale(coreutils, anyOrder)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	p := &exprParser{args: args, locale: l}
	value, err := p.or()
	if err == nil && len(p.args) > 0 {
		err = p.syntax("unexpected argument ", p.args[0])
	}
	var e exprError
	switch {
	case errors.As(err, &e):
		c.Errorf("%s", e)
		return 2
	case err != nil:
		return c.Unsupported("%v", err)
	}
	if _, err := fmt.Fprintln(c.Stdout, value); err != nil {
		c.Errorf("write error: %s", Strerror(err))
		return 3
	}
	if null(value) {
		return 1
	}
	return 0
}

func (p *exprParser) syntax(what, arg string) error {
	return exprError("syntax error: " + what + p.locale.quoteText(arg))
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

// without evaluates a part whose mistakes in arithmetic and regular expressions do not
// count if it is not needed.
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
		if err == nil && !p.locale.plain && !(isInteger(left) && isInteger(right)) {
			err = errors.New("the order of the locale")
		}
		left = boolean(compared(op, order(left, right)))
	}
	return left, err
}

// order compares as numbers where both are, else as strings.
func order(a, b string) int {
	x, okX := exprInteger(a)
	y, okY := exprInteger(b)
	if !okX || !okY {
		return strings.Compare(a, b)
	}
	return x.Cmp(y)
}

func isInteger(s string) bool { return isDigits(strings.TrimPrefix(s, "-")) }

// exprInteger reads a number, which has no limit.
func exprInteger(s string) (*big.Int, bool) {
	if !isInteger(s) {
		return nil, false
	}
	return new(big.Int).SetString(s, 10)
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
	x, okX := exprInteger(left)
	y, okY := exprInteger(right)
	if !okX || !okY {
		return "", exprError("non-integer argument")
	}
	v := new(big.Int)
	switch {
	case (op == "/" || op == "%") && y.Sign() == 0:
		return "", exprError("division by zero")
	case op == "+":
		v.Add(x, y)
	case op == "-":
		v.Sub(x, y)
	case op == "*":
		v.Mul(x, y)
	case op == "/":
		v.Quo(x, y)
	default:
		v.Rem(x, y)
	}
	return v.String(), nil
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
			left, err = p.matchValue(left, right)
		}
	}
	return left, err
}

// matchValue matches from the start: the first group's text, or the length.
func (p *exprParser) matchValue(s, pattern string) (string, error) {
	if p.dead { // nor is the expression looked at
		return "", nil
	}
	if !p.locale.plain && collates(pattern) {
		return "", fmt.Errorf("the order of the locale in the expression %q", pattern)
	}
	re, err := compileRE(pattern, reFlags{expr: true, utf8: p.locale.utf8})
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
	return strconv.Itoa(p.locale.chars(s[:found[0][1]])), nil
}

// primary evaluates an operand, a group or a function.
func (p *exprParser) primary() (string, error) {
	if len(p.args) == 0 {
		return "", p.syntax("missing argument after ", p.last)
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
		return "", p.syntax("expecting ')' instead of ", p.args[0])
	}
	return "", p.syntax("expecting ')' after ", p.last)
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
		return strconv.Itoa(p.locale.chars(args[0])), nil
	case "match":
		return p.matchValue(args[0], args[1])
	case "index":
		return strconv.Itoa(p.locale.index(args[0], args[1])), nil
	}
	return p.locale.substring(args[0], args[1], args[2]), nil
}

// index is the place of the first character of s that is among set, from 1, or 0.
func (l locale) index(s, set string) int {
	for i, c := range l.split(s) {
		if slices.Contains(l.split(set), c) {
			return i + 1
		}
	}
	return 0
}

// split cuts s into its characters.
func (l locale) split(s string) (chars []string) {
	for s != "" {
		_, size, _ := l.char([]byte(s[:min(len(s), utf8.UTFMax)]))
		chars = append(chars, s[:size])
		s = s[size:]
	}
	return chars
}

// substring is count characters of s from the place from on; nothing where that is no place.
func (l locale) substring(s, from, count string) string {
	first, okFirst := exprInteger(from)
	n, okN := exprInteger(count)
	chars := l.split(s)
	size := big.NewInt(int64(len(chars)))
	if !okFirst || !okN || first.Sign() <= 0 || n.Sign() <= 0 || first.Cmp(size) > 0 {
		return ""
	}
	chars = chars[first.Int64()-1:]
	if n.Cmp(size) < 0 {
		chars = chars[:min(int64(len(chars)), n.Int64())]
	}
	return strings.Join(chars, "")
}
