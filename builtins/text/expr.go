package text

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/posixre"
	"overlayboot/builtins/native"
)

// An exprError ends the evaluation with status 2 and an error message.
type exprError string

// Error returns the message.
func (e exprError) Error() string { return string(e) }

// An exprParser evaluates the arguments from left to right.
type exprParser struct {
	locale native.Locale
	args   []string
	// last is the argument read last, for messages.
	last string
	// dead is set in an operand that | or & short-circuits.
	dead bool
}

// Expr is expr(1). The status is 0, or 1 for a result that is empty or zero, or 2 for an error
// in the expression.
func Expr(c *native.Call) int {
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
	l, problem := c.InLocale(native.Coreutils, native.AnyOrder)
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
		c.Errorf("write error: %s", clib.Strerror(err))
		return 3
	}
	if null(value) {
		return 1
	}
	return 0
}

func (p *exprParser) syntax(what, arg string) error {
	return exprError("syntax error: " + what + p.locale.QuoteText(arg))
}

// null reports whether a value counts as false: empty or zero.
func null(s string) bool {
	return s == "" || strings.Trim(strings.TrimPrefix(s, "-"), "0") == "" && s != "-"
}

// take skips the next argument if it is one of ops.
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

// without evaluates an operand. If the operand is short-circuited, errors in arithmetic and in
// regular expressions do not count.
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
		if err == nil && !p.locale.Plain && !(isInteger(left) && isInteger(right)) {
			err = errors.New("the order of the locale")
		}
		left = boolean(compared(op, order(left, right)))
	}
	return left, err
}

// order compares two values: as numbers if both are integers, otherwise as strings.
func order(a, b string) int {
	x, okX := exprInteger(a)
	y, okY := exprInteger(b)
	if !okX || !okY {
		return strings.Compare(a, b)
	}
	return x.Cmp(y)
}

func isInteger(s string) bool { return ascii.IsDigits(strings.TrimPrefix(s, "-")) }

// exprInteger reads an integer of any size.
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

// matchValue matches at the start of s. It returns the text of the first group, or the length
// of the match.
func (p *exprParser) matchValue(s, pattern string) (string, error) {
	if p.dead { // the regular expression is not checked either
		return "", nil
	}
	if !p.locale.Plain && posixre.Collates(pattern) {
		return "", fmt.Errorf("the order of the locale in the expression %q", pattern)
	}
	re, err := posixre.Compile(pattern, posixre.Flags{Expr: true, UTF8: p.locale.UTF8})
	switch {
	case errors.Is(err, posixre.ErrNone):
		return "", err
	case err != nil:
		return "", exprError(err.Error())
	}
	found := re.All([]byte(s), 1)
	if len(found) > 0 && found[0][0] != 0 {
		found = nil
	}
	switch {
	case re.Groups > 0 && (len(found) == 0 || found[0][2] < 0):
		return "", nil
	case re.Groups > 0:
		return s[found[0][2]:found[0][3]], nil
	case len(found) == 0:
		return "0", nil
	}
	return strconv.Itoa(p.locale.Chars(s[:found[0][1]])), nil
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
		return strconv.Itoa(p.locale.Chars(args[0])), nil
	case "match":
		return p.matchValue(args[0], args[1])
	case "index":
		return strconv.Itoa(index(p.locale, args[0], args[1])), nil
	}
	return substring(p.locale, args[0], args[1], args[2]), nil
}

// index returns the position of the first character of s that is in set, counted from 1, or 0.
func index(l native.Locale, s, set string) int {
	for i, c := range split(l, s) {
		if slices.Contains(split(l, set), c) {
			return i + 1
		}
	}
	return 0
}

// split splits s into characters.
func split(l native.Locale, s string) (chars []string) {
	for s != "" {
		_, size, _ := l.Char([]byte(s[:min(len(s), utf8.UTFMax)]))
		chars = append(chars, s[:size])
		s = s[size:]
	}
	return chars
}

// substring returns count characters of s from position from. It returns "" for an invalid
// position.
func substring(l native.Locale, s, from, count string) string {
	first, okFirst := exprInteger(from)
	n, okN := exprInteger(count)
	chars := split(l, s)
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
