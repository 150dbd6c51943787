package text_test

import (
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/native"
	"overlayboot/builtins/text"
	"overlayboot/compat/judge"
)

const sedFiles = `printf 'one\ntwo\nthree\nfour\nfive\n' >f; printf 'a b\nc d' >g
printf 'NAME=x\n# BASE=no\nBASE=  a dir \nBASE=second\nLIVE=\\$a $b\n' >conf; printf 'top\n' >h
printf 's/o/0/g\n' >script; chmod 640 h; mkdir dir; printf '\201\303\251\tx\\\n' >bin`

// TestSedBootScripts covers the programs of the boot scripts, with their parameters filled in.
func TestSedBootScripts(t *testing.T) {
	ours.Rows(t, []judge.Row{
		{Setup: sedFiles, Argv: `sed '/^BASE=.*/{s|^BASE=||;s|^\s*||;s|\s*$||;b};d' conf`},
		{Setup: sedFiles, Argv: `sed '/^NONE=.*/{s|^NONE=||;s|^\s*||;s|\s*$||;b};d' conf`},
		{Setup: sedFiles, Argv: `sed 's|\$|\\\$|g' conf`},
		{Argv: `sed '\|/ld|d;s|^|:tmp|'`, Stdin: "/lib/ld.so\n/lib/libc\n"},
		{Argv: `sed '\|/ld|!d'`, Stdin: "/lib/ld.so\n/lib/libc\n"},
		{Setup: sedFiles, Argv: `sed '${s|^|512*|;b};d' f`},
		{Setup: sedFiles, Argv: `sed '${s|^|512*|;b};d' g`},
	})
}

func TestSed(t *testing.T) {
	rows := []judge.Row{
		{Argv: `sed -n '2p' f`}, {Argv: `sed -n '$p' f g`}, {Argv: `sed -s -n '$p' f g`},
		{Argv: `sed -n '2,4p' f`}, {Argv: `sed -n '/two/,/four/p' f`},
		{Argv: `sed -n '/three/,1p' f`}, {Argv: `sed '2,4!d' f`}, {Argv: `sed -n '1~2p' f`},
		{Argv: `sed -n '2,+2p' f`}, {Argv: `sed -n '2,~4p' f`}, {Argv: `sed -n '0~3p' f`},
		{Argv: `sed -n '0,/one/p' f`}, {Argv: `sed -n '1,/one/p' f`}, {Argv: `sed -n '0,/t/p' f`},
		{Argv: `sed -n '2{p;p}' f`}, {Argv: `sed -n '/o/{/n/{p;p};/f/p}' f`},
		{Argv: `sed -n '2,3{=;p;}' f`}, {Argv: `sed -e 1d -e 's/t/T/' f`},
		{Argv: `sed s/e/E/2 f`}, {Argv: `sed s/e/E/2g f`}, {Argv: `sed -n 's/o/0/gp' f`},
		{Argv: `sed 's/\(.\)\(.\)/\2\1/' f`}, {Argv: `sed -E 's/(.)(.)/\2\1/' f`},
		{Argv: `sed -r 's/(o|e)+/<&>/g' f`}, {Argv: `sed 's/x*/-/g' f`},
		{Argv: `sed 's/T/x/I' f`},
		{Argv: `sed 's/[^e]*/<&>/' f`}, {Argv: `sed 's/\bt/X/g;s/e\>/Y/' f`},
		{Argv: `sed 's/./\u&/;s/e/\U&x\Ey/' f`}, {Argv: `sed -E 's/(.*)/\U\1/' f`},
		{Argv: `sed 's/o/a\nb/' f`}, {Argv: `sed 's/o/a\tb/' f`}, {Argv: `sed 's,o,\,,' f`},
		{Argv: `sed 's|t\|f|X|' f`}, {Argv: `sed -E 's|t\|f|X|' f`},
		{Argv: `sed 's/&/x/;s/o/\&/' f`},
		{Argv: `sed y/eo/30/ f`}, {Argv: `sed 'y/e\n/3x/' f`}, {Argv: `sed 'y,o\,,x/,' f`},
		{Argv: `sed '2a hello' f`}, {Argv: `sed '2a\hello' f`},
		{Argv: "sed '2a\\\nhello\\\nworld' f"},
		{Argv: `sed '2i\  hello' f`}, {Argv: `sed '2c changed' f`},
		{Argv: `sed '2,4c changed' f`},
		{Argv: `sed '$!c changed' f`}, {Argv: `sed -e '2a\' -e 'x y' f`},
		{Argv: `sed '2a a\tb\\c' f`},
		{Argv: `sed '$a end' g`}, {Argv: `sed p g`}, {Argv: `sed '$!d' g f`},
		{Argv: `sed n\;d f`},
		{Argv: `sed '$!N;P;D' f`}, {Argv: `sed 'N;s/\n/-/' f`},
		{Argv: `sed -n '$!{h;d};x;G;p' f`},
		{Argv: `sed -n 'H;${x;s/\n/,/g;s/^,//;p}' f`}, {Argv: `sed '1!G;h;$!d' f`},
		{Argv: `sed ':a;N;$!ba;s/\n/ /g' f`}, {Argv: `sed -e ':a' -e 's/e/E/;ta' f`},
		{Argv: `sed 's/o/0/;T;s/$/!/' f`}, {Argv: `sed '/two/b end;s/^/>/;:end' f`},
		{Argv: `sed 's/o/0/;n;t x;s/^/#/;:x' f`}, {Argv: `sed 2q f`}, {Argv: `sed '2q 7' f`},
		{Argv: `sed 2Q5 f`}, {Argv: `sed '2r h' f`}, {Argv: `sed '2r none' f`},
		{Argv: `sed '$r g' g`},
	}
	judgeSed(t, rows)
}

func TestSedFilesAndSyntax(t *testing.T) {
	rows := []judge.Row{
		{Argv: `sed 's/^[ \t]*//;s/[\n]/x/' bin`}, {Argv: `sed -E 's/^(a|b)?(.*)$/\2\1/' g`},
		{Argv: `sed 's/e/&&/3g;s/$/\\/' f`}, {Argv: `sed '/^$/d;/^#/d' conf`},
		{Argv: `sed -n 's/^BASE=\(.*\)/\1/p' conf`}, {Argv: `sed -n '/one/{n;p}' f`},
		{Argv: `sed '/t/!s/e/E/;/f/{s/i/I/;q}' f`}, {Argv: `sed -n '2{p;q}' f`},
		{Argv: `sed 's/\(^\|[^0-9.]\)\([a-z]*\)/[\2]/' f`}, {Argv: `sed 's/[^,]*,//' f`},
		{Argv: `sed -n '/t/w out' f`}, {Argv: `sed -n 's/t/T/w out' f`},
		{Argv: `sed 'w /dev/stdout' g`}, {Argv: `sed -n l bin`}, {Argv: `sed -n 'l 5' f`},
		{Argv: `sed -n -l 4 l f`}, {Argv: `sed 's/[\x81-\xff]/?/g' bin`},
		{Argv: `sed 's/./x/g' bin`},
		{Argv: `sed -i 's/o/0/' h f`}, {Argv: `sed -i.bak 1d f g`},
		{Argv: `sed -i -e 's/o/0/;2q' f`},
		{Argv: `sed -ibk_* p h`}, {Argv: `sed -n -i p h`}, {Argv: `sed -i '$a x' g`},
		{Argv: `sed -f script f`}, {Argv: `sed -f none f`}, {Argv: `sed -z 's/\n/,/g' f`},
		{Argv: `sed p none h`}, {Argv: `sed p dir h`}, {Argv: `sed 's/[[:alpha:]/]/x/' f`},
		{Argv: `sed 's/[^]/]*/x/' f`}, {Argv: "sed '2i\\\n  hello' f"},
		{Argv: `sed -s N f g h`}, {Argv: `sed -s n\;d f h f`},
		{Argv: `sed -i p dir`}, {Argv: "sed '#n\np' f"}, {Argv: `sed '#nx' h`},
		{Argv: `sed 's/a\|o/X/g;s/t\{1,2\}/Y/' f`}, {Argv: `sed -E 's/e{2}|w/Z/;s/^$/x/' f`},
		{Argv: `sed 's/*/x/;s/^*/y/;s/\(*\)/z/' f`},
		{Argv: `sed 's/[]o]/x/;s/[^]o]/y/;s/[a-]/z/' f`},
		{Argv: `sed 's/[[:space:]]/_/;s/[[:alpha:]]\+/W/' g`}, {Argv: `sed '/t/s//T/g' f`},
		{Argv: `sed 's/\(o\)*\(n\)/[\1\2]/' f`}, {Argv: `sed '/one/,/two/{/two/!d}' f`},
		{Argv: `sed -n '/e$/=' f`}, {Argv: `sed --expression=p --quiet h`},
		{Argv: `sed 's/o/x/ ; s/t/y/ # c' f`},
		{Argv: `sed 'y/abc/xyz/;x;p;x' f`}, {Argv: `sed -u 2q f`}, {Argv: `sed '1,2z' f`},
		{Argv: `sed 's/[/]/x/' f`}, {Argv: `sed 's/\//x/' f`}, {Argv: `sed 's.t\.w.x.' f`},
		{Argv: `sed '2,3{N;d}' f`}, {Argv: `sed '2,3n;s/^/x/' f`},
		{Argv: `sed '2{n;n;n};2,3d' f`},
		{Argv: `sed -s '1i x' f g`}, {Argv: `sed '5!N;N;s/\n/+/' f`},
		{Argv: `sed 's/\n//;$!{N;D}' f`},
		{Argv: `sed 's/\(.\)\1/x/' f`}, {Argv: `sed --debug p f`, Lacks: true},
		{Argv: `sed -i p`}, {Argv: `sed -zn l f`}, {Argv: `sed -z = f`},
		{Argv: `sed 's/x/date/e' f`},
		{Argv: `sed 's/.*/echo x/e' f`}, {Argv: `sed -n 's/.*/printf x/ep' g`},
		{Argv: `sed '1s/.*/echo a b/pe' f`}, {Argv: `sed -z 's/.*/printf "a\0"/e' g`},
		{Argv: `sed '1e' g`}, {Argv: `sed -z 1e g`}, {Argv: `sed -i '1eecho hello' f`},
		{Argv: `sed '$e echo z' g`}, {Argv: `sed 's/.*/printf "a\n\n"/e' f`},
	}
	judgeSed(t, rows)
}

// judgeSed judges rows that work on the same files.
func judgeSed(t *testing.T, rows []judge.Row) {
	t.Helper()
	for i := range rows {
		rows[i].Setup = sedFiles
	}
	ours.Rows(t, rows)
}

func TestSedMistakes(t *testing.T) {
	ours.Rows(t, []judge.Row{
		{Argv: `sed k`}, {Argv: `sed s/a/b`}, {Argv: `sed s/a/b/k`}, {Argv: `sed '{p'`},
		{Argv: `sed p}`}, {Argv: `sed 'b x'`}, {Argv: `sed /a`}, {Argv: `sed 1,p`},
		{Argv: `sed 0p`}, {Argv: `sed y/ab/c/`}, {Argv: `sed 'p x'`}, {Argv: `sed a`},
		{Argv: `sed 's/a/\1/'`}, {Argv: `sed 's/\(a/b/'`}, {Argv: `sed 's/[a/b/'`},
		{Argv: `sed 1`}, {Argv: `sed -e p -e k`}, {Argv: `sed -f s`, Setup: `printf 'p\nk\n' >s`},
		{Argv: `sed s/a/b/pp`}, {Argv: `sed s/a/b/0`}, {Argv: `sed '1:a'`}, {Argv: `sed r`},
		{Argv: `sed 's//x/'`, Stdin: "a\n"}, {Argv: `sed s`}, {Argv: `sed 1,2q`},
		{Argv: `sed y/a`},
		{Argv: `sed 's/a\{1/b/'`}, {Argv: `sed -E 's/a)/b/'`}, {Argv: `sed '1}'`},
		{Argv: `sed :`},
	})
}

// TestSedPosix covers the effects of --posix, and of POSIXLY_CORRECT, which has fewer.
func TestSedPosix(t *testing.T) {
	var rows []judge.Row
	for _, script := range []string{"N", "$!N;N", `s/a\|b/x/`, `s/a\+/x/`, `s/\w/x/`, `s/\bb/x/`,
		"s/\\`a/x/", `s/[\n]/x/`, `s/\t[\t]/x/`, `s/\x61/x/`, `s/[\x61]/x/`, "s/)/x/", "s/()/x/",
		`s/a/\1/`, `/a/s//\1/`, `s/a/x/;s//\2/`, "/^/s//x/;2s//\\9/", `s/\(a\)/\2/`, "s/a/\\U&/",
		"s/[:space:]/x/", "F", "a foo", "1~2d", "/A/Id",
		"1,2=", "s/a\\{1\\}/x/", "s/a/b/e", "s/[/]/x/"} {
		for _, mode := range []string{"", "--posix ", "-E ", "-E --posix "} {
			for _, env := range []string{"LC_ALL=C", "POSIXLY_CORRECT=1"} {
				rows = append(rows, judge.Row{Argv: "sed " + mode + "'" + script + "' g", Env: []string{env},
					Setup: "printf 'a\\nb\\n|+?wn)(\\tt' >g"})
			}
		}
	}
	ours.Rows(t, rows)
}

// TestSedLinks covers symbolic links with --follow-symlinks, and names of backups.
func TestSedLinks(t *testing.T) {
	var rows []judge.Row
	for _, argv := range []string{"sed --follow-symlinks F a la lb d/up",
		"sed -i --follow-symlinks 1d lb d/up",
		"sed --follow-symlinks F none a", "sed --follow-symlinks F gone a",
		"sed --follow-symlinks F loop a", "sed --follow-symlinks -i F loop a",
		"sed --follow-symlinks -n 1F - a", "sed -n 1F la", "sed -i 1d la", "sed -i'***' 1d ./a",
		"sed -i'*' 1d a", "sed -i'*.b' 1d d/f", "sed -ix/* 1d a",
		"sed -id/* 1d a d/f", "sed -i/b 1d a", "sed -i'*-*' 1d a d/f"} {
		rows = append(rows, judge.Row{Argv: argv, Setup: "mkdir d; printf '1\\n2\\n' >a; cp a d/f;" +
			"ln -s a la; ln -s la lb; ln -s ../la d/up; ln -s loop loop; ln -s x/y gone"})
	}
	ours.Rows(t, rows)
}

// TestSedLineEnds covers lines that end at NUL, for M, as well as multibyte characters and
// invalid bytes.
func TestSedLineEnds(t *testing.T) {
	var rows []judge.Row
	for _, script := range []string{"s/^/x/mg", "s/$/x/mg", "N;s/^/x/mg", "N;s/$/x/mg", "N;s/^b/x/m",
		"N;s/a$/x/m", "N;s/./x/mg", "N;s/[^a]/x/mg", "N;s/.*/x/mg", "N;s/^/x/2m", "N;s/^$/x/mg",
		"N;s/\\`./x/mg", "N;s/a.*/x/m", "N;/^b/Ms/^/x/", "s/.*/x/g", "s/a./x/", "G;s/$/x/mg",
		"y/a/\xa6/", "y/a/\xce\xa6/", "y/\xce\xa6/a/", "s\xce\xa6a\xce\xa6b\xce\xa6", "s\xa6a\xa6b\xa6",
		"s\xcea\xceb\xce", "y\xcea\xceb\xce", "\\\xceb\xced", "y/\xa6/a/"} {
		for _, option := range []string{"", "-z "} {
			rows = append(rows, judge.Row{Argv: "sed " + option + "'" + script + "' g",
				Setup: "printf 'a\\0b\\nc\\0\\nd\\0a\\nb\\316\\246\\0\\246\\n' >g"})
		}
	}
	ours.Rows(t, rows)
}

// TestSedAnchorsAtNewlines covers ^ after and $ before a newline inside the match, without M.
func TestSedAnchorsAtNewlines(t *testing.T) {
	var rows []judge.Row
	for _, script := range []string{
		`N;s/(a$|x)\nb/X/`, `N;s/(a)$\nb/X/`, `N;s/a$(\n)b/X/`, `N;s/a$\n^b$/X/`,
		`N;s/(a\n^)b/X/`, `N;N;s/(.\n^)*c/X/`, `N;N;s/(^.\n)*/X/`, `N;N;s/(^|x)b/X/g`,
		`N;N;s/[^b]^b/X/`, `N;N;s/.$./X/g`, `N;N;s/.^./X/g`, `N;N;s/(a|b)$\n/X/g`,
		`N;N;s/.+^c/X/`, `N;N;s/\n^/X/g`, `N;N;s/$\n/X/g`, `N;N;s/(\n|^)b(\n|$)/X/`,
		`N;N;s/(a).^(b)\n/\2\1/`, `N;/a.^b/d`, `N;/a$./d`, `N;/^b/d`, `N;/a$/d`,
		`N;s/(.).^\1/X/`, `N;s/x*a$\nb/X/`, `N;s/c|a$\nb/X/`, `N;s/a+$\n*b/X/`, `N;s/a$\n*b?/X/`,
		`N;N;s/a.*$.c/X/`, `N;N;s/a.*^.*/X/`, `N;N;s/^.*^c/X/`, `N;N;s/.?$.?/X/g`,
		`N;N;s/x|$[^x]/X/g`, `N;N;s/$/X/g`, `N;N;s/^/X/g`, `N;N;s/[^c]*^/X/g`,
		`N;N;s/$[^c]*/X/g`, `N;N;s/a{1,2}$.b/X/`, `N;N;s/\<^b/X/;s/\n\<^b/Y/`,
		`N;N;s/.\b$\n/X/g`, `N;s/\W^b/X/`} {
		for _, option := range []string{"", "-E ", "-Ez "} {
			rows = append(rows, judge.Row{Argv: "sed " + option + "'" + script + "' g",
				Setup: "printf 'a\\nb\\nc\\n{2}a\\na\\na\\n' >g"})
		}
	}
	ours.Rows(t, rows)
}

// TestSedRanges covers ranges that are reached late or left by n and N, with all kinds of ends.
func TestSedRanges(t *testing.T) {
	var rows []judge.Row
	ends := []string{"1", "2", "3", "5", "$", "+0", "+2", "~2", "~3", "~0", "~1", "/3/", "0~3", "2~0"}
	for _, before := range []string{"1d", "1,2d", "1{n;n;n}", "2{n;n;n}", "1{N;N}", "1b", "2{N;D}"} {
		for _, start := range []string{"1", "2", "/2/", "2~0", "0~2", "$"} {
			rows = append(rows, rangeRow(before, start, ends))
		}
	}
	ours.Rows(t, rows)
}

// rangeRow tries all ends of a range at once, each with its own mark.
func rangeRow(before, start string, ends []string) judge.Row {
	script := before
	for i, end := range ends {
		script += ";" + start + "," + end + "s/$/ " + string(rune('a'+i)) + "/"
	}
	return judge.Row{Argv: "sed '" + script + "'", Stdin: "1\n2\n3\n4\n5\n6\n7\n"}
}

// TestSedSyntax covers texts, labels and blocks in the forms of sed 4.9.
func TestSedSyntax(t *testing.T) {
	var rows []judge.Row
	for _, script := range []string{`$a\`, `a\`, `1i\`, `2c\`, `2,3c\`, `$a foo\`, `1a a\\`,
		"1a\\\n", "1a",
		"1a ", "1a\n", `1a\text`, `1a\ttext`, `1a \  x`, `1a\\tx`, "1a\\  \nq", `{1a}`, `1a}`,
		"b end # x\n:end", ":end q", ":a s/a/b/", "{:x}", "2b x;d;:x", "2{bx};d;:x", ":x }", ": ", ":;d",
		"bx; :x#foo", "b x#y;p\n:x", "b;d", "bx#x\n:x#x", "2{b x }\n:x", "{p}p", "{p};p",
		"{p} p", "{}", "1{};p", "{;p;}", "{p;}}", `y/a\bc/de\f/`, `y/1\b2/a\bc/`, `y/12/a\n/`,
		`y/1\/2/abc/`, `y,1\,2,abc,`, `y/11/ab/`, `y/1/\c/`, "1,3p;4q", "p;v 9", "v 4.2", "1v",
		"#nx", " #n", "1!!d", "1! d", "+3p", "1,+p", "1 ~ 2p", "/1/ I p", "s//x/I",
		"/1/s//\\1/", "s/1/x/ g", "s/1/x/ }", "s/1\n2/x/", "s/1/x\n/",
		"/1\n/p", "0r g", "2p;0r g", "0p", "F", "W out", "R g", "w out", "1q7", "1q5x", "l 3x",
		"1;p", "1\np", "0~0p", `s/1/\x26/`, `s/\x5e/Q/`, `s/1/\c/`, `s/1/\c\\/`, `s/1/\c\a/`,
		`s/1/\cx/`,
		`s/\([a-z]*\)\(.*\)/\u\1\2/`, `s/.*/\u\L&/`, `s/.*/\L\u&/`, `s/.*/\u\E&/`} {
		rows = append(rows,
			judge.Row{Argv: "sed '" + script + "' g", Setup: "printf '1\\n2\\n3\\nabc d' >g"})
	}
	ours.Rows(t, rows)
}

// TestSedEndsWithItsReader checks that a script that prints forever ends without a reader.
func TestSedEndsWithItsReader(t *testing.T) {
	for _, script := range []string{":w;=;bw", ":w;p;bw", ":w;i x\nbw", ":w;l;bw"} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
		status := text.Sed(&native.Call{Args: []string{"sed", script}, Dir: unix.AT_FDCWD, NetNS: -1,
			Stdin: strings.NewReader("a\n"), Stdout: w, Stderr: io.Discard})
		_ = w.Close()
		if status != 141 {
			t.Errorf("%q: status %d", script, status)
		}
	}
}
