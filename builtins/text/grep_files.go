package text

import (
	"strings"
	"unicode/utf8"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/native"
)

// validText reports whether b is valid UTF-8.
func validText(b []byte) bool { return utf8.Valid(b) }

// A grepGlob is a pattern of --include, --exclude or --exclude-dir.
type grepGlob struct {
	pattern string
	include bool
}

// grepGlobs select the files to search. The last pattern that matches decides. If none matches,
// the opposite of the first pattern applies.
type grepGlobs []grepGlob

func (g *grep) exclude(o native.GivenOption) {
	switch o.Key {
	case grepExcludeDir:
		pattern := o.Value
		for len(pattern) > 1 && strings.HasSuffix(pattern, "/") {
			pattern = pattern[:len(pattern)-1]
		}
		g.dirs = append(g.dirs, grepGlob{pattern: pattern})
	default:
		g.files = append(g.files, grepGlob{o.Value, o.Key == grepInclude})
	}
}

// skip reports whether a file is left out. A pattern also matches an operand if it matches the
// part after any slash.
func (globs grepGlobs) skip(name string, operand bool) bool {
	if len(globs) == 0 {
		return false
	}
	for i := len(globs) - 1; i >= 0; i-- {
		if globs[i].fits(name, operand) {
			return !globs[i].include
		}
	}
	return globs[0].include
}

func (glob grepGlob) fits(name string, operand bool) bool {
	for {
		if wildMatch(glob.pattern, name) {
			return true
		}
		_, rest, found := strings.Cut(name, "/")
		if !operand || !found {
			return false
		}
		name = rest
	}
}

// wildMatch is fnmatch(3) without flags.
func wildMatch(pattern, name string) bool {
	for pattern != "" {
		switch pattern[0] {
		case '*':
			for i := 0; i <= len(name); i++ {
				if wildMatch(pattern[1:], name[i:]) {
					return true
				}
			}
			return false
		case '\\':
			if len(pattern) > 1 {
				pattern = pattern[1:]
			}
		case '?', '[':
			if name == "" {
				return false
			}
			if size, in, ok := wildSet(pattern, name[0]); ok {
				if !in {
					return false
				}
				pattern, name = pattern[size:], name[1:]
				continue
			}
		}
		if name == "" || name[0] != pattern[0] {
			return false
		}
		pattern, name = pattern[1:], name[1:]
	}
	return name == ""
}

// wildSet parses ? or a bracket expression. in reports whether c matches. ok is false for a [
// that stands for itself.
func wildSet(pattern string, c byte) (size int, in, ok bool) {
	if pattern[0] == '?' {
		return 1, true, true
	}
	i := 1
	negate := i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^')
	if negate {
		i++
	}
	for first := true; i < len(pattern); first = false {
		if pattern[i] == ']' && !first {
			return i + 1, in != negate, true
		}
		if name, _, closed := strings.Cut(pattern[i:], ":]"); closed && strings.HasPrefix(name, "[:") {
			in = in || ascii.InClass(name[2:], c)
			i += len(name) + 2
			continue
		}
		low := pattern[i]
		high := low
		if i+2 < len(pattern) && pattern[i+1] == '-' && pattern[i+2] != ']' {
			high = pattern[i+2]
			i += 2
		}
		in = in || low <= c && c <= high
		i++
	}
	return 0, false, false
}
