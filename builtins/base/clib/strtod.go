package clib

import (
	"errors"
	"strconv"
	"strings"
)

// Strtod parses a floating-point number at the start of text as strtod(3) does in the C locale:
// blanks, a sign, and a decimal or hexadecimal number, inf or nan. rest is the text after the
// number. ok is false if there is no number. A number that is too large becomes infinite.
func Strtod(text string) (value float64, rest string, ok bool) {
	body := strings.TrimLeft(text, " \t\n\v\f\r")
	sign := 0
	if body != "" && (body[0] == '+' || body[0] == '-') {
		sign = 1
	}
	n := sign + floatLength(body[sign:])
	if n == sign {
		return 0, text, false
	}
	number := body[:n]
	if isHexFloat(number[sign:]) && !strings.ContainsAny(number, "pP") {
		number += "p0" // strconv requires an exponent
	}
	if i := strings.IndexByte(number, '('); i >= 0 {
		number = number[:i] // the text in nan(...) has no effect
	}
	value, err := strconv.ParseFloat(number, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, text, false
	}
	return value, body[n:], true
}

// floatLength returns the length of the number without a sign at the start of text.
func floatLength(text string) int {
	lower := strings.ToLower(text)
	switch {
	case strings.HasPrefix(lower, "infinity"):
		return len("infinity")
	case strings.HasPrefix(lower, "inf"):
		return len("inf")
	case strings.HasPrefix(lower, "nan"):
		return len("nan") + nanLength(text[len("nan"):])
	case isHexFloat(lower):
		n := 2 + mantissaLength(lower[2:], "0123456789abcdef")
		return n + exponentLength(lower[n:], 'p')
	}
	n := mantissaLength(lower, "0123456789")
	if n == 0 {
		return 0
	}
	return n + exponentLength(lower[n:], 'e')
}

// nanLength returns the length of the part in parentheses after nan.
func nanLength(text string) int {
	if !strings.HasPrefix(text, "(") {
		return 0
	}
	n := strings.IndexFunc(text[1:], func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	})
	if n < 0 || text[1+n] != ')' {
		return 0
	}
	return n + 2
}

func isHexFloat(text string) bool {
	return len(text) > 2 && text[0] == '0' && text[1]|0x20 == 'x' &&
		mantissaLength(strings.ToLower(text[2:]), "0123456789abcdef") > 0
}

// mantissaLength returns the length of the digits, with at most one point among them.
func mantissaLength(text, digits string) (n int) {
	whole := spanLength(text, digits)
	if !strings.HasPrefix(text[whole:], ".") {
		return whole
	}
	part := spanLength(text[whole+1:], digits)
	if whole+part == 0 {
		return 0
	}
	return whole + 1 + part
}

func spanLength(text, set string) int { return len(text) - len(strings.TrimLeft(text, set)) }

// exponentLength returns the length of an exponent, 0 if it is incomplete.
func exponentLength(text string, letter byte) int {
	if text == "" || text[0] != letter {
		return 0
	}
	n := 1
	if n < len(text) && (text[n] == '+' || text[n] == '-') {
		n++
	}
	digits := spanLength(text[n:], "0123456789")
	if digits == 0 {
		return 0
	}
	return n + digits
}
