package compat

import (
	"slices"
	"strings"
)

// isTrace reports whether a text contains xtrace lines.
func isTrace(text string) bool {
	return strings.HasPrefix(text, "+ ") || strings.Contains(text, "\n+ ")
}

// edits lists the lines in which a value differs from that of one run of the original.
// Numbers that change between runs of the original do not count. The lines must be in the
// same order, except those that the stages of a pipeline trace at the same time: these may
// be in any order, and dash, which writes a line in pieces, may have mixed the pieces of
// its own.
func (n *normal) edits(run int, value string) []edit {
	templates := n.templates()
	a, b := masked(n.values[run], templates), masked(value, templates)
	if !isTrace(value) && !isTrace(n.values[run]) {
		return changed(editLines(a, b))
	}
	mixed := concurrent{original: n.regions(lines(n.values[run])), ours: n.regions(lines(value))}
	return mixed.unlike(a, b)
}

// runs lists the indices of the original's runs.
func (n *normal) runs() []int {
	list := make([]int, len(n.values))
	for i := range list {
		list[i] = i
	}
	return list
}

// changed returns the edits other than the kept lines.
func changed(list []edit) []edit {
	return slices.DeleteFunc(list, func(e edit) bool { return e.mark == ' ' })
}

// A region is a range of lines of a text that one pipeline may have written.
type region struct{ from, to int }

// concurrent are the regions of two texts. One text may have lines that are mixed beyond
// recognition; the other may then show that the place is a region.
type concurrent struct{ original, ours []region }

// within reports whether a hunk lies in a region of either text.
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

// region returns the longest region from a line on that begins and ends with an xtrace line
// of the pipeline. If a line begins with the marks of several lines, the rests of these
// follow it.
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

// marks counts how often a line begins with the value of PS4; at least 1.
func marks(line string) (n int) {
	for ; strings.HasPrefix(line, "+ "); n++ {
		line = line[len("+ "):]
	}
	return max(n, 1)
}

// mayWrite reports whether the pipeline may have written a line. A line that is not xtrace
// may be output, or a further line of an argument.
func (p pipeline) mayWrite(line string) bool {
	word, ok := firstWord(line)
	return !ok || p.made(word)
}

// A hunk is a place where two texts differ: x has the original's lines, y ours.
type hunk struct{ x, y region }

// unlike lists the lines in which b differs from a, except in regions with the same
// content.
func (c concurrent) unlike(a, b []string) (list []edit) {
	for _, h := range c.merged(hunks(a, b)) {
		x, y := a[h.x.from:h.x.to], b[h.y.from:h.y.to]
		if c.within(h) && isMixed(x, y) {
			continue
		}
		for _, e := range changed(editLines(x, y)) {
			if e.line += h.x.from; e.mark == '+' {
				e.line += h.y.from - h.x.from
			}
			list = append(list, e)
		}
	}
	return list
}

// hunks lists the places where the texts differ.
func hunks(a, b []string) []hunk {
	var list []hunk
	i, j, open := 0, 0, false
	for _, e := range editLines(a, b) {
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

// merged joins hunks that lie in one region: the lines that one lacks may be in the other.
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

// templates returns lines that runs of the original have in common except for numbers. It
// looks among the lines that only one of two runs has.
func (n *normal) templates() [][]slot {
	var list [][]slot
	first := lines(n.values[0])
	for _, v := range n.values[1:] {
		other := lines(v)
		for _, a := range without(first, other) {
			for _, b := range without(other, first) {
				if t := commonLine(a, b); t != nil {
					list = append(list, t)
					break
				}
			}
		}
	}
	return list
}

// without returns the lines of a that b does not have.
func without(a, b []string) []string {
	seen := map[string]bool{}
	for _, line := range b {
		seen[line] = true
	}
	return slices.DeleteFunc(slices.Clone(a), func(line string) bool { return seen[line] })
}

const digits = "0123456789"

// commonLine returns what two lines have in common if they differ in numbers only, else
// nil.
func commonLine(a, b string) []slot {
	one := &normal{}
	one.lines = [][]slot{fixed(a)}
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

// masked returns a text's lines with marks in place of the numbers that templates let
// change.
func masked(text string, templates [][]slot) []string {
	list := lines(text)
	for i, line := range list {
		if list[i] = standingLine(line); list[i] != line {
			continue
		}
		for _, t := range templates {
			one := normal{lines: [][]slot{t}}
			if one.matchLine(0, line) {
				list[i] = one.String()
				break
			}
		}
	}
	return list
}
