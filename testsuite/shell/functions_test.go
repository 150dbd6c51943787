package shell

import "testing"

// functionsRows are rows of TestFunctions.
var functionsRows = scripts{
	`f() { echo "f $*"; }; f a b; f; f() echo no 2>/dev/null; echo x`,
	`f() ( echo sub; x=1 ); f; echo "[$x]"; g() if true; then echo g; fi; g; ` +
		`h() for i in 1 2; do echo $i; done; h; k() case $1 in a) echo A;; esac; k a; ` +
		`l() while true; do echo l; break; done; l`,
	`f () { echo a; }
f; g()
{
echo b
}
g; h( ) { echo c; }; h`,
	`f() { return 3; echo no; }; f; echo $?; f() { return; }; false; f; echo $?; ` +
		`f() { false; return; }; f; echo $?; f() { false; }; f; echo $?; f() { :; }; f; ` +
		`echo $?; f() { return 300; }; f; echo $?; f() { return 0; }; f && echo ok`,
	`f() { return -1; }; f; echo $?`,
	`f() { return x; }; f; echo no`,
	`f() { x=1; local y=2; echo $x $y; }; f; echo "$x [$y]"`,
	`f() { local x=1; g; echo $x; }; g() { echo "g $x"; x=2; }; x=0; f; echo $x`,
	`f() { local x; echo "[$x]"; x=1; }; x=0; f; echo $x; unset x; f; echo "[${x-unset}]"`,
	`f() { local a=1 b=2 c; echo "$a $b [${c-unset}]"; }; f; local z=1; echo no`,
	`f() { local x="a b" y=$1; echo "$x" "$y"; }; f "c d"; f() { local x=$1 y=$x; ` +
		`echo "$x|$y"; }; x=out; f in; f() { local $1=5; eval echo \$$1; }; f name`,
	`f() { local x=~ y=a:~ z=$(echo a b); echo $x $y "$z"; }; f; f() { local -; set -f; ` +
		`echo $-; }; f; echo "[$-]"; f() { local 1x; }; f; echo no`,
	`f() { unset x; echo "[${x-unset}]"; }; x=1; f; echo "[${x-unset}]"; f() { local x=1; ` +
		`unset x; echo "[${x-unset}]"; x=2; }; x=0; f; echo $x`,
	`f() { local x; export x=1; sh -c 'echo [$x]'; }; x=0; f; sh -c 'echo [$x]'; ` +
		`export x; f; sh -c 'echo [$x]'; f() { local x=7; sh -c 'echo [$x]'; }; f; ` +
		`sh -c 'echo [$x]'`,
	`f() { [ $1 -le 0 ] && return; echo $1; f $(($1-1)); echo $1; }; f 3; ` +
		`fact() { [ $1 -le 1 ] && echo 1 || echo $(($1 * $(fact $(($1-1))))); }; fact 5; ` +
		`r() { local n=$1; [ $n -gt 0 ] && r $((n-1)); echo $n; }; r 2`,
	`f() { f() { echo second; }; echo first; }; f; f; g() { echo g; unset -f g; }; g; g; ` +
		`echo $?; unset -f nope; echo $?`,
	`unset f; f() { echo fn; }; f=1; unset f; f; echo "[$f]"; unset -f f; f=2; f; ` +
		`echo $f; unset -v f; echo "[$f]"`,
	`f() { echo "$0 $1 $#"; set -- z; echo $1; }; set -- a b; f x; echo "$@"; ` +
		`f() { shift; echo $1; }; f 1 2; f() { for i; do echo $i; done; }; f p q`,
	`echo() { printf 'my %s\n' "$*"; }; echo a; command echo b; unset -f echo; echo c; ` +
		`true() { return 1; }; true; echo $?; ls() { echo "ls $*"; }; ls x; ` +
		`command ls t.sh; test() { return 5; }; test; echo $?`,
	`exit() { echo no; }; echo bad`,
	`f() { exit 3; }; f; echo no`,
	`f() { exec true; }; f; echo no`,
	`f() { trap 'echo t' EXIT; echo in; }; f; echo out`,
	`f() { trap 'echo t' EXIT; return 2; }; (f; echo a); echo $?; f() { set -e; false; ` +
		`echo no; }; (f; echo no); echo $?; f() { cd /; }; f; pwd; f() { umask 077; }; f; ` +
		`umask`,
	`f() { cat; }; echo a | f; f < t.sh | head -n 1; f <<E
h
E
x=$(f <<E
i
E
); echo $x; f() { echo o; echo e >&2; }; f > a 2> b; cat a b; f 2>&1 | sort; (f) 2>/dev/null; ` +
		`f >/dev/null`,
	`f() { echo $a; }; a=1 f; echo "[$a]"; a=0; a=1 f; echo $a; f() { a=5; }; a=1 f; ` +
		`echo $a; f() { echo $a$b; sh -c 'echo $a$b'; }; a=1 b=2 f; f`,
	`f() { :; }; f=3; echo $f; f; command -v f; type f; unset -f f; command -v f; ` +
		`echo $?; f-g() { echo dash; }; f-g; f.g() { echo dot; }; f.g; ` +
		`1f() { echo one; }; 1f`,
	`f() { return 1; }; f || echo or; f && echo no; if f; then :; else echo else; fi; ` +
		`! f; echo $?; while f; do :; done; x=$(f) || echo sub; f; echo $?`,
	`f() { { return 3; }; echo no; }; f; echo $?; f() { if true; then return 4; fi; }; f; ` +
		`echo $?; f() { for i in 1; do while :; do return 5; done; done; }; f; echo $?; ` +
		`f() { eval return 6; echo no; }; f; echo $?; f() { (return 7); echo $?; }; ` +
		`f; f() { return 8 | cat; echo $?; }; f`,
	`echo 'return 3; echo no' > r; . ./r; echo $?; f() { . ./r; echo $?; }; f; ` +
		`eval 'return 4'; echo no`,
	`return 5; echo no`,
	`f() { g() { echo g; }; }; g 2>/dev/null; f; g; (h() { echo h; }); h 2>/dev/null; ` +
		`echo $?; f() { echo "$(g)"; }; f; x=$(k() { echo k; }; k); echo $x; ` +
		`k 2>/dev/null; echo $?`,
	`f() { n=$((n+1)); [ $n -lt 900 ] && f; return 0; }; n=0; f; echo $n`,
	`f() { echo "$@"; } >&2; f a; f() { echo $1; } 2>&1; f b; f() { read x; echo $x; } <<E
in $1
E
f c; f d`,
	`a() { b; echo a; }; b() { c; echo b; }; c() { return 3; }; a; echo $?; ` +
		`a() { b || return 9; echo no; }; b() { return 1; }; a; echo $?`,
	`f() { printf '%s,' "$@"; echo; }; f "a b" '' c; f $(echo 1 2) "$(echo 3 4)"; f *; ` +
		`f -- -x; "f" q; \f r; x=f; $x s; x='f t'; $x u`,
}

// TestFunctions judges function definitions (XCU 2.9.5).
func TestFunctions(t *testing.T) {
	same(t, functionsRows...)
}
