package shell

import "testing"

// xtraceRows are rows of TestXtrace.
var xtraceRows = scripts{
	`set -x; echo a "b c" 'd' ''; x=1; x=1 y="a b"; x=2 true; : $x "$x"; set +x; echo off`,
	`set -x; if true; then echo y; fi; for i in 1 2; do echo $i; done; ` +
		`case $i in 2) echo c;; esac; while false; do :; done; { echo b; }; (echo s); ` +
		`! true`,
	`set -x; f() { echo in $1; local v=1; return 3; }; f "a b"; x=$(echo sub); y=$(f q); ` +
		`echo "$x"`,
	"PS4='$a> '; set -x\na=1 true\na=2 /bin/true\na=3 :\na=4\na=5 b=$a eval :\n" +
		"f() { :; }\na=6 f\na=7 nosuch\na=8 b=9\na=$(echo 10) c=$a true\nexport a=11\n" +
		"PS4='+ ' true",
	`PS4='> '; set -x; echo a; PS4='$x+ '; x=v; echo b; PS4=; echo e; PS4='a\b "q" '; ` +
		`echo f`,
	`set -x; echo a > f; cat < f; echo b >&2; x=1 > g; > h; echo c 2> i; cat i; ` +
		`{ echo d; } 2> j; cat j; exec 2> k; echo e`,
	`set -x; . ./nope2 2>/dev/null || true; eval 'echo a; echo b'; nosuch; ` +
		`[ a = a ] && echo y; test -n ""; cd /; export A=1 B; readonly C="x y"; unset A; ` +
		`shift 0; set -- a "b c"; trap 'echo t' EXIT`,
	`set -x; cat <<E
$(echo h) text
E
read x <<E
v
E
for w in "$x" 'a b'; do :; done; echo *; echo "*" '$x' \$x "a'b" 'a"b'; echo a\
b`,
	`(set -x; true > no/where &) 2>e; sleep 0.2; cat e; rm e`,
	`set -xe; false; echo no`,
	`set -x; exit 3`,
	`PS4='${Q'; set -x; echo a`,
	"PS4='a`x '; set -x; echo a; echo b",
	`PS4='a

${Q
$((1'; set -x; echo a`,
	`PS4='$(echo '; set -x; : b`,
	`set -x; set -u; echo $nope; echo no`,
	`set -x; (exit 3); x=$(exit 4); : ${y:=5}; echo $((1+1)); exec true`,
	`set -x; a="x
y"; echo "$a"; b='it'\''s'; echo "$b"; c='a  b'; d=; e=""; echo $d "$d"; x=~ y=~/z; ` +
		`A=$x:$y sh -c ':'`,
	`set -v; echo a
echo b
set +v; echo c
echo d`,
	`set -v
for i in 1 2
do
 echo $i
done
cat <<E
h
E
# comment

f() {
 :
}
f`,
	`set -vx; echo a; x=1
echo $x`,
	`set -x; alias a=b; command echo c; command -v echo; type echo; umask; wait; ` +
		`getopts a o -a; printf '%s\n' x; times > /dev/null; hash -r`,
	`set -x 2>/dev/null; echo a 2>/dev/null; (echo b) 2>/dev/null; f() { echo c; ` +
		`} 2>/dev/null; f; f 2>/dev/null`,
	`set -o xtrace; echo a; set +o xtrace; echo b; set -o; set +o`,
	`set -n; echo no`, `set -o noexec; echo no
echo no`,
}

// TestXtrace judges the options -x and -v, and PS4.
func TestXtrace(t *testing.T) {
	same(t, xtraceRows...)
	for _, s := range []string{`set -x; echo a | cat`,
		`set -x; echo a | tr a b | cat; echo end`, `set -x; x=$(echo a | cat); echo $x`,
		`set -x; true | { echo a; echo b; }`} {
		judge(t, row{script: s, anyOrder: true})
	}
	judge(t, row{script: "echo a\nx=1\necho $x", flags: []string{"-x"}})
	judge(t, row{script: "echo a\nx=1\necho $x", flags: []string{"-v"}})
	judge(t, row{script: "echo a\necho b", flags: []string{"-vx"}, as: asStdin})
	judge(t, row{script: "echo a; echo b", flags: []string{"-vx"}, as: asOperand})
}
