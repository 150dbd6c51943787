package shell

import (
	"strings"
	"testing"
)

// TestHereDocumentText judges each piece of text in each kind of here-document (XCU 2.7.4).
func TestHereDocumentText(t *testing.T) {
	pieces := []string{`plain`, `$x`, `${x}`, `$x$x`, `"$x"`, `'$x'`, `\$x`, `\\$x`, `\x`, `\\`,
		`a\`, `\"`, `\'`, "\\`", "`echo a`", "`echo \"b  c\"`", "`echo '\\$x'`", `$(echo a)`,
		`"$(echo "a  b")"`, `$(echo 'a  b')`, `$(echo \$x)`, `$(echo "$x")`,
		`$((1+2))`, `$((x=3))$x`, `"$((4))"`, `\$((5))`, `$`, `$ `, `a$`, `$"x"`, `$'x'`,
		`${u-d}`, `${u-"d  e"}`, `${u-'d'}`, `${u-\"d\"}`, `${u-\}}`, `${u-a\b}`, `${u-$x}`,
		`${u-"$x"}`, `${u:=set}$u`, `${x+y}`, `${x#v}`, `${x%"l"}`, `${x#'v'}`, `${#x}`,
		`${u-a b  c}`, `${u-~}`, `${u-*}`,
		`*`, `?`, `[a]`, `~`, `~/a`, `a;b`, `a&b`, `a|b`, `a>b`, `(a)`, `{a}`, `# c`, `!`,
		`a	b`, `  lead`, `trail  `, `	tab`, ``, ` `, `E x`, ` E`, `E `, `EE`, `xE`,
		`"E"`, `\E`, `$E`, `''`, `""`, `"`, `'`, `"""`, `'"'`, `$*`, `$@`, `"$@"`, `$#`,
		`$1$2`, `$?`, `$-`, `${*}`, `${@-n}`, `${1+"$@"}`,
		"a\\\nb", "a\\\\\nb", "$\\\nx", "${x\\\n}", "${u-a\nb}", "$(echo a\necho b)",
		"$(\necho a\n)", "`echo a\necho b`", "$(echo a # c\n)", "$(cat <<F\nin $x\nF\n)",
		"$((1 +\n2))", "$(case a in a) echo c;; esac)", "\\\\\\$x", "\\\\\\\\"}
	for _, p := range pieces {
		var b strings.Builder
		b.WriteString("x='v  l'; set -- 1 '2  3'; cd /\n")
		for _, start := range []string{"<<E", "<<'E'", `<<\E`, `<<"E"`, "<<-E", "<<-'E'",
			"3<<E <&3"} {
			tab := ""
			if strings.Contains(start, "-") {
				tab = "\t"
			}
			b.WriteString("cat " + start + "\n" + tab + "a " + p + " z\n" + tab + "" + p +
				"\n" + tab + "E\n")
		}
		b.WriteString("read l <<E\n" + p + "\nE\necho \"$l\"; y=$(cat <<E\n" + p +
			"\nE\n); echo \"[$y]\"; f() { cat <<E\n" + p +
			"\nE\n}; f a; for i in 1 2; do cat <<E; done | cat\n" + p + "-$i\nE\necho $?")
		judge(t, row{script: b.String()})
	}
}

// hereDocumentPlacesRows are rows of TestHereDocumentPlaces.
var hereDocumentPlacesRows = scripts{
	`cat <<A <<B <<C; echo x
a
A
b
B
c
C
cat <<A 3<<B 4<<C; cat <<D 3<<E <&3
a
A
b
B
c
C
d
D
e
E`,
	`cat <<A && cat <<B || cat <<C
a
A
b
B
c
C
cat <<A | cat - <<B | cat
a
A
b
B
{ cat <<A; cat <<B; } <<C
a
A
b
B
c
C
echo x`,
	`if cat <<A; then cat <<B; else cat <<C; fi
a
A
b
B
c
C
while read x <<A; do echo $x; break; done <<B
a
A
b
B
until cat <<A; do :; done
a
A
echo $?`,
	`for i in 1 2; do
cat <<A
a $i
A
done <<B
b
B
case x in
x) cat <<A ;;
a
A
y) cat <<B ;;
b
B
esac`,
	`f() {
cat <<A
a $1
A
} <<B
b
B
f 1; f 2; g() { cat; } <<A
g $1 $x
A
x=1; g 1; x=2; g 2; (cat <<A; cat <<B)
sub
A
sub2
B`,
	`x=$(cat <<A
a
A
); echo "$x"; echo $(cat <<A; cat <<B
a
A
b
B
) z; echo "$(cat <<'A'
$x "q"
A
)"; y=` + "`cat <<A\nbq\nA\n`" + `; echo $y`,
	`echo $(cat <<A
$(cat <<B
$(cat <<C
deep $((1+1))
C
)
B
)
A
); cat <<A
$(cat <<'B'
$x
B
) $(echo ")") $(echo '(' ) ` + "`cat <<B\nb\nB\n`" + `
A`,
	`cat <<A; x=1
a $x
A
x=2 cat <<A
$x
A
x=3; cat <<A $(echo -)
$x
A
cat <<A - < /dev/null
no
A
echo $x`,
	`eval 'cat <<A
a
A'; eval "cat <<A
b
A
"; eval 'cat <<A; echo c
d
A
echo e'; . /dev/fd/3 3<<'X'
cat <<A
f
A
echo g
X`,
	`sh -c 'cat <<A
a $0 $1
A
cat <<-B
	b
	B' s t; sh <<A
echo \$0 $0
cat <<B
in \$x $x
B
A
sh -s q <<'A'
echo $1
cat <<B
$1
B
A`,
	`cat <<E > f 2>&1 3> g
to f
E
cat f; ls; cat < t.sh <<E | wc -l
x
E
cat <<E < f
x
E
cat 0<<E; cat 3<<E 0<&3 4<<F
zero
E
three
E
four
F`,
	`read a b <<E; echo "$a|$b"
1 2 3
E
while read l; do echo "<$l>"; done <<E
1
  2
3\
4
E
{ read a; read b; cat; } <<E; echo "$a$b"
1
2
3
4
E`,
	`set -u; cat <<E; echo no
$u
E
echo no`,
	`(cat <<E; echo no)
${u?gone}
E
echo $?; cat <<E || echo failed
${u?gone}
E
cat <<E
$(exit 3)
E
echo $?; cat <<E
$((1/0))
E
echo $?; : <<E
$((1/0))
E
echo no`,
	`: <<E; echo $?
${x=1} $(echo side >&2)
E
echo $x; true <<E
${x=2}
E
echo $x; : ${y=3} <<E
$y ${y=4}
E
echo $y; z=5 <<E
${z=6}
E
echo $z`,
	`set -x; x=v; cat <<E
a $x $(echo b)
E
cat <<'E'
$x
E`,
	`set -e; cat <<E
$(false)
E
echo a; false <<E
x
E
echo no`,
	`cat <<E & wait
bg $x
E
x=1; { cat; echo $x; } <<E & wait
$x
E
(cat) <<E | tr a-z A-Z
up
E
! cat <<E
not
E
echo $?; time -p cat <<E 2> /dev/null
t
E
command cat <<E; exec 3<<F; cat <&3; env cat <<G
c
E
f
F
g
G`,
	`exec <<E
read from here
second
E
read a; echo "$a"; cat; exec 4<<A 5<<B
a
A
b
B
cat <&5 <&4; cat <&5; cat <&4; exec 4<&- 5<&-`,
	`exec 3<<A
1
2
3
A
read x <&3; (read x <&3; echo $x); read x <&3; echo $x; sh -c 'cat <&3'; read x <&3; echo $?`,
	`cat <<E
a
E
cat <<E
	E
 E
E
cat <<-E
	a
		b
 	c
	 d
		E
cat <<-E
a	b
	
	E`,
	"cat <<-'E'\n\ta\\\n\tb\n\t\\\tc\n\tE\ncat <<E\n\ta\nE\ncat <<-E\nE\ncat <<-E\n\n\n" +
		"\tE\n",
	"cat <<E\nno newline\nE",
	"cat <<E; echo a \\\nb\ndoc\nE\necho c; cat <<E \\\n; echo d\ndoc2\nE\ncat \\\n<<E\n" +
		"doc3\nE\ncat << E\nspace\nE\ncat <<	E\ntab\nE\n",
	"cat <<E # comment <<F\ndoc\nE\n# cat <<G\necho '<<H' \"<<I\" \\<<J\ndoc\nJ\necho k",
	"f() { cat <<E; }; echo x\nin f\nE\nf; if true; then cat <<E; fi; echo y\nin if\nE\n" +
		"while :; do cat <<E; break; done; echo z\nin while\nE\n",
	"cat <<E | (cat; cat <<F)\ne\nE\nf\nF\necho \"a\n$(cat <<E\nin quotes\nE\n)\nb\"; " +
		"x=\"$(cat <<E\n\"q\" 'r' \\$s\nE\n)\"; echo \"$x\"\n",
	`i=0; while [ $i -lt 100 ]; do i=$((i+1)); cat <<E
$i
E
done | cksum; i=0; while [ $i -lt 200 ]; do i=$((i+1)); read x <<E
$i $x
E
done; echo ${#x}; x=; for i in a b c; do x="$x$(cat <<E
$i
E
)"; done; echo $x`,
	`x=0123456789abcdef; while [ ${#x} -lt 70000 ]; do x=$x$x; done; cat <<E | cksum
$x
E
read y <<E
$x
E
echo ${#y}; cat <<E | cat <<F | cksum
$x
E
$x$x
F
{ read a; read b; } <<E
$x
$a
E
echo ${#a} ${#b}; (cat <<E
$x$x$x
E
) | wc -c; echo $x | (cat <<E; cat) | wc -c
$x
E
: <<E
$x$x$x
E
sleep 0 <<E
$x$x
E
wc -c <<E
$x
E
wc -c 3<<E <&3
$x$x
E
f() { cat; } <<E
$x
E
f | wc -c; sh -c 'cat' <<E | wc -c
$x
E
(read q; echo ${#q}) <<E & wait
$x
E
cat <<'E' - <<F | wc -c
x
E
$x
F`,
	`x=$(printf '\351\377\200\001'); cat <<E | od -c
$x ${x} "$x" \$x ${u-$x} $(printf '\376\n\375') ${#x} ${x#?}
E
read y <<E
$x
E
[ "$x" = "$y" ] && echo same`,
}

func TestHereDocumentPlaces(t *testing.T) {
	for _, d := range []string{"E", "END", "'E F'", `E\ F`, `"E F"`, "E'F'", `E"F"G`, "''",
		`""`, `\E`, `E\F`, "-", "!", "*", "a*", "E#", "1", "1E", "E-", "=", "a=b", "{", "}", "if",
		"done", "'$x'", `\$x`, `"a'b"`, `'a"b'`, "~", "%", "+", "a.b", "/", "[a]", "é"} {
		end := strings.NewReplacer(`\`, "", `"`, "", "'", "").Replace(d)
		switch d {
		case `"a'b"`:
			end = "a'b"
		case `'a"b'`:
			end = `a"b`
		case "'\\'", `\\`:
			end = `\`
		}
		body := "x $x \\$x \"q\" \\\\\n"
		judge(t, row{script: "x=v\ncat <<" + d + "\n" + body + end + "\necho after; cat <<-" +
			d + " | cat\n\t" + body + "\t" + end + "\necho end"})
	}
	same(t, hereDocumentPlacesRows...)
}

// TestHereDocumentTrim judges a quoted value in ${x#word}, which dash takes for a pattern in a
// here-document.
func TestHereDocumentTrim(t *testing.T) {
	judge(t, row{script: `v=7 b='?'
cat <<X
${v#"$b"} ${v%"$b"} ${v%%"$(echo '?')"} ${v##"${b}"} ${v#"?"} ${v#$b}
X`, standard: "XCU 2.6.2 and 2.7.4, a quoted value is no pattern"})
}

// TestHereDocumentsOfOthers judges commands that are handed to processes of their own, while
// lines of other commands' documents lie between theirs.
func TestHereDocumentsOfOthers(t *testing.T) {
	same(t, "cat <<A >o & { cat <<B; echo $?\na text\nA\nb text\nB\necho x; } & wait; cat o",
		"{ cat <<A & wait; { cat <<B; }; } >o & { cat <<C\na\n\nA\n\nb\nB\nc\n\nC\n"+
			"} & wait; cat o",
		"sleep .2 <<A & { cat <<B; (cat <<C); } & wait\nA\n\nb\nB\nc\nC\necho end",
		"cat <<'' & { cat <<0\n\n0\n} & wait")
}
