package builtins

import "testing"

const grepFiles = `printf 'one\ntwo\nthree\nfour\nfive\n' >f; printf 'a b\nfoo foo-bar\nFOO' >g
mkdir -p d/e; printf 'one\n' >d/x; printf 'two\none\n' >d/e/y; printf 'x\0one\n' >bin
mkdir loop; echo one >loop/x; ln -s . loop/l; printf 'o\nv\n' >pats; : >empty; printf '\201\303\251 x\n' >high
printf 'Link sdb1 Start\n Start x\n1 2\n3 4\n5\n6\n7\none\n' >disk`

// The expressions of the boot scripts.
func TestGrepBootScripts(t *testing.T) {
	judge(t, []row{
		{argv: `grep -v '#'`, stdin: "# c\na b\nx # y\n"},
		{argv: `grep -A2 '^ Start' disk`, setup: grepFiles},
		{argv: `grep -qE '^[^ ]* /mnt' mounts`, setup: `echo 'tmpfs /mnt tmpfs rw' >mounts`},
		{argv: `grep -qE '^[^ ]+ /mnt ' mounts`, setup: `echo 'tmpfs /mnt2 tmpfs rw' >mounts`},
		{argv: `grep -oE '/[^ ]*'`, stdin: "\tlibc.so.6 => /lib/x.so (0x1)\n\t/lib64/ld.so (0x2)\n"},
		{argv: `grep ^eth`, stdin: "lo\neth0\nveth1\neth1\n"},
		{argv: `grep '^SHARE\s*=' conf`, setup: `printf 'SHARE= /a\nSHARE =/b\nXSHARE=c\n' >conf`},
	})
}

// grepRows are judged with grepFiles.
var grepRows = [...]row{
	{argv: `grep o f`}, {argv: `grep -v o f`}, {argv: `grep -c o f`},
	{argv: `grep -vc o f g`},
	{argv: `grep -n o f`}, {argv: `grep -nH o f`}, {argv: `grep o f g`},
	{argv: `grep -h o f g`},
	{argv: `grep -l o f g empty`}, {argv: `grep -L o f g empty`}, {argv: `grep -q o f`},
	{argv: `grep zzz f`}, {argv: `grep -q o none f`}, {argv: `grep o none`},
	{argv: `grep -s o none`},
	{argv: `grep -x two f`}, {argv: `grep -x tw f`}, {argv: `grep -w foo g`},
	{argv: `grep -ow foo g`},
	{argv: `grep -oiw foo g`}, {argv: `grep -i foo g`}, {argv: `grep -o o g`},
	{argv: `grep -on 'o*' g`},
	{argv: `grep -e one -e two f`}, {argv: `grep -f pats f`}, {argv: `grep -f empty f`},
	{argv: `grep -m1 o f`}, {argv: `grep -m1 -A2 o f`}, {argv: `grep -A1 one f`},
	{argv: `grep -B1 four f`},
	{argv: `grep -C1 three f`}, {argv: `grep -nA1 -e one -e five f`},
	{argv: `grep -B1 -A1 -n e f g`},
	{argv: `grep -m0 o f`}, {argv: `grep -F a.b g`}, {argv: `grep -F 'a b' g`},
	{argv: `grep -Fx 'a b' g`},
	{argv: `grep -F '*' g`}, {argv: `grep '*' g`}, {argv: `grep -E '(one|two)$' f`},
	{argv: `grep 'one\|two' f`}, {argv: `grep -E 'e{2}' f`}, {argv: `grep 'e\{2\}' f`},
	{argv: `grep 't.*o' f`}, {argv: `grep '[[:upper:]]' g`}, {argv: `grep '[^a-z ]' g`},
	{argv: `grep '\<foo\>' g`}, {argv: `grep '\bfoo\b' g`}, {argv: `grep -E '\w+-\w+' g`},
	{argv: `grep -o '[a-z]\+$' g`}, {argv: `grep '' f`}, {argv: `grep -v '' f`},
	{argv: `grep -c '' g`},
	{argv: `grep one bin`}, {argv: `grep -a one bin`}, {argv: `grep -c one bin`},
	{argv: `grep -v q bin`},
	{argv: `grep '^...' high`}, {argv: `grep -o x high`}, {argv: `grep -o '^...' high`},
	{argv: `grep -l one d`}, {argv: `grep one d`}, {argv: `grep -r two d`},
	{argv: `grep -rl two`},
	{argv: `grep -rh one d/e`}, {argv: `grep -rc two d/e f`}, {argv: `grep -R two d f`},
	{argv: `grep -e`, lacks: true}, {argv: `grep '\(a\)\1' f`},
	{argv: `grep -P a f`, lacks: true}, {argv: `grep '[a' f`}, {argv: `grep 'a\(' f`},
	{argv: `grep -E 'a)' f`}, {argv: `grep -E '(a' f`}, {argv: `grep 'a\' f`},
	{argv: `grep 'a\{1' f`},
	{argv: `grep -E 'a{1' f`}, {argv: `grep -E 'a{,2}b' f`}, {argv: `grep '[[:foo:]]' f`},
	{argv: `grep '[b-a]' f`}, {argv: `grep 'x^' f`}, {argv: `grep 'a$b' f`},
	{argv: `grep -E 'o+?n' f`},
	{argv: `grep --count --line-number o f`},
	{argv: `grep -E '^(a|ab)(c|bcd)$'`, stdin: "abcd\n"},
	{argv: `grep o - f`, stdin: "so\n"}, {argv: `grep -H o`, stdin: "so\n"},
	{argv: `grep -c x`, stdin: ""},
	{argv: `grep -oE 'a|ab|abc'`, stdin: "xabcd\n"}, {argv: `grep -io 'FOO' g`},
	{argv: `grep -vn o f`},
	{argv: `grep -e 'one` + "\n" + `two' f`}, {argv: `grep -ho one f d/x`},
	{argv: `grep -lv o f g`},
	{argv: `grep -qs x none`}, {argv: `grep -y foo g`}, {argv: `grep -A 1 -c o f`},
	{argv: `grep -b o f`}, {argv: `grep -bo o f g`}, {argv: `grep -A0 e f`}, {argv: `grep -1 three f`},
	{argv: `grep -C1 -A0 three f`}, {argv: `grep -I one bin f`}, {argv: `grep -z o f`},
	{argv: `grep -lZ o f g`}, {argv: `grep -cZ o f g`}, {argv: `grep -d skip one d f`},
	{argv: `grep -d recurse one d`}, {argv: `grep -vn o`, stdin: "\xff\né\nx\n"},
	{argv: `grep .`, stdin: "\x00\n"}, {argv: `grep -c .`, stdin: "a\x00b\n"},
	{argv: `grep -r --include=x one d`}, {argv: `grep -r --exclude=x one d`},
	{argv: `grep -r --exclude-dir=e/ one d`}, {argv: `grep --include=*.c o f d -`, stdin: "o\n"},
	{argv: `grep --label=l -H o`, stdin: "o\n"}, {argv: `grep -nA1 --no-group-separator o f`},
	{argv: `grep -A0 --group-separator=x o f`}, {argv: `grep -v -e '' f none`},
	{argv: `grep -vf empty f`}, {argv: `grep -m -1 o f`}, {argv: `grep -m0 '[' f`},
	{argv: `grep -A1 é`, stdin: "é\n\xff\nx\n"}, {argv: `grep --color=auto o f`},
	{argv: `grep -qL o f`}, {argv: `grep -L zzz f`}, {argv: `grep -Lm0 zzz f`},
	{argv: `grep -R one loop`},
}

func TestGrep(t *testing.T) {
	rows := grepRows
	for i := range rows {
		rows[i].setup = grepFiles
	}
	judge(t, rows[:])
}

// Operators with nothing before them: what is said, and what they match.
func TestGrepWarnings(t *testing.T) {
	var rows []row
	for _, p := range []string{"*a", "+a", "?a", "{1}a", "(*a)", "a|*b", "^*a", "(|a)", "a**", "{1", "(+|?)",
		"^+", "(?", "(+)", "(+|a)", "(*|a)", "+|?", "^{1}", "(^*a)", "$*", `\(^*ab\)`, "(+))", "({1})",
		"^{", "^{1}*", "*{1}a", `(a)*\1`, "[:space:]", "[[:space:]"} {
		for _, option := range []string{"-G", "-E", "-wE", "-xE"} {
			rows = append(rows, row{argv: "grep " + option + " -e '" + p + "'", stdin: "a\nb\n)\n"})
		}
	}
	rows = append(rows, row{argv: "grep -f g -f h", setup: "printf '1[[\\n\\n3[[\\n1[[\\n' >g; printf 'a\\n3[[\\n4[\\n' >h"},
		row{argv: "grep -E -F a"}, row{argv: "grep -FG a f"}, row{argv: "grep -E -E a"},
		row{argv: "grep '[b-ü]'", env: []string{"LC_ALL=C.UTF-8"}},
		row{argv: "grep -E '[é-b]|[ü-ü]'", env: []string{"LC_ALL=C.UTF-8"}},
		row{argv: "grep -e 'a[' -e 'b['"}, row{argv: "grep -f - h", stdin: "a\na[\n", setup: "echo >h"},
		row{argv: "grep -I '^P' f", setup: `printf 'a\nP\351\n' >f`},
		row{argv: "grep '[:space:]'", stdin: ":\n", env: []string{"POSIXLY_CORRECT=1"}})
	judge(t, rows)
}

// TestGrepEmptyWord holds -w to GNU's where a match is empty: the C library's is taken where
// nothing longer matches there, the automaton's always. Behind an empty match GNU's -o finds
// no shortened one any more, by a length that it counts from the wrong place: not here.
func TestGrepEmptyWord(t *testing.T) {
	var rows []row
	for _, pattern := range []string{";*", ` \?`, `[^a]\?`, `[^[=a=]]\?`, `\(;*\)\1`, "[;é]*"} {
		for _, option := range []string{"-w", "-nw", "-ow", "-cvw", "-xw"} {
			for _, locale := range []string{"C", "C.UTF-8"} {
				rows = append(rows, row{argv: "grep " + option + " '" + pattern + "'",
					stdin: " a\n\n;a\n;;\nab ;; c\né; a;é\nx;\n", env: []string{"LC_ALL=" + locale}})
			}
		}
	}
	judge(t, rows)
}
