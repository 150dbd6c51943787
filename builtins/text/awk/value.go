package awk

import (
	"math"
	"strconv"
	"strings"

	"overlayboot/builtins/base/ascii"
)

// kind is the kind of a value.
type kind byte

const (
	unset  kind = iota
	number      // only n is valid
	text        // only s is valid
	maybe       // input in s that has not been tested for being a number
	strnum      // input that looks like a number: s and n are valid
)

// A value is the value of a variable, a field or an element.
type value struct {
	s string
	n float64
	k kind
}

func num(n float64) value { return value{n: n, k: number} }
func str(s string) value  { return value{s: s, k: text} }

func truth(b bool) value {
	if b {
		return num(1)
	}
	return num(0)
}

// maxInt is the largest integer of mawk.
const maxInt = math.MaxInt32

// num returns the value as a number.
func (v value) num() float64 {
	switch v.k {
	case number, strnum:
		return v.n
	case unset:
		return 0
	}
	n, _ := strtod(v.s)
	return n
}

// str returns the value as a string. CONVFMT formats a number that is no integer.
func (v value) str(format string) string {
	if v.k == number {
		return formatNumber(v.n, format)
	}
	return v.s
}

// isTrue returns the value as a condition.
func (v value) isTrue() bool {
	v = v.settle()
	switch v.k {
	case number, strnum:
		return v.n != 0
	}
	return v.s != ""
}

// settle decides whether input looks like a number.
func (v value) settle() value {
	if v.k != maybe {
		return v
	}
	v.k = text
	if n, ok := looksNumeric(v.s); ok {
		v.n, v.k = n, strnum
	}
	return v
}

// looksNumeric reports whether s is a number with optional blanks around it. mawk tests the
// first and the last character, so names such as inf are no numbers, and hexadecimal numbers
// must end in a decimal digit.
func looksNumeric(s string) (float64, bool) {
	s = trimBlanks(s)
	if s == "" {
		return 0, false
	}
	first, last := s[0], s[len(s)-1]
	if !ascii.IsDigit(first) && strings.IndexByte("+-.", first) < 0 ||
		!ascii.IsDigit(last) && last != '.' {
		return 0, false
	}
	n, used := strtod(s)
	return n, used == len(s)
}

func isBlank(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// trimBlanks removes the characters that may surround a number: blanks, tabs and newlines.
func trimBlanks(s string) string { return strings.Trim(s, " \t\n") }

// strtod is strtod(3): it returns the number at the start of s and its length.
func strtod(s string) (n float64, used int) {
	i := 0
	for i < len(s) && isBlank(s[i]) {
		i++
	}
	start := i
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	if size := plainInt(s[i:]); size > 0 {
		return smallInt(s[start:i+size], i-start), i + size
	}
	rest := s[i:]
	switch size := decimalPrefix(rest); {
	case size == 1 && rest[0] == '0' && len(rest) > 2 && rest[1]|0x20 == 'x':
		if hex := hexPrefix(rest); hex != "" {
			i += len(hex)
			if !strings.ContainsAny(hex, "pP") {
				hex += "p0"
			}
			n, _ = strconv.ParseFloat(hex, 64)
			break
		}
		fallthrough
	case size > 0:
		n, _ = strconv.ParseFloat(rest[:size], 64)
		i += size
	default:
		size, n = namedNumber(rest)
		if size == 0 {
			return 0, 0
		}
		i += size
	}
	if s[start] == '-' {
		n = math.Copysign(n, -1)
	}
	return n, i
}

// plainInt returns the length of an integer of at most 15 digits, or 0 if the number goes on.
func plainInt(s string) int {
	i := 0
	for i < len(s) && ascii.IsDigit(s[i]) {
		i++
	}
	if i > 15 || i < len(s) && strings.IndexByte(".eExX", s[i]) >= 0 {
		return 0
	}
	return i
}

func smallInt(s string, sign int) float64 {
	n := int64(0)
	for _, c := range []byte(s[sign:]) {
		n = n*10 + int64(c-'0')
	}
	if s[0] == '-' {
		return math.Copysign(float64(n), -1)
	}
	return float64(n)
}

// decimalPrefix returns the length of the decimal number at the start of s, or 0.
func decimalPrefix(s string) int {
	i, digits := 0, 0
	for ; i < len(s) && ascii.IsDigit(s[i]); i++ {
		digits++
	}
	if i < len(s) && s[i] == '.' {
		i++
		for ; i < len(s) && ascii.IsDigit(s[i]); i++ {
			digits++
		}
	}
	if digits == 0 {
		return 0
	}
	return i + exponent(s[i:], 'e')
}

// exponent returns the length of the exponent at the start of s.
func exponent(s string, letter byte) int {
	if s == "" || s[0]|0x20 != letter {
		return 0
	}
	i := 1
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	if i >= len(s) || !ascii.IsDigit(s[i]) {
		return 0
	}
	for i < len(s) && ascii.IsDigit(s[i]) {
		i++
	}
	return i
}

// hexPrefix returns the hexadecimal number at the start of s, which begins with 0x.
func hexPrefix(s string) string {
	i, digits := 2, 0
	for dot := false; i < len(s); i++ {
		if s[i] == '.' && !dot {
			dot = true
			continue
		}
		if hexValue(s[i]) < 0 {
			break
		}
		digits++
	}
	if digits == 0 {
		return ""
	}
	return s[:i+exponent(s[i:], 'p')]
}

func namedNumber(s string) (size int, n float64) {
	for _, name := range [...]string{"infinity", "inf", "nan"} {
		if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
			if name == "nan" {
				return 3, math.NaN()
			}
			return len(name), math.Inf(1)
		}
	}
	return 0, 0
}

// toInt converts a number to a 32-bit int, limited to the range of that type.
func toInt(n float64) int {
	switch {
	case n >= maxInt:
		return maxInt
	case n > -maxInt:
		return int(n)
	}
	return -maxInt // NaN too
}

// formatNumber formats an integer without a fraction, and other numbers by format.
func formatNumber(n float64, format string) string {
	if i := toInt(n); float64(i) == n {
		if 0 <= i && i < 10 {
			return "0123456789"[i : i+1]
		}
		return strconv.Itoa(i)
	}
	if format == "%.6g" {
		return formatG(n, 6)
	}
	b, err := sprintf(nil, format, []value{num(n)}, format)
	if err != "" {
		return ""
	}
	return string(b)
}

// formatG is %.Ng of printf(3).
func formatG(n float64, precision int) string {
	return string(cFloat{verb: 'g', precision: precision}.append(nil, n))
}

// compare compares two values: as numbers if both are numbers, otherwise as strings.
func (m *machine) compare(a, b value) int {
	a, b = a.settle(), b.settle()
	if a.k != text && b.k != text {
		switch {
		case a.n > b.n:
			return 1
		case a.n < b.n:
			return -1
		}
		return 0
	}
	return strings.Compare(a.str(m.convfmt), b.str(m.convfmt))
}
