package compat

import (
	"fmt"
	"slices"
	"strings"
)

// isTrace tells whether a text has xtrace lines in it.
func isTrace(text string) bool { return strings.Contains(text, "+ ") }

// traceHunks compares a text with xtrace lines in it with those of the original's
// runs, and returns the fewest places in which it differs from one. The lines
// must be the same in the same order, but for what the stages of a pipeline write
// at the same time: there the lines may be mixed, and dash, which writes a line in
// pieces, mixes even their pieces. Of such a region the characters are compared,
// whatever their order.
func (n *normal) traceHunks(value string) (least []Difference) {
	templates := n.templates()
	ours := n.masked(value, templates)
	regions := n.regions(strings.Split(value, "\n"))
	for i, v := range n.values {
		found := unlike(n.masked(v, templates), ours, regions)
		if i == 0 || len(found) < len(least) {
			least = found
		}
	}
	return least
}

// A region is a range of lines of our text that one pipeline may have written.
type region struct{ from, to int }

func (n *normal) regions(lines []string) []region {
	var list []region
	for _, p := range n.trace {
		for i := 0; i < len(lines); {
			end := i
			for end < len(lines) && p.mayWrite(lines[end]) {
				end++
			}
			if end > i {
				list = append(list, region{i, end})
			}
			i = max(end, i+1)
		}
	}
	return list
}

// mayWrite tells whether a line may be the pipeline's. What is not xtrace may be
// output, or a further line of an argument.
func (p pipeline) mayWrite(line string) bool {
	word, ok := firstWord(line)
	return !ok || p.made(word)
}

// A hunk is where two texts differ: x of the original's lines, y of ours.
type hunk struct{ x, y region }

// unlike lists where b is not a, regions apart; the path of each is its line.
func unlike(a, b []string, regions []region) (list []Difference) {
	for _, h := range merged(hunks(a, b), regions) {
		x, y := a[h.x.from:h.x.to], b[h.y.from:h.y.to]
		inside := slices.ContainsFunc(regions, func(r region) bool {
			return r.from <= h.y.from && h.y.to <= r.to
		})
		if !inside || characters(x) != characters(y) {
			list = append(list, Difference{Path: fmt.Sprintf("line %d", h.x.from+1),
				Original: strings.Join(x, "\n"), Ours: strings.Join(y, "\n")})
		}
	}
	return list
}

// hunks lists where the texts differ.
func hunks(a, b []string) []hunk {
	var list []hunk
	i, j, open := 0, 0, false
	for _, e := range lineDiff(strings.Join(a, "\n"), strings.Join(b, "\n")) {
		if e.mark == ' ' {
			i, j, open = i+1, j+1, false
			continue
		}
		if !open {
			list = append(list, hunk{region{i, i}, region{j, j}})
			open = true
		}
		h := &list[len(list)-1]
		if e.mark == '-' {
			i++
			h.x.to = i
		} else {
			j++
			h.y.to = j
		}
	}
	return list
}

// merged joins hunks that lie in one region: what one of them lacks the other may
// have.
func merged(list []hunk, regions []region) []hunk {
	var out []hunk
	for _, h := range list {
		if len(out) > 0 {
			last := &out[len(out)-1]
			if slices.ContainsFunc(regions, func(r region) bool {
				return r.from <= last.y.from && h.y.to <= r.to
			}) {
				last.x.to, last.y.to = h.x.to, h.y.to
				continue
			}
		}
		out = append(out, h)
	}
	return out
}

// characters are those of the lines, sorted; each line's end counts.
func characters(lines []string) string {
	var b []byte
	for _, line := range lines {
		b = append(append(b, line...), '\n')
	}
	slices.Sort(b)
	return string(b)
}

// templates are lines that the original's runs have with other numbers.
func (n *normal) templates() [][]slot {
	var list [][]slot
	first := strings.Split(n.values[0], "\n")
	for _, v := range n.values[1:] {
		other := strings.Split(v, "\n")
		for _, h := range hunks(first, other) {
			for _, p := range pairs(first[h.x.from:h.x.to], other[h.y.from:h.y.to]) {
				if t := n.template(p[0], p[1]); t != nil {
					list = append(list, t)
				}
			}
		}
	}
	return list
}

// pairs are the lines of a hunk that may be the same but for their numbers: those
// in the same place, and where a pipeline has moved others those of one shape.
func pairs(x, y []string) (list [][2]string) {
	if len(x) == len(y) {
		for i := range x {
			list = append(list, [2]string{x[i], y[i]})
		}
		return list
	}
	i, j := 0, 0
	for _, e := range lineDiff(shapes(x), shapes(y)) {
		switch e.mark {
		case ' ':
			list = append(list, [2]string{x[i], y[j]})
			i, j = i+1, j+1
		case '-':
			i++
		default:
			j++
		}
	}
	return list
}

// shapes are the lines with each number as one digit.
func shapes(lines []string) string {
	text := numberless(strings.Join(lines, "\n"))
	for strings.Contains(text, "00") {
		text = strings.ReplaceAll(text, "00", "0")
	}
	return text
}

// template is what two lines have in common when they differ in numbers only.
func (n *normal) template(a, b string) []slot {
	one := &normal{tokens: n.tokens}
	one.lines = [][]slot{one.fixed(a)}
	one.widen([]string{b})
	if one.lines == nil {
		return nil
	}
	changes := false
	for _, s := range one.lines[0] {
		changes = changes || s.changes
		if s.changes && kinds[s.kind].name == "word" {
			return nil
		}
	}
	if !changes {
		return nil
	}
	return one.lines[0]
}

// masked are a text's lines, with marks for the numbers that templates let change.
func (n *normal) masked(text string, templates [][]slot) []string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = standingLine(line)
		for _, t := range templates {
			one := normal{tokens: n.tokens, lines: [][]slot{t}}
			if one.matchLine(0, line) {
				lines[i] = one.String()
				break
			}
		}
	}
	return lines
}
