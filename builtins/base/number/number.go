// Package number parses integers as strtoimax(3) and strtoumax(3) of the C library do. dash
// uses these functions.
package number

import "math"

// An IllegalError is a text that should be a number and is not.
type IllegalError string

// Error returns the message in dash's words.
func (e IllegalError) Error() string { return "Illegal number: " + string(e) }

// Parse parses a text that must be one integer, possibly with blanks around it. Base 0 means
// decimal, 0 octal or 0x hexadecimal, as in an arithmetic expansion. Only with base 0 does an
// empty text count, as 0.
func Parse(s string, base int) (int64, error) {
	value, n, fits := Int(s, base)
	if !fits || n == 0 && base != 0 {
		return 0, IllegalError(s)
	}
	for ; n < len(s); n++ {
		if !isSpace(s[n]) {
			return 0, IllegalError(s)
		}
	}
	return value, nil
}

// Int parses an integer at the start of s, and returns the number of bytes that it took, 0 if
// there is none. A number that does not fit becomes the nearest one that does.
func Int(s string, base int) (value int64, length int, fits bool) {
	magnitude, negative, length, fits := scan(s, base)
	switch {
	case negative && magnitude >= 1<<63:
		return math.MinInt64, length, fits && magnitude == 1<<63
	case negative:
		return -int64(magnitude), length, fits
	case magnitude > math.MaxInt64:
		return math.MaxInt64, length, false
	}
	return int64(magnitude), length, fits
}

// Uint is Int for unsigned numbers. As in C, a minus sign wraps around.
func Uint(s string, base int) (value uint64, length int, fits bool) {
	magnitude, negative, length, fits := scan(s, base)
	if negative && fits {
		magnitude = -magnitude
	}
	return magnitude, length, fits
}

func scan(s string, base int) (magnitude uint64, negative bool, length int, fits bool) {
	i := 0
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		negative = s[i] == '-'
		i++
	}
	if base == 0 {
		base, i = prefix(s, i)
	}
	start, limit := i, math.MaxUint64/uint64(base)
	for fits = true; i < len(s); i++ {
		d := digit(s[i])
		if d >= base {
			break
		}
		next := magnitude*uint64(base) + uint64(d)
		if magnitude > limit || next < uint64(d) {
			fits = false
		}
		magnitude = next
	}
	if !fits {
		magnitude = math.MaxUint64
	}
	if i == start {
		return 0, false, 0, true
	}
	return magnitude, negative, i, fits
}

// prefix determines the base by the first digits, and skips a 0x.
func prefix(s string, i int) (base, start int) {
	if i >= len(s) || s[i] != '0' {
		return 10, i
	}
	if i+2 < len(s) && s[i+1]|0x20 == 'x' && digit(s[i+2]) < 16 {
		return 16, i + 2
	}
	return 8, i
}

func digit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return 99
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }
