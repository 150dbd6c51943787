package shell

import (
	"strings"
	"testing"
)

// failingCommands are commands of which TestConsequences wants to know what they end.
var failingCommands = []string{
	"set -Z", "set -o nope", "export 1x", "export -q", "readonly 1x", "unset 1x",
	"unset -q a", "shift 99", "shift x",
	"shift -1", "exit x", "exit -1", "break x", "return x", ". ./nope", ". nope", ".",
	"trap x NOSIG", "trap -q", "trap x 999",
	"eval 'exit 3'", "eval nosuch", "eval '${x?}'", "exec nosuch", "exec ./t.sh", "exec /",
	": ${x?}", ": > /nope/x", "export a=b >/nope/x",
	"r=2", "r=2 :", "r=2 true", "r=2 nosuch", "export r=2", "unset r", "readonly r=2",
	"local x", "cd /nope", "cd ''", "cd -", "cd a b", "read", "read 1x",
	"read -q x", "getopts", "getopts a", "kill", "kill x", "kill -NOSIG 1", "kill 999999",
	"wait x", "wait %9", "umask 9", "umask x=y", "ulimit -q", "ulimit x",
	"alias nope", "unalias nope", "unalias", "command", "command -q", "command nosuch",
	"command -v nosuch", "command -V nosuch", "type nosuch", "hash nosuch", "test",
	"test a b", "test 1 -eq x",
	"test a = b = c", "[", "[ a", "[ a = a", "printf", "printf %d x", "printf %q x",
	"pwd -q", "pwd x", "echo a >&9", "nosuch", "/nosuch", "./nope/x", "/", "./t.sh",
	"jobs %9", "fg", "bg", "fg %1",
	"command set -Z", "command export 1x", "command shift 99", "command . ./nope",
	"command exec nosuch", "command eval nosuch", "command unset r",
	"command readonly r=3", "command : > /nope/x",
	"nosuch x y", "$(nosuch)", "a=$(nosuch)", "f", "f() { nosuch; }; f", "(nosuch)",
	"{ nosuch; }", "nosuch | cat", "nosuch &\nwait $!", "false || nosuch",
}

// consequencesRows are rows of TestConsequences.
var consequencesRows = scripts{
	`printf 'echo hi' > p; ./p; echo $?; chmod +x p; ./p; echo $?; ` +
		`printf '#!/nope\n' > q; chmod +x q; ./q; echo $?; mkdir d; d; ./d; echo $?; ` +
		`PATH=.; d; echo $?`,
	`: > z; chmod +x z; ./z; echo $?; printf '#!/bin/cat\nx\n' > c; chmod +x c; ` +
		`./c a 2>/dev/null; echo $?`,
	`sh -c 'kill -9 $$'; echo $?; sh -c 'kill -TERM $$'; echo $?; sh -c 'kill -INT $$'; ` +
		`echo $?; sh -c 'kill -PIPE $$'; echo $?; sh -c 'kill -SEGV $$'; echo $?; ` +
		`sh -c 'kill -USR1 $$'; echo $?`,
	`sh -c 'exit 256'; echo $?; sh -c 'exit 257'; echo $?; sh -c 'exit 1000'; echo $?; ` +
		`f() { return 256; }; f; echo $?; f() { return 1000; }; f; echo $?`,
	`sh -c 'kill -9 $$' | cat; x=$(sh -c 'kill -9 $$'); echo $?; (sh -c 'kill -9 $$'; ` +
		`echo $?); sh -c 'kill -TERM $$' & wait $!; echo $?; if sh -c 'kill -9 $$'; ` +
		`then :; fi; echo $?`,
	`exec sh -c 'exit 7'`,
	`exec nosuch; echo no`,
	`exec ./nope`,
	`exec /`,
	`sh nope; echo $?; sh ./nope; echo $?; sh -c; echo $?`,
	`exit 3`,
	`(exit 4)`,
	`false`,
	`exit`,
	`false; exit`,
	`kill -9 $$`,
	`kill -TERM $$; echo no`,
	`kill -INT $$; echo no`,
	`kill -USR2 $$; echo no`,
	`kill -QUIT $$; echo no`,
	`exit 1 2`,
	`exit 08`,
	`exit 99999999999999999999`,
	`exit ''`,
	`return 7`,
	`: | exit 9`,
	`true && exit 5 || echo no`,
}

// TestConsequences judges the consequences of shell errors (XCU 2.8.1), and the exit status
// (XCU 2.8.2).
func TestConsequences(t *testing.T) {
	for _, error := range failingCommands {
		setup := "readonly r=1\n"
		judge(t, row{script: setup + error + "\necho $?"})
		judge(t, row{script: setup + "(" + error + "\necho in $?)\necho $?"})
		judge(t, row{script: setup + "if " + error +
			"\nthen echo then $?; else echo else $?; fi\necho $?"})
	}
	same(t, consequencesRows...)
	judge(t, row{script: "nosuch", as: asOperand})
	judge(t, row{script: "echo a\nnosuch\necho ${x?}\necho b", as: asStdin})
	judge(t, row{script: "nosuch", as: asOperand, args: []string{"name", "x"}})
	judge(t, row{script: "echo a", flags: []string{"-c"}})
}

// errorTable are commands that fail, by the kind of the error.
var errorTable = []string{
	// a redirection error
	": < nope", "eval : < nope", "export a=1 < nope", "true < nope", "echo a < nope",
	"f < nope", "{ :; } < nope", "(:) < nope", "if :; then :; fi < nope",
	"for i in a; do :; done < nope", "while false; do :; done < nope",
	"case a in a) :;; esac < nope", "ls < nope", "nosuch < nope", "< nope", "x=1 < nope",
	"x=1 : < nope", "command : < nope", "command true < nope", "command exec < nope",
	"exec < nope", ". ./ok < nope", "set -- < nope", "return_ < nope", "break < nope",
	"return < nope", "exit < nope", "shift < nope", "readonly z < nope", "trap < nope",
	"times < nope", "unset z < nope", "continue < nope",
	": >&9", "true >&9", "f >&9", "{ :; } >&9", "exec >&9", "command exec 7>&9", "ls >&9",
	"true > \"$nope\"", ": > ''",
	// an assignment error
	"r=2", "r=2 :", "r=2 true", "r=2 f", "r=2 ls", "r=2 nosuch", "r=2 command :",
	"r=2 command true", "r=2 > o", "export r=2", "command export r=2", "readonly r=2",
	"unset r", "read r < ok", "for r in a; do :; done", ": ${r:=}", ": $((r=1))",
	"getopts a r -a", "local_", "r=2 eval :", "r=2 exec ls", "r=2 { :; }", "(r=2)",
	"x=$(r=2)", "x=1 r=2 y=3",
	// an expansion error
	": ${x?}", "true ${x?gone}", "echo ${x:?}", "f ${x?}", "ls ${x?}", "nosuch ${x?}",
	"command : ${x?}", "command true ${x?}", "{ : ${x?}; }", "(: ${x?})", "y=${x?}",
	"y=${x?} :", "y=${x?} true", "for i in ${x?}; do :; done", "case ${x?} in *) :;; esac",
	"case a in ${x?}) :;; esac", "if : ${x?}; then :; fi", "while : ${x?}; do :; done",
	"echo $(: ${x?})", "y=$(: ${x?})", "echo a > ${x?}", "true > ${x?}", "{ :; } > ${x?}",
	"cat <<E\n${x?}\nE\n", ": <<E\n${x?}\nE\n", "eval 'echo ${x?}'",
	"command eval ': ${x?}'", ". ./badexp", "command . ./badexp", "echo $((1/0))",
	"y=$((1/0))", ": $((1/0))", "command : $((1%0))", "echo $(( ${y-1 +} ))",
	"y='1 x'; echo $((y))", "y=08; echo $((y))", "true | echo ${x?}", "echo ${x?} | cat",
	"! echo ${x?}", "echo ${x?} || echo or", "echo ${x?} && echo and",
	// a built-in's error
	"set -Z", "command set -Z", "eval 'set -Z'", "command eval 'set -Z'", ". ./badset",
	"command . ./badset", "shift 9", "command shift 9", "export 1x", "cd /nope",
	"test 1 -eq x", "[ a", "read 1x", "umask 9", "ulimit x", "printf %d x", "printf %q",
	"getopts", "kill -NOSIG 1", "wait x", "type nosuch", "command -x", "hash nosuch",
	"alias nope", "unalias nope", "fg", "bg", "trap x NOSIG", "exit x", "return x",
	"break x", ". ./nope", "command . ./nope", ". nope", "exec nosuch",
	"command exec nosuch", "exec ./ok", "command exec ./ok", "command local q",
	// not found, not executable
	"nosuch", "./nope", "./ok", "/", "./d", "''", "command nosuch", "command ./ok", "d",
	"$nope", "$(nosuch)", "y=$(nosuch)", "nosuch | cat", "true | nosuch", "! nosuch", "f_",
	"(nosuch)", "nosuch || :", "env nosuch", "sh ./nope", "sh -c nosuch",
	// a syntax error in eval and dot
	"eval '('", "command eval '('", "eval 'if'", "eval 'echo a; ('",
	"command eval 'echo a; ('", ". ./badsyn", "command . ./badsyn", "(eval '(')",
	"y=$(eval '(')", "eval '(' | cat", "sh -c '('", "trap '(' EXIT", "eval '(' || :",
	"if eval '('; then :; fi",
}

// TestErrorTable judges each error of each kind of command in each place, by the table of XCU
// 2.8.1.
func TestErrorTable(t *testing.T) {
	setup := "f() { :; }; f_() { nosuch; }; local_() { local r=2; }; return_() { return; }; " +
		"echo 'echo ok' > ok; echo ': ${x?}; echo no' > badexp; echo 'set -Z; " +
		"echo no' > badset; echo 'echo a\n(' > badsyn; mkdir d; readonly r=1\n"
	for _, e := range errorTable {
		quoted := strings.NewReplacer("\\", "\\\\", `"`, `\"`, "$", `\$`).Replace(e)
		each(t, setup,
			e+"\necho \"after $?\"",
			"trap 'echo trap $?' EXIT\n("+e+"\necho in $?)\necho \"after $?\"",
			"command eval \""+quoted+"\"\necho \"after $?\"",
			"f2() { "+e+"\necho \"in $?\"\n}\nf2 || echo or\necho \"after $?\"")
	}
	for _, e := range errorTable {
		if !strings.Contains(e, "<<") {
			judge(t, row{script: setup + e + " && echo and\nif " + e +
				"\nthen echo then; else echo else $?; fi\nx=$( " + e +
				"\necho s $?)\necho \"after $? $x\"", as: asOperand})
		}
	}
}
