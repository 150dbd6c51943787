package shell

import (
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// conditionRows are the places of TestConditionsLeft for a command E that leaves.
var conditionRows = []string{
	"E", "(exit 5); E", "E; echo no", "eval E", "eval '(exit 6); E'", ". ./dot", "! E",
	"E && echo and", "E || echo or", "false || E", "! false && E", "{ E; }",
	"if E; then echo y; fi",
	"case x in x) E;; esac", "(E); echo $?", "echo $(E; echo no)", "E | cat",
	"command E", "for k in 1 2; do E; done",
	"until [ $((n=n+1)) -gt 4 ] || E; do break; done", "x=$(exit 7) E", "E >/dev/null",
	"E &",
}

// TestConditionsLeft judges commands that leave a loop, function or shell, as the last command
// of a condition or between its commands: the status, and the next command.
func TestConditionsLeft(t *testing.T) {
	for i, end := range []string{"break", "continue", "break 2", "continue 2", "return",
		"return 3", "exit", "exit 4", "g", "false", ":"} {
		for j, form := range conditionRows {
			if !kit.InShare(i, j) {
				continue
			}
			if end == "return" && strings.HasPrefix(form, "until") {
				continue // in dash the status is 0, see below
			}
			script := "# " + end + " in " + form + "\ng() { return 8; }\necho '" + end +
				"' >dot\n"
			cond := "n=$((n+1)); [ $n -gt 4 ] && exit 9; " + strings.ReplaceAll(form, "E", end)
			loops := []string{
				"if " + cond + "\nthen echo then; else echo else; fi; echo s $?",
				"if false; then :; elif " + cond + "\nthen echo then; fi; echo s $?",
				cond + "\necho s $?", "while :; do " + cond +
					"\necho after $?; done; echo s $?",
			}
			if end != "return" { // whose status in these is 0 in dash, see below
				loops = append(loops, "while "+cond+"\ndo echo body; (exit 2); done; echo s $?",
					"until "+cond+"\ndo echo body; (exit 2); done; echo s $?",
					"while false || { "+cond+"\n}; do echo body; done; echo s $?")
			}
			for _, loop := range loops {
				script += "(n=0; (exit 1); " + loop + "); echo top $?\n(n=0; f() { (exit 1); " +
					loop + "; }; f; echo f $?); echo top $?\n" +
					"(n=0; for o in 1 2; do (exit 1); " + loop +
					"; done; echo o $?); echo top $?\n"
				if form != ". ./dot" { // in which -e acts in dash, see below
					script += "(n=0; set -e; for o in 1 2; do " + loop +
						"; done; echo o $?); echo top $?\n"
				}
			}
			judge(t, row{script: script})
		}
	}
	for _, script := range []string{
		"f() { (exit 1); while return; do :; done; }; f; echo $?",
		"f() { (exit 1); until return; do :; done; }; f; echo $?",
		"f() { while (exit 3); return; do :; done; }; f; echo $?",
		"f() { while false || return; do :; done; }; f; echo $?",
		"f() { until true && (exit 4) || { return; }; do :; done; }; f; echo $?",
		"echo 'while (exit 5); return; do :; done' >dot; . ./dot; echo $?",
	} {
		judge(t, row{script: script, standard: "XCU 2.14 return: without a number the status " +
			"is that of the last command"})
	}
	for _, script := range []string{
		"echo false >dot; set -e; if . ./dot; then echo y; else echo n; fi; echo $?",
		"echo 'false; echo in' >dot; set -e; while . ./dot; do echo y; break; done; echo $?",
		"echo false >dot; set -e; . ./dot || echo or",
	} {
		judge(t, row{script: script, standard: "XCU 2.14 set: -e does not act in what a " +
			"condition or an AND-OR list tests"})
	}
}
