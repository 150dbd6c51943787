// Package pattern implements the pattern matching notation of the shell (POSIX XCU 2.14) with
// the semantics of dash: in the C locale, byte by byte.
//
// In a pattern, a backslash removes the special meaning of the next byte; the shell puts one
// before each quoted special character. The special characters are * ? and [. Only ! negates a
// bracket expression; ^ stands for itself. A bracket expression may contain ranges and classes
// such as [:alpha:]. A [ stands for itself where no ] ends the expression. Equivalence classes
// and collating symbols of a single byte, [=a=] and [.-.], are supported, though dash does not
// know them; others have no meaning.
//
// Each element except * matches one byte, so the text between two stars has a fixed length. The
// matching relies on that: once a later star is reached, an earlier star is never reconsidered.
// The time is at most proportional to the product of the lengths.
package pattern

import (
	"strings"

	"overlayboot/builtins/base/ascii"
)

// HasMeta reports whether a pattern contains a special character that is not quoted by a
// backslash.
func HasMeta(pattern string) bool {
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '*', '?', '[':
			return true
		case '\\':
			i++
		}
	}
	return false
}

// Unescape returns the text of a pattern without its quoting backslashes. A backslash at the
// end quotes nothing and stays.
func Unescape(pattern string) string {
	at := strings.IndexByte(pattern, '\\')
	if at < 0 || at == len(pattern)-1 {
		return pattern
	}
	text := make([]byte, 0, len(pattern)-1)
	for i := 0; i < len(pattern); i++ {
		if pattern[i] == '\\' && i+1 < len(pattern) {
			i++
		}
		text = append(text, pattern[i])
	}
	return string(text)
}

// Match reports whether a pattern matches the whole of a string.
func Match(pattern, s string) bool {
	i, j := 0, 0
	star, mark := -1, 0 // behind the last star; the present end of its match
	for j < len(s) {
		if i < len(pattern) && pattern[i] == '*' {
			i++
			if i == len(pattern) {
				return true
			}
			star, mark = i, j
			continue
		}
		if next := element(pattern, i, s[j]); next >= 0 {
			i, j = next, j+1
			continue
		}
		if star < 0 {
			return false
		}
		if mark++; isPlain(pattern[star]) {
			skip := strings.IndexByte(s[mark:], pattern[star])
			if skip < 0 {
				return false
			}
			mark += skip
		}
		i, j = star, mark
	}
	for i < len(pattern) && pattern[i] == '*' {
		i++
	}
	return i == len(pattern)
}

func isPlain(c byte) bool { return c != '*' && c != '?' && c != '[' && c != '\\' }

// element matches one byte with the element at pattern[i:], which is no star. It returns the
// index of the next element, or -1 for no match.
func element(pattern string, i int, c byte) int {
	if i == len(pattern) {
		return -1
	}
	switch pattern[i] {
	case '?':
		return i + 1
	case '\\':
		if i+1 < len(pattern) {
			i++
		}
	case '[':
		if found, end := bracket(pattern, i+1, c); end >= 0 {
			if !found {
				return -1
			}
			return end
		}
	}
	if pattern[i] != c {
		return -1
	}
	return i + 1
}

// bracket matches a byte with the bracket expression whose [ precedes pattern[i:]. It returns
// the end of the expression, or -1 if there is none. The end does not depend on the byte.
func bracket(pattern string, i int, c byte) (found bool, end int) {
	negated := i < len(pattern) && pattern[i] == '!'
	if negated {
		i++
	}
	for first := true; i < len(pattern); first = false {
		from := pattern[i]
		if from == ']' && !first {
			return found != negated, i + 1
		}
		i++
		switch from {
		case '[':
			if in, after := class(pattern[i:], c); after > 0 {
				found = found || in
				i += after
				continue
			}
			if sym, after := symbol(pattern[i:], '.'); after > 0 {
				from = sym
				i += after
			}
		case '\\':
			if i == len(pattern) {
				return false, -1
			}
			from = pattern[i]
			i++
		}
		if i+1 >= len(pattern) || pattern[i] != '-' || pattern[i+1] == ']' {
			found = found || c == from
			continue
		}
		to, after := rangeEnd(pattern[i+1:])
		// The bytes of a range are signed, like char in dash on this machine.
		found = found || int8(from) <= int8(c) && int8(c) <= int8(to)
		i += 1 + after
	}
	return false, -1
}

// rangeEnd returns the last byte of a range, and the length of its notation.
func rangeEnd(s string) (c byte, length int) {
	switch {
	case s[0] == '\\' && len(s) > 1:
		return s[1], 2
	case s[0] == '[':
		if sym, after := symbol(s[1:], '.'); after > 0 {
			return sym, 1 + after
		}
	}
	return s[0], 1
}

// symbol returns the byte of an equivalence class or collating symbol behind a [, such as
// ".a.]", and the length of the notation; 0 if there is none.
func symbol(s string, mark byte) (c byte, length int) {
	if len(s) < 4 || s[0] != mark || s[2] != mark || s[3] != ']' {
		return 0, 0
	}
	return s[1], 4
}

// class matches a byte with the character class or equivalence class behind a [, such as
// ":alpha:]" or "=a=]". It returns the length of the notation; 0 if there is none.
func class(s string, c byte) (in bool, length int) {
	if sym, after := symbol(s, '='); after > 0 {
		return c == sym, after
	}
	if len(s) < len(":alpha:]") || s[0] != ':' {
		return false, 0
	}
	end := strings.IndexByte(s[1:], ':') + 1
	if end == 0 || end+1 >= len(s) || s[end+1] != ']' {
		return false, 0
	}
	isMember := ascii.Class(s[1:end])
	if isMember == nil {
		return false, 0
	}
	return isMember(c), end + 2
}
