package shell

import "testing"

// XCU 2.8.1, consequences of shell errors, and 2.8.2, exit status.
func TestConsequences(t *testing.T) {
	for _, error := range []string{
		"set -Z", "set -o nope", "export 1x", "export -q", "readonly 1x", "unset 1x", "unset -q a", "shift 99", "shift x",
		"shift -1", "exit x", "exit -1", "break x", "return x", ". ./nope", ". nope", ".", "trap x NOSIG", "trap -q", "trap x 999",
		"eval 'exit 3'", "eval nosuch", "eval '${x?}'", "exec nosuch", "exec ./t.sh", "exec /", ": ${x?}", ": > /nope/x", "export a=b >/nope/x",
		"r=2", "r=2 :", "r=2 true", "r=2 nosuch", "export r=2", "unset r", "readonly r=2", "local x", "cd /nope", "cd ''", "cd -", "cd a b", "read", "read 1x",
		"read -q x", "getopts", "getopts a", "kill", "kill x", "kill -NOSIG 1", "kill 999999", "wait x", "wait %9", "umask 9", "umask x=y", "ulimit -q", "ulimit x",
		"alias nope", "unalias nope", "unalias", "command", "command -q", "command nosuch", "command -v nosuch", "command -V nosuch", "type nosuch", "hash nosuch", "test", "test a b", "test 1 -eq x",
		"test a = b = c", "[", "[ a", "[ a = a", "printf", "printf %d x", "printf %q x", "pwd -q", "pwd x", "echo a >&9", "nosuch", "/nosuch", "./nope/x", "/", "./t.sh", "jobs %9", "fg", "bg", "fg %1",
		"command set -Z", "command export 1x", "command shift 99", "command . ./nope", "command exec nosuch", "command eval nosuch", "command unset r", "command readonly r=3", "command : > /nope/x",
		"nosuch x y", "$(nosuch)", "a=$(nosuch)", "f", "f() { nosuch; }; f", "(nosuch)", "{ nosuch; }", "nosuch | cat", "nosuch &\nwait $!", "false || nosuch",
	} {
		setup := "readonly r=1\n"
		judge(t, row{script: setup + error + "\necho $?"})
		judge(t, row{script: setup + "(" + error + "\necho in $?)\necho $?"})
		judge(t, row{script: setup + "if " + error + "\nthen echo then $?; else echo else $?; fi\necho $?"})
	}
	same(t,
		`printf 'echo hi' > p; ./p; echo $?; chmod +x p; ./p; echo $?; printf '#!/nope\n' > q; chmod +x q; ./q; echo $?; mkdir d; d; ./d; echo $?; PATH=.; d; echo $?`,
		`: > z; chmod +x z; ./z; echo $?; printf '#!/bin/cat\nx\n' > c; chmod +x c; ./c a 2>/dev/null; echo $?`,
		`sh -c 'kill -9 $$'; echo $?; sh -c 'kill -TERM $$'; echo $?; sh -c 'kill -INT $$'; echo $?; sh -c 'kill -PIPE $$'; echo $?; sh -c 'kill -SEGV $$'; echo $?; sh -c 'kill -USR1 $$'; echo $?`,
		`sh -c 'exit 256'; echo $?; sh -c 'exit 257'; echo $?; sh -c 'exit 1000'; echo $?; f() { return 256; }; f; echo $?; f() { return 1000; }; f; echo $?`,
		`sh -c 'kill -9 $$' | cat; x=$(sh -c 'kill -9 $$'); echo $?; (sh -c 'kill -9 $$'; echo $?); sh -c 'kill -TERM $$' & wait $!; echo $?; if sh -c 'kill -9 $$'; then :; fi; echo $?`,
		`exec sh -c 'exit 7'`, `exec nosuch; echo no`, `exec ./nope`, `exec /`, `sh nope; echo $?; sh ./nope; echo $?; sh -c; echo $?`,
		`exit 3`, `(exit 4)`, `false`, `exit`, `false; exit`, `kill -9 $$`, `kill -TERM $$; echo no`, `kill -INT $$; echo no`, `kill -USR2 $$; echo no`, `kill -QUIT $$; echo no`,
		`exit 1 2`, `exit 08`, `exit 99999999999999999999`, `exit ''`, `return 7`, `: | exit 9`, `true && exit 5 || echo no`,
	)
	judge(t, row{script: "nosuch", as: asOperand})
	judge(t, row{script: "echo a\nnosuch\necho ${x?}\necho b", as: asStdin})
	judge(t, row{script: "nosuch", as: asOperand, args: []string{"name", "x"}})
	judge(t, row{script: "echo a", flags: []string{"-c"}})
}

// The option -e: what ends the shell and what is excepted.
func TestErrexit(t *testing.T) {
	for _, body := range []string{
		"false", "true", "false || true", "false && true", "true && false", "! true", "! false", "if false; then :; fi", "while false; do :; done",
		"until true; do :; done", "(false)", "{ false; }", "(false; echo in)", "{ false; echo in; }", "f() { false; echo in; }; f", "f() { false; echo in; }; f || echo or",
		"f() { false; echo in; }; if f; then echo yes; fi", "f() { false; echo in; }; ! f", "f() { false; }; f && echo and", "false | true", "true | false", "x=$(false)", "x=$(false; echo in)", "echo $(false)",
		"echo $(false; echo in)", "export x=$(false)", "local_() { local x=$(false); echo in; }; local_", "eval false", "eval 'false; echo in'", "eval 'false || true'", "eval false || true", "sh -c false", "nosuch", "cd /nope", "test a = b",
		"[ a = b ]", "false & wait $!", "false &", "wait 99999", "for i in 1 2; do false; echo $i; done", "case a in a) false;; esac", "if true; then false; fi", "if false; then :; else false; fi", "false; echo in",
		"(false) || echo or", "{ false; echo in; } || echo or", "(false; echo in) || echo or", "(set -e; false; echo in) || echo or", "set +e; false; echo in; set -e; false", "trap 'echo t' EXIT; false", "trap 'false; echo t' EXIT; true",
		"f() { return 3; }; f", "f() { return 3; }; f || echo $?", "return 3", "false || false", "true && true && false", "true && false || false", "(true && false)", "{ true && false; }", "f() { true && false; }; f", "x=1 false", "false > f", "> /nope/x",
		"set -o errexit; false", "while true; do false; break; done", "while true; do false && break; break; done", "! { false; echo in; }", "! (false; echo in)", "if (false; echo in); then echo yes; fi", "(! true)", "echo a | (false; cat)", "echo a | { false; cat; }",
		"$(false)", "$(echo false)", "x=$(false) true", "command false", "command eval false", "exec false", ". ./f1", ". ./f1 || echo or", "read x < /dev/null", "shift 2>/dev/null", "getopts a x", "true; ! true; echo in", "a=$(echo $(false); echo in)", "trap 'echo usr' USR1; kill -USR1 $$; false",
	} {
		judge(t, row{script: "echo 'false; echo in' > f1; set -e\n" + body + "\necho after $?"})
	}
}
