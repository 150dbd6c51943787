package builtins

import (
	"os"
	"testing"
)

const awkFiles = `printf 'one 1 x\ntwo 2 y\nthree 3 z\n' >f; printf 'a:b:c\nd:e\n' >g; mkdir d
printf '{ print $2 }\n' >prog; printf 'overlay /m overlay\nS /n overlay\nS /t tmpfs\n' >mounts
printf 'cgroup /c cgroup2\n' >>mounts
printf '\303\251\201 x\n' >high`

func TestAwk(t *testing.T) {
	rows := []row{
		// The programs of the boot scripts.
		{argv: `awk '{print $4}'`, stdin: "1 2 3 4 5\na\n\nb c d e\n"},
		{argv: `awk '$1=="S" && $3=="overlay" {print $2;}' mounts`},
		{argv: `awk '$3 == "cgroup2" {print $2; exit}' mounts`},
		{argv: `awk '{ print NR, NF, $0 }' f g`}, {argv: `awk -F: '{ print $2 }' g`},
		{argv: `awk -F : -v OFS=- '{ $1 = $1; print }' g`},
		{argv: `awk '{ $2 = "z"; OFS = "-"; print; $1 = $1; print }; END { NF = 3; OFS = ":"; print }' g`},
		{argv: `awk -v x=5 'BEGIN { print x + 1 }'`},
		{argv: `awk -v 'x=a\tb' 'BEGIN { print x }'`}, {argv: `awk -f prog f`},
		{argv: `awk 'BEGIN { printf "%5d|%-5s|%06.2f|%c|%x\n", 3, "a", 12.25, 65, 255 }'`},
		{argv: `awk '/t/ { n++ } END { print n }' f`}, {argv: `awk 'NR == 2, NR == 3' f`},
		{argv: `awk '{ s += $2 } END { print s, s / NR }' f`}, {argv: `awk '!a[$3]++' f f`},
		{argv: `awk '{ print FILENAME, FNR }' f g`}, {argv: `awk '{ sub(/o/, "0"); print }' f`},
		{argv: `awk '{ gsub(/[aeiou]/, "<&>"); print }' f`},
		{argv: `awk '{ print toupper($1), length($1) }' f`},
		{argv: `awk '{ print substr($1, 2, 2), index($1, "e") }' f`},
		{argv: `awk 'BEGIN { n = split("a:b:c", a, ":"); print n, a[1], a[3] }'`},
		{argv: `awk 'BEGIN { while ((getline l < "f") > 0) print "got", l }'`},
		{argv: `awk '{ print $1 > "out" } END { close("out") }' f`},
		{argv: `awk '{ print >> "d/o" }' f`},
		{argv: `awk 'BEGIN { system("pwd >where; echo $V") }'`, env: []string{"V=seen"}},
		{argv: `awk 'BEGIN { "echo hi" | getline x; print x }'`},
		{argv: `awk '{ print | "sort -r" }' f`},
		{argv: `awk 'BEGIN { print ENVIRON["V"] }'`, env: []string{"V=seen"}},
		{argv: `awk 'BEGIN { exit 3 }'`}, {argv: `awk '{ exit NR } END { print "end" }' f`},
		{argv: `awk 'function f(x) { return x * 2 } { print f($2) }' f`},
		{argv: `awk '{ print v, $1 }' v=1 f v=2 f`},
		{argv: `awk '{ print length($0), $2 }' high`},
		{argv: `awk '{ print $NF }' RS=: g`}, {argv: `awk -F '[:b]+' '{ print $2 }' g`},
		{argv: `awk '{ print }' none`},
		{argv: `awk 'match($0, /[0-9]/) { print RSTART, RLENGTH }' f`},
		{argv: `awk 'BEGIN { print 1e6, 0.1 + 0.2, 1 / 3 }'`},
		{argv: `awk 'BEGIN { print -3 % 2, 2 ^ 10, "a" < "b", 10 < 9, "10" < "9" }'`},
		{argv: `awk -F '|' '{ print $2 }'`, stdin: "a|b\n"},
		{argv: `awk -F '\t' '{ print $2 }'`, stdin: "a b\tc\n"},
		{argv: `awk 'BEGIN { print substr("hello", 0, 2) }'`}, {argv: `awk {`, lacks: true},
		{argv: `awk -W version`, lacks: true},
		// What GoAWK did otherwise.
		{argv: "awk 1", stdin: "a\r\nb\r\n"}, {argv: `awk '{ print $(NF-4) }' f`},
		{argv: `awk '{ $(NF-4) = "x"; print }' f`}, {argv: `awk '{ print NF }'`,
			stdin: "a\rb\fc\vd\240e\302\240f\n"},
		{argv: `awk '{ print toupper($0), tolower($0), length, match($0, /..x/) }' high`},
		{argv: `awk 'BEGIN { print 100000 * 100000, 1 / 0, -1 / 0, log(-1), 2 ^ 53 }'`},
		{argv: `awk 'BEGIN { print "aa" ~ /^a{2}$/, "a{2}" ~ /a{2}/, "0x1A" + 0 }'`},
		{argv: "awk 'BEGIN { x = \"a\\\nb\"; print x }'"},
		{argv: `awk 'BEGIN { printf "%d %x %c|%5.2s|%*d\n", 1e18, -1, "", "hello", 5, 42 }'`},
		{argv: `awk 'BEGIN { printf "%d" }'`}, {argv: `awk 'BEGIN { print "x" > "no/x" }'`},
		{argv: `awk '{ print }' d`}, {argv: `awk 'BEGIN { print substr("hello", -1, 3) }'`},
		{argv: `awk '{ for (i = 1; i <= 3; i++) n[$i]; for (k in n) print k }' f`},
		{argv: `awk 'BEGIN { for (i = 0; i < 900; i++) a[i]; a["x"]; for (k in a) print k }'`},
		{argv: `awk 'BEGIN { srand(7); print rand(), rand(), srand(3) }'`},
		{argv: `awk '{ $1 += 0; print ($0 < 9); printf "%c|", $0; NF = 2; print ($0 < 9) }'`,
			stdin: "10\n65 b\n"},
		{argv: `awk 'BEGIN { print system("exit 3"), system("kill -9 $$") }'`},
		{argv: `awk 'BEGIN { print "b" | "sort"; print "a" | "sort"; print "c" }'`},
		{argv: `awk -f -`, stdin: "BEGIN { print 1 }"},
		{argv: `awk -f -`, stdin: "BEGIN { print 1", differs: "the words of a syntax error"},
		{argv: `awk 'BEGIN { print system("exit 137"), system("exit 130") }'`},
		{argv: `awk '!x = y'`, lacks: true}, {argv: `awk '-x = y'`, lacks: true},
		{argv: `awk 'BEGIN { y = 2; print 1 < x = y, 1 && x = y, x }'`},
		{argv: `awk '{ print strftime("%Y") }' f`, lacks: true},
		{argv: `awk 'BEGIN { print (0 % 0) ^ 2, 2 ^ (0 % 0), atan2(0 % 0, 1), exp(0 % 0), (0 % 0) ^ 0 }'`},
		{argv: `awk '{ print >"/dev/full"; print fflush("/dev/full"), fflush("no"), $1 }' f`},
		{argv: `awk '{ print >"/dev/full" } END { print close("/dev/full") }' f`},
		{argv: `awk 'BEGIN { print 1; print close("/dev/stdout"); print 2 }'`},
		{argv: `awk 'BEGIN { print fflush("/dev/stderr"), close("/dev/stderr"), close("/dev/stderr") }'`},
		{argv: `awk 'BEGIN { print "k" >"-" }'`}, {argv: `awk -F '[ ' 1`, lacks: true},
		{argv: `awk 'BEGIN { print (FILENAME == 0), (FNR > FILENAME) }'`},
		{argv: `awk 'BEGIN { FS = "[ " }'`}, {argv: `awk 'BEGIN { RS = "[ " }'`},
		{argv: `awk '{ split($0, a, "[ ") }' f`, lacks: true}, {argv: `awk '/^$*/' f`, lacks: true},
		{argv: `awk 'BEGIN { print (0 % 0) ^ 1, (0 % 0) ^ -3, (-(0 % 0)) ^ 1 }'`},
		{argv: `awk '{ print NR ":" $0; if (NR == 2) RS = "e" }' f f`},
		{argv: `awk '{ print NR ":" $0 }' RS= g f`}, {argv: `awk '{ print $2 }' RS='[0-9]' f`},
	}
	for i := range rows {
		rows[i].setup = awkFiles
	}
	before, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	judge(t, rows)
	if after, _ := os.Readlink("/proc/self/cwd"); after != before {
		t.Errorf("the process moved from %s to %s", before, after)
	}
}
