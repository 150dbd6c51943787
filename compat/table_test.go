package compat

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The table of differences is between these lines of one of the documents.
const (
	tableBegin = "<!-- differences: made from compat/differences.txt -->\n"
	tableEnd   = "<!-- end of differences -->\n"
)

// table returns the list of differences as a Markdown table.
func table(rules *Rules) string {
	var b strings.Builder
	b.WriteString("| Original 1.6.4 | Here | Why |\n|---|---|---|\n")
	for _, row := range rules.Rows {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", row.Original, row.Here, row.Why)
	}
	return b.String()
}

// TestDifferencesTable checks that the documented table agrees with the list that the
// comparison with the embedded scripts uses. OVERLAY_UPDATE=1 writes the table.
func TestDifferencesTable(t *testing.T) {
	files, err := filepath.Glob("../*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, rest, begins := strings.Cut(string(text), tableBegin)
		got, tail, ends := strings.Cut(rest, tableEnd)
		if !begins || !ends {
			continue
		}
		found++
		want := table(differences)
		if os.Getenv("OVERLAY_UPDATE") == "1" {
			text := head + tableBegin + want + tableEnd + tail
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got != want {
			t.Errorf("%s: the table is not that of differences.txt (OVERLAY_UPDATE=1 writes it):\n%s",
				file, brief(Difference{Original: got, Ours: want}))
		}
	}
	if found != 1 {
		t.Errorf("%d documents have the table, want one", found)
	}
}

// TestScenarios parses every scenario and demands a description. Each scenario that a rule
// names must exist.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("../testsuite/scenarios/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %d scenarios", err, len(files))
	}
	known := map[string]bool{}
	for _, file := range files {
		name, isScenario := strings.CutSuffix(filepath.Base(file), ".txtar")
		if !isScenario {
			t.Errorf("%s is no scenario", file)
			continue
		}
		known[name] = true
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := ParseScenario(name, text)
		if err != nil {
			t.Error(err)
		} else if s.Description == "" {
			t.Errorf("%s: the first line is no description: # TEXT", name)
		}
	}
	for _, r := range differences.all() {
		for _, name := range r.scenarios {
			if !known[name] {
				t.Errorf("differences.txt names the scenario %s, which is not there", name)
			}
		}
	}
}

// TestBase compares a scenario that has a base with the same scenario written out.
func TestBase(t *testing.T) {
	const whole = `host: mkdir -p s/live s/root s/work
host: mkdir s/more
boot: overlay-boot $PWD/s/s.conf
stop: overlay-stop $PWD/s/s.conf
-- s/s.conf --
BASE=.
CABLES= =
START= ssh
INIT=/x
-- s/x --
y
`
	const short = `base: minimal
config: START= ssh
config: LOG
config: INIT=/x
host: mkdir s/more
-- s/x --
y
`
	a, err1 := ParseScenario("s", []byte(whole))
	b, err2 := ParseScenario("s", []byte(short))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if got, want := fmt.Sprintf("%+v", b), fmt.Sprintf("%+v", a); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, row := range []struct{ text, want string }{
		{"base: none\n", "there is none called none"},
		{"boot: true\nbase: minimal\n", "has to come before all steps"},
		{"base: minimal\nbase: minimal\n", "has to come before all steps, and once"},
		{"config: LOG=y\nboot: true\n", "config: wants a base"},
	} {
		if _, err := ParseScenario("s", []byte(row.text)); err == nil ||
			!strings.Contains(err.Error(), row.want) {
			t.Errorf("%q: %v, want %q", row.text, err, row.want)
		}
	}
}
