package shell

import "testing"

// loopsRows are rows of TestLoops.
var loopsRows = scripts{
	`for i in a "b c" d; do echo $i; done; echo $?; for i in; do echo no; done; echo $?; ` +
		`echo "$i"; for i in $nope; do echo no; done`,
	`set -- x y; for i do echo $i; done; for i; do echo $i; done; for i
do echo $i; done; for i
in a b
do echo $i; done; for i in $@; do echo "$i"; set --; done`,
	`for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done; for i in 1 2 3; ` +
		`do [ $i = 2 ] && break; echo $i; done; echo $?; for i in 1; do false; done; ` +
		`echo $?`,
	`for i in 1 2; do for j in a b c; do [ $j = b ] && continue 2; echo $i$j; done; done; ` +
		`for i in 1 2; do for j in a b; do break 2; done; echo no; done; echo $i$j`,
	`for i in 1 2; do for j in a b; do break 9; done; echo no; done; echo $i$j; ` +
		`for i in 1 2; do continue 9; echo no; done; echo $i`,
	`i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done; echo $?; until [ $i = 0 ]; ` +
		`do i=$((i-1)); done; echo $i; while false; do :; done; echo $?; until true; ` +
		`do :; done; echo $?`,
	`while true; do break; done; echo $?; while true; do false; break; done; echo $?; ` +
		`i=0; while i=$((i+1)); [ $i -lt 3 ]; do false; done; echo $?; while :; ` +
		`do (exit 3); break; done; echo $?`,
	`break; echo a; continue; echo b; f() { break; echo c; }; for i in 1 2; ` +
		`do f; echo $i; done; for i in 1 2; do (break; echo no); echo $i; done`,
	`for i in 1 2; do eval break; echo no; done; echo $i; for i in 1 2; ` +
		`do eval 'continue; echo no'; echo no; done; echo $i; echo break > b; ` +
		`for i in 1 2; do . ./b; echo after; done`,
	`while break; do echo no; done; echo $?; until break; do :; done; echo a; i=0; ` +
		`while [ $((i+=1)) -lt 3 ] || break; do echo $i; done; echo $i`,
	`for i in 1 2 3; do if [ $i = 2 ]; then break; fi; echo $i; done; for i in 1 2; ` +
		`do case $i in 1) continue;; esac; echo $i; done; for i in 1 2; ` +
		`do { break; }; done; echo $i; for i in 1 2; do ! break; done; echo $? $i`,
	`for i in 1 2; do while :; do break; done; echo $i; done; while :; do for i in 1; ` +
		`do break 2; done; done; echo $i; for i in 1 2; do break 1; done; for x in a; ` +
		`do break 0; done; echo no`,
	`for i in 1; do break x; done; echo no`,
	`for i in 1; do break -1; done; echo no`,
	`f() { for i in 1 2; do return 3; done; echo no; }; f; echo $? $i; while :; ` +
		`do exit 4; done; echo no`,
	`for i in 1 2; do echo $i; done | cat; for i in 1 2; do echo $i; done > f; cat f; ` +
		`for i in 1 2; do break; done | cat; echo x | while read l; do break; done; echo $?`,
	`for 1 in a; do echo no; done; echo no`,
	`for i in a b; do echo $i; i=z; done; echo $i; for i in a; do :; done; echo $i; ` +
		`for _x1 in q; do echo $_x1; done`,
	`while read a b; do echo "$b $a"; done <<E
1 2
3 4
E
while read x && [ "$x" != end ]; do echo $x; done <<E
a
end
b
E`,
	`i=3; while [ $i -gt 0 ]; do i=$((i-1)); [ $i = 1 ] && continue; echo $i; done; i=0; ` +
		`until [ $((i+=1)) -ge 3 ]; do echo $i; done; for i in $(seq 2); ` +
		`do for j in $(seq $i); do echo $i.$j; done; done`,
	`trap 'break' USR1; while :; do kill -USR1 $$; echo no; break; done; echo out`,
	`if false; then echo a; elif true; then echo b; else echo c; fi; if false; ` +
		`then echo a; else echo c; fi; if false; then :; fi; echo $?; if false; ` +
		`then :; elif false; then :; fi; echo $?; if (exit 3); then :; else echo $?; fi`,
	`if true; then false; fi; echo $?; if ! true; then echo a; else echo b; fi; ` +
		`if true && false; then echo a; else echo b; fi; if true; false; then echo a; ` +
		`else echo b; fi; if [ -n x ]; then if [ -z x ]; then echo a; ` +
		`else echo b; fi; fi`,
	`if true
then echo a
else
echo b
fi; if { false; true; }; then echo c; fi; if (true); then echo d; fi; if f() { :; }; ` +
		`then f && echo e; fi`,
	`{ echo a; echo b; }; { echo c; } ; { { echo d; }; }; { false; }; echo $?; { x=1; }; ` +
		`echo $x; { exit 3; echo no; }; echo no`,
	`(echo a; echo b); (x=1); echo "[$x]"; (exit 3); echo $?; ( (echo c) ); (cd /; pwd); ` +
		`[ -f t.sh ] && echo back; (exit 3; echo no) || echo $?; (set -f; echo $-); echo $-`,
	`(trap 'echo in' EXIT; echo a); (f() { echo sub; }; f); f; echo $?; (unset HOME; ` +
		`echo "[$HOME]"); echo $HOME; (set -- a; echo $#); echo $#; (shift 2>/dev/null; ` +
		`echo x); (umask 0; umask); umask 022; umask`,
	`(return 3); echo $?; f() { (return 4; echo no); echo $?; }; f; (break); echo $?; ` +
		`for i in 1 2; do (continue; echo no); echo $i; done; (exec true; echo no); ` +
		`echo $?; (exec 3>f; echo a >&3); cat f; echo x >&3`,
	`(sleep 0.1; echo a) ; (kill -TERM $$; sleep 5); echo no`,
	`(sh -c 'kill -TERM $PPID'; sleep 0.2; echo after) ; echo $?`,
	`x=$( (echo a) ); echo $x; (x=5; (x=6; echo $x); echo $x); (exit); echo $?; false; ` +
		`(exit); echo $?; (false); echo $?; (true; exit); echo $?`,
	`! { true; }; echo $?; ! (false); echo $?; ! for i in 1; do false; done; echo $?; ` +
		`! if true; then false; fi; echo $?; if ! false; then echo a; fi; while ! true; ` +
		`do :; done; echo $?`,
	`{ echo a; } | { cat; echo b; } > f; cat f; if true; then cat; fi < f; ` +
		`{ read x; echo "$x"; } < f; while read y; do echo "$y"; done < f | sort -r; ` +
		`! { cat; } < f; echo $?`,
}

// TestLoops judges compound commands (XCU 2.9.4).
func TestLoops(t *testing.T) {
	same(t, loopsRows...)
}

func TestSyntaxErrors(t *testing.T) {
	for _, s := range []string{`echo a; if`, `if true; then`, `if true; echo a; fi`,
		`while true; do`, `for`, `for i in a; echo`, `case`, `case x`,
		`case x in`, `case x in a`, `case x in a) echo;`, `(`, `( echo`, `)`, `{`, `{ echo`,
		`}`, `fi`, `done`, `esac`, `then`, `do`, `echo a | | b`,
		`echo a && && b`, `| a`, `&& a`, `& a`, `;; `, `echo "a`, `echo 'a`, "echo `a",
		`echo $(a`, `echo ${a`, `echo $((1`, `a() `, `a( b`, `a()`,
		`a(b)`, `echo (`, `echo a (`, `echo a)`, `echo >`, `echo > ;`, `echo <`, `cat <<`,
		`echo a > > b`, `function f { echo a; }`, `[[ a = b ]]`,
		`echo a &| b`, `if; then; fi`, `while; do; done`, `for i in a; do; done`, `{ }`, `( )`,
		`f() { }`, `case a in ;; esac`, `echo a
echo b
if x
`, `echo a
(
echo b
`, `echo a
echo )
echo b`, `x=(a b)`, `echo <(a)`, `a=1 b() { :; }`, `! `, `!`, `echo a; ! ; echo b`, `echo ${`,
		`echo "${x"`, `echo 'a
b
c`, `true; }`, `eval "("; echo no`, `eval "echo a
)"; echo no`, `(eval "("; echo no); echo $?`, `eval "if"; echo no`, `echo a; . ./bad; echo no`,
		`x=$(echo a; if); echo no`, `sh -c "("; echo $?`,
		`echo '(' > bad; . ./bad; echo no`,
		`echo '(' > bad; sh ./bad; echo $?`, `command eval "("; echo $?`,
		`for i in a; do echo $i; fi`,
		`if true; then echo a; done`, `f() { echo a; }; f() (`, `echo a
f() {
echo b

`, `alias`, `echo a;
;`, `echo a & ; echo b`, `case x in x) echo a;; y) echo b`, `case x in x) echo a esac`,
		`echo a; }; echo b`,
		`until`, `until true; do echo; don`, `cat <<E
a
E
(`, `trap "(" EXIT; echo a`, `trap "(" USR1; kill -USR1 $$; echo a`} {
		judge(t, row{script: s})
		judge(t, row{script: s + "\n", as: asOperand})
	}
}

// TestStatusOfCompounds judges the status that each command sees and leaves behind a failed
// one.
func TestStatusOfCompounds(t *testing.T) {
	same(t,
		`if x=$(exit 2); then :; else for i in 1 2; do echo "$? $#"; done >f1; cat f1; fi`,
		`if false; then :; else for i in 1 2; do echo "$? $#"; done; fi`,
		`if (exit 3); then :; else for i in 1 2; do echo "$? $#"; done >f1; cat f1; fi`,
		`(exit 3); for i in 1 2; do echo "$?"; done >f1; cat f1`,
		`(exit 3); { echo "$?"; } >f1; cat f1; (exit 3); while echo $?; do break; done >f1; `+
			`cat f1; (exit 3); if echo $?; then :; fi >f1; cat f1; (exit 3); `+
			`case $? in 3) echo $?; esac >f1; cat f1; (exit 3); (echo $?) >f1; cat f1; `+
			`f() { echo $?; } >f1; (exit 3); f; cat f1`,
		`(exit 3); case a in a) echo $?; esac; (exit 3); case a in b) ;; esac; echo $?; `+
			`(exit 3); for i in; do :; done; echo $?; (exit 3); for i in $(exit 4); `+
			`do :; done; echo $?;  (exit 3); for i in $(exit 4) a; do echo $?; done`,
		`(exit 3); while false; do :; done; echo $?; (exit 3); until true; do :; done; `+
			`echo $?; (exit 3); { :; } ; echo $?; (exit 3); ! { echo $?; }; (exit 3); `+
			`case $(exit 5) in '') echo $?; esac; x=$(exit 6) y=; echo $?; `+
			`x=$(exit 6) y=$(true); echo $?`,
		`f() { echo $?; }; (exit 3); f; (exit 3); eval 'echo $?'; echo 'echo $?' > d; `+
			`(exit 3); . ./d; (exit 3); x=1 f; (exit 3); x=$? y=$(echo $?); echo $x $y; `+
			`(exit 3); eval ''; echo $?; (exit 3); . /dev/null; echo $?`,
		"g() { :; }; (exit 3); g; echo $?; h() { return; }; (exit 3); h; echo $?; (exit 3); "+
			"k() { (exit 4); return; }; k; echo $?; (exit 3); echo $(echo $?); (exit 3); "+
			"echo `echo $?`; (exit 3); (echo $?); (exit 3); echo $? | cat; (exit 3); "+
			"{ echo $?; } | cat",
		`(exit 3); while [ $? = 3 ]; do echo $?; (exit 5); done; echo $?; (exit 3); `+
			`until [ $? != 3 ]; do echo in $?; done; echo $?; (exit 3); if [ $? = 3 ]; `+
			`then echo $?; fi; (exit 3); if false; then :; fi; echo $?; if false; `+
			`then :; elif (exit 4); then :; fi; echo $?`,
		`(exit 3); x=1; echo $?; (exit 3); x=$(true); echo $?; (exit 3); >f; echo $?; `+
			`(exit 3); export y=$?; echo $y $?; (exit 3); readonly z; echo $?; (exit 3); `+
			`set -- $?; echo $1 $?; (exit 3); shift; echo $?; (exit 3); trap; echo $?; `+
			`(exit 3); :; echo $?`,
		`(exit 3); for i in 1; do (exit 4); break; done; echo $?; for i in 1 2; do (exit 4); `+
			`continue; done; echo $?; (exit 3); for i in 1; do :; done; echo $?; (exit 3); `+
			`while :; do break; done; echo $?; (exit 3); while :; do (exit 5); `+
			`break; done; echo $?`,
		`(exit 3); cat <<X
$?
X
(exit 3); f1() { cat; } <<X
$?
X
(exit 4); f1; (exit 3); echo ${x:-$?} $((0+$?)) "$?"; (exit 3) || echo $?; `+
			`(exit 3) && echo no; echo $?; ! (exit 3); echo $?; (exit 3) | true; echo $?; `+
			`(exit 3) & echo $?; wait $!; echo $?`,
		`set -e; (exit 3) || for i in 1 2; do echo $?; done; f() { (exit 4); echo $?; }; `+
			`f || :; if f; then :; fi; (exit 3) && :; echo $?; trap 'echo t $?' EXIT; `+
			`for i in 1; do (exit 6); done; echo no`,
		`trap 'echo u $?; (exit 9)' USR1; (exit 3); kill -USR1 $$; echo $?; for i in 1 2; `+
			`do (exit $i); kill -USR1 $$; echo $?; done; f() { (exit 5); kill -USR1 $$; `+
			`return; }; f; echo $?`,
		`case $(exit 3) in *) echo $?; esac; (exit 4); case $? in 4) ;; esac; echo $?; `+
			`(exit 4); case $(exit 3)x in x) ;; esac; echo $?`,
		`(exit 3); echo a$(exit 4)b; echo $?; (exit 3); true $(exit 4); echo $?; (exit 3); `+
			`$(exit 4); echo $?; (exit 3); $(true); echo $?; (exit 3); ''$nope; echo $?; `+
			`(exit 3); $nope; echo $?; (exit 3); $nope >f2; echo $?; (exit 3); `+
			`x=$(exit 5) $nope; echo $?; (exit 3); read x </dev/null; echo $?`)
}
