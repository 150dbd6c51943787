package utility

import "strings"

// appendEscaped appends s with its escapes replaced, as echo and %b do, and reports whether a
// \c ended it. The escapes are those of a printf format, and \0 with up to three octal digits.
func appendEscaped(out []byte, s string) (_ []byte, stop bool) {
	for {
		at := strings.IndexByte(s, '\\')
		if at < 0 {
			return append(out, s...), false
		}
		out, s = append(out, s[:at]...), s[at+1:]
		if strings.HasPrefix(s, "c") {
			return out, true
		}
		if len(s) > 1 && s[0] == '0' && isOctal(s[1]) {
			s = s[1:]
		}
		c, length := escape(s)
		out, s = append(out, c), s[length:]
	}
}

// escape returns the byte for the text behind a backslash, and the length of that text. An
// unknown escape is the backslash alone.
func escape(s string) (c byte, length int) {
	if s == "" {
		return '\\', 0
	}
	switch s[0] {
	case '\\':
		return '\\', 1
	case 'a':
		return '\a', 1
	case 'b':
		return '\b', 1
	case 'e':
		return 0x1b, 1
	case 'f':
		return '\f', 1
	case 'n':
		return '\n', 1
	case 'r':
		return '\r', 1
	case 't':
		return '\t', 1
	case 'v':
		return '\v', 1
	}
	for length < 3 && length < len(s) && isOctal(s[length]) {
		c = c<<3 | (s[length] - '0')
		length++
	}
	if length == 0 {
		return '\\', 0
	}
	return c, length
}

func isOctal(c byte) bool { return '0' <= c && c <= '7' }
