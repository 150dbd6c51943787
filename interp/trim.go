package interp

import (
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/pattern"
)

// trim applies ${x#word} and the like to a value. The word is a pattern. Quotes around the
// whole expansion do not quote the word.
func (s *Shell) trim(exp *syntax.Expansion, value string) string {
	return trim(exp.Op, value, s.trimPattern(exp.Word))
}

// trimPattern expands the word of ${x#word} and the like.
func (s *Shell) trimPattern(word *syntax.Word) string {
	if word == nil {
		return ""
	}
	if pat, ok := s.singlePattern(word); ok {
		return pat
	}
	b := fieldBuilder{s: s}
	b.wordParts(word, false)
	return b.pattern()
}

func trim(op syntax.ParExpOperator, value, pat string) string {
	switch op {
	case syntax.RemSmallPrefix:
		return pattern.TrimPrefix(value, pat, false)
	case syntax.RemLargePrefix:
		return pattern.TrimPrefix(value, pat, true)
	case syntax.RemSmallSuffix:
		return pattern.TrimSuffix(value, pat, false)
	}
	return pattern.TrimSuffix(value, pat, true)
}

// A trimmer trims a list of fields in place. The standard leaves the result open.
type trimmer func(fields []string) []string

// trimmer returns the trimmer of an operator, or nil for an operator of another kind. As in
// dash, a pattern sees one field at a time. A prefix and the longest suffix belong to the first
// field. The shortest suffix may belong to any field, and removes the fields behind it.
func (s *Shell) trimmer(exp *syntax.Expansion) trimmer {
	if exp == nil || !isTrim(exp.Op) {
		return nil
	}
	pat := s.trimPattern(exp.Word)
	switch exp.Op {
	case syntax.RemSmallSuffix:
		return func(fields []string) []string { return trimLast(fields, pat) }
	case syntax.RemLargeSuffix:
		return func(fields []string) []string { return trimRest(fields, pat) }
	}
	large := exp.Op == syntax.RemLargePrefix
	return func(fields []string) []string {
		if large && pattern.Match(pat, fields[0]) {
			return []string{""}
		}
		fields[0] = pattern.TrimPrefix(fields[0], pat, large)
		return fields
	}
}

// trimLast removes the shortest suffix of the last field that has one.
func trimLast(fields []string, pat string) []string {
	empty := pattern.Match(pat, "")
	for i := len(fields) - 1; i >= 0 && !empty; i-- {
		if rest := pattern.TrimSuffix(fields[i], pat, false); rest != fields[i] {
			return append(fields[:i], rest)
		}
	}
	return fields
}

// trimRest removes the longest suffix of the first field, if it has one.
func trimRest(fields []string, pat string) []string {
	rest := pattern.TrimSuffix(fields[0], pat, true)
	if rest != fields[0] || pattern.Match(pat, "") {
		return append(fields[:0], rest)
	}
	return fields
}
