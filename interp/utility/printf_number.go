package utility

import (
	"math"
	"strconv"
	"strings"
)

// integer writes the conversions of integers. The caller has decided on the sign.
func (p *printer) integer(d *directive, sign string, magnitude uint64, base int) {
	var buf [64]byte
	digits := strconv.AppendUint(buf[:0], magnitude, base)
	prefix := sign
	if d.sharp && base == 16 && magnitude != 0 {
		prefix = "0x"
	}
	if d.verb == 'X' {
		upper(digits)
		prefix = strings.ToUpper(prefix)
	}
	if d.precision == 0 && magnitude == 0 {
		digits = digits[:0]
	}
	zeros := max(d.precision-len(digits), 0)
	if d.sharp && base == 8 && zeros == 0 && (len(digits) == 0 || digits[0] != '0') {
		zeros = 1
	}
	fill := d.width - len(prefix) - zeros - len(digits)
	if d.zero && !d.minus && d.precision < 0 {
		zeros, fill = zeros+max(fill, 0), 0
	}
	if !d.minus {
		p.repeat(' ', fill)
	}
	p.out.WriteString(prefix)
	p.repeat('0', zeros)
	p.out.Write(digits)
	if d.minus {
		p.repeat(' ', fill)
	}
}

func upper(text []byte) {
	for i, c := range text {
		if 'a' <= c && c <= 'z' {
			text[i] = c - 'a' + 'A'
		}
	}
}

// floatOperand takes the next argument as a floating-point number.
func (p *printer) floatOperand() float64 {
	arg := p.text()
	if c, ok := quoted(arg); ok {
		return float64(c)
	}
	value, length, fits := scanFloat(arg)
	p.check(arg, length, fits)
	return value
}

// scanFloat reads a number at the start of s as strtod(3) does, and returns the count of bytes.
func scanFloat(s string) (value float64, length int, fits bool) {
	start := 0
	for start < len(s) && (s[start] == ' ' || '\t' <= s[start] && s[start] <= '\r') {
		start++
	}
	end := start
	if end < len(s) && (s[end] == '+' || s[end] == '-') {
		end++
	}
	if n := nonFinite(s[end:]); n > 0 {
		name := s[start : end+min(n, 3)]
		value, _ := strconv.ParseFloat(name, 64)
		if strings.EqualFold(s[end:end+3], "nan") {
			value = math.Copysign(math.NaN(), float64(truthOf(s[start] != '-'))-0.5)
		}
		return value, end + n, true
	}
	n, text := floatSpan(s[end:])
	if n == 0 {
		return 0, 0, true
	}
	value, err := strconv.ParseFloat(s[start:end]+text, 64)
	tiny := underflows(math.Abs(value), text)
	return value, end + n, err == nil && !tiny
}

// underflows reports whether the C library finds a number too small: a number other than 0
// became 0, or lost digits as a subnormal number. A decimal number always counts as losing
// digits there, a hexadecimal number as losing none.
func underflows(value float64, text string) bool {
	const smallestNormal = 0x1p-1022
	decimal := len(text) < 2 || text[1]|0x20 != 'x'
	if value == 0 || value < smallestNormal && decimal {
		return strings.Trim(mantissa(text), "0.") != ""
	}
	return false
}

func truthOf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// mantissa returns the part of a number before its exponent.
func mantissa(text string) string {
	marks := "eE"
	if len(text) > 1 && text[1]|0x20 == 'x' {
		text, marks = text[2:], "pP"
	}
	if at := strings.IndexAny(text, marks); at >= 0 {
		return text[:at]
	}
	return text
}

// nonFinite returns the length of an infinity or a nan at the start of s.
func nonFinite(s string) int {
	for _, name := range [...]string{"infinity", "inf"} {
		if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
			return len(name)
		}
	}
	if len(s) < 3 || !strings.EqualFold(s[:3], "nan") {
		return 0
	}
	if len(s) > 3 && s[3] == '(' {
		for i := 4; i < len(s); i++ {
			if s[i] == ')' {
				return i + 1
			}
			if c := s[i] | 0x20; s[i] != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
				break
			}
		}
	}
	return 3
}

// floatSpan returns the length of an unsigned number at the start of s, and the number as
// strconv needs it.
func floatSpan(s string) (length int, text string) {
	digits, exponent, i := "0123456789", byte('e'), 0
	if len(s) > 1 && s[0] == '0' && s[1]|0x20 == 'x' {
		digits, exponent, i = "0123456789abcdefABCDEF", 'p', 2
	}
	whole := span(s[i:], digits)
	i += whole
	fraction := 0
	if i < len(s) && s[i] == '.' {
		fraction = span(s[i+1:], digits)
		i += 1 + fraction
	}
	if whole+fraction == 0 {
		if exponent == 'p' {
			return 1, "0" // 0x without digits is a 0 and an x
		}
		return 0, ""
	}
	end := i
	if i < len(s) && s[i]|0x20 == exponent {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if n := span(s[i:], "0123456789"); n > 0 {
			return i + n, s[:i+n]
		}
	}
	if exponent == 'p' {
		return end, s[:end] + "p0"
	}
	return end, s[:end]
}

func span(s, set string) int {
	for i := range len(s) {
		if strings.IndexByte(set, s[i]) < 0 {
			return i
		}
	}
	return len(s)
}

// maxDigits exceeds the digits of any 64-bit number, behind which only zeros follow.
const maxDigits = 1100

// float writes the conversions of floating-point numbers.
func (p *printer) float(d *directive, value float64) {
	sign := d.sign(math.Signbit(value))
	value = math.Abs(value)
	verb := d.verb | 0x20
	var digits []byte
	zeros := 0
	switch {
	case math.IsInf(value, 0):
		digits = []byte("inf")
	case math.IsNaN(value):
		digits = []byte("nan")
	case verb == 'a':
		digits, zeros = hexadecimal(value, min(d.precision, maxDigits), d)
	case verb == 'g':
		digits, zeros = d.general(value)
	default:
		digits, zeros = fixed(value, verb, d.precision, d.sharp)
	}
	if d.verb < 'a' {
		upper(digits)
	}
	number := !math.IsInf(value, 0) && !math.IsNaN(value)
	if number && verb == 'a' {
		sign += "0" + string(d.verb+'x'-'a')
	}
	p.number(d, sign, digits, zeros, number)
}

// number writes digits, with zeros inserted before the exponent.
func (p *printer) number(d *directive, sign string, digits []byte, zeros int, number bool) {
	at := len(digits)
	if zeros > 0 {
		if e := strings.LastIndexAny(string(digits), "ePpE"); e >= 0 {
			at = e
		}
	}
	fill := d.width - len(sign) - len(digits) - zeros
	zero := d.zero && !d.minus && number
	if !d.minus && !zero {
		p.repeat(' ', fill)
	}
	p.out.WriteString(sign)
	if zero {
		p.repeat('0', fill)
	}
	p.out.Write(digits[:at])
	p.repeat('0', zeros)
	p.out.Write(digits[at:])
	if d.minus {
		p.repeat(' ', fill)
	}
}

// fixed formats %f and %e. It returns the count of zeros that are missing at the end of the
// fraction.
func fixed(value float64, verb byte, precision int, sharp bool) (digits []byte, zeros int) {
	if precision < 0 {
		precision = 6
	}
	shown := min(precision, maxDigits)
	digits = strconv.AppendFloat(nil, value, verb, shown, 64)
	if sharp && precision == 0 {
		digits = withPoint(digits)
	}
	return digits, precision - shown
}

// withPoint adds a point behind a single digit or an integer.
func withPoint(digits []byte) []byte {
	at := len(digits)
	for i, c := range digits {
		if c == '.' {
			return digits
		}
		if c == 'e' || c == 'p' {
			at = i
			break
		}
	}
	return append(append(append([]byte{}, digits[:at]...), '.'), digits[at:]...)
}

// general formats %g: as %e or %f with the given count of significant digits. Without the flag
// # it removes zeros at the end of the fraction.
func (d *directive) general(value float64) (digits []byte, zeros int) {
	precision := d.precision
	switch {
	case precision < 0:
		precision = 6
	case precision == 0:
		precision = 1
	}
	shown := min(precision, maxDigits)
	e := strconv.AppendFloat(nil, value, 'e', shown-1, 64)
	at := strings.LastIndexByte(string(e), 'e')
	exponent, _ := strconv.Atoi(string(e[at+1:]))
	mantissa, tail := e[:at], e[at:]
	if exponent >= -4 && exponent < precision {
		shown = min(precision-1-exponent, maxDigits)
		precision -= 1 + exponent
		mantissa, tail = strconv.AppendFloat(nil, value, 'f', shown, 64), nil
	}
	if d.sharp {
		return withPoint(append(mantissa, tail...)), precision - shown
	}
	if strings.IndexByte(string(mantissa), '.') >= 0 {
		mantissa = []byte(strings.TrimRight(strings.TrimRight(string(mantissa), "0"), "."))
	}
	return append(mantissa[:len(mantissa):len(mantissa)], tail...), 0
}

// hexadecimal formats %a without sign and 0x: a digit, the fraction, and the binary exponent in
// decimal.
func hexadecimal(value float64, precision int, d *directive) (digits []byte, zeros int) {
	bits := math.Float64bits(value)
	exponent, fraction := int(bits>>52)-1023, bits&(1<<52-1)
	lead := uint64(1)
	if bits>>52 == 0 {
		lead, exponent = 0, -1022
		if fraction == 0 {
			exponent = 0
		}
	}
	const all = 13
	if precision >= 0 && precision < all {
		unit := uint64(1) << (4 * (all - precision))
		whole := lead<<52 | fraction
		rest := whole & (unit - 1)
		whole -= rest
		if rest > unit/2 || rest == unit/2 && whole&unit != 0 {
			whole += unit
		}
		lead, fraction = whole>>52, whole&(1<<52-1)
	}
	hex := strconv.FormatUint(1<<52|fraction, 16)[1:]
	if precision < 0 {
		hex = strings.TrimRight(hex, "0")
	} else {
		hex = hex[:min(precision, all)]
		zeros = max(d.precision-all, 0)
	}
	digits = strconv.AppendUint(nil, lead, 10)
	if hex != "" || d.sharp {
		digits = append(append(digits, '.'), hex...)
	}
	digits = append(digits, 'p')
	if exponent >= 0 {
		digits = append(digits, '+')
	}
	return strconv.AppendInt(digits, int64(exponent), 10), zeros
}
