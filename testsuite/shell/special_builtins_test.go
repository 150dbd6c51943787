package shell

import "testing"

// each judges scripts with a common setup.
func each(t *testing.T, setup string, scripts ...string) {
	t.Helper()
	for _, s := range scripts {
		judge(t, row{script: setup + s})
	}
}

// TestColon judges colon, and true and false (XCU 2.14).
func TestColon(t *testing.T) {
	same(t,
		`false; :; echo $?`,
		`: a b -q --; echo $?`,
		`: ${x=5}; echo $x`,
		`: > f; ls; : >> f; : < f; echo $?`,
		`: $(exit 3); echo $?`,
		`x=1 :; echo $x`,
		`x=1 true; echo "[$x]"`,
		`false a b; echo $?; true -q; echo $?; false --help; echo $?`,
		`! :; echo $?; ! false; echo $?`,
		`: < nope; echo no`,
		`true < nope; echo $?; false < nope; echo $?`,
		`true > f x; cat f; x=$(true); echo "[$x]"`,
	)
}

// TestBreakContinue judges break and continue (XCU 2.14).
func TestBreakContinue(t *testing.T) {
	for _, command := range []string{"break", "continue"} {
		each(t, "",
			command+`; echo $?; `+command+` 3; echo $?`,
			command+` 0; echo no`,
			command+` x; echo no`,
			command+` -1; echo no`,
			command+` ''; echo no`,
			command+` 1 2; echo $?`,
			command+` -- 1; echo no`,
			`for i in 1 2; do `+command+` 0; echo $i; done; echo no`,
			`for i in 1 2; do `+command+` ''; echo $i; done; echo no`,
			`for i in 1 2; do `+command+` ' 1 '; echo $i; done; echo end`,
			`for i in 1 2; do `+command+` +1; echo $i; done; echo end`,
			`for i in 1 2; do `+command+` 01; echo $i; done; echo end`,
			`for i in 1 2; do `+command+` 1x; echo $i; done; echo end`,
			`for i in 1 2; do `+command+` 1 2; echo $i; done; echo end`,
			`for i in 1 2; do `+command+` --; echo $i; done; echo end`,
			`for i in 1 2; do `+command+` -- 1; echo $i; done; echo end`,
			`for i in 1 2; do `+command+` 99999999999; echo $i; done; echo end`,
			`for i in 1 2; do `+command+` 2147483647; echo $i; done; echo end $i`,
			`for i in 1 2; do for j in a b; do `+command+` 2; done; echo no; done; echo $i$j`,
			`for i in 1 2; do for j in a b; do `+command+` 3; done; echo no; done; echo $i$j`,
			`for i in 1 2; do for j in a b; do `+command+`; echo no; done; echo $i$j; done`,
			`f() { `+command+`; echo in; }; for i in 1 2; do f; echo $i; done`,
			`f() { for j in a b; do `+command+` 2; done; echo in; }; for i in 1 2; `+
				`do f; echo $i$j; done`,
			`for i in 1 2; do (`+command+`; echo in); echo $i; done`,
			`for i in 1 2; do (`+command+` 2; echo in) | cat; echo $i; done`,
			`for i in 1 2; do x=$(`+command+`; echo in); echo $i $x; done`,
			`for i in 1 2; do `+command+` | cat; echo $i; done`,
			`echo '`+command+`; echo in' > f; for i in 1 2; do . ./f; echo $i; done; echo end`,
			`for i in 1 2; do eval '`+command+`; echo in'; echo $i; done; echo end`,
			`for i in 1 2; do command `+command+`; echo $i; done; echo end`,
			`for i in 1 2; do `+command+` && echo no; echo $i; done; echo end`,
			`for i in 1 2; do false || `+command+`; echo $i; done; echo end`,
			`for i in 1 2; do ! `+command+`; echo $i; done; echo $?`,
			`for i in 1 2; do false; `+command+`; done; echo $?`,
			`i=0; while i=$((i+1)); [ $i -lt 4 ]; do [ $i = 2 ] && `+command+
				`; echo $i; done; echo $i`,
			`i=0; until i=$((i+1)); [ $i -ge 4 ]; do [ $i = 2 ] && `+command+
				`; echo $i; done; echo $i`,
			`i=0; while [ $((i+=1)) -lt 3 ] && { `+command+
				`; }; do echo $i; done; [ $i -lt 5 ] && echo end $i`,
			`for i in a; do while if [ "$x" ]; then false; else x=1; `+command+
				` 2; fi; do echo no; done; echo no; done; echo end`,
			`for i in 1 2; do case $i in *) `+command+`;; esac; echo no; done; echo $i`,
			`for i in 1 2; do { `+command+`; } > f; echo $i; done; echo end; cat f`,
			`for i in 1 2; do `+command+` > f; done; echo $i; ls`,
			`for i in 1 2; do `+command+` > /nope/x; done; echo no`,
			`for i in 1 2; do command `+command+` x; echo $i $?; done; echo end`,
			`x=0; for i in 1 2; do x=$i `+command+`; done; echo $x`,
			`echo a | while read l; do `+command+`; echo no; done; echo $?`,
			`trap '`+command+`' USR1; for i in 1 2; do kill -USR1 $$; echo $i; done; echo end`,
			`trap '`+command+`; echo end' EXIT; for i in 1 2; do exit 3; done`,
			`set -e; for i in 1 2; do `+command+`; done; echo $i`,
			`n=2; for i in 1 2; do for j in a b; do `+command+
				` $n; echo no; done; echo no; done; echo $i$j`,
		)
	}
}

// dotRows are rows of TestDot.
var dotRows = []string{
	`. ./d/s; echo $? $x`,
	`. d/s a b; echo $#`,
	`set -- p q; . d/s; . d/s a; echo $#`,
	`. ./e/s; echo $?; false; . ./r; echo $?`,
	`PATH=$PWD/d:$PWD/e; . s; echo $?`,
	`PATH=nope:e:d; . s; echo $?`,
	`PATH=:d; . s; echo no`,
	`PATH=:; . r; echo $?`,
	`PATH=; . r; echo $?`,
	`. r; echo no`,
	`. s; echo no`,
	`. ./nope; echo no`,
	`. nope/x; echo no`,
	`. /nope; echo no`,
	`. d; echo no`,
	`. ./d; echo no`,
	`. /dev/null; echo $?; false; . /dev/null; echo $?`,
	`.; echo $?`,
	`false; .; echo $?`,
	`. --; echo $?`,
	`. -- ./d/s; echo $?`,
	`. -x; echo no`,
	`. -; echo no`,
	`. ''; echo no`,
	`command . ./nope; echo $?`,
	`command . nope; echo $?`,
	`command . ./e/s; echo $?`,
	`command . ./d/s; echo $?`,
	`(. ./nope; echo no); echo $?`,
	`. ./nope || echo no`,
	`if . ./nope; then echo a; else echo b; fi; echo no`,
	`x=5 . ./d/s; echo $x`,
	`y=5 . ./d/s; echo $y`,
	`. ./d/s > out; cat out; . ./d/s < nope; echo no`,
	`echo 'echo $1; shift; echo $1; set -- z' > f; set -- a b c; . ./f; echo "$@"`,
	`f() { . ./e/s; echo $?; . ./d/s; echo "$@"; }; f 1 2`,
	`f() { echo 'return 3' > g; . ./g; echo after $?; return 5; }; f; echo $?`,
	`echo 'f() { return 7; }; f; echo $?; g() { echo g; }' > lib; . ./lib; g`,
	`echo 'exit 6' > f; . ./f; echo no`,
	`echo 'echo a; nosuch; echo b' > f; . ./f; echo $?`,
	`echo 'echo a; cd /nope; echo ${x?}; echo b' > f; . ./f; echo no`,
	`echo 'echo a; if' > f; . ./f; echo no`,
	`echo 'echo a
)' > f; command . ./f; echo $?`,
	`printf 'echo no newline' > f; . ./f; printf '\necho empty line' > f; . ./f; : > f; ` +
		`. ./f; echo $?`,
	`echo 'echo
nosuch
cd /nope' > f

. ./f; nosuch`,
	`echo 'false' > f; . ./f; echo $?; . ./f || echo or; ! . ./f; echo $?`,
	`echo '(exit 3)' > f; . ./f && echo no; echo $?`,
	`echo '. ./g; echo f $?' > f; echo 'echo g; return 2; echo no' > g; . ./f; echo $?`,
	`echo 'for i in 1 2; do return 3; done; echo no' > f; . ./f; echo $? $i`,
	`echo 'trap "echo bye" EXIT; return 9' > f; . ./f; echo $?`,
	`echo 'cat <<E
here $1
E
read x; echo "[$x]"' > f; set -- arg; echo line | . ./f`,
	`echo 'echo "$0"; echo $#' > f; . ./f; sh -c '. ./f; echo $0' name`,
	`set -x; . ./d/s`,
	`set -v; . ./r; set +v; . ./r`,
	`set -n; . ./d/s; echo no`,
	`mkfifo p; echo 'echo from pipe' > p & . ./p; echo $?`,
	`ln -s d/s l; . ./l; ln -s no b; . ./b; echo no`,
	`. ./d/s | cat; echo "[$x]"; echo $(. ./d/s); (. ./d/s; echo $x); echo "[$x]"`,
	`. /proc/self/fd/3 3<<E
echo from here
E
echo $?`,
	`exec 4< d/s; . /dev/fd/4; echo $?`,
}

// TestDot judges dot (XCU 2.14).
func TestDot(t *testing.T) {
	each(t, "mkdir d e; echo 'echo in d $# $*; x=1' > d/s; echo 'echo in e; return 4; "+
		"echo no' > e/s; echo 'echo r; return' > r; chmod -x d/s\n", dotRows...)
	judge(t, row{script: `. /dev/stdin; echo $x`, stdin: "x=1\necho in\n"})
}

// TestEval judges eval (XCU 2.14).
func TestEval(t *testing.T) {
	same(t,
		`false; eval; echo $?; false; eval ''; echo $?; false; eval ' '; echo $?; false; `+
			`eval '' ''; echo $?`,
		`false; eval 'echo $?'`,
		`false; eval '
'; echo $?; false; eval '# x'; echo $?; eval ';'; echo no`,
		`eval -- echo a; eval -- ; echo $?; eval -x; echo $?; eval - ; echo $?`,
		`eval 'exit 3'; echo no`,
		`eval '(exit 3)'; echo $?; eval 'false;'; echo $?; eval 'true
false
'; echo $?`,
		`x=1 eval 'echo $x'; echo $x`,
		`x=1 eval 'y=$x'; echo $y$x`,
		`eval 'echo a; )'; echo no`,
		`eval 'echo a
)'; echo no`,
		`command eval 'echo a
)'; echo $?`,
		`command eval '${x?gone}'; echo $?`,
		`(eval '('; echo no); echo $?`,
		`eval '(' || echo no`,
		`eval "echo '"; echo no`,
		`eval 'x=1; f() { echo $x; }'; f; eval 'cat <<E
$x
E'; echo end`,
		`f() { eval 'return 4'; echo no; }; f; echo $?`,
		`f() { eval "set -- $1"; echo $#; }; f 'a b c'; echo $#`,
		`eval 'shift' ; echo no`,
		`set -- a; eval 'shift'; echo $#`,
		`eval 'nosuch
nosuch'; echo $?
nosuch`,
		`eval 'eval "eval nosuch"'; echo $?`,
		`eval 'trap "echo bye" EXIT'; eval 'exit 2'`,
		`eval 'echo out; echo err >&2' > f 2> g; cat f g; eval 'cat' < f; eval echo a '>' h; `+
			`cat h`,
		`eval echo a < nope; echo no`,
		`x='a b'; eval y='$x'; echo "$y"; eval y=$x; echo "[$y]"; `+
			`eval "$(echo 'echo c; echo d')"`,
		`eval "a=1" "b=2" ';' "c=3"; echo $a $b $c`,
		`eval 'if true' '; then echo' yes '; fi'`,
		`set -e; eval 'false || true; echo a'; eval 'false; echo no'; echo no`,
		`set -x; eval 'echo a' b`,
		`set -v; eval 'echo a
echo b'`,
		`eval '

nosuch'
nosuch`,
		`eval 'readonly r=1'; eval 'r=2'; echo no`,
		`set -u; eval 'echo $nope'; echo no`,
		`eval 'sleep 0.1 &'; wait; echo $?; eval 'true &'; wait $!; echo $?`,
		`$(echo eval) 'echo dyn'; e=eval; $e 'echo $e'; "eval" echo q; \eval echo b`,
		`n=0; while [ $n -lt 3 ]; do eval "v$n=$n"; n=$((n+1)); done; echo $v0 $v1 $v2`,
		`! eval false; echo $?; eval '! true'; echo $?; eval false && echo no; `+
			`eval false || echo or`,
	)
}

// execRows are rows of TestExec.
var execRows = scripts{
	`exec; echo $?; false; exec; echo $?; exec --; echo $?`,
	`exec echo a; echo no`,
	`exec -- echo a; echo no`,
	`exec -x; echo no`,
	`exec - ; echo no`,
	`exec ''; echo no`,
	`exec nosuch; echo no`,
	`exec ./nosuch; echo no`,
	`exec /; echo no`,
	`exec ./t.sh; echo no`,
	`: > e; chmod +x e; exec ./e; echo no`,
	`mkdir d; exec ./d; echo no`,
	`mkdir d; PATH=.; exec d; echo no`,
	`printf '#!/nope\n' > e; chmod +x e; exec ./e; echo no`,
	`printf 'echo script $0 $1\n' > e; chmod +x e; exec ./e x; echo no`,
	`exec false`,
	`exec sh -c 'exit 9'`,
	`(exec nosuch; echo no); echo $?; (exec ./t.sh; echo no); echo $?; (exec false); ` +
		`echo $?`,
	`exec nosuch || echo no`,
	`if exec nosuch; then :; fi; echo no`,
	`command exec nosuch; echo $?`,
	`command exec ./t.sh; echo $?`,
	`command exec echo a; echo no`,
	`command exec; echo $?; command exec > f; echo x; cat f >&2`,
	`trap 'echo bye' EXIT; exec nosuch; echo no`,
	`trap 'echo bye' EXIT; exec echo a`,
	`trap 'echo bye' EXIT; exec env nosuch`, `trap 'echo bye' EXIT; exec nice ./nosuch`,
	`(trap 'echo bye' EXIT; exec nohup nosuch); echo $?`,
	`trap 'echo bye' EXIT; exec /usr/sbin/chroot / nosuch`,
	`trap 'echo bye' EXIT; exec env nice nosuch`,
	`trap 'echo bye' EXIT; exec env -C /nosuch true`, `trap 'echo bye' EXIT; exec env /tmp`,
	`trap 'echo bye' EXIT; exec timeout 9 nosuch`, `trap 'echo bye' EXIT; exec unshare nosuch`,
	`trap 'echo bye' EXIT; command exec env nosuch; echo $?`,
	`printf '#!/nosuch/a\n' >bad; chmod +x bad; exec ./bad & wait $!; echo $?`,
	`printf '#!/nosuch/a\n' >bad; chmod +x bad; (exec ./bad) & wait $!; echo $?`,
	`printf '#!/nosuch/a\n' >bad; chmod +x bad; ./bad & wait $!; exec env ./bad & wait $!; echo $?`,
	`trap 'echo bye' EXIT; command exec nosuch; echo $?`,
	`exec > f; echo a; cat f >&2`,
	`exec 2> f; nosuch; cat f`,
	`exec 3> f 4>&3; echo a >&4; exec 3>&- 4>&-; cat f; echo x >&3; echo $?`,
	`exec 3< t.sh; read x <&3; echo "$x"; exec 3<&-; read x <&3; echo $?`,
	`exec < t.sh; cat; echo $?`,
	`exec < nope; echo no`,
	`exec > /nope/x; echo no`,
	`command exec < nope; echo $?`,
	`exec 3>&9; echo no`,
	`exec 3>&-; echo $?`,
	`exec 3> f echo a >&3; cat f`,
	`exec echo a > f 2>&1; cat f`,
	`exec nosuch 2> f; cat f`,
	`x=1 exec; echo "$x"; x=2 exec > f; echo $x >&2`,
	`x=1 exec sh -c 'echo $x'`,
	`x=1; x=2 exec env | grep ^x=`,
	`x=1 exec 3>f; sh -c 'echo "[$x]"'; env | grep ^x=`,
	`f() { exec echo "$@"; }; f a b; echo no`,
	`f() { exec 3>f; }; f; echo a >&3; cat f`,
	`(exec > f; echo in); echo out; cat f`,
	`x=$(exec echo a); echo $x; x=$(exec > f; echo b); echo "[$x]"; cat f`,
	`exec echo a | cat; echo $?; echo b | exec cat; echo $?`,
	`{ exec 3> f; } ; echo a >&3; cat f; { exec 4> g; } 4> h; echo b >&4; echo $?; ls`,
	`f() { :; }; exec f; echo no`,
	`exec cd /; echo no`,
	`exec exec; echo no`,
	`exec true; echo no`,
	`exec test a = a; echo no`,
	`ls() { echo fn; }; exec ls t.sh`,
	`set -x; exec echo a`,
	`set -e; exec 3> /nope/x; echo no`,
	`readonly PATH; exec echo a`,
	`PATH=/nope; exec dir; echo no`,
	`PATH=/nope exec dir; echo no`,
	`PATH=/nope; PATH=/usr/bin:/bin exec dir`,
	`exec 5<<E
here
E
cat <&5; exec 5<&-`,
	`exec 1>&-; echo a; echo $? >&2`,
	`exec 2>&-; nosuch; echo $?`,
	`exec sh -c 'echo $0 $1' a b; echo no`,
	`umask 077; cd /; exec sh -c 'umask; pwd'`,
	`trap '' USR1; exec sh -c 'kill -USR1 $$; echo alive'`,
	`trap 'echo no' USR1; exec sh -c 'kill -USR1 $$; echo no'`,
	`trap 'echo no' USR1; exec sh -c 'trap "echo T" USR1; kill -USR1 $$; echo end'`,
	`printf 'trap "echo T" USR1; kill -USR1 $$; echo end' > s; chmod +x s; ` +
		`trap 'echo no' USR1; exec ./s`,
	`trap 'echo no' USR1; exec env sh -c 'kill -USR1 $$; echo no'`,
	`trap 'echo no' EXIT; exec sh -c 'trap "echo T" EXIT; exit 3'`,
	`trap '' USR1; exec sh -c 'kill -USR1 $$; trap "echo no" USR1; kill -USR1 $$; ` +
		`echo alive'`,
	`(trap 'echo T' USR1; exec sh -c 'echo in; trap "echo U" EXIT'); echo out`,
	`exec sh -c 'exec > f; echo a; cat f >&2; cd /; sh -c pwd >&2; (cd usr; pwd >&2)'`,
	`exec sh -c '{ sleep 0.1; echo bg; } & wait; echo $?; sh -c "exit 3"; echo $?; ` +
		`x=$(echo a); echo $x'`,
}

// TestExec judges exec (XCU 2.14).
func TestExec(t *testing.T) {
	same(t, execRows...)
}

// exitReturnRows are rows of TestExitReturn.
var exitReturnRows = scripts{
	`exit 3 > f; echo no`,
	`exit 3 > /nope/x; echo no`,
	`x=$(exit 3); echo $?; echo $(exit 3) $?`,
	`{ exit 3; }; echo no`,
	`f() { exit 3; }; f; echo no`,
	`exit 3 | cat; echo $?; true | exit 3; echo $?; ! exit 3; echo no`,
	`if exit 4; then :; fi; echo no`,
	`exit $(echo 3); echo no`,
	`exit 3 & wait $!; echo $?`,
	`trap 'echo one; exit 4' EXIT; exit 3`,
	`trap 'exit' EXIT; exit 3`,
	`trap 'false; exit' EXIT; exit 3`,
	`trap 'false' EXIT; exit 3`,
	`trap '(exit 9)' EXIT; exit`,
	`trap 'f' EXIT; f() { return 8; }; exit 3`,
	`trap 'echo $?' EXIT; false`,
	`trap 'echo $?; trap - EXIT; exit 7' EXIT; exit 3`,
	`trap 'exit' USR1; f() { kill -USR1 $$; }; (exit 5); f; echo no`,
	`trap 'exit 6' USR1; kill -USR1 $$; echo no`,
	`trap 'return 6' USR1; kill -USR1 $$; echo $?`,
	`trap 'return' USR1; f() { (exit 5); kill -USR1 $$; echo no; }; f; echo $?`,
	`trap 'return 6' USR1; f() { kill -USR1 $$; echo no; }; f; echo $?`,
	`return; echo no`,
	`false; return; echo no`,
	`return 3; echo no`,
	`(return 3; echo no); echo $?`,
	`x=$(return 3; echo no); echo $?`,
	`return 3 | cat; echo $?`,
	`eval 'return 3; echo no'; echo no`,
	`f() { (return 3; echo no); echo $?; }; f`,
	`f() { x=$(return 3; echo no); echo $?; }; f`,
	`f() { return 3 | cat; echo $?; }; f`,
	`f() { return 3 & wait $!; echo $?; }; f`,
	`f() { while :; do return 3; done; echo no; }; f; echo $?`,
	`f() { return > f; }; false; f; echo $?; ls`,
	`f() { return 3 > /nope/x; }; f; echo no`,
	`f() { command return 3; echo no; }; f; echo $?`,
	`f() { g; echo g $?; return 2; }; g() { return 1; }; f; echo $?`,
	`f() { return $?; }; (exit 7); f; echo $?`,
	`f() { if true; then return 3; fi; echo no; }; f; echo $?`,
	`f() { false && return; echo $?; false || return; echo no; }; f; echo $?`,
	`f() { return 3; } > out; f; echo $?; ls`,
	`f() (return 3; echo no); f; echo $?`,
	`f() { trap 'echo bye' EXIT; return 3; }; f; echo $?`,
	`f() { ! return 3; echo no; }; f; echo $?`,
	`f() { return 0; }; ! f; echo $?`,
	`f() { x=1 return 3; }; f; echo $? $x`,
	`echo 'f() { return 3; }; f; echo $?; return 4; echo no' > l; . ./l; echo $?`,
	`. ./l 2>/dev/null; echo no`,
	`sh -c 'return 5; echo no'; echo $?`,
	`sh -c 'exit 5; echo no'; echo $?`,
}

// TestExitReturn judges exit and return (XCU 2.14).
func TestExitReturn(t *testing.T) {
	for _, n := range []string{"", "0", "1", "255", "256", "257", "511", "65536", "2147483647",
		"2147483648", "4294967296",
		"-1", "+3", " 3", "'3 '", "' 3'", "03", "0x3", "x", "''", "3x", "3 4", "-- 3", "-x",
		"--", "$nope", "${x?}", "1.5", "99999999999999999999"} {
		each(t, "",
			"exit "+n, "(exit "+n+"); echo $?", "false; exit "+n, "f() { return "+n+
				"; echo no; }; false; f; echo $?",
			"f() { return "+n+"; }; f || echo or $?", "command exit "+n+"; echo $?",
			"echo 'return "+n+"; echo no' > f; false; . ./f; echo $?",
			"trap 'echo t $?; exit "+n+"' EXIT; (exit 6); exit 5")
	}
	same(t, exitReturnRows...)
	judge(t, row{script: "return 4\necho no", as: asStdin})
	judge(t, row{script: "false\nexit", as: asStdin})
	judge(t, row{script: "exit 1000\necho no", as: asOperand})
}

// TestShift judges shift (XCU 2.14).
func TestShift(t *testing.T) {
	each(t, "set -- a b c d; ",
		`shift; echo "$@"`,
		`shift 2; echo "$@"`,
		`shift 4; echo $#`,
		`shift 0; echo "$@" $?`,
		`shift 5; echo no`,
		`shift -1; echo no`,
		`shift x; echo no`,
		`shift ''; echo no`,
		`shift ' 2 '; echo "$@"`,
		`shift +1; echo "$@"`,
		`shift 01; echo "$@"`,
		`shift 1 2; echo "$@"`,
		`shift --; echo "$@"`,
		`shift -- 1; echo "$@"`,
		`shift 99999999999999999999; echo no`,
		`shift 2147483648; echo no`,
		`command shift 5; echo $? $#`,
		`command shift x; echo $? $#`,
		`command shift 2; echo $? $#`,
		`f() { shift; echo "$@"; }; f 1 2; echo "$@"`,
		`f() { shift 3; echo no; }; f 1 2; echo no`,
		`(shift; echo "$@"); echo "$@"`,
		`eval shift; echo "$@"`,
		`while [ $# -gt 0 ]; do echo $1; shift; done; echo $#; shift; echo no`,
		`while shift 2>/dev/null; do echo $#; done; echo no`,
		`shift > /nope/x; echo no`,
		`shift $#; echo $#; shift 0; echo $?`,
		`shift 5 || echo no`,
		`if shift 5; then :; fi; echo no`,
		`n=2; shift $n; echo "$@"; shift $((n-1)); echo "$@"`,
		`shift 2 > f; echo "$@"; ls`,
		`x=1 shift; echo $x "$@"`,
		`shift | cat; echo "$@"`,
		`set -e; shift 5; echo no`)
}

// TestTimes judges times (XCU 2.14).
func TestTimes(t *testing.T) {
	same(t,
		`times > f; echo $?; sed 's/[0-9]*m[0-9]*\.[0-9]\{6\}s/T/g' f; rm f`,
		`times a b > f; echo $?; wc -l < f; rm f`,
		`times > /nope/x; echo no`,
		`command times > /nope/x; echo $?`,
		`x=1 times > /dev/null; echo $x`,
		`command times | wc -l`,
		`(times) | wc -w`,
		`f() { times; }; f | wc -l`,
		`times -x | wc -l`,
		`times -- | wc -l`,
		`echo "$(times)" | wc -l`)
}

// TestUnset judges unset (XCU 2.14).
func TestUnset(t *testing.T) {
	each(t, "a=1 b=2; f() { echo fn; }; a() { echo fa; }; readonly r=1; export e=1\n",
		`unset a; echo "${a-unset}"; a`,
		`unset -v a; echo "${a-unset}"; a`,
		`unset -f a; echo $a; a`,
		`unset -f f nope; echo $?; f`,
		`unset nope; echo $?`,
		`unset; echo $?; unset -v; echo $?; unset -f; echo $?`,
		`unset f; echo $?; f`,
		`unset a b; echo "$a$b"`,
		`unset -v -f a; echo $a; a`,
		`unset -f -v a; echo "[$a]"; a`,
		`unset -fv a; echo "[$a]"; a`,
		`unset -vf a; echo "[$a]"; a`,
		`unset -x a; echo no`,
		`unset -- a; echo "[$a]"`,
		`unset -- -f; echo no`,
		`unset r; echo no`,
		`unset -v r; echo no`,
		`command unset r; echo $? $r`,
		`unset a r b; echo no`,
		`command unset a r b; echo "$?[$a][$b]"`,
		`unset -f r; echo $? $r`,
		`unset 1x; echo no`,
		`unset ''; echo no`,
		`unset 'a b'; echo no`,
		`unset a=1; echo no`,
		`unset 1; echo no`,
		`unset '?'; echo no`,
		`unset -f '1x'; echo $?`,
		`unset -f ''; echo $?`,
		`command unset 1x; echo $?`,
		`unset a 1x b; echo no`,
		`unset e; env | grep ^e=; e=2; env | grep ^e=; echo $?`,
		`unset PATH; dir; echo $?`,
		`unset IFS; x='a b:c'; set -- $x; echo $#`,
		`unset HOME; echo ~; cd; echo $?`,
		`unset PWD; pwd; cd .; echo $PWD`,
		`unset PS4; set -x; echo a`,
		`unset PPID; echo "[$PPID]"`,
		`g() { unset a; echo "[${a-u}]"; }; g; echo "[${a-u}]"`,
		`g() { local a=3; unset a; echo "[${a-u}]"; }; g; echo $a`,
		`unset a > /nope/x; echo no`,
		`(unset a; echo "[$a]"); echo $a`,
		`unset $nope; echo $?`,
		`set -u; unset a; echo $a; echo no`,
		`set -e; unset nope; echo a; unset -f nope; echo b`,
		`x=1 unset x; echo "[$x]"`,
		`unset a; a=5; echo $a; unset a a; echo "[$a]"`,
		`f2() { unset -f f2; echo in; }; f2; f2; echo $?`,
		`unset -f cd; cd .; echo $?`,
		`unset _; unset IFS PS1 PS2 MAIL; echo $?`)
	judge(t, row{script: `unset OPTIND; getopts a x -a; echo $x $OPTIND`,
		standard: "XCU 2.14 unset"})
}

// readonlyAssignments are ways to give another value to r, which is readonly.
var readonlyAssignments = []string{
	"r=2", "r=2 :", "r=2 true", "r=2 f", "r=2 ls", "r=2 exec ls",
	"r=2 nosuch", "export r=2", "readonly r=2", "export r", "readonly r", "unset r",
	"unset -v r", "read r < t.sh", "getopts a r -a", "for r in a; do echo no; done",
	": ${r=2}", ": ${q=2} ${r:=2}", "echo $((r=2))", "echo $((r+=2))", "echo $((r))",
	"local r", "g", "h",
	"cd .", "eval r=2", ". ./l", "(r=2; echo no)", "x=$(r=2; echo no)", "r=2 | cat",
	"command eval r=2", "command export r=2", "command readonly r=2",
	"command read r < t.sh", "x=1 r=2 y=3", "x=1 r=2 y=3 :", "r=", "r= true",
	"case ${r:=x} in *) echo in; esac", "if r=2; then :; fi", "r=2 || echo or", "! r=2",
	"{ r=2; }", "r=2 > f", "set -a; r=2", "sh -c 'r=3; echo $r'", "r=2 & wait $!",
	"printf x > f; read -r r x < f",
}

// exportReadonlyRows are rows of TestExportReadonly.
var exportReadonlyRows = scripts{
	`readonly OLDPWD; cd /; echo no`,
	`readonly PWD; cd /; echo no`,
	`readonly OPTARG; getopts a: x -a b; echo $? $x $OPTARG`,
	`readonly OPTIND; getopts a x -a; echo $? $x $OPTIND`,
	`readonly a; a=1; echo no`,
	`readonly PATH=/bin; PATH=/x; echo no`,
	`readonly PATH; command -p ls t.sh; echo $?`,
	`f() { local a=1; readonly a; a=2; echo no; }; a=0; f; echo no`,
	`f() { local a=1; readonly a; }; a=0; f; echo $a; a=3; echo $a`,
	`readonly a=1; f() { local a; echo no; }; f; echo no`,
	`export a=1; (unset a; env | grep ^a=; echo $?); env | grep ^a=`,
	`readonly a=1; (a=2; echo no); echo $?; sh -c 'a=2; echo $a'`,
}

// TestExportReadonly judges export and readonly (XCU 2.14).
func TestExportReadonly(t *testing.T) {
	for _, c := range []string{"export", "readonly"} {
		each(t, "", c+` a=1; echo $a $?`, c+` a=1 b c=3; echo $a$b$c`, c+` -- a=1; echo $a`, c+
			` a b; echo $?; `+c+` | grep -E ' [ab]'`,
			`a=1; `+c+` a; echo $a`,
			`a='x y'; b=a:~:~/c; `+c+` c=$a d=~ e=x:~ f="$b" g=$b; echo "$c|$d|$e|$f|$g"`,
			`x='a=1 b=2'; `+c+` $x; echo "$a-$b"`,
			`x='a=1 b=2'; `+c+` "$x"; echo "$a-$b"`,
			`n=v; `+c+` $n=5; echo $v`,
			`touch a=1 a=2; `+c+` a=*; echo "$a"; ls`,
			`touch a=1; `+c+` a=?; echo "$a"`,
			c+` a=$(echo x y); echo "$a"`, c+` a=$(exit 3); echo $?`, c+
				` a="$(printf 'p\nq')"; echo "$a"`, c+` 1a; echo no`, c+` ''; echo no`, c+
				` =; echo no`, c+` =x; echo no`, c+` a-b=1; echo no`, c+` 'a b'=1; echo no`, c+
				` a 1b c; echo no`, c+` -x; echo no`, c+` -p -x; echo no`, c+` -px; echo no`,
			`command `+c+` 1a; echo $?`,
			`command `+c+` a='x y' b=~; echo $a $b`,
			`command `+c+` a=$(echo x y); echo $a`,
			`x=`+c+`; $x a=1; echo $a`,
			`\`+c+` a=~ ; echo "$a"`,
			`"`+c+`" a="x y"; echo "$a"`,
			c+` -p nope; echo $?`, c+` -p HOME | grep -c HOME`, c+` -p a=1; echo "[$a]"`,
			`unset PATH PWD OLDPWD HOME LC_ALL; `+c+` b="it's" a='"q" $x \ ' d= e c='n
l'; `+c+` -p`,
			`unset PATH PWD OLDPWD HOME LC_ALL; `+c+` _b=1 B=2 b=3 a1=4 a=5 A=6 a_=7; `+c, c+
				` a="''" b="'" c="a'b''c'" d='*' e='~' f='	t'; `+c+` -p | grep ' [a-f]='`,
			`unset a; `+c+` a; echo "${a-unset}"; `+c+` -p | grep ' a'`,
			`unset a; `+c+` a; set | grep ^a=; echo $?`,
			`unset a; `+c+` a; env | grep ^a=; echo $?`, c+
				` a=1; env | grep ^a=; a=2; env | grep ^a=; echo $?`, c+` a=1 > f; echo $a; ls`, c+
				` a=1 > /nope/x; echo no`, c+` > /nope/x; echo no`, c+` -p > /dev/full; echo no`,
			`f() { `+c+` a=1; }; f; echo $a`,
			`f() { local a; `+c+` a=1; echo $a; }; a=0; f; echo $a; a=3; echo $a`,
			`(`+c+` a=1); echo "[$a]"; a=2; echo $a`,
			`a=1 `+c+` a; echo $a; env | grep ^a=`,
			`a=1 `+c+` b=2; echo $a$b; env | grep ^[ab]=`,
			`a=2 `+c+` a=1; echo $a`, c+` a=1 a=2; echo $?$a`, c+` a=1 b=$a; echo "[$b]"`, c+
				` a=1; `+c+` a; `+c+` a=1; echo $?`,
			c+` PATH; ls`, c+` IFS; x='a b'; set -- $x; echo $#`, c+
				` a=1; unset a; echo "[$a]"`, c+` "a=1	2"; echo "$a"`, c+` a=1`+"`echo 2`"+
				`; echo $a`, c+` a=${b:-x y}; echo "$a"`, c+` a=$* b=$@; echo "[$a][$b]"`,
			`set -- "1 2" 3; `+c+` a=$* b=$@ c="$@"; echo "$a|$b|$c"`,
			`set -- a=1 b=2; `+c+` "$@"; echo $a$b`,
			`set -x; `+c+` a=1 b="2 3"`, c+` a+=1; echo no`)
	}
	for _, way := range readonlyAssignments {
		judge(t, row{script: "f() { echo f; }; g() { local r=3; echo no; }; " +
			"h() { r=3; echo no; }; echo r=4 > l; readonly r=1; r() { :; }\n" + way +
			"\necho $? $r"})
	}
	same(t, exportReadonlyRows...)
}

// TestLocal judges local, which the standard lacks.
func TestLocal(t *testing.T) {
	same(t,
		`local; echo no`,
		`local x; echo no`,
		`(local x; echo no); echo $?`,
		`command local x; echo $?`,
		`f() { local; echo $?; }; f`,
		`f() { local x; echo "[$x]" $?; }; x=1; f; unset x; f`,
		`f() { local x=; echo "[$x]"; }; x=1; f; echo $x`,
		`f() { local a=1 b=2 a=3; echo $a$b; }; a=x; f; echo $a$b`,
		`f() { local x=1; local x=2; local x; echo $x; }; x=0; f; echo $x`,
		`f() { local x=$(exit 3); echo $?; }; f`,
		`f() { local x; x=$(exit 3); echo $?; }; f`,
		`f() { local x=$1 y="$2" z=$*; echo "$x|$y|$z"; }; f 'a b' 'c d'`,
		`f() { local x=a\ b y='c d' z=~; echo "$x|$y|$z"; }; f`,
		`f() { local 1x; echo no; }; f; echo no`,
		`f() { local ''; echo no; }; f`,
		`f() { local -x; echo no; }; f`,
		`f() { local -- x=1; echo "$x"; }; f; echo "[$x]"`,
		`f() { local -; set -ef; echo $-; }; f; echo "[$-]"`,
		`f() { local - x=1; set -u; echo $-$x; }; f; echo "[$-$x]"`,
		`set -f; f() { local -; set +f; echo "[$-]"; }; f; echo $-`,
		`f() { local x=f; g; echo $x; }; g() { echo g $x; x=g; }; f; echo "[$x]"`,
		`f() { local x=f; g; echo $x; }; g() { local x=g; h; }; h() { x=h; echo $x; }; f`,
		`f() { local x=1; return 3; }; x=0; f; echo $? $x`,
		`f() { local x=1; (x=2; echo $x); echo $x; }; f`,
		`f() { local x=1; eval 'local y=2'; echo $x$y; }; f; echo "[$x$y]"`,
		`echo 'local x=5' > l; f() { . ./l; echo $x; }; f; echo "[$x]"`,
		`echo 'local x=5' > l; . ./l; echo no`,
		`f() { local x=1; export x; env | grep ^x=; }; f; env | grep ^x=; x=2; `+
			`env | grep ^x=; echo $?`,
		`export x=1; f() { local x; env | grep ^x=; x=2; env | grep ^x=; }; f; env | grep ^x=`,
		`export x=1; f() { local x=; unset x; env | grep ^x=; echo $?; }; f; env | grep ^x=`,
		`f() { local IFS=:; set -- $1; echo $#; }; f a:b; x=a:b; set -- $x; echo $#`,
		`f() { local PATH=/nope; dir; echo $?; }; f; dir`,
		`f() { local OPTIND=1 o; while getopts ab o; do echo $o; done; }; f -a -b; f -b; `+
			`getopts a o -a; echo $o`,
		`f() { local HOME=/x; echo ~; cd; echo $?; }; f; echo ~`,
		`f() { for i in 1 2; do local i=$i; echo $i; done; }; i=x; f; echo $i`,
		`f() { local n=$1; [ $n = 0 ] || f $((n-1)); echo $n; }; f 3`,
		`f() { local x=1 > o; echo $x; }; f; ls; echo "[$x]"`,
		`f() { local x=1 > /nope/x; echo no; }; f; echo no`,
		`x=2 f() { :; }; f2() { y=3 local x=1; echo $x$y; }; f2; echo "[$x$y]"`,
		`f() { local x; unset x; x=5; }; x=1; f; echo $x`,
		`f() { local x=1; f2() { echo $x; }; }; f; f2; echo end`,
		`f() { local $1; echo "[$a]"; }; a=0; f a=5; echo $a`,
		`f() { local x | cat; echo $?; }; f`,
		`f() { local PWD; cd /; echo $PWD; pwd; }; f; pwd`,
		`f() { local x=1; trap 'echo $x' EXIT; }; x=0; f; echo end`,
		`f() { command local x=1; echo $x; }; f; echo "[$x]"`,
		`set -u; f() { local x; echo "${x-unset}"; echo $x; echo no; }; f`,
		`set -a; f() { local x=1; env | grep ^x=; }; f; env | grep ^x=; echo $?`,
		`f() { local a b c=$a; echo "[$c]"; }; a=1; f`)
}
