package builtins

import (
	"bufio"
	"math/big"
	"strconv"
	"strings"
)

// A seqNumber is an operand: its value, and as how wide and exact it was written.
type seqNumber struct {
	value    *big.Rat
	decimals int
	width    int
	negative bool // -0, too
}

type seqRun struct {
	separator, format string
	equal             bool
	// before and after are around the directive of format.
	before, after string
	spec          statDirective
}

// seqFormat splits a format with one directive of e, f or g.
func seqFormat(format string) (before string, d statDirective, after string, ok bool) {
	at := strings.IndexByte(format, '%')
	if at < 0 || strings.HasPrefix(format[at:], "%%") {
		return "", d, "", false
	}
	d, next := cutStatDirective(format, at)
	ok = d.letter != 0 && strings.IndexByte("efg", d.letter) >= 0 && !strings.Contains(format[next:], "%") &&
		!strings.ContainsAny(d.flags, "'#I")
	return format[:at], d, format[next:], ok
}

// formatted is a number in the format of -f.
func (s *seqRun) formatted(b []byte, n *big.Rat) []byte {
	value, _ := n.Float64()
	precision := s.spec.precision
	if precision < 0 {
		precision = 6
	}
	if s.spec.letter == 'g' {
		precision = max(precision, 1)
	}
	text := strconv.FormatFloat(value, s.spec.letter, precision, 64)
	sign := ""
	switch {
	case text[0] == '-':
		sign, text = "-", text[1:]
	case strings.Contains(s.spec.flags, "+"):
		sign = "+"
	case strings.Contains(s.spec.flags, " "):
		sign = " "
	}
	fill := max(s.spec.width-len(sign)-len(text), 0)
	switch {
	case strings.Contains(s.spec.flags, "-"):
		text = sign + text + strings.Repeat(" ", fill)
	case strings.Contains(s.spec.flags, "0"):
		text = sign + strings.Repeat("0", fill) + text
	default:
		text = strings.Repeat(" ", fill) + sign + text
	}
	return append(append(append(b, s.before...), text...), s.after...)
}

// runSeq is seq(1), by exact decimal arithmetic.
func runSeq(c *Call) int {
	s := seqRun{separator: "\n"}
	args, problem := s.options(c.Args[1:])
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if len(args) == 0 {
		return c.usageError(1, "missing operand")
	}
	if len(args) > 3 {
		return c.usageError(1, "extra operand %s", quoteText(args[3]))
	}
	numbers := make([]seqNumber, len(args))
	for i, a := range args {
		var ok bool
		if numbers[i], ok = parseSeqNumber(a); !ok {
			return c.Unsupported("operand %s", quoteText(a))
		}
	}
	if s.format != "" {
		var ok bool
		if s.before, s.spec, s.after, ok = seqFormat(strings.TrimSuffix(s.format, " ")); !ok {
			return c.Unsupported("format %s", quoteText(strings.TrimSuffix(s.format, " ")))
		}
		if s.equal {
			return c.usageError(1, "format string may not be specified when printing equal width strings")
		}
	}
	one := seqNumber{value: big.NewRat(1, 1), width: 1}
	first, step, last := one, one, numbers[len(numbers)-1]
	if len(numbers) > 1 {
		first = numbers[0]
	}
	if len(numbers) > 2 {
		step = numbers[1]
		if step.value.Sign() == 0 {
			return c.usageError(1, "invalid Zero increment value: %s", quoteText(args[1]))
		}
	}
	w := c.buffered()
	if err := s.print(w, first, step, last); err != nil {
		return c.writeError(err)
	}
	return c.flush(w, 0)
}

// options takes those before the first operand; a negative number is one.
func (s *seqRun) options(args []string) (rest []string, problem string) {
	n := 0
	for n < len(args) {
		a := args[n]
		if len(a) < 2 || a[0] != '-' || isDigit(a[1]) || a[1] == '.' {
			break
		}
		n++
		if a == "--" {
			break
		}
		takes := len(a) == 2 && (a[1] == 's' || a[1] == 'f') || a == "--separator" || a == "--format"
		if takes && n < len(args) {
			n++
		}
	}
	opts, more, problem := parseOptions(args[:n], []option{{'w', "equal-width", noArg},
		{'s', "separator", needArg}, {'f', "format", needArg}}, operandsLast)
	for _, o := range opts {
		switch o.key {
		case 'w':
			s.equal = true
		case 's':
			s.separator = o.value
		case 'f':
			s.format = o.value + " "
		}
	}
	return append(more, args[n:]...), problem
}

// parseSeqNumber reads a decimal number; others, with exponents and the like, are seldom.
func parseSeqNumber(text string) (n seqNumber, ok bool) {
	digits := strings.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 || digits == "" {
		return n, false
	}
	whole, fraction, point := strings.Cut(digits, ".")
	if !allDigits(whole) || !allDigits(fraction) || whole+fraction == "" ||
		len(digits) > 40 || point && (fraction == "" || whole == "") {
		return n, false
	}
	n.value, ok = new(big.Rat).SetString(strings.TrimPrefix(text, "+"))
	if !ok || len(strings.TrimLeft(whole, "0"))+len(fraction) > 17 {
		return n, false // where the tool's long double rounds
	}
	n.negative = text[0] == '-'
	n.decimals = len(fraction)
	n.width = len(strings.TrimPrefix(text, "+"))
	return n, true
}

func (s *seqRun) print(w *bufio.Writer, first, step, last seqNumber) error {
	decimals := max(first.decimals, step.decimals)
	width := 0
	if s.equal {
		width = s.width(first, last, decimals)
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(decimals, last.decimals))), nil)
	scaled := func(n seqNumber) *big.Int {
		r := new(big.Rat).Mul(n.value, new(big.Rat).SetInt(scale))
		return new(big.Int).Set(r.Num())
	}
	from, by, to := scaled(first), scaled(step), scaled(last)
	drop := max(decimals, last.decimals) - decimals
	if !from.IsInt64() || !by.IsInt64() || !to.IsInt64() {
		return nil
	}
	at, inc, end := from.Int64(), by.Int64(), to.Int64()
	negativeZero := first.negative && at == 0
	var b []byte
	for n := 0; inc > 0 && at <= end || inc < 0 && at >= end; n++ {
		b = b[:0]
		if n > 0 {
			b = append(b, s.separator...)
		}
		if s.format != "" {
			b = s.formatted(b, new(big.Rat).SetFrac(big.NewInt(at), scale))
		} else {
			b = appendDecimal(b, at, decimals, drop, width, negativeZero && n == 0)
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
		next := at + inc
		if next > at != (inc > 0) { // past what 64 bits hold
			break
		}
		at = next
	}
	if from.Cmp(to) != 0 && (from.Cmp(to) > 0) == (inc > 0) {
		return nil
	}
	return w.WriteByte('\n')
}

// width is what both ends need with as many decimals.
func (s *seqRun) width(first, last seqNumber, decimals int) int {
	whole := func(n seqNumber) int {
		w := n.width
		if n.decimals > 0 {
			w -= n.decimals + 1
		}
		return w
	}
	width := max(whole(first), whole(last))
	if decimals > 0 {
		width += decimals + 1
	}
	return width
}

// appendDecimal writes a number that is scaled by decimals and drop, zeros before it.
func appendDecimal(b []byte, n int64, decimals, drop, width int, minus bool) []byte {
	digits := strconv.FormatInt(n, 10)
	if n < 0 {
		minus, digits = true, digits[1:]
	}
	if decimals+drop > 0 {
		digits = strings.Repeat("0", max(decimals+drop+1-len(digits), 0)) + digits
		digits = digits[:len(digits)-drop]
	}
	if decimals > 0 {
		cut := len(digits) - decimals
		digits = digits[:cut] + "." + digits[cut:]
	}
	if minus {
		b = append(b, '-')
		width--
	}
	for range width - len(digits) {
		b = append(b, '0')
	}
	return append(b, digits...)
}
