package shell

import "testing"

// environmentRows are rows of TestEnvironment.
var environmentRows = scripts{
	`env | sort | grep -v ^_=; export B=2 A=1; ` +
		`env | grep -E '^(A|B|HOME|OLDPWD|PWD|PATH)=' | sort; cd /; env | grep PWD | sort`,
	`A=1 B=2 env | grep -E '^[AB]=' | sort; A=1 sh -c 'B=2; export B; ` +
		`env | grep -E "^[AB]=" | sort'; A=x; A=1 true; echo $A; export A; ` +
		`A=1 env | grep ^A=; env | grep ^A=`,
	`umask 077; sh -c umask; (umask 022; sh -c umask); umask; cd /; sh -c pwd; ` +
		`(cd /usr; sh -c pwd); pwd; set -f; sh -c 'echo $-'; trap '' USR1; sh -c 'trap; ` +
		`kill -USR1 $$; echo alive'`,
	`f() { echo f; }; sh -c 'f 2>/dev/null; echo $?'; x=1; sh -c 'echo [$x]'; ` +
		`alias q=echo; sh -c 'alias'; set -- a b; sh -c 'echo $#'; sh -c 'echo $0 $@' n a b`,
	`exec 3> f; sh -c 'echo x >&3'; cat f; exec 3>&-; sh -c 'echo y >&3'; echo $?; ` +
		`ls /proc/self/fd | wc -l; exec 5< t.sh; ls /proc/self/fd | wc -l; ` +
		`(ls /proc/self/fd | wc -l); x=$(ls /proc/self/fd | wc -l); echo $x; ` +
		`ls /proc/self/fd 4>&1 | wc -l`,
	`find /proc/self/fd -type l | wc -l; cat /dev/null | find /proc/self/fd -type l | ` +
		`wc -l; x=$(find /proc/self/fd -type l); echo "$x" | wc -l; ` +
		`find /proc/self/fd -type l <<E | wc -l
x
E
find /proc/self/fd -type l & wait; { find /proc/self/fd -type l; } & wait`,
	`ulimit -n; find /proc/self/limits -maxdepth 0; grep 'open files' /proc/self/limits; ` +
		`perl -e 'print 1' >/dev/null 2>&1; ulimit -n 300; ulimit -n; sh -c 'ulimit -n'; ` +
		`/bin/sh -c 'ulimit -n'; (ulimit -n 200; ulimit -n; sh -c 'ulimit -n'); ` +
		`ulimit -n; ulimit -Hn; ulimit -Sn`,
	`ulimit -c 0; ulimit -c; ulimit -t unlimited; ulimit -t; ulimit -f; ulimit -Sc 0; ` +
		`(ulimit -f 1; ulimit -f); ulimit -f`,
	`printf '#!/bin/sh\necho "$0 $1 $#"; x=2; cd /; exit 3\n' > s; chmod +x s; ./s a b; ` +
		`echo $? "[$x]"; pwd | grep -c DIR; PATH=.:$PATH; s c; ` +
		`printf 'echo plain $0 $1\n' > p; chmod +x p; ./p a; p b`,
	`printf '#!/bin/sh -e\nfalse; echo no\n' > s; chmod +x s; ./s; echo $?; ` +
		`printf '#! /bin/sh -x\necho a\n' > t; chmod +x t; ./t; ` +
		`printf '#!/bin/sh\nnosuch\nexit\n' > u; chmod +x u; ./u; echo $?; sh u; ` +
		`echo $?; sh -x u`,
	`printf 'f() { echo dotted $1 $#; }; v=1; set -- q\n' > d; . ./d; f x; echo $v $1; ` +
		`echo 'echo $1 $#' > e; set -- a b; . ./e; . ./e z; echo $#; PATH=.:$PATH; . e; ` +
		`echo 'return 4' > r; . ./r; echo $?; echo 'exit 5' > x; (. ./x); echo $?`,
	`mkdir bin; printf 'echo from path\n' > bin/lib; PATH=$PWD/bin:$PATH; . lib; ` +
		`echo 'echo cwd' > cwd; . cwd; echo no`,
	`echo 'echo $0' > d; . ./d; echo '. ./e2' > d2; echo 'echo nested; nosuch' > e2; ` +
		`. ./d2; echo 'trap "echo t" EXIT; set -f; cd /' > s; . ./s; echo $-; pwd`,
	`exec 3>&1; (echo a >&3) | cat > /dev/null; x=$(echo b >&3); { echo c >&3; ` +
		`} > /dev/null; f() { echo d >&3; }; f > /dev/null; { echo e >&3; } & wait; ` +
		`sh -c 'echo g >&3'; cat <<E >&3
h
E`,
	`echo $PPID > a; sh -c 'echo $PPID' > b; echo $$ > c; cmp b c; ` +
		`(sh -c 'echo $PPID' > d; cmp c d || echo differ) > /dev/null; ` +
		`sh -c 'echo $$' > e; cmp e c > /dev/null || echo own; rm ?`,
	`cd /usr; cd ..; pwd; cd -; echo $OLDPWD; (cd /; pwd; echo $OLDPWD); pwd; ` +
		`x=$(cd /tmp; pwd); pwd; cd /bin | true; pwd; { cd /; } & wait; pwd; pwd -P`,
	`x=1; (x=2; y=3; (x=4; echo $x); echo $x $y); echo $x "[$y]"; f() { x=5; }; ` +
		`(f; echo $x); echo $x; f; echo $x; { x=6; }; echo $x; x=7 | x=8; echo $x; ` +
		`: $(x=9); echo $x`,
	`exec env A=1 sh -c 'echo $A $0' name`, `exec /bin/echo a b`, `exec echo "builtin"`,
	`exec sh t2 x; echo no`,
	`exec ./nope x`, `(exec echo sub); echo $?; exec > f; echo to file; cat f >&2`,
	`echo $$ > a; exec sh -c 'echo $$ > b; cmp a b && echo same; rm a b'`,
	`trap 'echo no' EXIT; exec true`,
	`exec 3> f; exec sh -c 'echo x >&3; cat f'`,
	`x=1; export x; exec sh -c 'echo $x'`,
	`x=1 exec sh -c 'echo $x'`,
	`(exec sh -c 'exit 4'); echo $?; x=$(exec sh -c 'echo q; exit 5'); echo $? $x; ` +
		`exec false`,
}

// TestEnvironment judges the shell execution environment as subshells and programs see it (XCU
// 2.13).
func TestEnvironment(t *testing.T) {
	same(t, environmentRows...)
	judge(t, row{script: "echo one\nread x\nthis is data\necho \"[$x]\"\ncat\nrest\nof it",
		as:       asStdin,
		standard: "XCU sh, STDIN: no byte too many is read"})
	judge(t, row{script: "cat <<F\ninner $HOME\nF\nread x\nthe line\necho \"[$x]\"\n",
		as:       asStdin,
		standard: "XCU sh, STDIN: no byte too many is read"})
	judge(t, row{script: "echo one; exit 3\necho no", as: asStdin})
	judge(t, row{script: "x=1\nf() {\necho $x\n}\nf\nfor i in 1 2\ndo echo $i\ndone\ncat <<E\n" +
		"h $x\nE\nnosuch", as: asStdin})
	judge(t, row{script: "cat", stdin: "from stdin\n"})
	judge(t, row{script: "read a; read b; echo \"$a $b\"; cat", stdin: "1\n2\n3\n4\n"})
	judge(t, row{script: "while read a; do echo \"<$a>\"; done; sh -c 'cat; echo end'",
		stdin: "1\n2\n3"})
	judge(t, row{script: "read a; sh -c 'read b; echo $b'; (read c; echo $c); read d; " +
		"echo $d $a; head -n 1; cat & wait", stdin: "1\n2\n3\n4\n5\n6\n"})
	judge(t, row{script: "cat | read x; echo [$x]; cat", stdin: "1\n2\n"})
	judge(t, row{script: "sed 1q; read x; echo $x", stdin: "1\n2\n3\n"})
}

// TestHiddenInSubshell checks that changes of the process's state by a function, an eval or a
// dot script in a subshell stay in the subshell (XCU 2.13).
func TestHiddenInSubshell(t *testing.T) {
	const f = "f() { ulimit -n 100; umask 077; }; g() { f; }; show() { ulimit -n; umask; }\n"
	for _, subshell := range [...]string{"(f; show)", "x=$(f; show); echo \"$x\"", "f | cat",
		"(g; show)", "echo `g; show`", "true | g", "(eval 'ulimit -n 99; umask 011'; show)",
		"x='ulimit -n 88; umask 022'; (eval \"$x\"; show)", "(. ./dots; show)",
		"x=f; ($x; show)",
		"(command ulimit -n 60; show)", "{ f; show; } & wait", "(f() { :; }; g; show)"} {
		same(t, f+"echo 'ulimit -n 77; umask 011' > dots\n"+subshell+"; show")
	}
	const trap = "h() { trap 'echo T $?' USR1; sh -c 'kill -USR1 $PPID'; echo after; }; " +
		"k() { h; }\n"
	same(t, trap+"(h); echo $?", trap+"x=$(h); echo \"$x\"", trap+"k | cat; (k)", trap+
		"x=$(k); echo \"$x\"",
		trap+"(k) & wait; h", "r() { [ \"$1\" ] || s x; }; s() { r x; }; (r); (s); echo $?",
		"b() { sleep .1 & echo $!; }; p=$(b); kill -0 $p && echo runs; wait $p; echo $?")
}
