package shell

import (
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// TestHidden judges commands that become known only when words are expanded, a text is
// evaluated or a file is read. Their effects on a process must stay in the subshell.
func TestHidden(t *testing.T) {
	same(t,
		"printf '. ./l.sh\\n' >w.sh; printf 'kill -TERM $$\\n' >l.sh; sh ./w.sh; echo boss $?",
		"printf '. ./l.sh\\n' >w.sh; printf 'echo $$ >pid\\n' >l.sh; sh ./w.sh; "+
			"[ $(cat pid) = $$ ]; echo $?; rm pid",
		"umask 022; u=umask; { $u 077; sleep .3; } | { sleep .1; : >a; }; stat -c %a a",
		"umask 022; set -- 'umask 077'; { eval \"$1\"; sleep .3; } | { sleep .1; : >a; }; "+
			"stat -c %a a",
		"umask 022; echo 'umask 077' >f; x=.; { $x ./f; sleep .3; } | { sleep .1; : >a; }; "+
			"stat -c %a a",
		"l=ulimit; { $l -f 0; sleep .4; } | { sleep .1; echo x >b; echo \"st $?\"; }; echo on",
		"e='ulimit -f 1'; ($e); ulimit -f; x=$($e; ulimit -f); echo $x; ulimit -f",
		"set -- ulimit -f 0; x=$(\"$@\"; ulimit -f); echo $x; ulimit -f",
		"c='cd /'; ($c; pwd); pwd; x=$($c; pwd); echo $x; pwd; $c | pwd; pwd",
		"t=trap; ($t 'echo a' EXIT; echo b); x=$($t 'echo a' 0); echo $x; ($t '' TERM; $t); $t",
		"umask 022; (umask 077; >c; umask; sh -c umask); umask; stat -c %a c",
		"umask 022; x=$(umask 077; umask | cat; echo a | { umask; : >d; }); echo $x; "+
			"stat -c %a d; umask",
		"umask 022; f() { umask 0; }; (f; (umask 027; f; umask); umask); (f) | umask; umask",
		"umask 027; for i in 1 2 3; do umask; done | (umask 0; cat); { umask 0; umask; "+
			"} | cat; umask",
		"eval 'f() { umask 0; }'; x=f; ($x; umask); umask",
		"umask 022; (. ./nosuch; umask 0); umask; echo 'umask 0; umask' >f; (. ./f); "+
			"umask; . ./f",
		"echo echo a >f; (echo echo b >f; . ./f); cat f",
		"alias u=umask\n(u 0; umask)\numask\n(eval 'u 0'; umask); umask",
	)
}

// TestMaskBeside checks that a command that creates files beside one that asks for the mask
// sees the right mask.
func TestMaskBeside(t *testing.T) {
	quiet(t)
	same(t, `umask 077
{ i=0; while [ $i -lt 2000 ]; do umask >/dev/null; i=$((i+1)); done; } |
{ i=0; while [ $i -lt 500 ]; do : >f$i; i=$((i+1)); done; }
stat -c %a f* | sort | uniq -c; rm f*`)
}

// boss begins rows about parents. parent prints whether the shell itself started the program
// that wrote to o.
const boss = `boss=$$
child() { dash -c 'echo $PPID >o'; }
parent() { if [ "$(cat o)" = $boss ]; then echo "$1 main"; else echo "$1 other"; fi; }
`

// TestParent checks that a program sees the same parent as if each subshell were a process.
func TestParent(t *testing.T) {
	quiet(t)
	for _, place := range []string{
		"(dash -c 'echo $PPID >o')", "(:; dash -c 'echo $PPID >o')",
		"(dash -c 'echo $PPID >o'; :)",
		"x=$(dash -c 'echo $PPID >o')", "x=$(dash -c 'echo $PPID >o'; :)",
		"(if :; then dash -c 'echo $PPID >o'; fi)", "(: && dash -c 'echo $PPID >o')",
		"(case a in a) dash -c 'echo $PPID >o';; esac)",
		"(for i in 1; do dash -c 'echo $PPID >o'; done)",
		"f() { dash -c 'echo $PPID >o'; }; (f)", "dash -c 'echo $PPID >o' | cat",
		": | { dash -c 'echo $PPID >o'; }", ": | { dash -c 'echo $PPID >o'; :; }",
		"( (dash -c 'echo $PPID >o'))", "( (:; dash -c 'echo $PPID >o'); :)",
		"( (dash -c 'echo $PPID >o'; :))", "({ dash -c 'echo $PPID >o'; } 2>&1)",
		"({ :; dash -c 'echo $PPID >o'; })", "(: | dash -c 'echo $PPID >o')",
		"(trap : EXIT; dash -c 'echo $PPID >o')", "(trap '' EXIT; dash -c 'echo $PPID >o')",
		"(! dash -c 'echo $PPID >o')", `(eval "dash -c 'echo \$PPID >o'")`,
		"{ :; dash -c 'echo $PPID >o'; } & wait", "(:; (:; dash -c 'echo $PPID >o')) & wait",
		"(exec dash -c 'echo $PPID >o')", "(umask 0; dash -c 'echo $PPID >o')",
		"(ulimit -c 0; dash -c 'echo $PPID >o'; :)",
		"(ulimit -c 0; (:; dash -c 'echo $PPID >o'))",
		"x=$(while :; do (:; dash -c 'echo $PPID >o'); break; done)",
		`echo 'dash -c "echo \$PPID >o"' >w; sh ./w; rm w`,
		"sh -c 'exec dash -c \"echo \\$PPID >o\"'",
	} {
		judge(t, row{script: boss + place + "\nparent x; rm -f o # " + place})
	}
	same(t,
		"(dash -c 'kill $PPID'; echo no); echo after $?",
		"(dash -c 'kill -9 $PPID'; echo no); echo after $?",
		"x=$(dash -c 'kill $PPID'; echo no); echo after $x $?",
		"(perl -e 'kill 9,getppid()'; :); echo B $?",
		": | { dash -c 'kill $PPID'; echo no; }; echo st $?",
		"{ dash -c 'kill $PPID'; echo no; } | cat; echo st $?",
		"( (dash -c 'kill $PPID'; echo no); echo yes $?)",
		"(trap 'echo bye' EXIT; dash -c 'kill $PPID'; echo no); echo $?",
		"(dash -c 'kill -STOP $PPID; sleep .1; kill -CONT $PPID' & wait; echo go on)",
		"h() { perl -e 'kill TERM => getppid'; }; h | cat; echo $?",
		"(exec dash -c 'kill $PPID'); echo no",
		"(dash -c 'kill -9 $PPID'; :) 2>/dev/null; echo $?",
		"(dash -c 'kill -9 $$' 2>/dev/null); x=$(dash -c 'kill -9 $$' 2>/dev/null); echo $?",
		"{ :; exec sleep 77; } & p=$!; sleep .1; kill $p; wait $p; echo $?",
		"{ :; perl -e 'sleep 77'; } & p=$!; sleep .2; kill $p; wait $p; echo $?",
	)
}

// TestParentNested checks the parent of a program that a nested sh starts or executes.
func TestParentNested(t *testing.T) {
	quiet(t)
	const files = `printf '%s\n' '#!/bin/sh' 'exec dash -c "echo \$PPID >o"' >w; chmod +x w
f() { ./w; }
`
	commands := []string{
		"./w", "sh ./w", "exec ./w", "exec sh ./w", "env sh ./w", "sh -c '. ./w'",
		"sh -c 'sh ./w'", "sh -c 'exec sh ./w'", "sh -c '(exec ./w)'", "sh -c ':; ./w; :'",
		"sh -c 'x=$(exec ./w); :'", "f", "eval ./w", "if :; then ./w; fi", "./w || :",
	}
	for i, place := range []string{
		"x=$(@)", "(@)", "(@; :)", "@ | cat", ": | @", "x=$(:; @)", "x=$( (@))",
		"{ @; } & wait", "( :; @ ) & wait", "(trap : USR1; @)",
	} {
		for j, command := range commands {
			if kit.InShare(i + j) {
				line := strings.ReplaceAll(place, "@", command)
				judge(t, row{script: boss + files + line + "\nparent x; rm -f o w # " + line})
			}
		}
	}
	same(t,
		"(x=$(exec dash -c 'kill $PPID'); echo no; :) | cat; echo $?",
		`(sh -c 'x=$(exec dash -c "kill \$PPID"); echo no; :'; :); echo $?`,
		`(sh -c 'x=$(exec dash -c "kill \$PPID"); echo no; :'); echo $?`,
	)
}

// TestGoesOn checks that a subshell goes on after the end of the shell.
func TestGoesOn(t *testing.T) {
	quiet(t)
	for _, script := range []string{
		"(kill -TERM $$; echo still >f)", "( (kill $$; :); echo still >f)",
		"x=$(kill -9 $$; echo still >f)", "{ kill $$; echo still >f; } | cat",
		"f() { kill $$; }; (f; echo still >f)", "f() { kill $$; }; ( (f); echo still >f)",
		`(dash -c "kill $$"; echo still >f)`,
		"{ perl -e 'kill TERM => shift' $$; echo still; } | cat >f",
	} {
		same(t, "sh -c "+quoted(script)+`; echo $?
i=0; while [ ! -s f ] && [ $i -lt 200 ]; do sleep .02; i=$((i+1)); done; cat f`)
	}
}

// TestInterrupted checks that a script that is interrupted while a program runs ends after the
// program. A script from standard input does not wait.
func TestInterrupted(t *testing.T) {
	quiet(t)
	for _, r := range []row{
		{script: "dash -c 'kill -INT $PPID; sleep .1; echo done'; echo no"},
		{script: "x=$(dash -c 'kill -INT $PPID; sleep .1; echo done >&2'); echo no"},
		{script: "trap 'echo t' INT; dash -c 'kill -INT $PPID; sleep .1; echo done'; echo on"},
		{script: "trap '' INT; dash -c 'kill -INT $PPID; sleep .1; echo done'; echo on"},
	} {
		judge(t, r)
		r.as = asOperand
		judge(t, r)
	}
}

// TestGrowing checks that a script runs up to its end, even if it grows meanwhile or comes
// through a FIFO.
func TestGrowing(t *testing.T) {
	quiet(t)
	same(t,
		"printf 'echo 1\\necho echo added >>k\\n' >k; sh ./k",
		"mkfifo f; { echo 'echo one; : >mark'; while [ ! -e mark ]; do sleep .02; done; "+
			"echo 'echo two'; } >f & sh ./f",
		"mkfifo f; { echo 'echo one; : >mark'; while [ ! -e mark ]; do sleep .02; done; "+
			"echo 'echo two'; } >f & . ./f",
		"mkdir -p d/e; cd d/e; rmdir ../e; sh -c 'cd ..; echo $?; pwd'; cd ..; pwd",
	)
}
