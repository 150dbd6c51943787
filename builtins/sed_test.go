package builtins

import (
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const sedFiles = `printf 'one\ntwo\nthree\nfour\nfive\n' >f; printf 'a b\nc d' >g
printf 'NAME=x\n# BASE=no\nBASE=  a dir \nBASE=second\nLIVE=\\$a $b\n' >conf; printf 'top\n' >h
printf 's/o/0/g\n' >script; chmod 640 h; mkdir dir; printf '\201\303\251\tx\\\n' >bin`

// The programs of the boot scripts, with their parameters filled in.
func TestSedBootScripts(t *testing.T) {
	judge(t, []row{
		{setup: sedFiles, argv: `sed '/^BASE=.*/{s|^BASE=||;s|^\s*||;s|\s*$||;b};d' conf`},
		{setup: sedFiles, argv: `sed '/^NONE=.*/{s|^NONE=||;s|^\s*||;s|\s*$||;b};d' conf`},
		{setup: sedFiles, argv: `sed 's|\$|\\\$|g' conf`},
		{argv: `sed '\|/ld|d;s|^|:tmp|'`, stdin: "/lib/ld.so\n/lib/libc\n"},
		{argv: `sed '\|/ld|!d'`, stdin: "/lib/ld.so\n/lib/libc\n"},
		{setup: sedFiles, argv: `sed '${s|^|512*|;b};d' f`},
		{setup: sedFiles, argv: `sed '${s|^|512*|;b};d' g`},
	})
}

func TestSed(t *testing.T) {
	rows := []row{
		{argv: `sed -n '2p' f`}, {argv: `sed -n '$p' f g`}, {argv: `sed -s -n '$p' f g`},
		{argv: `sed -n '2,4p' f`}, {argv: `sed -n '/two/,/four/p' f`},
		{argv: `sed -n '/three/,1p' f`}, {argv: `sed '2,4!d' f`}, {argv: `sed -n '1~2p' f`},
		{argv: `sed -n '2,+2p' f`}, {argv: `sed -n '2,~4p' f`}, {argv: `sed -n '0~3p' f`},
		{argv: `sed -n '0,/one/p' f`}, {argv: `sed -n '1,/one/p' f`}, {argv: `sed -n '0,/t/p' f`},
		{argv: `sed -n '2{p;p}' f`}, {argv: `sed -n '/o/{/n/{p;p};/f/p}' f`},
		{argv: `sed -n '2,3{=;p;}' f`}, {argv: `sed -e 1d -e 's/t/T/' f`},
		{argv: `sed s/e/E/2 f`}, {argv: `sed s/e/E/2g f`}, {argv: `sed -n 's/o/0/gp' f`},
		{argv: `sed 's/\(.\)\(.\)/\2\1/' f`}, {argv: `sed -E 's/(.)(.)/\2\1/' f`},
		{argv: `sed -r 's/(o|e)+/<&>/g' f`}, {argv: `sed 's/x*/-/g' f`},
		{argv: `sed 's/T/x/I' f`},
		{argv: `sed 's/[^e]*/<&>/' f`}, {argv: `sed 's/\bt/X/g;s/e\>/Y/' f`},
		{argv: `sed 's/./\u&/;s/e/\U&x\Ey/' f`}, {argv: `sed -E 's/(.*)/\U\1/' f`},
		{argv: `sed 's/o/a\nb/' f`}, {argv: `sed 's/o/a\tb/' f`}, {argv: `sed 's,o,\,,' f`},
		{argv: `sed 's|t\|f|X|' f`}, {argv: `sed -E 's|t\|f|X|' f`},
		{argv: `sed 's/&/x/;s/o/\&/' f`},
		{argv: `sed y/eo/30/ f`}, {argv: `sed 'y/e\n/3x/' f`}, {argv: `sed 'y,o\,,x/,' f`},
		{argv: `sed '2a hello' f`}, {argv: `sed '2a\hello' f`},
		{argv: "sed '2a\\\nhello\\\nworld' f"},
		{argv: `sed '2i\  hello' f`}, {argv: `sed '2c changed' f`},
		{argv: `sed '2,4c changed' f`},
		{argv: `sed '$!c changed' f`}, {argv: `sed -e '2a\' -e 'x y' f`},
		{argv: `sed '2a a\tb\\c' f`},
		{argv: `sed '$a end' g`}, {argv: `sed p g`}, {argv: `sed '$!d' g f`},
		{argv: `sed n\;d f`},
		{argv: `sed '$!N;P;D' f`}, {argv: `sed 'N;s/\n/-/' f`},
		{argv: `sed -n '$!{h;d};x;G;p' f`},
		{argv: `sed -n 'H;${x;s/\n/,/g;s/^,//;p}' f`}, {argv: `sed '1!G;h;$!d' f`},
		{argv: `sed ':a;N;$!ba;s/\n/ /g' f`}, {argv: `sed -e ':a' -e 's/e/E/;ta' f`},
		{argv: `sed 's/o/0/;T;s/$/!/' f`}, {argv: `sed '/two/b end;s/^/>/;:end' f`},
		{argv: `sed 's/o/0/;n;t x;s/^/#/;:x' f`}, {argv: `sed 2q f`}, {argv: `sed '2q 7' f`},
		{argv: `sed 2Q5 f`}, {argv: `sed '2r h' f`}, {argv: `sed '2r none' f`},
		{argv: `sed '$r g' g`},
	}
	judgeSed(t, rows)
}

func TestSedFilesAndSyntax(t *testing.T) {
	rows := []row{
		{argv: `sed 's/^[ \t]*//;s/[\n]/x/' bin`}, {argv: `sed -E 's/^(a|b)?(.*)$/\2\1/' g`},
		{argv: `sed 's/e/&&/3g;s/$/\\/' f`}, {argv: `sed '/^$/d;/^#/d' conf`},
		{argv: `sed -n 's/^BASE=\(.*\)/\1/p' conf`}, {argv: `sed -n '/one/{n;p}' f`},
		{argv: `sed '/t/!s/e/E/;/f/{s/i/I/;q}' f`}, {argv: `sed -n '2{p;q}' f`},
		{argv: `sed 's/\(^\|[^0-9.]\)\([a-z]*\)/[\2]/' f`}, {argv: `sed 's/[^,]*,//' f`},
		{argv: `sed -n '/t/w out' f`}, {argv: `sed -n 's/t/T/w out' f`},
		{argv: `sed 'w /dev/stdout' g`}, {argv: `sed -n l bin`}, {argv: `sed -n 'l 5' f`},
		{argv: `sed -n -l 4 l f`}, {argv: `sed 's/[\x81-\xff]/?/g' bin`},
		{argv: `sed 's/./x/g' bin`},
		{argv: `sed -i 's/o/0/' h f`}, {argv: `sed -i.bak 1d f g`},
		{argv: `sed -i -e 's/o/0/;2q' f`},
		{argv: `sed -ibk_* p h`}, {argv: `sed -n -i p h`}, {argv: `sed -i '$a x' g`},
		{argv: `sed -f script f`}, {argv: `sed -f none f`}, {argv: `sed -z 's/\n/,/g' f`},
		{argv: `sed p none h`}, {argv: `sed p dir h`}, {argv: `sed 's/[[:alpha:]/]/x/' f`},
		{argv: `sed 's/[^]/]*/x/' f`}, {argv: "sed '2i\\\n  hello' f"},
		{argv: `sed -s N f g h`}, {argv: `sed -s n\;d f h f`},
		{argv: `sed -i p dir`}, {argv: "sed '#n\np' f"}, {argv: `sed '#nx' h`},
		{argv: `sed 's/a\|o/X/g;s/t\{1,2\}/Y/' f`}, {argv: `sed -E 's/e{2}|w/Z/;s/^$/x/' f`},
		{argv: `sed 's/*/x/;s/^*/y/;s/\(*\)/z/' f`},
		{argv: `sed 's/[]o]/x/;s/[^]o]/y/;s/[a-]/z/' f`},
		{argv: `sed 's/[[:space:]]/_/;s/[[:alpha:]]\+/W/' g`}, {argv: `sed '/t/s//T/g' f`},
		{argv: `sed 's/\(o\)*\(n\)/[\1\2]/' f`}, {argv: `sed '/one/,/two/{/two/!d}' f`},
		{argv: `sed -n '/e$/=' f`}, {argv: `sed --expression=p --quiet h`},
		{argv: `sed 's/o/x/ ; s/t/y/ # c' f`},
		{argv: `sed 'y/abc/xyz/;x;p;x' f`}, {argv: `sed -u 2q f`}, {argv: `sed '1,2z' f`},
		{argv: `sed 's/[/]/x/' f`}, {argv: `sed 's/\//x/' f`}, {argv: `sed 's.t\.w.x.' f`},
		{argv: `sed '2,3{N;d}' f`}, {argv: `sed '2,3n;s/^/x/' f`},
		{argv: `sed '2{n;n;n};2,3d' f`},
		{argv: `sed -s '1i x' f g`}, {argv: `sed '5!N;N;s/\n/+/' f`},
		{argv: `sed 's/\n//;$!{N;D}' f`},
		{argv: `sed 's/\(.\)\1/x/' f`}, {argv: `sed --debug p f`, lacks: true},
		{argv: `sed -i p`}, {argv: `sed -zn l f`}, {argv: `sed -z = f`},
		{argv: `sed 's/x/date/e' f`},
		{argv: `sed 's/.*/echo x/e' f`}, {argv: `sed -n 's/.*/printf x/ep' g`},
		{argv: `sed '1s/.*/echo a b/pe' f`}, {argv: `sed -z 's/.*/printf "a\0"/e' g`},
		{argv: `sed '1e' g`}, {argv: `sed -z 1e g`}, {argv: `sed -i '1eecho hello' f`},
		{argv: `sed '$e echo z' g`}, {argv: `sed 's/.*/printf "a\n\n"/e' f`},
	}
	judgeSed(t, rows)
}

// judgeSed judges rows that all work on the same files.
func judgeSed(t *testing.T, rows []row) {
	t.Helper()
	for i := range rows {
		rows[i].setup = sedFiles
	}
	judge(t, rows)
}

func TestSedMistakes(t *testing.T) {
	judge(t, []row{
		{argv: `sed k`}, {argv: `sed s/a/b`}, {argv: `sed s/a/b/k`}, {argv: `sed '{p'`},
		{argv: `sed p}`}, {argv: `sed 'b x'`}, {argv: `sed /a`}, {argv: `sed 1,p`},
		{argv: `sed 0p`}, {argv: `sed y/ab/c/`}, {argv: `sed 'p x'`}, {argv: `sed a`},
		{argv: `sed 's/a/\1/'`}, {argv: `sed 's/\(a/b/'`}, {argv: `sed 's/[a/b/'`},
		{argv: `sed 1`}, {argv: `sed -e p -e k`}, {argv: `sed -f s`, setup: `printf 'p\nk\n' >s`},
		{argv: `sed s/a/b/pp`}, {argv: `sed s/a/b/0`}, {argv: `sed '1:a'`}, {argv: `sed r`},
		{argv: `sed 's//x/'`, stdin: "a\n"}, {argv: `sed s`}, {argv: `sed 1,2q`},
		{argv: `sed y/a`},
		{argv: `sed 's/a\{1/b/'`}, {argv: `sed -E 's/a)/b/'`}, {argv: `sed '1}'`},
		{argv: `sed :`},
	})
}

// What POSIX knows only: --posix, and less of it by the environment.
func TestSedPosix(t *testing.T) {
	var rows []row
	for _, script := range []string{"N", "$!N;N", `s/a\|b/x/`, `s/a\+/x/`, `s/\w/x/`, `s/\bb/x/`,
		"s/\\`a/x/", `s/[\n]/x/`, `s/\t[\t]/x/`, `s/\x61/x/`, `s/[\x61]/x/`, "s/)/x/", "s/()/x/",
		`s/a/\1/`, `/a/s//\1/`, `s/a/x/;s//\2/`, "/^/s//x/;2s//\\9/", `s/\(a\)/\2/`, "s/a/\\U&/",
		"s/[:space:]/x/", "F", "a foo", "1~2d", "/A/Id",
		"1,2=", "s/a\\{1\\}/x/", "s/a/b/e", "s/[/]/x/"} {
		for _, mode := range []string{"", "--posix ", "-E ", "-E --posix "} {
			for _, env := range []string{"LC_ALL=C", "POSIXLY_CORRECT=1"} {
				rows = append(rows, row{argv: "sed " + mode + "'" + script + "' g", env: []string{env},
					setup: "printf 'a\\nb\\n|+?wn)(\\tt' >g"})
			}
		}
	}
	judge(t, rows)
}

// Links with --follow-symlinks, and names of backups.
func TestSedLinks(t *testing.T) {
	var rows []row
	for _, argv := range []string{"sed --follow-symlinks F a la lb d/up", "sed -i --follow-symlinks 1d lb d/up",
		"sed --follow-symlinks F none a", "sed --follow-symlinks F gone a", "sed --follow-symlinks F loop a",
		"sed --follow-symlinks -i F loop a", "sed --follow-symlinks -n 1F - a", "sed -n 1F la",
		"sed -i 1d la", "sed -i'***' 1d ./a", "sed -i'*' 1d a", "sed -i'*.b' 1d d/f", "sed -ix/* 1d a",
		"sed -id/* 1d a d/f", "sed -i/b 1d a", "sed -i'*-*' 1d a d/f"} {
		rows = append(rows, row{argv: argv, setup: "mkdir d; printf '1\\n2\\n' >a; cp a d/f;" +
			"ln -s a la; ln -s la lb; ln -s ../la d/up; ln -s loop loop; ln -s x/y gone"})
	}
	judge(t, rows)
}

// Lines that end at NUL, for M; characters of several bytes, and bytes that are none.
func TestSedLineEnds(t *testing.T) {
	var rows []row
	for _, script := range []string{"s/^/x/mg", "s/$/x/mg", "N;s/^/x/mg", "N;s/$/x/mg", "N;s/^b/x/m",
		"N;s/a$/x/m", "N;s/./x/mg", "N;s/[^a]/x/mg", "N;s/.*/x/mg", "N;s/^/x/2m", "N;s/^$/x/mg",
		"N;s/\\`./x/mg", "N;s/a.*/x/m", "N;/^b/Ms/^/x/", "s/.*/x/g", "s/a./x/", "G;s/$/x/mg",
		"y/a/\xa6/", "y/a/\xce\xa6/", "y/\xce\xa6/a/", "s\xce\xa6a\xce\xa6b\xce\xa6", "s\xa6a\xa6b\xa6",
		"s\xcea\xceb\xce", "y\xcea\xceb\xce", "\\\xceb\xced", "y/\xa6/a/"} {
		for _, option := range []string{"", "-z "} {
			rows = append(rows, row{argv: "sed " + option + "'" + script + "' g",
				setup: "printf 'a\\0b\\nc\\0\\nd\\0a\\nb\\316\\246\\0\\246\\n' >g"})
		}
	}
	judge(t, rows)
}

// ^ behind and $ before a newline that is part of the match, without M.
func TestSedAnchorsAtNewlines(t *testing.T) {
	var rows []row
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
			rows = append(rows, row{argv: "sed " + option + "'" + script + "' g",
				setup: "printf 'a\\nb\\nc\\n{2}a\\na\\na\\n' >g"})
		}
	}
	judge(t, rows)
}

// A range that is reached late, or left by n and N, and ends of every kind.
func TestSedRanges(t *testing.T) {
	var rows []row
	ends := []string{"1", "2", "3", "5", "$", "+0", "+2", "~2", "~3", "~0", "~1", "/3/", "0~3", "2~0"}
	for _, before := range []string{"1d", "1,2d", "1{n;n;n}", "2{n;n;n}", "1{N;N}", "1b", "2{N;D}"} {
		for _, start := range []string{"1", "2", "/2/", "2~0", "0~2", "$"} {
			rows = append(rows, rangeRow(before, start, ends))
		}
	}
	judge(t, rows)
}

// rangeRow tries all ends of a range at once, each with its own mark.
func rangeRow(before, start string, ends []string) row {
	script := before
	for i, end := range ends {
		script += ";" + start + "," + end + "s/$/ " + string(rune('a'+i)) + "/"
	}
	return row{argv: "sed '" + script + "'", stdin: "1\n2\n3\n4\n5\n6\n7\n"}
}

// Texts, labels and blocks in the forms that 4.9 knows.
func TestSedSyntax(t *testing.T) {
	var rows []row
	for _, script := range []string{`$a\`, `a\`, `1i\`, `2c\`, `2,3c\`, `$a foo\`, `1a a\\`, "1a\\\n", "1a",
		"1a ", "1a\n", `1a\text`, `1a\ttext`, `1a \  x`, `1a\\tx`, "1a\\  \nq", `{1a}`, `1a}`,
		"b end # x\n:end", ":end q", ":a s/a/b/", "{:x}", "2b x;d;:x", "2{bx};d;:x", ":x }", ": ", ":;d",
		"bx; :x#foo", "b x#y;p\n:x", "b;d", "bx#x\n:x#x", "2{b x }\n:x", "{p}p", "{p};p", "{p} p", "{}", "1{};p", "{;p;}", "{p;}}",
		`y/a\bc/de\f/`, `y/1\b2/a\bc/`, `y/12/a\n/`, `y/1\/2/abc/`, `y,1\,2,abc,`, `y/11/ab/`,
		`y/1/\c/`, "1,3p;4q", "p;v 9", "v 4.2", "1v", "#nx", " #n", "1!!d", "1! d", "+3p", "1,+p",
		"1 ~ 2p", "/1/ I p", "s//x/I", "/1/s//\\1/", "s/1/x/ g", "s/1/x/ }", "s/1\n2/x/", "s/1/x\n/",
		"/1\n/p", "0r g", "2p;0r g", "0p", "F", "W out", "R g", "w out", "1q7", "1q5x", "l 3x", "1;p", "1\np", "0~0p",
		`s/1/\x26/`, `s/\x5e/Q/`, `s/1/\c/`, `s/1/\c\\/`, `s/1/\c\a/`, `s/1/\cx/`,
		`s/\([a-z]*\)\(.*\)/\u\1\2/`, `s/.*/\u\L&/`, `s/.*/\L\u&/`, `s/.*/\u\E&/`} {
		rows = append(rows, row{argv: "sed '" + script + "' g", setup: "printf '1\\n2\\n3\\nabc d' >g"})
	}
	judge(t, rows)
}

// One that prints for ever ends where nobody reads.
func TestSedEndsWithItsReader(t *testing.T) {
	for _, script := range []string{":w;=;bw", ":w;p;bw", ":w;i x\nbw", ":w;l;bw"} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
		status := runSed(&Call{Args: []string{"sed", script}, Dir: unix.AT_FDCWD, NetNS: -1,
			Stdin: strings.NewReader("a\n"), Stdout: w, Stderr: io.Discard})
		_ = w.Close()
		if status != 141 {
			t.Errorf("%q: status %d", script, status)
		}
	}
}
