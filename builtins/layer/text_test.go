package layer_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox/sandboxtest"
)

// TestTextByChance has patch(1) apply differences of texts made by chance, and counts the lines
// that diff(1) has for them.
func TestTextByChance(t *testing.T) {
	kit.Tools(t, "patch", "diff")
	sandboxtest.TestBare(t, time.Minute, func(t *testing.T) {
		w := newWorld(t, "/mnt/w", "", 7)
		for i := range 300 {
			was, is := w.texts()
			name := fmt.Sprint(i)
			w.check(os.WriteFile(w.path("lower", name), []byte(was), 0o644))
			w.check(os.WriteFile(w.path("root", name), []byte(is), 0o644))
		}
		o := w.run("overlay-diff", "--text", w.path("w.conf"))
		w.check(os.WriteFile("/mnt/patch", []byte(o.Stdout), 0o644))
		out, err := exec.Command("sh", "-ec", `cd /mnt; cp -a w/lower copy; cd copy
patch -s -p1 <../patch; diff -r . ../w/root`).CombinedOutput()
		if err != nil || len(out) != 0 || o.Status != 0 {
			t.Errorf("%d: %v: %.2000s", o.Status, err, out)
		}
		theirs, _ := exec.Command("diff", "-ru", w.path("lower"), w.path("root")).Output()
		if a, b := changedLines(o.Stdout), changedLines(string(theirs)); a > b+b/50 || a < b {
			t.Errorf("%d lines differ; for diff -u, %d", a, b)
		}
		a, b := strings.Count(o.Stdout, "\n@@ "), strings.Count(string(theirs), "\n@@ ")
		if a > b+b/20 || a < b-b/20 {
			t.Errorf("%d hunks; diff -u has %d", a, b)
		}
	})
}

// texts returns two texts that differ in a few places.
func (w *world) texts() (was, is string) {
	var a, b strings.Builder
	for i := range w.chance.IntN(200) {
		line := fmt.Sprintf("line %d\n", i%(1+w.chance.IntN(40)))
		switch w.chance.IntN(15) {
		case 0:
			a.WriteString(line)
		case 1:
			b.WriteString(line)
		default:
			a.WriteString(line)
			b.WriteString(line)
		}
	}
	was, is = a.String(), b.String()
	if w.chance.IntN(4) == 0 {
		is = strings.TrimSuffix(is, "\n")
	}
	return was, is
}

// changedLines counts the lines of a difference that go or come.
func changedLines(text string) (n int) {
	for line := range strings.Lines(text) {
		if (line[0] == '+' || line[0] == '-') && !strings.HasPrefix(line, "+++ ") &&
			!strings.HasPrefix(line, "--- ") {
			n++
		}
	}
	return n
}
