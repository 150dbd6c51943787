package text

import (
	"bufio"
	"math/big"
	"strconv"
	"strings"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/native"
)

// A seqNumber is an operand: its value, and the width and precision of its text.
type seqNumber struct {
	value    *big.Rat
	decimals int
	width    int
	negative bool // -0 too
}

type seqRun struct {
	separator, format string
	equal             bool
	// before and after surround the directive of format.
	before, after string
	spec          native.StatDirective
}

// seqFormat splits a format with one e, f or g directive.
func seqFormat(format string) (before string, d native.StatDirective, after string, ok bool) {
	at := strings.IndexByte(format, '%')
	if at < 0 || strings.HasPrefix(format[at:], "%%") {
		return "", d, "", false
	}
	d, next := native.CutStatDirective(format, at)
	ok = d.Letter != 0 && strings.IndexByte("efg", d.Letter) >= 0 &&
		!strings.Contains(format[next:], "%") &&
		!strings.ContainsAny(d.Flags, "'#I")
	return format[:at], d, format[next:], ok
}

// formatted appends a number in the format of -f.
func (s *seqRun) formatted(b []byte, n *big.Rat) []byte {
	value, _ := n.Float64()
	precision := s.spec.Precision
	if precision < 0 {
		precision = 6
	}
	if s.spec.Letter == 'g' {
		precision = max(precision, 1)
	}
	text := strconv.FormatFloat(value, s.spec.Letter, precision, 64)
	sign := ""
	switch {
	case text[0] == '-':
		sign, text = "-", text[1:]
	case strings.Contains(s.spec.Flags, "+"):
		sign = "+"
	case strings.Contains(s.spec.Flags, " "):
		sign = " "
	}
	fill := max(s.spec.Width-len(sign)-len(text), 0)
	switch {
	case strings.Contains(s.spec.Flags, "-"):
		text = sign + text + strings.Repeat(" ", fill)
	case strings.Contains(s.spec.Flags, "0"):
		text = sign + strings.Repeat("0", fill) + text
	default:
		text = strings.Repeat(" ", fill) + sign + text
	}
	return append(append(append(b, s.before...), text...), s.after...)
}

// Seq is seq(1), with exact decimal arithmetic.
func Seq(c *native.Call) int {
	s := seqRun{separator: "\n"}
	args, problem := s.options(c.Args[1:])
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if len(args) == 0 {
		return c.UsageError(1, "missing operand")
	}
	if len(args) > 3 {
		return c.UsageError(1, "extra operand %s", native.QuoteText(args[3]))
	}
	numbers := make([]seqNumber, len(args))
	for i, a := range args {
		var ok bool
		if numbers[i], ok = parseSeqNumber(a); !ok {
			return c.Unsupported("operand %s", native.QuoteText(a))
		}
	}
	if s.format != "" {
		var ok bool
		if s.before, s.spec, s.after, ok = seqFormat(strings.TrimSuffix(s.format, " ")); !ok {
			return c.Unsupported("format %s", native.QuoteText(strings.TrimSuffix(s.format, " ")))
		}
		if s.equal {
			return c.UsageError(1, "format string may not be specified when printing equal width strings")
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
			return c.UsageError(1, "invalid Zero increment value: %s", native.QuoteText(args[1]))
		}
	}
	w := c.Buffered()
	if err := s.print(w, first, step, last); err != nil {
		return c.WriteError(err)
	}
	return c.Flush(w, 0)
}

// options handles the options before the first operand. A negative number is an operand.
func (s *seqRun) options(args []string) (rest []string, problem string) {
	n := 0
	for n < len(args) {
		a := args[n]
		if len(a) < 2 || a[0] != '-' || ascii.IsDigit(a[1]) || a[1] == '.' {
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
	opts, more, problem := native.ParseOptions(args[:n], []native.Option{
		{Key: 'w', Long: "equal-width"},
		{Key: 's', Long: "separator", Arg: native.NeedArg},
		{Key: 'f', Long: "format", Arg: native.NeedArg}}, native.OperandsLast)
	for _, o := range opts {
		switch o.Key {
		case 'w':
			s.equal = true
		case 's':
			s.separator = o.Value
		case 'f':
			s.format = o.Value + " "
		}
	}
	return append(more, args[n:]...), problem
}

// parseSeqNumber reads a decimal number. Other forms, such as exponents, are rare and left to
// the system's tool.
func parseSeqNumber(text string) (n seqNumber, ok bool) {
	digits := strings.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 || digits == "" {
		return n, false
	}
	whole, fraction, point := strings.Cut(digits, ".")
	if !ascii.OnlyDigits(whole) || !ascii.OnlyDigits(fraction) || whole+fraction == "" ||
		len(digits) > 40 || point && (fraction == "" || whole == "") {
		return n, false
	}
	n.value, ok = new(big.Rat).SetString(strings.TrimPrefix(text, "+"))
	if !ok || len(strings.TrimLeft(whole, "0"))+len(fraction) > 17 {
		return n, false // here the long double of seq(1) rounds
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
		if next > at != (inc > 0) { // the 64-bit number has overflowed
			break
		}
		at = next
	}
	if from.Cmp(to) != 0 && (from.Cmp(to) > 0) == (inc > 0) {
		return nil
	}
	return w.WriteByte('\n')
}

// width returns the width of both ends with the same number of decimals.
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

// appendDecimal appends a number that is scaled by decimals and drop, padded with zeros.
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
