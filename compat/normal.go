package compat

import (
	"regexp"
	"slices"
	"strings"
)

// A token is a link-layer or IPv6 address, a word, or one other character of a value.
var token = regexp.MustCompile(`[0-9a-f]*(?::[0-9a-f]*){2,}|[A-Za-z0-9]+|(?s:.)`)

// kinds are the kinds of changing tokens, the narrowest first. A number may be hexadecimal:
// a part of a link's address may contain no letter by chance.
var kinds = [...]struct{ name, chars string }{
	{"number", "0123456789abcdef:"},
	{"word", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"},
}

// A normal is what several runs of the original have in common in one value: the tokens of
// each line. A token that changed is known only by its kind.
type normal struct {
	// trace has the pipelines whose lines may be mixed if the values are xtraces.
	trace []pipeline
	// values are the values in the runs.
	values []string
	// lines is nil if the runs differ even in the number of lines or tokens, or in a token
	// of no kind.
	lines  [][]slot
	steady bool
}

// A slot is a fixed token, or a kind of token.
type slot struct {
	text    string
	kind    int // an index into kinds, if changes is set
	changes bool
}

// learn finds what the values have in common.
func learn(values []string, trace []pipeline) *normal {
	n := &normal{trace: trace, values: values}
	n.steady = !slices.ContainsFunc(values, func(v string) bool { return v != values[0] })
	if n.steady {
		return n
	}
	for _, line := range lines(values[0]) {
		n.lines = append(n.lines, fixed(line))
	}
	for _, v := range values[1:] {
		n.widen(lines(v))
	}
	return n
}

func fixed(line string) []slot {
	var list []slot
	for _, t := range token.FindAllString(line, -1) {
		list = append(list, slot{text: t})
	}
	return list
}

// widen makes the lines match those of one more run.
func (n *normal) widen(lines []string) {
	if len(lines) != len(n.lines) {
		n.lines = nil
		return
	}
	for i, line := range lines {
		tokens := token.FindAllString(line, -1)
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

// widen makes the slot match a token. It returns false if a token is of no kind.
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

// matches reports whether a value agrees with the original's runs.
func (n *normal) matches(value string) bool {
	if slices.Contains(n.values, value) {
		return true
	}
	if isTrace(value) {
		return slices.ContainsFunc(n.runs(), func(i int) bool { return len(n.edits(i, value)) == 0 })
	}
	if n.steady {
		return false
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
	tokens := token.FindAllString(line, -1)
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

// sameLines compares a value with runs that differ in their shape. The value must consist
// of the lines of one of them, in any order and with any numbers.
func (n *normal) sameLines(value string) bool {
	sorted := func(v string) []string {
		list := lines(numberless(v))
		slices.Sort(list)
		return list
	}
	have := sorted(value)
	return slices.ContainsFunc(n.values, func(v string) bool {
		return slices.Equal(sorted(v), have)
	})
}

// numberless returns a text with each digit replaced by a zero.
func numberless(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0'
		}
		return r
	}, text)
}

// String returns the value with <KIND> in place of the tokens that change.
func (n *normal) String() string {
	if n.steady {
		return n.values[0]
	}
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
