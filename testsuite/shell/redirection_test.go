package shell

import (
	"strings"
	"testing"
)

// redirectionRows are scripts about redirections (XCU 2.7).
var redirectionRows = []string{
	`echo a > f; echo b >> f; cat < f; cat f; > f; cat f; : > g; ls`,
	`echo a 1> f; cat 0< f; echo err >&2; echo x 2>&1 1>&2; ls nope 2>/dev/null; echo $?`,
	`(echo out; echo err >&2) > f 2>&1; cat f; (echo out; echo err >&2) 2>&1 > g; cat g`,
	`exec 3> f; echo a >&3; echo b 1>&3; exec 3>&-; cat f; echo c >&3; echo $?`,
	`exec 4< t.sh; read line <&4; echo "$line"; read line <&4; echo "$line"; exec 4<&-; ` +
		`read x <&4; echo $?
second`,
	`exec 3>&1; x=$(echo captured; echo direct >&3); echo "$x"; exec 3>&-`,
	`exec 3>&1 1> f; echo a; exec 1>&3 3>&-; cat f; echo b`,
	`exec 3>&1 4>&2 5> f 6>> f 7< f 8<> g 9>&5; echo a >&5; echo b >&6; echo c >&9; ` +
		`echo d >&8; cat <&7; cat g`,
	`echo abc > f; exec 3<> f; read x <&3; echo $x; echo def >&3; cat f`,
	`echo abcdef > f; echo XY 1<> f; cat f`,
	`set -C; echo a > f; echo b > f; echo $?; echo c >| f; cat f; echo d >> f; cat f; ` +
		`echo e > /dev/null; echo $?`,
	`set -C; > f; > f; echo $?; ln -s nowhere l; echo x > l; echo $?; mkdir d; echo x > d; ` +
		`echo $?`,
	`set -o noclobber; echo a > f; : > f; echo no`,
	`echo a > /nope/x; echo $?; cat < nope; echo $?; mkdir d; echo > d; echo $?; cat < d; ` +
		`echo $?; echo > t.sh/x; echo $?`,
	`: < nope; echo no`,
	`: > /nope/x; echo no`,
	`exec < nope; echo no`,
	`exec 3< nope; echo no`,
	`exec > /nope/x; echo no`,
	`eval 'echo a' < nope; echo no`,
	`. ./t.sh < nope; echo no`,
	`true < nope; echo $?; read x < nope; echo $?; echo x < nope; cd / < nope; echo $?; ` +
		`pwd | grep -c DIR`,
	`f() { echo in; }; f < nope; echo $?; { echo a; } < nope; echo $?; (echo a) < nope; ` +
		`echo $?; if true; then echo a; fi < nope; echo $?`,
	`while read x; do echo $x; done < nope; echo $?; for i in a; do echo $i; done > /nope/x; ` +
		`echo $?; case a in a) echo a;; esac < nope; echo $?`,
	`< nope; echo $?; > /nope/x; echo $?; x=1 < nope; echo $? "[$x]"; x=1 > f; echo $x; ls`,
	`nosuch < nope; echo $?; nosuch > f; echo $?; ls; nosuch 2> f; cat f`,
	`set -e; echo a < nope; echo no`,
	`set -e; { echo a; } < nope; echo no`,
	`set -e; < nope; echo no`,
	`command : < nope; echo $?; command exec < nope; echo $?; command . ./nope; echo $?`,
	`echo a >&3; echo $?; cat <&5; echo $?; echo x 3>&4; echo $?; exec 3>&7; echo no`,
	`echo a >&-; echo $?; cat <&-; echo $?; read x <&-; echo $?; printf x >&-; echo $?; ` +
		`pwd >&-; echo $?; /bin/echo a >&-; echo $?`,
	`exec 1>&-; echo a; echo $? >&2; ls; echo $? >&2`,
	`exec 2>&-; nosuch; echo $?; echo a >&2; echo $?`,
	`exec 0<&-; read x; echo $?; cat; echo $?`,
	`x=1; echo a >&$x; echo b >&"2"; f=out; echo c > $f; echo d > "$f 2"; echo e > ${f}3 ; ` +
		`ls; echo x > '*'; ls; echo y > o*; ls`,
	`f='a b'; echo x > $f; ls; echo y > $(echo 'c d'); ls; echo z > ~+; echo q > "$@"; ` +
		`echo $?; ls`,
	`echo a >& f; echo no`,
	`x=abc; echo a >&$x; echo no`,
	`echo a >&10; echo $?; echo a >&99; echo $?; echo a >& 1; echo b 2>& 1`,
	`echo a > f > g; ls; cat f g; cat < f < g; echo x >> f >> g; cat f g; < f cat; ` +
		`> h echo first; cat h`,
	`> f echo a b; cat f; echo a > f b c; cat f; 2> g ls nope; cat g | wc -l; x=1 > f2 y=2; ` +
		`echo $x $y; ls`,
	`{ echo a; echo b >&2; } > f 2> g; cat f g; { cat; cat g; } < f; (echo c) >> f; cat f; ` +
		`{ echo d; } >> f 2>&1; cat f`,
	`for i in 1 2; do echo $i; done > f; while read x; do echo "<$x>"; done < f; if true; ` +
		`then echo y; fi > g; cat g; case a in a) echo z;; esac >> g; cat g`,
	`while read x; do :; done < t.sh; echo "$x"; while read x; do read y; echo "$x,$y"; ` +
		`break; done < t.sh`,
	`f() { echo f; echo g >&2; } > fo 2>&1; f; f; cat fo`,
	`f() { cat; } < t.sh; f | head -n 1; f() { read a; echo $a; }; echo x | f; f <<E
y
E`,
	`echo a | cat > f; cat f; cat f | cat - f | (cat; echo end) > g; cat g; ` +
		`(cat f; cat f) | wc -l`,
	`i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done > f; echo $i; cat f; i=0; ` +
		`while read x; do i=$((i+1)); done < f; echo $i`,
	`exec 3< t.sh; (read a <&3); read b <&3; echo "$b"
two
three`,
	`echo a > f; (exec > g; echo in); echo out; cat g; { exec 3> h; }; echo x >&3; cat h; ` +
		`f() { exec 4> i; }; f; echo y >&4; cat i`,
	`exec 3> f; sh -c 'echo child >&3'; cat f; 3>&- sh -c 'echo no >&3'; echo $?; ` +
		`sh -c 'echo y >&4' 4>&1; echo z 5>&1 >&5`,
	`echo a 3> f >&3; cat f; echo b 3>&1 > g 1>&3; cat g; echo c 2>&1 >&2 | cat; ` +
		`ls nope 2>&1 | wc -l; { echo d >&2; } 2>&1 | tr d D`,
	`{ { echo a; echo b >&2; } 3>&1 1>&2 2>&3 3>&-; } 2> f; cat f`,
	`exec 9>&1; echo nine >&9; exec 9>&-; echo gone >&9; echo $?`,
	`cat 3<<A 4<<B <&3 5>&1
three
A
four
B
cat <&4`,
	`echo x > /dev/stdout; echo y > /dev/stderr; echo a | cat /dev/stdin; echo z > /dev/fd/1; ` +
		`echo b | { read q < /dev/stdin; echo $q; }`,
	`umask 027; > f; umask 0; > g; ls -l f g | cut -c1-10; umask 077; mkdir d; ` +
		`(umask 0; > h); > i; ls -ld d h i | cut -c1-10`,
	`echo a 2>f>g; ls; cat g; echo a 1>f 2>f; echo b>>f 3>&2 2>&1; cat f; echo 1 >f; cat f; ` +
		`echo 1>f; cat f`,
	`yes | head -n 1; yes | sed 1q; seq 100000 | head -n 2; (while echo y; do :; done) | ` +
		`head -n 1; while :; do echo q; done | sed 2q`,
	`trap '' PIPE; (while echo y; do :; done; echo "st $?" >&2) 2> f | head -n 1; cat f`,
	`echo hello | (read x; echo $x; cat) ; printf 'a\nb\nc\n' | (read x; echo "[$x]"; cat)`,
	`printf 'a\nb\nc\n' > f; (read x; echo "[$x]"; cat) < f; { read x; sed 1q; } < f; ` +
		`{ sed 1q; read x; echo "$x"; } < f`,
	`exec < f; echo no`,
	`rm -f f; : > f; exec 5<f; rm f; cat <&5; echo $?; exec 5<&-; exec 6<&5; echo no`,
}

func TestRedirection(t *testing.T) { same(t, redirectionRows...) }

// hereDocumentRows are rows of TestHereDocument.
var hereDocumentRows = scripts{
	`x=1; cat <<E
a $x ${x} $(echo sub) $((x+1)) \$x \\ \a "q" 'q' \"
E
cat <<'E'
a $x \$x $(echo) \\
E
cat <<\E
b $x
E
cat <<"E"
c $x
E
cat <<E""F
d $x
EF`,
	"cat <<E\n`echo bq` \\`x\\` `echo \\`echo n\\`` \"`echo \"q\"`\"\nE",
	"cat <<E\na\\\nb\nE\ncat <<'E'\na\\\nb\nE\ncat <<E\nx\\\\\nE\necho end",
	"cat <<-E\n\ta\n\t\tb\n  c\n\td\te\n\tE\necho x\ncat <<-'E'\n\t$a\n\t\tb\n\tE\necho y",
	"x=v; cat <<-E\n\t$x\n\t\t${x}\tz\n\t$(echo '\ttab')\n\ta\\\n\tb\n\tE",
	`cat <<A; cat <<B
a
A
b
B
cat <<A <<B
1
A
2
B`,
	`cat <<A - 3<<B; echo same
a
A
b
B
echo after; cat <<E | tr a-z A-Z
up
E
cat <<E && echo and || echo or
and
E`,
	`f() { cat <<E
in $1
E
}
f a; f b; for i in 1 2; do cat <<E
loop $i
E
done
if true; then cat <<E; fi
if
E
while read l; do echo "[$l]"; done <<E
l1
  l2  x
E`,
	`case a in a) cat <<E;; esac
case
E
{ cat <<E; }
brace
E
(cat <<E)
sub
E
! cat <<E
not
E
echo $?`,
	`cat <<E
E
cat <<E

E
cat <<''
empty delimiter

echo x; cat <<"a b"
spaces
a b
echo y`,
	`cat <<E
no end`,
	`cat <<E
no end, no newline
 E
E x
xE`,
	`exec sh <<E
echo child $((1+1)) \$((2+2))
echo $$ | grep -c .
E
echo no`,
	`sh -s a b <<'E'
echo "$@"
exit 5
E
echo $?`,
	`sh <<E1
sh <<E2
echo deep \\\$0
E2
echo mid
E1
echo top`,
	`x=$(cat <<E
a

E
); echo "[$x]"; read a b <<E
one two three
E
echo "$a|$b"; { read a; read b; } <<E
1
2
E
echo $a $b`,
	`cat <<E
${x-a
b} ${y:-"q"} ${z-'s'} ${w-\}} ${v-a"b"c} "${u-"d e"}"
E`,
	`cat <<E
$(cat <<F
nested
F
)
done
E`,
	`a=E; cat <<$a
delimiter is literal
$a
echo x`,
	`cat <<E; echo "after
string"
doc
E
echo z`,
	`cat <<E >f 2>&1
to file
E
cat f; >g cat <<E
g
E
cat g; cat <<E 3<f
x
E`,
	`cat 3<<E <&3
fd3
E
exec 4<<E
fd4
four
E
read x <&4; echo $x; cat <&4; exec 4<&-`,
	`set -u; cat <<E
$nope
E
echo $?; echo no`,
	`cat <<E
${nope?msg}
E
echo $?`,
	`i=0; while [ $i -lt 3 ]; do i=$((i+1)); cat <<E
$i
E
done; x=$(i=0; cat <<E
${y=set}
E
); echo "$x|$y"; cat <<E
${y=set}
E
echo "$y"`,
	`f() { cat <<E; }
body $*
E
f q; eval 'cat <<E
ev $HOME
E
echo end'`,
	`sh -c 'cat <<E
c
E'; sh -c 'cat <<E
unterminated'; echo $?`,
	`cat <<E | { read a; echo "$a"; cat; }
1
2
E
cat <<E & wait
bg
E
(cat; echo x) <<E
y
E`,
	`awk 'BEGIN { for (i = 0; i < 3000; ` +
		`i++) print "echo line " i " of a long script that is longer than a pipe holds" ` +
		`}' > s; echo 'cat <<E' > s2; cat s s s s >> s2; echo E >> s2; ` +
		`sh s2 | md5sum; sh s2 | wc -lc`,
	"cat <<E\n$ $x $1 $#x ~ * {a} \\{ # ! & ; | < > ( ) [ ]\nE",
	"cat <<'E'\n\ttab\n`bq` $(cmd) \\\n\"\nE\ncat <<-E\n\t\n\tx\n\n\tE\n",
}

// TestHereDocument judges here-documents (XCU 2.7.4).
func TestHereDocument(t *testing.T) {
	same(t, hereDocumentRows...)
}

// TestInputIsOutput judges commands that read and write the same file, which they may notice.
func TestInputIsOutput(t *testing.T) {
	same(t,
		`echo a >f; cat f >>f; echo $?; cat f`,
		`echo a >f; cat f >f; echo $?; cat f`,
		`echo a >f; cat <f >>f; echo $?; cat f`,
		`echo a >f; cat f f >g; cat f g >>g; echo $?; cat g`,
		`echo a >f; exec >>f; cat f >&2; echo b; cat f; echo $? >&2`,
		`echo a >f; cat f | cat >>f; cat f`,
		`echo a >f; (cat f) >>f; echo $?; { read x; cat; } <f >>f; cat f`,
		`echo a >f; cat - f <f >>f; echo $?; cat f`,
		`echo a >f; cat -n f >>f; echo $?; cat f`,
		`echo a >f; grep a f >>f; echo $?; cat f | head -5`,
		`echo a >f; grep a <f >>f; echo $?; cat f | head -5`,
		`echo a >f; grep -q a f >>f; echo $?; cat f | head -5`,
		`echo a >f; grep -c a f >>f; echo $?; cat f | head -5`,
		`echo a >f; grep -l a f >>f; echo $?; cat f | head -5`,
		`echo a >f; grep -m1 a f >>f; echo $?; cat f | head -5`,
		`echo a >f; grep -v a f >>f; echo $?; cat f | head -5`,
		`echo a >f; grep a f f /dev/null >>f; echo $?; cat f | head -5`,
		`echo a >f; grep -s a f >>f; echo $?; cat f | head -5`,
		`: >f; grep a f >>f; echo $?; cat f | head -5`,
		`: >f; grep a f >f; echo $?; cat f | head -5`,
		`echo a >f; grep a f >f; echo $?; cat f | head -5`,
		`echo a >f; { read x; grep a; } <f >>f; echo $?; cat f | head -5`,
	)
}

// TestExecInsideRedirection checks that a redirection by exec inside another redirection ends
// with that one.
func TestExecInsideRedirection(t *testing.T) {
	const functions = "f() { exec 3>&1 >f1; exec >&3 3>&-; }\n" +
		"g() { exec >f1; echo in g; sh -c 'echo in sh'; }\n"
	for _, script := range [...]string{
		`f >>f2; sh -c 'echo x'`,
		`g >>f2; sh -c 'echo x2'; echo y2`,
		`{ exec >f1; } >>f2; sh -c 'echo y'`,
		`{ exec 3>&1; exec >&3; } >>f2; sh -c 'echo z'`,
		`{ { exec >f1; echo a; } >f3; echo b; sh -c 'echo c'; } >f2; sh -c 'echo w'; ` +
			`cat f1 f2 f3`,
		`{ exec 2>f1; nosuch1; } 2>f2; nosuch2; sh -c 'echo err >&2'`,
		`{ exec <f1; read a; echo $a; } <f2; read b; echo "[$b]"; sh -c 'read c; echo "[$c]"'`,
		`(g) >f2; echo q; sh -c 'echo r'`,
		`x=$(g; echo no); echo "$x" s`,
		`{ g; } | cat; sh -c 'echo t'`,
		`{ exec >&-; } >f2; echo u; sh -c 'echo v'`,
		`{ exec >f1; exec >f3; echo 3; } >f2; sh -c 'echo v2'; cat f3`,
		`{ { exec >f1; } >f2; echo n; } >f3; echo o; sh -c 'echo p'; cat f1 f2 f3`,
		`eval 'exec >f1' >f2; echo k; sh -c 'echo l'`,
	} {
		judge(t, row{script: functions + "printf 'i1\\ni2\\n' > f1; cp f1 f2\n" + script,
			stdin: "one\ntwo\nthree\n"})
	}
}

// TestRedirectionAtExit judges whether an EXIT trap still sees the redirection of the command
// that set it. That depends on the place of the command.
func TestRedirectionAtExit(t *testing.T) {
	for _, command := range []string{
		"{ T; } >>f", "for i in 1; do T; done >>f", "(T) >>f", "if :; then T; fi >>f", "g >>f",
		"{ { T; } >>f; }", "case a in a) T ;; esac >>f",
	} {
		var script strings.Builder
		script.WriteString("g() { trap 'echo T' EXIT; }\n")
		for _, place := range []string{
			"C & wait", "{ C; } & wait", "{ :; C; } & wait", "{ C; :; } & wait",
			": && C & wait",
			"{ if :; then C; fi; } & wait", "{ ! C; } & wait", "C | cat", ": | C",
			"{ C; } | cat & wait",
			"(C)", "(:; C)", "x=$(C); echo \"x $x\"", "x=$({ :; C; } & wait); echo \"x $x\"",
		} {
			for _, set := range []string{"trap 'echo T' EXIT",
				"trap 'echo T' EXIT; ulimit -c 0; sleep 0 & :"} {
				line := strings.ReplaceAll(strings.ReplaceAll(place, "C", command), "T;", set+
					";")
				script.WriteString(strings.ReplaceAll(line, "(T)", "("+set+")") +
					"\necho \"$(cat f)\"; rm -f f\n")
			}
		}
		same(t, script.String())
	}
}
