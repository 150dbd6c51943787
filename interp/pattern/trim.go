package pattern

import "strings"

// A segment is the part of a pattern between two stars.
type segment struct {
	text string
	// size is the number of bytes that the segment matches.
	size int
	// plain says that the segment matches only its own text.
	plain bool
}

// segments splits a pattern at its stars. The caller passes buf to save an allocation.
func segments(pattern string, buf []segment) []segment {
	seg, start, plain := segment{}, 0, true
	for i := 0; i < len(pattern); {
		switch pattern[i] {
		case '*':
			seg.text, seg.plain = pattern[start:i], plain
			buf = append(buf, seg)
			i++
			seg, start, plain = segment{}, i, true
			continue
		case '\\':
			plain = i+1 == len(pattern)
			i = min(i+2, len(pattern))
		case '[':
			plain = false
			if _, end := bracket(pattern, i+1, 0); end >= 0 {
				i = end
			} else {
				i++
			}
		case '?':
			plain = false
			i++
		default:
			i++
		}
		seg.size++
	}
	seg.text, seg.plain = pattern[start:], plain
	return append(buf, seg)
}

// at reports whether the segment matches at the start of s.
func (g *segment) at(s string) bool {
	if g.plain {
		return strings.HasPrefix(s, g.text)
	}
	if len(s) < g.size {
		return false
	}
	i := 0
	for j := 0; j < g.size; j++ {
		if i = element(g.text, i, s[j]); i < 0 {
			return false
		}
	}
	return true
}

// first returns the index of the first match in s, or -1.
func (g *segment) first(s string) int {
	if g.plain {
		return strings.Index(s, g.text)
	}
	for i := 0; i+g.size <= len(s); i++ {
		if g.at(s[i:]) {
			return i
		}
	}
	return -1
}

// last returns the index of the last match in s, or -1.
func (g *segment) last(s string) int {
	if g.plain {
		return strings.LastIndex(s, g.text)
	}
	for i := len(s) - g.size; i >= 0; i-- {
		if g.at(s[i:]) {
			return i
		}
	}
	return -1
}

// TrimPrefix removes from s the shortest or longest prefix that the pattern
// matches: ${s#pattern} and ${s##pattern}.
func TrimPrefix(s, pattern string, longest bool) string {
	var buf [8]segment
	segs := segments(pattern, buf[:0])
	if !segs[0].at(s) {
		return s
	}
	rest := s[segs[0].size:]
	for i := 1; i < len(segs); i++ {
		// Early matches leave the most text to later segments. Only the last segment decides on
		// the length.
		g, at := &segs[i], 0
		if longest && i == len(segs)-1 {
			at = g.last(rest)
		} else {
			at = g.first(rest)
		}
		if at < 0 {
			return s
		}
		rest = rest[at+g.size:]
	}
	return rest
}

// TrimSuffix removes from s the shortest or longest suffix that the pattern
// matches: ${s%pattern} and ${s%%pattern}.
func TrimSuffix(s, pattern string, longest bool) string {
	var buf [8]segment
	segs := segments(pattern, buf[:0])
	g := &segs[len(segs)-1]
	if len(s) < g.size || !g.at(s[len(s)-g.size:]) {
		return s
	}
	rest := s[:len(s)-g.size]
	for i := len(segs) - 2; i >= 0; i-- {
		g, at := &segs[i], 0
		if longest && i == 0 {
			at = g.first(rest)
		} else {
			at = g.last(rest)
		}
		if at < 0 {
			return s
		}
		rest = rest[:at]
	}
	return rest
}
