package compat

import (
	"regexp"
	"slices"
	"strings"
)

// A token is the address of a link or of IPv6, a word, or one other byte, of a
// value.
const tokenPattern = `[0-9a-f]*(?::[0-9a-f]*){2,}|[A-Za-z0-9]+|(?s:.)`

// kinds are what a token that changes may be, the narrowest first. A number may
// be hexadecimal: a part of a link's address has no letter by chance.
var kinds = [...]struct{ name, chars string }{
	{"number", "0123456789abcdef:"},
	{"word", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"},
}

// A normal is what several runs of the original have in common in one value:
// each line's tokens, those that changed being of a kind only.
type normal struct {
	tokens *regexp.Regexp
	// trace knows what may be mixed when the values are xtraces.
	trace []pipeline
	// values are those of the runs.
	values []string
	// lines is nil when the runs have not even their shape in common.
	lines  [][]slot
	steady bool
}

// A slot is a fixed token, or a kind of token.
type slot struct {
	text    string
	kind    int // an index into kinds when changes is set
	changes bool
}

// learn finds what the values have in common.
func learn(tokens *regexp.Regexp, values []string, trace []pipeline) *normal {
	n := &normal{tokens: tokens, trace: trace, values: values, steady: true}
	for i, v := range values {
		if v != values[0] {
			n.steady = false
		}
		if i == 0 {
			for _, line := range strings.Split(v, "\n") {
				n.lines = append(n.lines, n.fixed(line))
			}
			continue
		}
		n.widen(strings.Split(v, "\n"))
	}
	return n
}

func (n *normal) fixed(line string) []slot {
	var list []slot
	for _, t := range n.tokens.FindAllString(line, -1) {
		list = append(list, slot{text: t})
	}
	return list
}

// widen lets the lines match those of one more run.
func (n *normal) widen(lines []string) {
	if len(lines) != len(n.lines) {
		n.lines = nil
		return
	}
	for i, line := range lines {
		tokens := n.tokens.FindAllString(line, -1)
		if len(tokens) != len(n.lines[i]) {
			n.lines = nil
			return
		}
		for j, t := range tokens {
			if !n.lines[i][j].widen(t) {
				n.lines = nil
				return
			}
		}
	}
}

// widen lets the slot match a token; false when it is of no kind.
func (s *slot) widen(token string) bool {
	if !s.changes && s.text == token {
		return true
	}
	kind := max(kindOf(s.text), kindOf(token), s.kind)
	s.changes, s.kind = true, kind
	return kind < len(kinds)
}

func kindOf(token string) int {
	for i, k := range kinds {
		if strings.Trim(token, k.chars) == "" {
			return i
		}
	}
	return len(kinds)
}

// matches tells whether a value is as the original's runs.
func (n *normal) matches(value string) bool {
	if slices.Contains(n.values, value) {
		return true
	}
	if isTrace(value) {
		return len(n.traceHunks(value)) == 0
	}
	if n.lines == nil {
		return n.sameLines(value)
	}
	lines := strings.Split(value, "\n")
	if len(lines) != len(n.lines) {
		return false
	}
	for i, line := range lines {
		if !n.matchLine(i, line) {
			return false
		}
	}
	return true
}

func (n *normal) matchLine(i int, line string) bool {
	tokens := n.tokens.FindAllString(line, -1)
	if len(tokens) != len(n.lines[i]) {
		return false
	}
	for j, t := range tokens {
		s := n.lines[i][j]
		if !s.changes && s.text != t || s.changes && kindOf(t) > s.kind {
			return false
		}
	}
	return true
}

// sameLines compares a value with runs that had no shape in common: it has to
// consist of lines that one of them has, whatever their numbers.
func (n *normal) sameLines(value string) bool {
	seen := map[string]bool{}
	for _, v := range n.values {
		for _, line := range strings.Split(v, "\n") {
			seen[numberless(line)] = true
		}
	}
	for _, line := range strings.Split(value, "\n") {
		if !seen[numberless(line)] {
			return false
		}
	}
	return true
}

func numberless(line string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0'
		}
		return r
	}, line)
}

// String shows what is fixed, and <kinds> for the rest.
func (n *normal) String() string {
	if n.lines == nil {
		return "(other lines in each run)"
	}
	var b strings.Builder
	for i, line := range n.lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, s := range line {
			if s.changes {
				b.WriteString("<" + kinds[s.kind].name + ">")
			} else {
				b.WriteString(s.text)
			}
		}
	}
	return b.String()
}
