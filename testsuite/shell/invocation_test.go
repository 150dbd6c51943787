package shell

import (
	"strings"
	"testing"
)

// invocationRows are rows of TestInvocation.
var invocationRows = scripts{
	"set -h; echo no", "set +h; echo no", "command set -h; echo $?",
	"set -o hashall; echo no", "set -eh; echo no", "(set -h; echo no); echo $?",
	"set -o nosuch; echo no", "set -o ''; echo no", "set +o nosuch; echo no",
	"set -oo errexit noglob; echo $-", "set -oo errexit noglob a b; echo $- $@",
	"set -oo errexit; echo $-", "set -o errexit -o; echo $-", "set -eo; echo $-",
	"set +eo; echo $-", "set -c; echo $-", "set -l; echo $-", "set +l; echo $-",
	"set -s; echo $-", "set -e- a; echo $- $@", "set -e-x a; echo $- $@",
	"set - a; echo $- $@", "set -x - a; echo $- $@", "set -xe - a b; echo $- $@",
	"set + a; echo $#", "set +; echo $#", "set ++; echo $#", "set '' a; echo $#",
	"set a -e; echo $# $-", "set -V; set -E; echo $-; set -V; echo $-; set +E; echo $-",
	"set -V -E; echo $-",
	"set -VE; echo $-",
	"set -o vi; set -o emacs; echo $-; set +o emacs; echo $-; set +o vi; echo $-",
	"set -E; set -o vi; echo $-; set -E; echo $-",
}

// TestInvocation judges the arguments of sh, for a process and for a command of a script. An @
// stands for a space in an argument.
func TestInvocation(t *testing.T) {
	for _, line := range strings.Split(`
+c echo@hi@$-|-c +c echo@$-|+c -c echo@$-|-c|+c|-c ''|-c '' a b|-c -- echo@$0@$@ x y|`+
		`-c - echo@$0@$@ x y
-ce echo@$-@$0@$@ x y|-ec echo@$-@$0 x|-e -c echo@$-|-c -e echo@$-|-oo errexit noglob -c `+
		`echo@$-|-oo errexit noglob scr a
-o errexit -c echo@$-|-oe errexit -c echo@$-|-eo noglob -c echo@$-|-eo noglob +e -c echo@$-|`+
		`-co errexit echo@$-
-oc errexit echo@$-|-o -c echo@hi|-o -e -c echo@hi|-o nosuch -c echo@hi|-o '' -c echo@hi|`+
		`+o errexit -c echo@$-|+o nosuch|+oo nolog vi -c set@-o
-h -c echo@$-|+h -c echo@$-|-k -c echo|-Z|-cZ echo|+Z -c echo|-Zc|-|- a b|- scr a b|`+
		`-- scr a b|-- - scr|-e - scr a|-e -- scr a|-e -- -e
-x - scr|-xv - scr|-s|-s a b|-s - a b|-s -- a b|-s -e a b|-es a b|+s a b|-s +s a b|`+
		`-sc echo@$0@$@@$- a b|-cs echo@$0@$@ a b
-c -s echo@$0@$@@$- a b|-s -c exit@3 a|-c set@-s|-c set@-s;exit|-s -c if|-c set@+s;echo@$-|`+
		`+es a|-e +x -u scr a|-eux scr a|+eux scr a
-p -c echo@$-|+p -c echo@$-|-ic echo@hi@$-|+i -c echo@$-|-m -c echo@$-|+m -c echo@$-|`+
		`-a -b -C -f -u -v -x -V -E -I -c echo@$-
-abCfuvxVEI -c echo@$-|-VE -c echo@$-|-EV -c echo@$-|-V -E -c echo@$-|-V +E -c echo@$-|`+
		`-o vi -c echo@$-|-o vi -o emacs -c echo@$-|-E -o vi -c echo@$-
-o nolog -c set@-o|-o debug -c set@+o|-n -c echo@hi|-n scr|-n nosuch|nosuch|nosuch a b|/|. a|''|`+
		`'' a|-- ''|-c echo@$0 ''|--version|--foo|--c echo@hi
-c-e echo@$-|-e- scr|-c- echo@hi|+- scr|+|+ scr|++ scr|+e+ scr|-e+ scr|-cc echo@hi@$# a|`+
		`-c -c echo@hi@$# a|-c exit@3|-c nosuch|-c echo@$1 a b@c
-c if|-c echo@"|-cx echo@hi|-cv echo@hi|-cu echo@$X|-o errexit|-o noexec scr|-o stdin a b|`+
		`-o stdin -c echo@$-|-o interactive -c echo@$-|-o monitor -c echo@$-
-o errexit -i -c echo@$-|-o privileged -c echo@$-|-o ignoreeof -c echo@$-|-o err -c echo@$-|`+
		`-i +m -c echo@$-|-o nolog +m -ic echo@$-`, "\n") {
		for args := range strings.SplitSeq(line, "|") {
			var argv []string
			for _, arg := range strings.Fields(args) {
				argv = append(argv, strings.ReplaceAll(strings.ReplaceAll(arg, "''", ""), "@",
					" "))
			}
			judge(t, row{as: asStdin, flags: argv, script: `echo stdin "$0" "$@" "$-"` +
				"\nfalse\n"})
			judge(t, row{args: argv, script: "# " + args + `
echo 'echo script "$0" "$@" "$-"' >scr
echo 'echo stdin "$0" "$@" "$-"' >in
sh "$@" <in; echo $?; sh "$@" <in | cat; x=$(sh "$@" <in); echo "$?$x"; exec sh "$@" <in`})
		}
	}
	same(t, invocationRows...)
	judge(t, row{script: "sh -eo </dev/null | grep noglob; sh +o </dev/null | grep xtrace; " +
		"set +o | grep xtrace",
		differs: "dash shows options that its arguments have not set yet as set",
		want:    "noglob          off\nset +o xtrace\nset +o xtrace\n"})
}
