package text_test

import (
	"testing"

	"overlayboot/compat/judge"
)

const grepFiles = `printf 'one\ntwo\nthree\nfour\nfive\n' >f; printf 'a b\nfoo foo-bar\nFOO' >g
mkdir -p d/e; printf 'one\n' >d/x; printf 'two\none\n' >d/e/y; printf 'x\0one\n' >bin
mkdir loop; echo one >loop/x; ln -s . loop/l; printf 'o\nv\n' >pats; : >empty
printf '\201\303\251 x\n' >high
printf 'Link sdb1 Start\n Start x\n1 2\n3 4\n5\n6\n7\none\n' >disk`

// TestGrepBootScripts covers the regular expressions of the boot scripts.
func TestGrepBootScripts(t *testing.T) {
	ours.Rows(t, []judge.Row{
		{Argv: `grep -v '#'`, Stdin: "# c\na b\nx # y\n"},
		{Argv: `grep -A2 '^ Start' disk`, Setup: grepFiles},
		{Argv: `grep -qE '^[^ ]* /mnt' mounts`, Setup: `echo 'tmpfs /mnt tmpfs rw' >mounts`},
		{Argv: `grep -qE '^[^ ]+ /mnt ' mounts`, Setup: `echo 'tmpfs /mnt2 tmpfs rw' >mounts`},
		{Argv: `grep -oE '/[^ ]*'`, Stdin: "\tlibc.so.6 => /lib/x.so (0x1)\n\t/lib64/ld.so (0x2)\n"},
		{Argv: `grep ^eth`, Stdin: "lo\neth0\nveth1\neth1\n"},
		{Argv: `grep '^SHARE\s*=' conf`, Setup: `printf 'SHARE= /a\nSHARE =/b\nXSHARE=c\n' >conf`},
	})
}

// grepRows are judged with grepFiles.
var grepRows = [...]judge.Row{
	{Argv: `grep o f`}, {Argv: `grep -v o f`}, {Argv: `grep -c o f`},
	{Argv: `grep -vc o f g`},
	{Argv: `grep -n o f`}, {Argv: `grep -nH o f`}, {Argv: `grep o f g`},
	{Argv: `grep -h o f g`},
	{Argv: `grep -l o f g empty`}, {Argv: `grep -L o f g empty`}, {Argv: `grep -q o f`},
	{Argv: `grep zzz f`}, {Argv: `grep -q o none f`}, {Argv: `grep o none`},
	{Argv: `grep -s o none`},
	{Argv: `grep -x two f`}, {Argv: `grep -x tw f`}, {Argv: `grep -w foo g`},
	{Argv: `grep -ow foo g`},
	{Argv: `grep -oiw foo g`}, {Argv: `grep -i foo g`}, {Argv: `grep -o o g`},
	{Argv: `grep -on 'o*' g`},
	{Argv: `grep -e one -e two f`}, {Argv: `grep -f pats f`}, {Argv: `grep -f empty f`},
	{Argv: `grep -m1 o f`}, {Argv: `grep -m1 -A2 o f`}, {Argv: `grep -A1 one f`},
	{Argv: `grep -B1 four f`},
	{Argv: `grep -C1 three f`}, {Argv: `grep -nA1 -e one -e five f`},
	{Argv: `grep -B1 -A1 -n e f g`},
	{Argv: `grep -m0 o f`}, {Argv: `grep -F a.b g`}, {Argv: `grep -F 'a b' g`},
	{Argv: `grep -Fx 'a b' g`},
	{Argv: `grep -F '*' g`}, {Argv: `grep '*' g`}, {Argv: `grep -E '(one|two)$' f`},
	{Argv: `grep 'one\|two' f`}, {Argv: `grep -E 'e{2}' f`}, {Argv: `grep 'e\{2\}' f`},
	{Argv: `grep 't.*o' f`}, {Argv: `grep '[[:upper:]]' g`}, {Argv: `grep '[^a-z ]' g`},
	{Argv: `grep '\<foo\>' g`}, {Argv: `grep '\bfoo\b' g`}, {Argv: `grep -E '\w+-\w+' g`},
	{Argv: `grep -o '[a-z]\+$' g`}, {Argv: `grep '' f`}, {Argv: `grep -v '' f`},
	{Argv: `grep -c '' g`},
	{Argv: `grep one bin`}, {Argv: `grep -a one bin`}, {Argv: `grep -c one bin`},
	{Argv: `grep -v q bin`},
	{Argv: `grep '^...' high`}, {Argv: `grep -o x high`}, {Argv: `grep -o '^...' high`},
	{Argv: `grep -l one d`}, {Argv: `grep one d`}, {Argv: `grep -r two d`},
	{Argv: `grep -rl two`},
	{Argv: `grep -rh one d/e`}, {Argv: `grep -rc two d/e f`}, {Argv: `grep -R two d f`},
	{Argv: `grep -e`, Lacks: true}, {Argv: `grep '\(a\)\1' f`},
	{Argv: `grep -P a f`, Lacks: true}, {Argv: `grep '[a' f`}, {Argv: `grep 'a\(' f`},
	{Argv: `grep -E 'a)' f`}, {Argv: `grep -E '(a' f`}, {Argv: `grep 'a\' f`},
	{Argv: `grep 'a\{1' f`},
	{Argv: `grep -E 'a{1' f`}, {Argv: `grep -E 'a{,2}b' f`}, {Argv: `grep '[[:foo:]]' f`},
	{Argv: `grep '[b-a]' f`}, {Argv: `grep 'x^' f`}, {Argv: `grep 'a$b' f`},
	{Argv: `grep -E 'o+?n' f`},
	{Argv: `grep --count --line-number o f`},
	{Argv: `grep -E '^(a|ab)(c|bcd)$'`, Stdin: "abcd\n"},
	{Argv: `grep o - f`, Stdin: "so\n"}, {Argv: `grep -H o`, Stdin: "so\n"},
	{Argv: `grep -c x`, Stdin: ""},
	{Argv: `grep -oE 'a|ab|abc'`, Stdin: "xabcd\n"}, {Argv: `grep -io 'FOO' g`},
	{Argv: `grep -vn o f`},
	{Argv: `grep -e 'one` + "\n" + `two' f`}, {Argv: `grep -ho one f d/x`},
	{Argv: `grep -lv o f g`},
	{Argv: `grep -qs x none`}, {Argv: `grep -y foo g`}, {Argv: `grep -A 1 -c o f`},
	{Argv: `grep -b o f`}, {Argv: `grep -bo o f g`}, {Argv: `grep -A0 e f`}, {Argv: `grep -1 three f`},
	{Argv: `grep -C1 -A0 three f`}, {Argv: `grep -I one bin f`}, {Argv: `grep -z o f`},
	{Argv: `grep -lZ o f g`}, {Argv: `grep -cZ o f g`}, {Argv: `grep -d skip one d f`},
	{Argv: `grep -d recurse one d`}, {Argv: `grep -vn o`, Stdin: "\xff\né\nx\n"},
	{Argv: `grep .`, Stdin: "\x00\n"}, {Argv: `grep -c .`, Stdin: "a\x00b\n"},
	{Argv: `grep -r --include=x one d`}, {Argv: `grep -r --exclude=x one d`},
	{Argv: `grep -r --exclude-dir=e/ one d`}, {Argv: `grep --include=*.c o f d -`, Stdin: "o\n"},
	{Argv: `grep --label=l -H o`, Stdin: "o\n"}, {Argv: `grep -nA1 --no-group-separator o f`},
	{Argv: `grep -A0 --group-separator=x o f`}, {Argv: `grep -v -e '' f none`},
	{Argv: `grep -vf empty f`}, {Argv: `grep -m -1 o f`}, {Argv: `grep -m0 '[' f`},
	{Argv: `grep -A1 é`, Stdin: "é\n\xff\nx\n"}, {Argv: `grep --color=auto o f`},
	{Argv: `grep -qL o f`}, {Argv: `grep -L zzz f`}, {Argv: `grep -Lm0 zzz f`},
	{Argv: `grep -R one loop`},
}

func TestGrep(t *testing.T) {
	rows := grepRows
	for i := range rows {
		rows[i].Setup = grepFiles
	}
	ours.Rows(t, rows[:])
}

// TestGrepWarnings covers operators without an operand: the warnings and the matches.
func TestGrepWarnings(t *testing.T) {
	var rows []judge.Row
	for _, p := range []string{"*a", "+a", "?a", "{1}a", "(*a)", "a|*b", "^*a", "(|a)", "a**",
		"{1", "(+|?)",
		"^+", "(?", "(+)", "(+|a)", "(*|a)", "+|?", "^{1}", "(^*a)", "$*", `\(^*ab\)`, "(+))", "({1})",
		"^{", "^{1}*", "*{1}a", `(a)*\1`, "[:space:]", "[[:space:]"} {
		for _, option := range []string{"-G", "-E", "-wE", "-xE"} {
			rows = append(rows, judge.Row{Argv: "grep " + option + " -e '" + p + "'", Stdin: "a\nb\n)\n"})
		}
	}
	rows = append(rows,
		judge.Row{Argv: "grep -f g -f h",
			Setup: "printf '1[[\\n\\n3[[\\n1[[\\n' >g; printf 'a\\n3[[\\n4[\\n' >h"},
		judge.Row{Argv: "grep -E -F a"}, judge.Row{Argv: "grep -FG a f"}, judge.Row{Argv: "grep -E -E a"},
		judge.Row{Argv: "grep '[b-ü]'", Env: []string{"LC_ALL=C.UTF-8"}},
		judge.Row{Argv: "grep -E '[é-b]|[ü-ü]'", Env: []string{"LC_ALL=C.UTF-8"}},
		judge.Row{Argv: "grep -e 'a[' -e 'b['"},
		judge.Row{Argv: "grep -f - h", Stdin: "a\na[\n", Setup: "echo >h"},
		judge.Row{Argv: "grep -I '^P' f", Setup: `printf 'a\nP\351\n' >f`},
		judge.Row{Argv: "grep '[:space:]'", Stdin: ":\n", Env: []string{"POSIXLY_CORRECT=1"}})
	ours.Rows(t, rows)
}

// TestGrepEmptyWord compares -w with GNU grep for empty matches. GNU grep accepts an empty
// match of the C library only if nothing longer matches there, but always one of its automaton.
// After an empty match, GNU grep -o finds no shortened match, since it counts a length from the
// wrong place. Grep does not copy that.
func TestGrepEmptyWord(t *testing.T) {
	var rows []judge.Row
	for _, pattern := range []string{";*", ` \?`, `[^a]\?`, `[^[=a=]]\?`, `\(;*\)\1`, "[;é]*"} {
		for _, option := range []string{"-w", "-nw", "-ow", "-cvw", "-xw"} {
			for _, locale := range []string{"C", "C.UTF-8"} {
				rows = append(rows, judge.Row{Argv: "grep " + option + " '" + pattern + "'",
					Stdin: " a\n\n;a\n;;\nab ;; c\né; a;é\nx;\n", Env: []string{"LC_ALL=" + locale}})
			}
		}
	}
	ours.Rows(t, rows)
}
