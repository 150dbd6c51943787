// Package pattern is the pattern matching notation of the shell (POSIX XCU
// 2.14) with the semantics of dash: in the C locale, byte by byte.
//
// A pattern is text in which a backslash takes the special meaning from the
// next byte; the shell puts one before each special character that was quoted.
// The special characters are * ? and [. A bracket expression is negated by !
// alone (^ stands for itself), may hold ranges and the classes [:alpha:] and
// so on, and [ stands for itself where no ] ends the expression. Equivalence
// classes and collating symbols are those of one byte, [=a=] and [.-.], which
// dash does not know; others have no meaning.
//
// Every element but * matches one byte, so that the text between two stars has
// a fixed length. Matching relies on it: a star never has to be reconsidered
// once a later one was reached, and time is at most the product of the lengths.
package pattern

import "strings"

// HasMeta reports whether a pattern holds a special character without a
// backslash before it.
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

// Unescape returns the text that a pattern stands for once it is no pattern:
// without the backslashes that quote. A last one quotes nothing and stays.
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
	star, mark := -1, 0 // after the last star; where its match ends for now
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

// element matches one byte with the element at pattern[i:], which is no star.
// It returns where the next element starts, -1 for no match.
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

// bracket matches a byte with the bracket expression whose [ is before
// pattern[i:], and returns where it ends, -1 when it does not. Where it ends
// does not depend on the byte.
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
		// The bytes of a range are signed, as char is in dash on this machine.
		found = found || int8(from) <= int8(c) && int8(c) <= int8(to)
		i += 1 + after
	}
	return false, -1
}

// rangeEnd returns the byte that ends a range, and the length of what stands for it.
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

// symbol is the byte that an equivalence class or collating symbol after a [ stands
// for, such as ".a.]", and its length, 0 when there is none.
func symbol(s string, mark byte) (c byte, length int) {
	if len(s) < 4 || s[0] != mark || s[2] != mark || s[3] != ']' {
		return 0, 0
	}
	return s[1], 4
}

// class matches a byte with the character or equivalence class after a [, such as
// ":alpha:]" or "=a=]", and returns its length, 0 when there is none.
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
	lower, upper := 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z'
	digit, graph := '0' <= c && c <= '9', '!' <= c && c <= '~'
	switch s[1:end] {
	case "alnum":
		in = lower || upper || digit
	case "alpha":
		in = lower || upper
	case "blank":
		in = c == ' ' || c == '\t'
	case "cntrl":
		in = c < ' ' || c == 0x7f
	case "digit":
		in = digit
	case "graph":
		in = graph
	case "lower":
		in = lower
	case "print":
		in = graph || c == ' '
	case "punct":
		in = graph && !lower && !upper && !digit
	case "space":
		in = c == ' ' || '\t' <= c && c <= '\r'
	case "upper":
		in = upper
	case "xdigit":
		in = digit || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
	default:
		return false, 0
	}
	return in, end + 2
}
