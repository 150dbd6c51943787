// Package ascii classifies characters as the C locale does, where only ASCII has classes: the
// character classes of POSIX (XBD 7.3.1), digits and letters.
package ascii

import "strings"

// IsLetter reports whether c is one of A to Z and a to z.
func IsLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// IsDigit reports whether c is one of 0 to 9.
func IsDigit(c byte) bool { return '0' <= c && c <= '9' }

// OnlyDigits reports whether s has no other bytes than digits. It is true for an empty text.
func OnlyDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// IsDigits reports whether s is a sequence of one or more digits.
func IsDigits(s string) bool { return s != "" && OnlyDigits(s) }

// IsASCII reports whether s has no byte above 127.
func IsASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Lower returns s with A to Z replaced by a to z, and all other bytes unchanged.
func Lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// Class returns a function that reports whether a character is in a class such as "alnum". It
// returns nil for an unknown class.
func Class(name string) func(c byte) bool {
	switch name {
	case "alpha":
		return IsLetter
	case "digit":
		return IsDigit
	case "alnum":
		return isAlnum
	case "upper":
		return func(c byte) bool { return 'A' <= c && c <= 'Z' }
	case "lower":
		return func(c byte) bool { return 'a' <= c && c <= 'z' }
	case "space":
		return func(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }
	case "blank":
		return func(c byte) bool { return c == ' ' || c == '\t' }
	case "punct":
		return func(c byte) bool { return isGraph(c) && !isAlnum(c) }
	case "print":
		return func(c byte) bool { return c == ' ' || isGraph(c) }
	case "graph":
		return isGraph
	case "cntrl":
		return func(c byte) bool { return c < ' ' || c == 127 }
	case "xdigit":
		return func(c byte) bool { return IsDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
	}
	return nil
}

func isAlnum(c byte) bool { return IsLetter(c) || IsDigit(c) }

func isGraph(c byte) bool { return '!' <= c && c <= '~' }

// InClass reports whether c is in the character class of that name. An unknown class has no
// members.
func InClass(name string, c byte) bool {
	in := Class(name)
	return in != nil && in(c)
}
