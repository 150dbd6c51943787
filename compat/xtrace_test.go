package compat

import (
	"strings"
	"testing"
)

// traceScript has a pipeline of two stages, a function in a stage, and an
// asynchronous list.
const traceScript = `
helper() { local X; sed s/a/b/; }
echo one
echo list | helper
true two
sleep 1 &
mount x
mount y
`

func TestPipelines(t *testing.T) {
	list := pipelines(map[string]string{"a": traceScript, "b": "this does ( not parse"})
	if len(list) != 2 {
		t.Fatalf("found %v", list)
	}
	for _, row := range []struct {
		pipe  int
		word  string
		stage int
	}{
		{0, "sleep", 0}, {0, "mount", 1}, {0, "echo", -1},
		{1, "echo", 0}, {1, "helper", 1}, {1, "sed", 1}, {1, "local", 1}, {1, "true", -1},
	} {
		if got := list[row.pipe].stageOf(row.word); got != row.stage {
			t.Errorf("%d %s: stage %d, want %d", row.pipe, row.word, got, row.stage)
		}
	}
}

func TestFirstWord(t *testing.T) {
	for _, row := range []struct {
		line, word string
		is         bool
	}{
		{"+ echo a", "echo", true}, {"++ echo a", "echo", true}, {"+ A=1 B=2", "A=", true},
		{"+ + echo a", "echo", true}, {"+ + + echo a", "echo", true}, {"+ ", "", true},
		{"echo + a", "", false}, {"+echo", "", false}, {"", "", false},
	} {
		if word, is := firstWord(row.line); word != row.word || is != row.is {
			t.Errorf("%q: %q %v", row.line, word, is)
		}
	}
}

func TestTraces(t *testing.T) {
	run := []string{"+ echo one", "one", "+ echo list", "+ helper", "+ local X", "+ sed s/a/b/",
		"list", "+ true two", "+ wait 123", "end", ""}
	text := func(lines ...string) string { return strings.Join(lines, "\n") }
	other := strings.ReplaceAll(text(run...), "123", "4567")
	mixed := text("+ echo one", "one", "+ helper", "+ local X", "+ + echo list", "sed s/a/b/",
		"list", "+ true two", "+ wait 99", "end", "")
	for _, row := range []struct {
		name, ours string
		same       bool
	}{
		{"the same", text(run...), true},
		{"another number", strings.ReplaceAll(text(run...), "123", "88"), true},
		{"stages mixed", mixed, true},
		{"a line of a stage missing", strings.Replace(text(run...), "+ local X\n", "", 1), false},
		{"a line of a stage twice", strings.Replace(text(run...), "+ local X\n",
			"+ local X\n+ local X\n", 1), false},
		{"a character in a stage", strings.Replace(mixed, "s/a/b/", "s/a/c/", 1), false},
		{"lines outside swapped", strings.Replace(text(run...), "+ true two\n+ wait 123",
			"+ wait 123\n+ true two", 1), false},
		{"a stage's line outside", strings.Replace(strings.Replace(text(run...), "+ local X\n",
			"", 1), "+ true two\n", "+ true two\n+ local X\n", 1), false},
		{"a number that is fixed", strings.Replace(text(run...), "s/a/b/", "s/a/1/", 1), false},
		{"an empty line less", strings.TrimSuffix(text(run...), "\n"), false},
		{"an empty line more", text(run...) + "\n", false},
		{"output missing", strings.Replace(text(run...), "one\n+", "+", 1), false},
		{"how the waiting process ended", strings.Replace(text(run...), "end", "Killed", 1), false},
	} {
		n := learn([]string{text(run...), other},
			pipelines(map[string]string{"a": traceScript}))
		if got := n.matches(row.ours); got != row.same {
			t.Errorf("%s: %v; %v", row.name, got, n.edits(0, row.ours))
		}
	}
}

func TestTraceEndings(t *testing.T) {
	n := learn([]string{"+ a\nHangup\n", "+ a\nKilled\n"}, nil)
	if !n.matches("+ a\nTerminated\n") {
		t.Error("Terminated is not how a process may end")
	}
	if n.matches("+ a\nStopped\n") {
		t.Error("Stopped is how a process may end")
	}
}

// TestMixedInBoth has a line with two marks at its start in the original's trace as well.
func TestMixedInBoth(t *testing.T) {
	original := "+ + helper\necho list\nout\n+ true two\n"
	n := learn([]string{original, original},
		pipelines(map[string]string{"a": traceScript}))
	for ours, same := range map[string]bool{
		"+ + helperecho\n list\nout\n+ true two\n":  true,
		"+ + helperecho\n lists\nout\n+ true two\n": false,
		"+ + helper\necho list\nou\nt+ true two\n":  false,
	} {
		if n.matches(ours) != same {
			t.Errorf("%q: %v", ours, n.edits(0, ours))
		}
	}
}

// TestTemplates has a changing number below lines that a pipeline moved.
func TestTemplates(t *testing.T) {
	runs := []string{"+ x\n+ echo a\n+ helper\nout\n+ wait 5\n+ true\n",
		"+ x\n+ helper\n+ + echo a\nout2\nout\n+ wait 1206\n+ true\n"}
	n := learn(runs, pipelines(map[string]string{"a": traceScript}))
	if ours := "+ x\n+ echo a\n+ helper\nout\n+ wait 77\n+ true\n"; !n.matches(ours) {
		t.Errorf("different: %v", n.edits(0, ours))
	}
}
