package subhost

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wordLinesRows are lines that mean the same to dash, which judges them.
var wordLinesRows = []string{
	"", "a", "a b", "  a \t b  ", "'a b'", "a'b'c", "'a''b'", `'it'\''s'`, `a\ b`, `\\`, `\'`,
	"''", "a '' b", `'\'`, `a'"'b`, "a\nb c\n\n  \nd", "a\n", "'x'\n''\n", "ä 'ö ü'",
}

func TestWordLines(t *testing.T) {
	for _, text := range wordLinesRows {
		got, err := wordLines(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if d := cmp.Diff(shellLines(t, text), got); d != "" {
			t.Errorf("%q: -dash +ours:\n%s", text, d)
		}
	}
	for _, text := range []string{"'", "a 'b", `a\`, "'a\nb'"} {
		if got, err := wordLines(text); err == nil {
			t.Errorf("%q: no error, but %q", text, got)
		}
	}
}

// shellLines asks dash for the words of each line.
func shellLines(t *testing.T, text string) (lines [][]string) {
	t.Helper()
	for line := range strings.Lines(text) {
		script := `for W in ` + strings.TrimSuffix(line, "\n") + "\ndo printf '%s\\0' \"$W\"; done"
		out, err := exec.Command("dash", "-c", script).Output()
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if words := strings.Split(string(out), "\x00"); len(words) > 1 {
			lines = append(lines, words[:len(words)-1])
		}
	}
	return lines
}
