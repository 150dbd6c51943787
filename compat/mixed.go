package compat

import (
	"slices"
	"strings"
)

// mixLimit bounds the search for the lines that a mixed text consists of.
const mixLimit = 100_000

// isMixOf reports whether the original's lines consist of exactly our lines, in any order.
// Dash writes an xtrace line word by word, so when two processes trace at once, the words
// of one line may stand between those of another. Our shell writes each line at once.
func isMixOf(original, ours []string) bool {
	whole := map[string]int{}
	for _, line := range ours {
		whole[line]++
	}
	var rest []string
	for _, line := range original {
		if whole[line] > 0 {
			whole[line]--
		} else {
			rest = append(rest, line)
		}
	}
	m := unmixing{text: joined(rest), budget: mixLimit}
	for _, line := range ours {
		if whole[line] > 0 {
			whole[line]--
			m.lines = append(m.lines, joined([]string{line}))
		}
	}
	m.at = make([]int, len(m.lines))
	return m.from(0)
}

// isMixed reports whether the lines of one pipeline are the same in both texts, although
// dash may have mixed the words of either. Our shell writes whole lines. If dash runs on
// both sides and has mixed both texts, only their words can be compared.
func isMixed(original, ours []string) bool {
	if isMixOf(original, ours) || isMixOf(ours, original) {
		return true
	}
	return hasPieces(original) && hasPieces(ours) &&
		slices.Equal(sortedPieces(original), sortedPieces(ours))
}

// hasPieces reports whether one of the lines begins with the marks of two lines.
func hasPieces(list []string) bool {
	return slices.ContainsFunc(list, func(line string) bool { return marks(line) > 1 })
}

// sortedPieces returns the pieces in which dash may have written the lines, sorted.
func sortedPieces(list []string) (pieces []string) {
	for rest := joined(list); rest != ""; rest = rest[len(piece(rest)):] {
		pieces = append(pieces, piece(rest))
	}
	for i, p := range pieces {
		pieces[i] = strings.TrimSpace(p)
	}
	slices.Sort(pieces)
	return pieces
}

// joined joins lines, each with a newline at its end.
func joined(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return strings.Join(list, "\n") + "\n"
}

// An unmixing searches for an order of writing lines, piece by piece, that produces a text.
type unmixing struct {
	text  string
	lines []string
	// at is the length of the written part of each line.
	at []int
	// budget is the number of pieces that the search may still try.
	budget int
}

// from reports whether the rest of the text, after place, can consist of the unwritten
// rests of the lines. It tries lines with the same rest only once.
func (m *unmixing) from(place int) bool {
	if place == len(m.text) {
		return m.done()
	}
	tried := map[string]bool{}
	for i, line := range m.lines {
		left := line[m.at[i]:]
		piece := piece(left)
		if piece == "" || tried[left] || !strings.HasPrefix(m.text[place:], piece) {
			continue
		}
		tried[left] = true
		if m.budget--; m.budget < 0 {
			return false
		}
		m.at[i] += len(piece)
		if m.from(place + len(piece)) {
			return true
		}
		m.at[i] -= len(piece)
	}
	return false
}

func (m *unmixing) done() bool {
	for i, line := range m.lines {
		if m.at[i] < len(line) {
			return false
		}
	}
	return true
}

// piece returns the part of a line's rest that dash writes at once: a trace mark with its
// blank, the end of the line, or a word with the blank before it.
func piece(rest string) string {
	switch {
	case rest == "":
		return ""
	case rest[0] == '\n':
		return "\n"
	case strings.HasPrefix(rest, "+ "):
		return "+ "
	}
	end := strings.IndexAny(rest[1:], " \n")
	return rest[:end+1]
}
