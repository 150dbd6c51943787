package interp

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"overlayboot/compat/kit"
	"overlayboot/interp/parse"
)

// jobTexts are commands that dash shows as jobs. Most are behind "false &&", so that they do
// not run. The text behind a "|&" is that of here-documents. There is no row for <&$x: dash
// shows a byte of memory that it has not set.
var jobTexts = []string{
	"false", "true a 'b c' \"d e\" f\\ g", "false && a=1 b", "false && a=1", "true | false",
	": 1 | : 2 | : 3", "false && a | b", "! true", "! true | false", "false && ! a",
	"{ true; }", "(true)", "false && { a; b; }", "false && (a; b)", "false && (a && b || c)",
	"false && { a; } | { b; c; }", "false && { a & b; }", "false || true",
	"false && if a; then b; fi", "false && if a; b; then c; d; fi",
	"false && if a; then b; else c; fi", "false && if a; then b; elif c; then d; fi",
	"false && if a; then b; elif c; then d; elif e; then f; else g; fi",
	"false && while a; do b; c; done", "false && until a; do b; done",
	"false && for i in 1 \"2 3\" $x; do a; done", "false && for i; do a; done",
	"false && for i in; do a; done", "false && for i do a; done",
	"false && case a in a) b;; esac", "false && case $a in a | b) c; d;; (*) e ;; esac",
	"false && case a in esac", "false && case a in b) ;; esac",
	"false && f() { a; }", "false && f() (a)",
	"false && a >f <g 2>h >>i 3<j", "false && >f", "false && <f >g", "false && a 2>&1 >&2 3<&4",
	"false && a >|f <>g 4<>h", "false && { a; } >f", "false && (a) 2>f <g", "false && a >\"f g\"",
	"false && if a; then b; fi >f", "false && while a; do b; done <f | c",
	"false && a $b ${c} \"$d\" ${e-f} ${g:=h i} ${#j} ${k%l} ${m##n} ${o+\"p q\"}",
	"false && a $1 $@ \"$*\" $? $$ $! $# $- ${10}", "false && a ${b-${c-d}} \"${e-f}\"",
	"false && a `b` $(c d) \"$(e)\"", "false && a $((1 + 2)) \"$((f))\"", "false && a $((${x:-3}))",
	"false && a $(( `b` + $(c d) )) $(($((1))+2))", "false && a $(( \"1\" + '2' + \\3 ))",
	"false && a \"$(( \"$x\" + 1 ))\" ${x:-$((1+1))}",
	"false && a <&-", "false && a 2>&- >&-",
	"false && a '$b' '\"' \"'\" \"\\$c\" \\$d \\\\e \"\\\\f\" \\\" 'g\\h' \"i\\j\"",
	"false && a ${b-\\}} \"${c-\\}}\" ${d-'}'} ''  \"\"", "false && a \\' ~ * [b] {c,d} ? !e f#g",
	"false && a 'b\nc' \"d\ne\"", "false && a |\nb", "false && a &&\nb ||\n:",
	"false && cat <<E|&x\nE", "false && cat <<-'E' 3<<F|&x\nE\ny\nF", "false && cat <<E >f|&\tx\nE",
}

// TestJobText compares the texts of jobs with those that dash shows at a terminal.
func TestJobText(t *testing.T) {
	want := dashJobs(t)
	for i, row := range jobTexts {
		s := testShell(t)
		s.jobControl = true
		command, documents, _ := strings.Cut(row, "|&")
		list, _, err := parse.All(command+"\n"+documents+"\n", s.grammar())
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %v, %d commands", row, err, len(list))
		}
		got := strings.Join(s.jobText(list[0]), " | ")
		if got != want[i] {
			t.Errorf("%s:\n%q, and dash shows\n%q", row, got, want[i])
		}
	}
}

// dashJobs returns the texts that dash shows for jobTexts. It shows texts only under job
// control, for which it needs a terminal.
func dashJobs(t *testing.T) []string {
	t.Helper()
	kit.Tools(t, "dash", "script")
	var commands strings.Builder
	commands.WriteString("set -m\n")
	for _, row := range jobTexts {
		command, documents, _ := strings.Cut(row, "|&")
		// In one line, as dash reports a job that has ended before it reads the next.
		fmt.Fprintf(&commands, "echo; echo ==\n%s & jobs %%%%; echo --\n%s\nwait\n",
			command, documents)
	}
	file := filepath.Join(t.TempDir(), "jobs")
	if err := os.WriteFile(file, []byte(commands.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("script", "-qec", "dash "+file, os.DevNull).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// A terminal ends lines with CR and LF. The text begins behind the number and the state.
	parts := strings.Split(strings.ReplaceAll(string(out), "\r\n", "\n"), "\n==\n")[1:]
	const textColumn = 33
	if len(parts) != len(jobTexts) {
		t.Fatalf("dash shows %d jobs of %d:\n%s", len(parts), len(jobTexts), out)
	}
	for i, part := range parts {
		text, _, ok := strings.Cut(part, "\n--\n")
		if !ok || len(text) < textColumn {
			t.Fatalf("%s: %q", jobTexts[i], part)
		}
		parts[i] = text[textColumn:]
	}
	return parts
}

// TestNoJobText checks that the texts are left out without job control, but not their number.
func TestNoJobText(t *testing.T) {
	for command, want := range map[string]int{
		"a": 1, "a | b | c": 3, "! a | b": 1, "{ a | b; }": 1, "a && b | c": 1, "(a) | b": 2,
	} {
		s := testShell(t)
		list, _, err := parse.All(command, s.grammar())
		if err != nil {
			t.Fatal(err)
		}
		got := s.jobText(list[0])
		if len(got) != want || strings.Join(got, "") != "" {
			t.Errorf("%s: %q, want %d empty texts", command, got, want)
		}
	}
	if got := testShell(t).commandText(); len(got) != 1 || got[0] != "" {
		t.Errorf("without a command: %q", got)
	}
}
