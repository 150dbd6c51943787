package compat

import (
	"fmt"
	"slices"
	"strings"
)

// isTrace tells whether a text has xtrace lines in it.
func isTrace(text string) bool {
	return strings.HasPrefix(text, "+ ") || strings.Contains(text, "\n+ ")
}

// traceHunks compares a text with xtrace lines in it with those of the original's
// runs, and returns the fewest places in which it differs from one. The lines
// must be the same in the same order, but for what the stages of a pipeline write
// at the same time: there the lines may be mixed, and dash, which writes a line in
// pieces, mixes even their pieces. Of such a region the characters are compared,
// whatever their order.
func (n *normal) traceHunks(value string) (least []Difference) {
	templates := n.templates()
	ours := n.masked(value, templates)
	mixed := concurrent{ours: n.regions(strings.Split(value, "\n"))}
	for i, v := range n.values {
		mixed.original = n.regions(strings.Split(v, "\n"))
		found := mixed.unlike(n.masked(v, templates), ours)
		if i == 0 || len(found) < len(least) {
			least = found
		}
	}
	return least
}

// A region is a range of lines of a text that one pipeline may have written.
type region struct{ from, to int }

// concurrent are the regions of two texts. Where one of the texts has lines that
// cannot be recognised for being mixed, the other may show that it is a region.
type concurrent struct{ original, ours []region }

// within tells whether a place is in a region of either text.
func (c concurrent) within(h hunk) bool {
	return contains(c.original, h.x) || contains(c.ours, h.y)
}

func contains(list []region, part region) bool {
	return slices.ContainsFunc(list, func(r region) bool {
		return r.from <= part.from && part.to <= r.to
	})
}

func (n *normal) regions(lines []string) []region {
	var list []region
	for _, p := range n.trace {
		for i := 0; i < len(lines); {
			r := p.region(lines, i)
			if r.to-r.from > 1 {
				list = append(list, r)
			}
			i = max(r.to, i+1)
		}
	}
	return list
}

// region is the longest one from a line on that begins and ends with an xtrace
// line of the pipeline. A line that begins with the marks of several has the rest of
// them behind it.
func (p pipeline) region(lines []string, from int) region {
	r := region{from, from}
	if !strings.HasPrefix(lines[from], "+") {
		return r
	}
	rests := 0
	for i := from; i < len(lines) && p.mayWrite(lines[i]); i++ {
		switch {
		case strings.HasPrefix(lines[i], "+"):
			r.to, rests = i+1, rests+marks(lines[i])-1
		case rests > 0:
			r.to, rests = i+1, rests-1
		}
	}
	return r
}

// marks is how many times a line begins with the value of PS4.
func marks(line string) (n int) {
	for ; strings.HasPrefix(line, "+ "); n++ {
		line = line[len("+ "):]
	}
	return max(n, 1)
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
func (c concurrent) unlike(a, b []string) (list []Difference) {
	for _, h := range c.merged(hunks(a, b)) {
		x, y := a[h.x.from:h.x.to], b[h.y.from:h.y.to]
		if !c.within(h) || characters(x) != characters(y) {
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
func (c concurrent) merged(list []hunk) []hunk {
	var out []hunk
	for _, h := range list {
		if len(out) > 0 {
			last := &out[len(out)-1]
			both := hunk{region{last.x.from, h.x.to}, region{last.y.from, h.y.to}}
			if c.within(both) {
				*last = both
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

// templates are lines that the original's runs have with other numbers. They are
// looked for among the lines that only one of two runs has.
func (n *normal) templates() [][]slot {
	var list [][]slot
	first := strings.Split(n.values[0], "\n")
	for _, v := range n.values[1:] {
		other := strings.Split(v, "\n")
		for _, a := range without(first, other) {
			for _, b := range without(other, first) {
				if t := n.template(a, b); t != nil {
					list = append(list, t)
					break
				}
			}
		}
	}
	return list
}

// without are the lines of a that b does not have.
func without(a, b []string) []string {
	seen := map[string]bool{}
	for _, line := range b {
		seen[line] = true
	}
	return slices.DeleteFunc(slices.Clone(a), func(line string) bool { return seen[line] })
}

const digits = "0123456789"

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
		if s.changes && (kinds[s.kind].name == "word" || !strings.ContainsAny(s.text, digits)) {
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
		if lines[i] = standingLine(line); lines[i] != line {
			continue
		}
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
