package text_test

import (
	"os"
	"testing"

	"overlayboot/compat/judge"
)

const awkFiles = `printf 'one 1 x\ntwo 2 y\nthree 3 z\n' >f; printf 'a:b:c\nd:e\n' >g; mkdir d
printf '{ print $2 }\n' >prog; printf 'overlay /m overlay\nS /n overlay\nS /t tmpfs\n' >mounts
printf 'cgroup /c cgroup2\n' >>mounts
printf '\303\251\201 x\n' >high`

// awkRows are rows with the files of awkFiles.
var awkRows = []judge.Row{
	// The programs of the boot scripts.
	{Argv: `awk '{print $4}'`, Stdin: "1 2 3 4 5\na\n\nb c d e\n"},
	{Argv: `awk '$1=="S" && $3=="overlay" {print $2;}' mounts`},
	{Argv: `awk '$3 == "cgroup2" {print $2; exit}' mounts`},
	{Argv: `awk '{ print NR, NF, $0 }' f g`}, {Argv: `awk -F: '{ print $2 }' g`},
	{Argv: `awk -F : -v OFS=- '{ $1 = $1; print }' g`},
	{Argv: `awk '{ $2 = "z"; OFS = "-"; print; $1 = $1; print }; END { NF = 3; ` +
		`OFS = ":"; print }' g`},
	{Argv: `awk -v x=5 'BEGIN { print x + 1 }'`},
	{Argv: `awk -v 'x=a\tb' 'BEGIN { print x }'`}, {Argv: `awk -f prog f`},
	{Argv: `awk 'BEGIN { printf "%5d|%-5s|%06.2f|%c|%x\n", 3, "a", 12.25, 65, 255 }'`},
	{Argv: `awk '/t/ { n++ } END { print n }' f`}, {Argv: `awk 'NR == 2, NR == 3' f`},
	{Argv: `awk '{ s += $2 } END { print s, s / NR }' f`}, {Argv: `awk '!a[$3]++' f f`},
	{Argv: `awk '{ print FILENAME, FNR }' f g`}, {Argv: `awk '{ sub(/o/, "0"); print }' f`},
	{Argv: `awk '{ gsub(/[aeiou]/, "<&>"); print }' f`},
	{Argv: `awk '{ print toupper($1), length($1) }' f`},
	{Argv: `awk '{ print substr($1, 2, 2), index($1, "e") }' f`},
	{Argv: `awk 'BEGIN { n = split("a:b:c", a, ":"); print n, a[1], a[3] }'`},
	{Argv: `awk 'BEGIN { while ((getline l < "f") > 0) print "got", l }'`},
	{Argv: `awk '{ print $1 > "out" } END { close("out") }' f`},
	{Argv: `awk '{ print >> "d/o" }' f`},
	{Argv: `awk 'BEGIN { system("pwd >where; echo $V") }'`, Env: []string{"V=seen"}},
	{Argv: `awk 'BEGIN { "echo hi" | getline x; print x }'`},
	{Argv: `awk '{ print | "sort -r" }' f`},
	{Argv: `awk 'BEGIN { print ENVIRON["V"] }'`, Env: []string{"V=seen"}},
	{Argv: `awk 'BEGIN { exit 3 }'`}, {Argv: `awk '{ exit NR } END { print "end" }' f`},
	{Argv: `awk 'function f(x) { return x * 2 } { print f($2) }' f`},
	{Argv: `awk '{ print v, $1 }' v=1 f v=2 f`},
	{Argv: `awk '{ print length($0), $2 }' high`},
	{Argv: `awk '{ print $NF }' RS=: g`}, {Argv: `awk -F '[:b]+' '{ print $2 }' g`},
	{Argv: `awk '{ print }' none`},
	{Argv: `awk 'match($0, /[0-9]/) { print RSTART, RLENGTH }' f`},
	{Argv: `awk 'BEGIN { print 1e6, 0.1 + 0.2, 1 / 3 }'`},
	{Argv: `awk 'BEGIN { print -3 % 2, 2 ^ 10, "a" < "b", 10 < 9, "10" < "9" }'`},
	{Argv: `awk -F '|' '{ print $2 }'`, Stdin: "a|b\n"},
	{Argv: `awk -F '\t' '{ print $2 }'`, Stdin: "a b\tc\n"},
	{Argv: `awk 'BEGIN { print substr("hello", 0, 2) }'`}, {Argv: `awk {`, Lacks: true},
	{Argv: `awk -W version`, Lacks: true},
	// Cases in which GoAWK differed.
	{Argv: "awk 1", Stdin: "a\r\nb\r\n"}, {Argv: `awk '{ print $(NF-4) }' f`},
	{Argv: `awk '{ $(NF-4) = "x"; print }' f`}, {Argv: `awk '{ print NF }'`,
		Stdin: "a\rb\fc\vd\240e\302\240f\n"},
	{Argv: `awk '{ print toupper($0), tolower($0), length, match($0, /..x/) }' high`},
	{Argv: `awk 'BEGIN { print 100000 * 100000, 1 / 0, -1 / 0, log(-1), 2 ^ 53 }'`},
	{Argv: `awk 'BEGIN { print "aa" ~ /^a{2}$/, "a{2}" ~ /a{2}/, "0x1A" + 0 }'`},
	{Argv: "awk 'BEGIN { x = \"a\\\nb\"; print x }'"},
	{Argv: `awk 'BEGIN { printf "%d %x %c|%5.2s|%*d\n", 1e18, -1, "", "hello", 5, 42 }'`},
	{Argv: `awk 'BEGIN { printf "%d" }'`}, {Argv: `awk 'BEGIN { print "x" > "no/x" }'`},
	{Argv: `awk '{ print }' d`}, {Argv: `awk 'BEGIN { print substr("hello", -1, 3) }'`},
	{Argv: `awk '{ for (i = 1; i <= 3; i++) n[$i]; for (k in n) print k }' f`},
	{Argv: `awk 'BEGIN { for (i = 0; i < 900; i++) a[i]; a["x"]; for (k in a) print k }'`},
	{Argv: `awk 'BEGIN { srand(7); print rand(), rand(), srand(3) }'`},
	{Argv: `awk '{ $1 += 0; print ($0 < 9); printf "%c|", $0; NF = 2; print ($0 < 9) }'`,
		Stdin: "10\n65 b\n"},
	{Argv: `awk 'BEGIN { print system("exit 3"), system("kill -9 $$") }'`},
	{Argv: `awk 'BEGIN { print "b" | "sort"; print "a" | "sort"; print "c" }'`},
	{Argv: `awk -f -`, Stdin: "BEGIN { print 1 }"},
	{Argv: `awk -f -`, Stdin: "BEGIN { print 1", Differs: "the words of a syntax error"},
	{Argv: `awk 'BEGIN { print system("exit 137"), system("exit 130") }'`},
	{Argv: `awk '!x = y'`, Lacks: true}, {Argv: `awk '-x = y'`, Lacks: true},
	{Argv: `awk 'BEGIN { y = 2; print 1 < x = y, 1 && x = y, x }'`},
	{Argv: `awk '{ print strftime("%Y") }' f`, Lacks: true},
	{Argv: `awk 'BEGIN { print (0 % 0) ^ 2, 2 ^ (0 % 0), atan2(0 % 0, 1), exp(0 % 0), ` +
		`(0 % 0) ^ 0 }'`},
	{Argv: `awk '{ print >"/dev/full"; print fflush("/dev/full"), fflush("no"), $1 }' f`},
	{Argv: `awk '{ print >"/dev/full" } END { print close("/dev/full") }' f`},
	{Argv: `awk 'BEGIN { print 1; print close("/dev/stdout"); print 2 }'`},
	{Argv: `awk 'BEGIN { print fflush("/dev/stderr"), close("/dev/stderr"), close("/dev/stderr") }'`},
	{Argv: `awk 'BEGIN { print "k" >"-" }'`}, {Argv: `awk -F '[ ' 1`, Lacks: true},
	{Argv: `awk 'BEGIN { print (FILENAME == 0), (FNR > FILENAME) }'`},
	{Argv: `awk 'BEGIN { FS = "[ " }'`}, {Argv: `awk 'BEGIN { RS = "[ " }'`},
	{Argv: `awk '{ split($0, a, "[ ") }' f`, Lacks: true}, {Argv: `awk '/^$*/' f`, Lacks: true},
	{Argv: `awk 'BEGIN { print (0 % 0) ^ 1, (0 % 0) ^ -3, (-(0 % 0)) ^ 1 }'`},
	{Argv: `awk '{ print NR ":" $0; if (NR == 2) RS = "e" }' f f`},
	{Argv: `awk '{ print NR ":" $0 }' RS= g f`}, {Argv: `awk '{ print $2 }' RS='[0-9]' f`},
}

func TestAwk(t *testing.T) {
	var rows []judge.Row
	for _, row := range awkRows {
		row.Setup = awkFiles
		rows = append(rows, row)
	}
	before, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	ours.Rows(t, rows)
	if after, _ := os.Readlink("/proc/self/cwd"); after != before {
		t.Errorf("the process moved from %s to %s", before, after)
	}
}
