package shell

import (
	"strings"
	"testing"
)

// assigningCommands are the commands before which TestAssignments puts its assignments.
var assigningCommands = []string{
	":", "true", "f", "command :", "command true", "eval 'p eval'", "command eval 'p eval'",
	"/bin/sh -c 'echo $X $Y $Z'",
	"exec /bin/sh -c 'echo $X $Y $Z'", "command exec /bin/sh -c 'echo $X $Y $Z'",
	"exec >&1", "set -- $X", "export X", "readonly X",
	"unset X", ". ./dot", "command . ./dot", "nosuch", "command -v perl",
	"/bin/sh -c 'echo $X $Y $Z' | /bin/cat",
	"/bin/sh -c 'echo $X $Y $Z' & wait", "f & wait", "{ p; }", "exit 5",
	"/bin/cat <<E\n$X $Y $Z\nE\n",
}

// assignmentsRows are rows of TestAssignments.
var assignmentsRows = scripts{
	`for X in 1; do set -x; X= Y=${X:=b} true; X=2 Y=${X:+c} :; X=3 f; set +x; done 2>&1`,
	`PS4='$X+ '; X=1; set -x; X=2 true; X=3 Y=4 cat </dev/null; X= Y=${X:=b} :; X=5 :; ` +
		`PS4='new ' echo hi; PS4=n2 Z=3 cat </dev/null; X=6 Y=7; echo $X`,
	`f() { local X=3; X=4 Y=$X true; echo $X; X=5 Y=$X :; echo $X $Y; }; X=0; f; ` +
		`echo $X $Y; g() { X=4 Y=$X local Z=$X; echo "$X $Y $Z"; }; g; echo $X $Y $Z`,
	`f() { return 3; }; X=1 Y=$X f; echo $? [$X]; for i in 1 2; ` +
		`do X=1 Y=$X continue; done; echo $X $Y; X=2 Y=$X return 4`,
	`f() { unset X; echo [$X]; }; X=0; X=1 Y=2 f; echo [$X]; g() { export X; }; X=1 g; ` +
		`/bin/sh -c 'echo $X'; h() { readonly X; }; X=1 h; X=2; echo $X`,
	`set -a; X= Y=${X:=b} true; /bin/sh -c 'echo "$X$Y"'; X= Y=${X:=b} :; ` +
		`/bin/sh -c 'echo "$X$Y"'`,
	`set -e; X=1 Y=$(false) true; echo go; X=1 Y=$(false); echo no`,
	`set -u; X=1 Y=$X :; echo $Y; X=1 Y=$Q true; echo no`,
	`readonly R; (X=1 R=2 true); echo $? $X; X=$(R=1 true; echo hi); echo $? $X; ` +
		`R=1 true & wait $!; echo $?; R=1 true | cat; echo $?; R=$(echo once >&2) true`,
	`X=1 Y=2 >/nonex/f true; echo $? $X; X=1 Y=2 >/nonex/f; echo $? $X; X=1 :>/nonex/f; ` +
		`echo no`,
	`X=a; X=b Y=${X}c >f$X true; echo f*; X=b :>g$X; echo g*; X=c Y=$X cat <<E` +
		"\n$X $Y\nE\n",
	`cat t.sh >/dev/null; hash; PATH=/usr/bin:/bin ls -d /; hash; cat t.sh >/dev/null; ` +
		`PATH=/bin:/usr/bin true; hash; cat t.sh >/dev/null; PATH=$PATH :; hash`,
	`getopts ab x -ab; OPTIND=1 /bin/sh -c :; getopts ab x -ab; echo $x; ` +
		`getopts ab x -ab; echo $x; OPTIND=1 true; getopts ab x -ab; echo $x; OPTIND=1 :; ` +
		`getopts ab x -ab; echo $x`,
	`OPTIND=x /bin/sh -c 'echo no'; echo after`,
	`HOME=/usr cd; echo $PWD $HOME; HOME=/etc X=~ eval 'cd; pwd'; echo $X; ` +
		`CDPATH=/usr cd share; PWD=/x pwd; OLDPWD=/etc cd -`,
	`alias y='X=1 Y=$X'
y /bin/sh -c 'echo $X $Y'; X=1 y=2 y; echo $X $Y`,
	`IFS=, read a b <<E
1,2
E
echo "$a|$b"; x=1,2; IFS=, eval 'set -- $x'; echo $#; IFS=, Y=$x set -- $Y; echo $#`,
}

// TestAssignments judges assignments before a command (XCU 2.9.1): the effect of earlier
// assignments on each value, the environment of the command, and the variables afterwards.
func TestAssignments(t *testing.T) {
	lists := []string{
		"X= Y=${X:=b}", "X=1 Y=$((X=5))", "X=1 Y=$((X+=1)) Z=$X", "X=1 Y=$X Z=$Y$X",
		"X=1 X=${X}2 X=${X}3",
		"X=1 Y=${X?no} Z=${X:+set}", "X=1 Y=${Q?no}", "X=1 Y=${R:=3}", "X=1 R=2 Y=3", "R=2",
		"X=${Z:=q}", "X=$((Z=7))",
		"X=1 Y=$(echo $X) Z=$(/bin/sh -c 'echo \"[$X$Y]\"')", "X=$(exit 3)", "X=1 Y=$(exit 4)",
		"IFS=, X=1,2 Y=$(printf '%s;' $X)",
		"PATH=/nonex Y=$(perl 2>&1)", "PATH=$PATH:/nonex Y=$(command -v perl)", "OPTIND=x Y=1",
		"OPTIND=2 Y=1", "Y=${1-none} X=$#$?",
	}
	for _, command := range assigningCommands {
		if strings.HasPrefix(command, "{") {
			command = "eval '" + command + "'"
		}
		for _, list := range lists {
			script := "# " + strings.ReplaceAll(list+" "+command, "\n", " ") + `
p() { echo "$1 [${X-unset}] [${Y-unset}] [${Z-unset}]"; }
f() { p function; /bin/sh -c 'echo "${X-unset} ${Y-unset} ${Z-unset}"'; X=9; }
printf 'p dot\n' >dot
readonly R
try() { p $?; /bin/sh -c 'echo "left: ${X-unset} ${Y-unset} ${Z-unset}"'; }
`
			for _, setup := range []string{"", "X=0", "export X=0 Y=9"} {
				script += "( " + setup + "\ntrap p EXIT; " + list + " " + command +
					"\n try )\necho $?\n"
			}
			judge(t, row{script: script})
		}
	}
	same(t, assignmentsRows...)
}

// TestScopesAtExit judges the values that the action of EXIT sees when an exit or error leaves
// a function or a command with assignments, and the values after the shell has survived that.
func TestScopesAtExit(t *testing.T) {
	for _, end := range []string{"exit 3", ": ${Q?x}", "R=2", "set -e; false", "return 4",
		"false", "exec nosuch",
		"command exec nosuch", "command eval ': ${Q?x}'; echo $L", "eval 'L=3 exit'",
		". ./nosuch", "command . ./nosuch; echo $L",
		"(exit 3); echo $L", "x=$(L=7; exit 3); echo $L", "trap 'echo inner $L' EXIT; exit 5",
		"kill -TERM $$"} {
		for _, use := range []string{"f", "L=1 f", "g", "L=1 g", "L=1 command eval f",
			"command eval g; echo $L", "(g); echo $L",
			"L=1 eval g", "g | cat", "L=2 Y=$(g) true", "command eval 'local L=5; f'"} {
			judge(t, row{script: "# " + end + " in " + use + `
trap 'echo "exit $? [$L] [$*]"; command . ./nosuch; echo "[$L]"; local L=z; echo $L' EXIT; ` +
				`trap 'echo TERM; exit' TERM; L=0; readonly R
f() { ` + end + "; }; g() { local L=9; f a b; echo g $L; }\n" + use +
				"\necho $? $L\nL=8 true; echo $L"})
		}
	}
	same(t,
		`f() { command eval 'local L=5; echo $L'; echo $L; }; L=0; f; echo $L; `+
			`command eval 'local L=6; echo $L'; echo $L; X=1 command eval 'local X=2 L=7; `+
			`echo $L $X'; echo $L $X`,
		`f() { local -; set -f; exit 3; }; trap 'echo $- *' EXIT; f`,
		`X=1 command . ./none; command local L=3; echo $?$L; eval 'local L=4'; echo no`,
	)
	atTerminal(t, dialogue{
		"", "f() { local L=1; : ${Q?x}; }; L=0; f\n", "", "echo $L; L=2 Y=${Q?x} true\n", "",
		"echo $L; L=3 f\n",
		"", "echo $L; local L=4\n", "", "exit\n",
	})
}
