package shell

import (
	"slices"
	"strings"
	"testing"
)

// TestErrexit judges the option -e: the commands that end the shell, and the exceptions.
func TestErrexit(t *testing.T) {
	for _, body := range []string{
		"false", "true", "false || true", "false && true", "true && false", "! true", "! false",
		"if false; then :; fi", "while false; do :; done",
		"until true; do :; done", "(false)", "{ false; }", "(false; echo in)",
		"{ false; echo in; }", "f() { false; echo in; }; f",
		"f() { false; echo in; }; f || echo or",
		"f() { false; echo in; }; if f; then echo yes; fi", "f() { false; echo in; }; ! f",
		"f() { false; }; f && echo and", "false | true", "true | false", "x=$(false)",
		"x=$(false; echo in)", "echo $(false)",
		"echo $(false; echo in)", "export x=$(false)",
		"local_() { local x=$(false); echo in; }; local_", "eval false",
		"eval 'false; echo in'", "eval 'false || true'", "eval false || true", "sh -c false",
		"nosuch", "cd /nope", "test a = b",
		"[ a = b ]", "false & wait $!", "false &", "wait 99999",
		"for i in 1 2; do false; echo $i; done", "case a in a) false;; esac",
		"if true; then false; fi", "if false; then :; else false; fi", "false; echo in",
		"(false) || echo or",
		"{ false; echo in; } || echo or",
		"(false; echo in) || echo or",
		"(set -e; false; echo in) || echo or",
		"set +e; false; echo in; set -e; false",
		"trap 'echo t' EXIT; false", "trap 'false; echo t' EXIT; true",
		"f() { return 3; }; f", "f() { return 3; }; f || echo $?", "return 3", "false || false",
		"true && true && false", "true && false || false", "(true && false)",
		"{ true && false; }", "f() { true && false; }; f", "x=1 false", "false > f",
		"> /nope/x",
		"set -o errexit; false", "while true; do false; break; done",
		"while true; do false && break; break; done", "! { false; echo in; }",
		"! (false; echo in)", "if (false; echo in); then echo yes; fi", "(! true)",
		"echo a | (false; cat)", "echo a | { false; cat; }",
		"$(false)", "$(echo false)", "x=$(false) true", "command false", "command eval false",
		"exec false", ". ./f1", ". ./f1 || echo or", "read x < /dev/null", "shift 2>/dev/null",
		"getopts a x", "true; ! true; echo in", "a=$(echo $(false); echo in)",
		"trap 'echo usr' USR1; kill -USR1 $$; false",
	} {
		judge(t, row{script: "echo 'false; echo in' > f1; set -e\n" + body + "\necho after $?"})
	}
}

// TestErrexitNesting judges each failing command in each place (XCU 2.14, set -e).
func TestErrexitNesting(t *testing.T) {
	failures := []string{"false", "(exit 3)", "{ false; }", "f", "g", "eval false",
		"sh -c 'exit 3'", "x=$(exit 3)", "echo $(exit 3)", "true | false", "false | true",
		"! true", "true && false", "false || false", "test a = b", "nosuch", "x=$(false; echo in)",
		"(false; echo in)", "{ false; echo in; }", "case a in a) false;; esac",
		"for i in 1; do false; done", "while true; do false; break; done",
		"if true; then false; fi", "if false; then :; fi", "readonly_", "cd /nope",
		"command false", "echo x > /nope/x", "> /nope/x", "{ echo; } > /nope/x", "(echo) < nope",
		"f > /nope/x", "command : < nope", "read x < /dev/null", "(! true)", "! (exit 3)",
		"(true && false)", "{ true && false; }", "h", "x=1 f", "false > o", "local_",
		"export x=$(false)", "set -- $(false)"}
	places := []string{"%s", "(%s; echo p)", "{ %s; echo p; }",
		"if %s; then echo y; else echo n; fi", "while %s; do echo y; break; done",
		"until %s; do echo n; break; done", "%s && echo and", "%s || echo or", "! %s",
		"true && %s", "false || %s", "%s | cat", "true | %s", "x=$( %s; echo p); echo \"[$x]\"",
		"echo $( %s; echo p)", "k() { %s; echo p; }; k", "k() { %s; echo p; }; k || echo or",
		"k() { %s; echo p; }; if k; then echo y; fi", "eval '%s; echo p'",
		"eval '%s; echo p' || echo or", "for j in 1; do %s; echo p; done",
		"case a in a) %s; echo p;; esac", "(%s; echo p) || echo or", "{ %s; echo p; } && echo and",
		"if true; then %s; echo p; fi", "trap 'echo trap $?' EXIT; %s", "%s & wait $!",
		"while true; do %s; echo p; break; done"}
	setup := "f() { false; }; g() { return 3; }; h() { false; echo h; }; readonly_() { false; " +
		"}; local_() { local z=$(false); echo l; }; set -e\n"
	for _, place := range places {
		var scripts []string
		for _, failure := range failures {
			if strings.Contains(place, "'%s") && strings.Contains(failure, "'") {
				continue
			}
			scripts = append(scripts, strings.ReplaceAll(place, "%s", failure)+
				"; echo end $?) 2>&1; echo \"out $?\"")
		}
		// A few scripts at a time, each in a subshell with -e.
		for chunk := range slices.Chunk(scripts, 9) {
			judge(t, row{script: strings.Replace(setup, "set -e", "", 1) + "(set -e; " +
				strings.Join(chunk, "\n(set -e; ")})
		}
	}
}
