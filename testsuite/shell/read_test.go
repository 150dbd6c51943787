package shell

import "testing"

// fieldSeparators are values of IFS, as words of a script.
var fieldSeparators = []string{
	`' '`,
	`' :'`,
	`:`,
	`''`,
	`' 	
'`,
	`'\\'`,
	`a`,
	`'x:'`,
	`'	'`,
	`':
'`,
}

// fieldLines are the lines that TestReadFields reads with each value of IFS.
var fieldLines = []string{
	`a`,
	`a b c d`,
	`  a  b  `,
	`a:b:c:d`,
	`:a:b:`,
	`::`,
	`:`,
	` : `,
	` : a : b : `,
	`a:`,
	`a::`,
	`a: `,
	`a :`,
	`a : `,
	`a b:`,
	`a b :`,
	`a b: :`,
	`a:b::`,
	`a:b: c:`,
	`	a	b`,
	`a\ b c`,
	`a\:b:c`,
	`\a\b`,
	`\\`,
	`a\\`,
	`a\\:b`,
	`\ a\ `,
	`a \ `,
	`a\  `,
	`a b\ `,
	`a b\ c `,
	`\:`,
	`a:\:`,
	`a:b\:`,
	` \  `,
	`x`,
	`ax:bx`,
	`xaxx`,
	`a b c:`,
	`a  :  b  :  c  `,
}

// TestReadFields judges read with every class of field separators (XCU 4).
func TestReadFields(t *testing.T) {
	for _, ifs := range fieldSeparators {
		for _, line := range fieldLines {
			judge(t, row{script: "p() { printf '<%s>' \"$@\"; echo; }; x=X y=Y z=Z\nIFS=" +
				ifs + " read x; p \"$x\"; IFS=" + ifs + " read x y; p \"$x\" \"$y\"; IFS=" + ifs +
				" read x y z; p \"$x\" \"$y\" \"$z\"; IFS=" + ifs +
				" read -r x y; p \"$x\" \"$y\"; IFS=" + ifs + " read -r x; p \"$x\"",
				stdin: line + "\n" + line + "\n" + line + "\n" + line + "\n" + line + "\n"})
		}
	}
}

// readBuiltinRows are rows of TestReadBuiltin.
var readBuiltinRows = []string{
	`read a; read b; read c; read d; read e; echo "$?|$a|$b|$c|$d|$e"; read f; ` +
		`echo "$?[$f]"`,
	`read -r a; read -r b; read -r c; read -r d; read -r e; echo "$?|$a|$b|$c|$d|$e"; ` +
		`read -r f; echo "$?[$f]"`,
	`read a; cat`,
	`read a; read b; cat`,
	`read a b; sh -c 'read x; echo "in $x"'; read c; echo "$a|$b|$c"`,
	`(read a; echo $a); read b; echo $b; cat | (read c; echo $c)`,
	`x=$(read a; echo $a); read b; echo "$x|$b"`,
	`while read a b; do echo "[$a][$b]"; done; echo "$?[$a]"`,
	`while read -r a b || [ "$a" ]; do echo "[$a][$b]"; done; echo $?`,
	`while read a; do sh -c 'read b; echo "sub $b"'; echo $a; done`,
	`cat > /dev/null; a=x; read a; echo "$?[$a]"`,
	`read a < t.sh; read b; echo "$a|$b"`,
	`exec 3<&0; read a <&3; read b; read c <&3; echo "$a|$b|$c"`,
	`read a b c d e; echo "$a|$b|$c|$d|$e"`,
	`read a a; echo "$a"`,
	`read a b a; echo "$a|$b"`,
	`read`,
	`read; echo $?`,
	`read -r; echo $?`,
	`read 1x; echo $?`,
	`read a 1x; echo "$?[$a]"`,
	`read ''; echo $?`,
	`read a-b; echo $?`,
	`read 'a b'; echo $?`,
	`read -x a; echo $?`,
	`read -rx a; echo $?`,
	`read -- a; echo $a`,
	`read -r -- a; echo $a`,
	`read - a; echo $?`,
	`read -p; echo $?`,
	`read -p x; echo $?`,
	`read -p x a; echo $a`,
	`read -px a; echo $a`,
	`read -rp x a; echo "$a"`,
	`read -rpx a; echo "$a"`,
	`read -pr x; echo "$x"`,
	`read -p '' a; echo $a`,
	`read -p x -r a; echo $a`,
	`read -t 1 a; echo "$?[$a]"`,
	`read -n 1 a; echo $?`,

	`readonly a; read a; echo "$?[$a]"; read b; echo $b`,
	`readonly b; read a b c; echo "$?[$a][$c]"`,
	`readonly a; if read a; then :; else echo else; fi; echo end`,
	`readonly a; read a || echo or $?`,
	`a=1 read a; echo "[$a]"`,
	`b=1 read a; echo "$a[$b]"`,
	`IFS=n read a b; echo "$a|$b"; read c; echo $c`,
	`set -a; read a b; env | grep ^[ab]=`,
	`export a; read a; env | grep ^a=`,
	`f() { local a; read a; echo $a; }; f; echo "[$a]"`,
	`f() { read a; }; f; echo $a`,
	`read a && echo yes; read nope < /dev/null && echo no; ! read nope < /dev/null; echo $?`,
	`if read a; then echo "$a"; fi; until ! read a; do :; done; echo "[$a]"`,
	`read a < nope; echo $?`,
	`read a <&-; echo "$?[$a]"`,
	`a=x; read a <&-; echo "$?[$a]"`,
	`read a < /; echo "$?[$a]"`,
	`read a 0<&9; echo $?`,
	`exec < /dev/null; read a; echo "$?[$a]"`,
	`read a << E
here $a \\ x \
y
E
echo "$?|$a"`,
	`read -r a << 'E'
h \
E
echo "$a"`,
	`printf 'x\ny' | { read a; read b; echo "$?|$a|$b"; }; read c; echo $c`,
	`printf 'a\\' | { read a; echo "$?[$a]"; }`,
	`printf 'a\\\n' | { read a; echo "$?[$a]"; }`,
	`printf 'a\\\nb' | { read a; echo "$?[$a]"; }`,
	`printf '\\\n\\\n\\\nz\n' | { read a; echo "$?[$a]"; }`,
	`printf 'a\\\n b\n' | { read a b; echo "$?[$a][$b]"; }`,
	`printf '\000a\000b\n' | { read a; echo "$?[$a]"; }`,
	`printf '\377\376 \201\n' | { read a b; echo "$a|$b"; }`,
	`printf ' \n' | { read a; echo "$?[$a]"; }`,
	`printf '\n' | { read a b; echo "$?[$a][$b]"; }`,
	`printf 'a\r\nb\n' | { read a; printf %s "$a" | od -c; }`,
	`printf '%05000d x\n' 7 | { read a b; echo ${#a} $b; }`,
	`read HOME; echo ~; read IFS; read a b; echo "$a|$b"`,
	`read PATH; dir; echo $?`,
	`read OPTIND; getopts a x -a; echo $?`,
	`command read a; echo $a; command read -x; echo $?`,
	`read a > f; echo $a; ls`,
	`read a > /nope/x; echo "$?[$a]"`,
	`read a b | cat; echo "[$a]"; cat`,
	`read a & wait $!; echo "$?[$a]"; read b; echo $b`,
	`set -x; read a b`,
	`set -e; read a; read b < /dev/null; echo no`,
	`unset IFS; read a b; echo "$a|$b"`,
	`IFS=; read a b; echo "$a|$b"`,
	`IFS=' '; read a b; echo "$a|$b"`,
	`exec 0<&-; read a; echo "$?[$a]"`,
	`trap 'echo t' EXIT; read a; exit`,
	`read _ a; echo "$_|$a"`,
	`read a b <<E
$(printf 'p q\nr')
E
echo "$a|$b"`,
	`eval 'read a'; echo $a;`,
	`read A1 _b; echo "$A1|$_b"`,
	`n=v; read $n; echo $v; read $nope; echo $?`,
}

// TestReadBuiltin judges options, status and consumed input of read (XCU 4).
func TestReadBuiltin(t *testing.T) {
	in := "one 1\ntwo\\\n2 x\nthree\\ 3\n\nlast"
	for _, s := range readBuiltinRows {
		judge(t, row{script: s, stdin: in})
	}
	// The script itself is the input: read takes the line behind its own.
	for _, s := range []string{"read x", "read x < /dev/null; echo $?\necho next",
		"read x; echo $?\n", ": ${y?}\necho no", "exit 3\necho no",
		"echo a | read x; echo $?\necho next", "read x <<E; echo $x\nhere\nE\necho next"} {
		judge(t, row{script: s, as: asStdin})
	}
	for _, s := range []string{"read x\nline one\necho \"$x\"",
		"while read -r x; do echo \"<$x>\"; done\na\nb \\ c\n",
		"sh -c 'read x; echo in $x'\nfor inner\necho outer"} {
		judge(t, row{script: s, as: asStdin, standard: "XCU sh, STDIN"})
	}
}

func TestRead(t *testing.T) {
	p := `p() { printf '<%s>' "$@"; echo; }; `
	for _, ifs := range []string{"", "IFS=: ", "IFS= ", "IFS=' :' ", "IFS=a "} {
		for _, line := range []string{`a b c`,
			` a  b  c `,
			`a:b:c`,
			`:a::b:`,
			`a\ b c`,
			`a\\b c`,
			`a\:b:c`,
			``,
			`   `,
			`a b\`,
			` \ a `,
			`a : b : c :`} {
			judge(t, row{script: p + ifs + "read x y; s=$?; p \"$x\" \"$y\" $s; " + ifs +
				"read -r x y; p \"$x\" \"$y\"; " + ifs + "read x; p \"$x\"; " + ifs +
				"read x y z w; p \"$x\" \"$y\" \"$z\" \"$w\"",
				stdin: line + "\n" + line + "\n" + line + "\n" + line + "\n"})
		}
	}
	for _, in := range []string{"a\\\nb\nc\n", "no newline", "", "\n\n", "a\x00b\n", "x\\",
		"tab\there\n", "\xff\xfe\n"} {
		judge(t, row{script: p + `read x; echo $?; p "$x"; read -r y; echo $?; p "$y"; ` +
			`read z; echo $?; p "$z"`, stdin: in})
	}
	same(t,
		`echo a | read; echo $?`,
		`read -p 'prompt ' x < t.sh; echo "$x"`,
		`x=old; read x < /dev/null; echo "$? [$x]"; read x y <<E
only
E
echo "$x[$y]"`,
		`printf 'a b\n' | { read "x" y; echo $y $x; }; read a b c <<E
$(echo 1 2 3 4)
E
echo $c; while IFS== read k v; do echo "$v <- $k"; done <<E
a=b=c
d=
=e
E`)
}
