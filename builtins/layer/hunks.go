package layer

import (
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// contextLines is how many equal lines stand around a difference, as in diff -u.
const contextLines = 3

// writeHunks writes the differences of two texts as the hunks of a unified diff.
func writeHunks(b *strings.Builder, was, is string) {
	old, now := splitLines(was), splitLines(is)
	diffs := lcs.DiffLines(old, now)
	for len(diffs) > 0 {
		n := 1
		for n < len(diffs) && diffs[n].Start-diffs[n-1].End <= 2*contextLines {
			n++
		}
		writeHunk(b, old, now, diffs[:n])
		diffs = diffs[n:]
	}
}

// splitLines splits a text into lines, each with its line break if it has one.
func splitLines(text string) (lines []string) {
	for line := range strings.Lines(text) {
		lines = append(lines, line)
	}
	return lines
}

// writeHunk writes differences that are near each other.
func writeHunk(b *strings.Builder, old, now []string, diffs []lcs.Diff) {
	first, last := diffs[0], diffs[len(diffs)-1]
	from := max(first.Start-contextLines, 0)
	to := min(last.End+contextLines, len(old))
	nowFrom := first.ReplStart - (first.Start - from)
	nowTo := last.ReplEnd + (to - last.End)
	fmt.Fprintf(b, "@@ -%s +%s @@\n", lineRange(from, to), lineRange(nowFrom, nowTo))
	at := from
	for _, d := range diffs {
		writeLines(b, ' ', old[at:d.Start])
		writeLines(b, '-', old[d.Start:d.End])
		writeLines(b, '+', now[d.ReplStart:d.ReplEnd])
		at = d.End
	}
	writeLines(b, ' ', old[at:to])
}

// lineRange returns lines as a hunk names them: the first, and how many unless that is one. No
// lines are named by the line before them.
func lineRange(from, to int) string {
	switch to - from {
	case 0:
		return fmt.Sprintf("%d,0", from)
	case 1:
		return fmt.Sprint(to)
	}
	return fmt.Sprintf("%d,%d", from+1, to-from)
}

func writeLines(b *strings.Builder, mark byte, lines []string) {
	for _, line := range lines {
		b.WriteByte(mark)
		b.WriteString(line)
		if !strings.HasSuffix(line, "\n") {
			b.WriteString("\n\\ No newline at end of file\n")
		}
	}
}
