package interp

import (
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/compat/judge"
	"overlayboot/interp/parse"
)

// lastRows are the commands of a subshell, among them a program X.
var lastRows = []string{
	"X", "X;", ":; X", "X; :", "X\n:", ":\nX", "a=1; X", "X 2>/dev/null", "a=1 X",
	": && X", "X && :", "X || :", "false || X", ": || : && X", ": && X && :", ": && { false || X; }",
	"{ X; }", "{ X; :; }", "{ :; X; }", "{ X; } 2>/dev/null", "{ { X; }; }", "{ X; }; :",
	"{ { X; } 2>/dev/null; }", "! X", "! { X; }", "{ ! X; }", "X & wait", "{ X; } & wait",
	"X | cat", ": | X", "{ X; } | cat", ": | { X; }", "! : | X",
	"if :; then X; fi", "if X; then :; fi", "if :; then X; :; fi", "if :; then :; X; fi",
	"if false; then :; elif :; then X; fi", "if false; then :; else X; fi",
	"if false; then :; elif X; then :; fi", "if :; then X; else :; fi",
	"if false; then :; elif false; then :; else X; fi", "if :; then X; fi; :",
	"if :; then X; fi 2>/dev/null", "if :; then { X; }; fi", "if :; then : && X; fi",
	"case a in a) X;; esac", "case a in b) :;; a) X;; esac", "case a in a) X; :;; esac",
	"case a in a) :; X;; esac", "case a in a) X;; esac 2>/dev/null", "case a in a) X;; *) :;; esac",
	"case a in a) if :; then { : && X; }; fi;; esac",
	"for i in 1; do X; done", "while X; do break; done", "until X; do :; done",
	"i=; while [ -z \"$i\" ]; do i=1; X; done",
}

// TestIsLast compares whether a program is the last of a subshell with dash, in which it then
// takes the place of the subshell: its parent is the main shell.
func TestIsLast(t *testing.T) {
	for _, row := range lastRows {
		program := "dash -c 'echo $PPID >&3; exit 0'"
		said := judge.Dash(t, t.TempDir(), "exec 3>&1; echo $$; ("+
			strings.ReplaceAll(row, "X", program)+"\n)\n:")
		pids := strings.Fields(said.Stdout)
		if len(pids) != 2 || said.Stderr != "" {
			t.Errorf("%s: in dash %+v", row, said)
			continue
		}
		list, x := commandX(t, row)
		if got, want := isLastOf(list, x), pids[0] == pids[1]; got != want {
			t.Errorf("%s: last %v, in dash %v", row, got, want)
		}
	}
}

// commandX parses commands, and returns them and the command X among them.
func commandX(t *testing.T, text string) (list []*syntax.Stmt, x *syntax.CallExpr) {
	t.Helper()
	list, _, err := parse.All(text, testShell(t).grammar())
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	for _, st := range list {
		syntax.Walk(st, func(node syntax.Node) bool {
			if c, ok := node.(*syntax.CallExpr); ok && len(c.Args) > 0 && c.Args[0].Lit() == "X" {
				x = c
			}
			return true
		})
	}
	if x == nil {
		t.Fatalf("%s: no X", text)
	}
	return list, x
}

// TestIsOnly checks which commands have a list for themselves.
func TestIsOnly(t *testing.T) {
	for row, want := range map[string]bool{
		"X": true, "X 2>f": true, "{ X; }": true, "{ { X; }; }": true, "{ X; } >f": false,
		"{ { X; } >f; }": false, "X; :": false, ":; X": false, "{ :; X; }": false, "! X": false,
		"X &": false, "{ X & }": false, "{ ! X; }": false, "(X)": false, "X | :": false,
		": && X": false, "if :; then X; fi": false, "for i in 1; do X; done": false,
	} {
		list, x := commandX(t, row)
		if got := isOnlyOf(list, x); got != want {
			t.Errorf("%s: only %v, want %v", row, got, want)
		}
	}
	if isOnlyOf(nil, nil) || isLastOf(nil, nil) {
		t.Error("an empty list has a command")
	}
}

// TestForker checks which shell's process is the parent of a program: of a subshell, its own,
// unless the program takes its place.
func TestForker(t *testing.T) {
	main := testShell(t)
	outer := main.sub()
	inner := outer.sub()
	merged := outer.sub()
	merged.merged = true
	for _, row := range []struct {
		who        string
		from, home *Shell
		forks, is  *Shell // for a program that is waited for, and one that takes the place
	}{
		{"the main shell", main, main, main, main},
		{"a subshell", outer, outer, outer, main},
		{"a subshell in it", inner, inner, inner, outer},
		{"one that is the same process", merged, outer, outer, main},
	} {
		if got := row.from.home(); got != row.home {
			t.Errorf("%s belongs to another process", row.who)
		}
		if row.from.forker(foreground) != row.forks || row.from.forker(background) != row.forks {
			t.Errorf("a program of %s has another parent", row.who)
		}
		if row.from.forker(replace) != row.is {
			t.Errorf("a program in the place of %s has another parent", row.who)
		}
	}
}

// TestLastTakesPlace checks that the last command of a subshell needs no exec to take its
// place, and that a trap prevents that.
func TestLastTakesPlace(t *testing.T) {
	for _, row := range []struct {
		body, trap string
		want       bool
	}{
		{"X", "", true}, {":; X", "", true}, {"X; :", "", false},
		{"X", "trap 'echo bye' EXIT", false}, {"X", "trap '' TERM", true},
	} {
		main := testShell(t)
		s := main.sub()
		s.run(textSource(row.trap))
		s.body, s.running = commandX(t, row.body)
		if got := s.takesPlace(foreground); got != row.want {
			t.Errorf("%s; %s: %v, want %v", row.trap, row.body, got, row.want)
		}
		if s.executes() {
			t.Errorf("%s: a shell inside the process executes its program", row.body)
		}
		within := s.sub()
		if within.inPlace(s.running); within.merged != row.want {
			t.Errorf("%s; (%s): merged %v, want %v", row.trap, row.body, within.merged, row.want)
		}
	}
}
