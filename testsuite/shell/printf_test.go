package shell

import "testing"

// printfNumbers are the operands that TestPrintf converts to numbers.
var printfNumbers = []string{
	"0", "-0", "+5", "' 5'", "'5 '", "5x", "x", "''", "0x1f", "0X1F",
	"0x", "017", "08", "1e3", "1.5", "-", "+", "'\\''", "'a'", `"'a"`,
	`"'"`,
	`'"a'`,
	`'"'`,
	`"'ab"`,
	`"'\\"`, "\"'\u00e4\"", "9223372036854775807", "9223372036854775808",
	"-9223372036854775808", "-9223372036854775809", "18446744073709551615",
	"18446744073709551616", "-18446744073709551615", "inf", "nan", "-inf", "1e400",
	"1e-400", ".5", "5.", "1e", "0x1p4", "0b11", "1_000", "1,5", "١",
}

// printfEscapes are the texts of TestPrintf for the format and for %b.
var printfEscapes = []string{
	`\a`,
	`\b`,
	`\e`,
	`\f`,
	`\n`,
	`\r`,
	`\t`,
	`\v`,
	`\\`,
	`\0`,
	`\1`,
	`\12`,
	`\101`,
	`\1012`,
	`\0101`,
	`\00101`,
	`\377`,
	`\400`,
	`\777`,
	`\8`,
	`\9`,
	`\x41`,
	`\u0041`,
	`\c`,
	`\cx`,
	`\d`,
	`\%`,
	`\"`,
	`\q`,
	`\`,
	`a\`,
	`\ `,
	`\*`,
	`\-`,
	`\08`,
	`\018`,
	`\1018`,
}

// printfRows are rows of TestPrintf.
var printfRows = scripts{
	`printf; echo $?`,
	`printf --; echo $?`,
	`printf ''; echo $?`,
	`printf -- -x; echo $?`,
	`printf -x; echo $?`,
	`printf - ; echo $?`,
	`printf -- '-%s-' a; echo $?`,
	`printf -v x a; echo $?`,
	`printf a b c; echo $?`,
	`printf '%s' ; echo $?`,
	`printf '%s\n'; echo $?`,
	`printf '%s %s\n' a b c; echo $?`,
	`printf '%s %d %c|\n'; echo $?`,
	`printf '%%\n' a b; echo $?`,
	`printf '%%%s%%\n' a b; echo $?`,
	`printf '%5%\n'; echo $?`,
	`printf '%'; echo $?`,
	`printf 'a%'; echo $?`,
	`printf '%5'; echo $?`,
	`printf '%-'; echo $?`,
	`printf '%.'; echo $?`,
	`printf '%*'; echo $?`,
	`printf '%*' 5; echo $?`,
	`printf 'a%zb\n' 1; echo $?`,
	`printf 'a%qb\n' 1; echo $?`,
	`printf '%ld\n' 5; echo $?`,
	`printf '%lld|%hd\n' 5 6; echo $?`,
	`printf '%n\n'; echo $?`,
	`printf '%p\n' 1; echo $?`,
	`printf '%D\n' 1; echo $?`,
	`printf '%S\n' 1; echo $?`,
	`printf '%C\n' 1; echo $?`,
	`printf '%B\n' 1; echo $?`,
	`printf '%1$s\n' a; echo $?`,
	`printf '%2$s %1$s\n' a b; echo $?`,
	`printf '% d|%+ d|% +d\n' 5 5 5`,
	`printf '%--5d|%++d|%00005d\n' 5 5 5`,
	`printf '%#-8x|%-#8o|%#08X\n' 255 8 255`,
	`printf '%d %s\n' 1 a 2 b 3; echo $?`,
	`printf '%d\n' 1 x 3; echo $?`,
	`printf '%d\n' 1 2x 3; echo $?`,
	`printf 'x%d' 5y && echo yes || echo " no $?"`,
	`printf '%d %d\n' x y; echo $?`,
	`printf '%d\n' 3 > /nope/x; echo $?`,
	`printf 'a\n' > /dev/full; echo $?`,
	`printf '%d\n' x > /dev/full; echo $?`,
	`printf 'a%sb\cc\n' x; echo $?`,
	`printf '%b' 'a\cb' c; echo "|$?"`,
	`printf '%b%b\n' 'a\cb' c; echo "|$?"`,
	`printf '%s%b' x 'a\c' y z; echo "|$?"`,
	`printf 'a%b' 'x\c'; echo; printf '%5b|%-5b|%.2b\n' 'a\tb' 'a\n' 'a\t\tb'`,
	`printf '%b\n' 'a\0101' 'b\101' 'c\01018' '\0' '\00' '\000' 'x\0y' | od -c`,
	`printf '%b' '\' | od -c; printf '%b' 'a\\' | od -c; printf '%b\n' '\\n' '\\\\'`,
	`printf '%c' abc '' d | od -c; printf '%c%c|\n' a; printf '%5c|%-5c|%05c|\n' a b c; ` +
		`printf '%.0c|\n' a`,
	`printf '%s' "$(printf 'a\nb')"; echo; printf "%s\n" 'a\nb' "a\tb"`,
	`printf '\n'; printf "\n"; printf '\\n\n'; printf "\\n"; printf "\\\\n\n"`,
	`printf '%.10s|%.0s|%.s|%10.3s|\n' abcdef abc abc abcdef`,
	`printf '%s\n' "a  b" '' 'c	d'`,
	`printf "%s-%s\n" $(echo 1 2 3); printf '%02d:%02d\n' 5 7 9; printf '%03d\n' 08; ` +
		`echo $?`,
	`printf '%*d|\n' -8 5; printf '%-*d|\n' 8 5; printf '%0*d|\n' 8 5; ` +
		`printf '%*s|\n' x a; echo $?`,
	`printf '%.*f|%.*f\n' 2 3.14159 -1 3.14159; printf '%*.*s|\n' 6 2 abc; ` +
		`printf '%*.*s|\n' 6; echo $?`,
	`printf '%*d %s\n' 5 1 a 3 2 b`,
	`printf '%s %*d\n' a 5; echo $?`,
	`printf '%9999d' 1 | wc -c; printf '%.9999d' 1 | wc -c; printf '%-5000s|' a | wc -c`,
	`printf '%99999999999d\n' 1; echo $?`,
	`printf '%2147483648d\n' 1; echo $?`,
	`printf '%f %f %f\n' 0 -0 1e10; printf '%e %e\n' 0 12345.678; ` +
		`printf '%g %g %g %g\n' 0.0001 0.00001 100000 1000000; printf '%G\n' 1e-10; ` +
		`printf '%#g %#.3g\n' 1 2; printf '%.0f %.0f %.0f\n' 0.5 1.5 2.5; ` +
		`printf '%a %A\n' 1 255; printf '%5.1f|%-8.2e|%+g\n' 3.14159 3.14159 3`,
	`printf '%d\n' "'" '"' "''" '""'; echo $?`,
	`printf '%d %d\n' "'é" '"ü'; LC_ALL=C.UTF-8 printf '%d\n' "'é"; ` +
		`printf '%c|%.1s|%3s|\n' é é é | od -c`,
	`LC_ALL=de_DE.UTF-8 printf '%f\n' 1.5; LC_NUMERIC=de_DE printf '%f %d\n' 1.5 1,5; ` +
		`echo $?`,
	`x=5 printf '%s\n' "$x"; command printf '%s\n' a; printf() { echo fn; }; printf a; ` +
		`command printf 'b\n'`,
	`printf '%s\n' a b c | { read x; read y; echo $y $x; }`,
	`printf 'no newline' > f; cat f; echo; printf '' > f; ls -s f | wc -l`,
	`set -e; printf '%d\n' x; echo no`,
	`set -x; printf '%s\n' 'a b'`,
	`printf '\060\0601\1\n' | od -c`,
	`printf 'a\0b\n' | od -c; printf '%s\0%s\n' a b | od -c`,
	`/usr/bin/printf 'ext %s\n' a; env printf 'env %d\n' 5`,
	`printf "%s\n" "$@"; set -- a 'b c'; printf '%s\n' "$@"; printf '<%s>' "$*"; echo; ` +
		`printf %s; printf '%s,' $@; echo`,
	`printf '%d%%\n' 50; printf '100%%'; printf '%%d\n'; printf '%s%%%s\n' a b c; echo`,
	`printf %s%s%s a b c d e; echo; printf '%s' a b; echo; printf 'x\n' a b`,
	`printf '%x\n' -1; printf '%o\n' -1; printf '%u\n' -1 -2; printf '%X\n' 3735928559; ` +
		`printf '%#x %#o %#X\n' 0 0 0`,
	`printf '%-10s|%10s|\n' left right; printf '%-3s|\n' toolong; printf '%3.1s|\n' abc; ` +
		`printf '%03s|\n' a; printf '%+s|% s|%#s\n' a b c`,
	`printf '%5s%%|%-5s%%\n' a b; printf -- '--%s\n' x; printf '%s\n' -- -a; ` +
		`printf '%s\n' -n`,
}

// TestPrintf judges printf (XCU 4).
func TestPrintf(t *testing.T) {
	for _, conversion := range []string{"d", "i", "u", "o", "x", "X", "c", "s", "b", "f", "F",
		"e", "E", "g", "G", "a", "A"} {
		for _, flags := range []string{"", "5", "-5", "05", "+", " ", "#", ".0", ".2", ".5",
			"8.3", "-8.3", "08.3", "+8", "# 8", "+-8", "-08", "*", "-*", ".*", "*.*", "1", "+ 6",
			"#.3", "-+8.2", "'"} {
			values := "'' 0 1 -1 12345"
			if flags == "*" || flags == "-*" || flags == ".*" {
				values = "7 12 -7 12 3 abc 0 1 -1 5"
			}
			if flags == "*.*" {
				values = "7 2 12 -7 -2 12345 7 0 0"
			}
			if conversion == "s" || conversion == "b" || conversion == "c" {
				values += " abcdef 'a b' '\\\\t'"
			}
			judge(t, row{script: "printf '[%" + flags + conversion + "]\\n' " + values +
				"; echo $?"})
		}
	}
	for _, n := range printfNumbers {
		judge(t, row{script: "printf '%d|%i\\n' " + n + " " + n + "; echo $?\n" +
			"printf '%u|%o|%x|%X\\n' " + n + " " + n + " " + n + " " + n + "; echo $?\n" +
			"printf '%f|%e|%g|%a\\n' " + n + " " + n + " " + n + " " + n + "; echo $?\n" +
			"printf '%.3d|%5x\\n' " + n + "; echo $?"})
	}
	for _, e := range printfEscapes {
		judge(t, row{script: "{ printf '<" + e + ">'; printf 'x%b>' '<" + e + ">' y\n" +
			"printf '%s\\n' '" + e + "'; printf '%b|%b|\\n' 'a" + e + "' b; echo $?\n" +
			"echo '<" + e + ">'; echo -n 'a" + e + "' b; } | od -An -c"})
	}
	same(t, printfRows...)
}

// TestEcho judges echo, with dash's escapes.
func TestEcho(t *testing.T) {
	same(t,
		`echo; echo ''; echo '' ''; echo ' '`,
		`echo -n; echo -n ''; echo -n a b; echo -n -n a; echo`,
		`echo -nn a; echo -ne a; echo -en a; echo -E a; echo -e a; echo --n; echo - a; `+
			`echo -- a; echo -n- a`,
		`echo a -n; echo -n a -n; echo`,
		`echo "-n" a; x=-n; echo $x a; echo "$x a"; echo`,
		`echo 'a\cb' c; echo d; echo 'a\c' b; echo; echo -n 'a\cb'; echo; echo '\c'; echo x`,
		`echo a\\nb 'a\\nb' "a\\\\nb"`,
		`echo *; echo "*"; touch a b; echo *; echo [a]`,
		`echo a > f b; cat f; echo >&2 err; echo x > /nope/x; echo $?; echo x > /dev/full; `+
			`echo $?; echo x >&-; echo $?`,
		`echo "a
b" 'c	d'`,
		`echo $nope; echo "$nope"; echo $nope a; echo "" a`,
		`echo '\07x' '\007x' '\7x' '\0' '\00' | od -c`,
		`echo '\\\\' '\\a' '\a' '\\\a' | od -c`,
		`echo "$(printf '\377\200')" | od -c; echo é ü`,
		`echo --help; echo --version`,
		`command echo a; x=5 echo $x; echo a & wait; echo $(echo b); echo a | cat`,
		`/bin/echo -n a; /bin/echo 'b\nc'; env echo 'd\n'`)
}

func TestPrintfEcho(t *testing.T) {
	for _, args := range []string{`'%s\n' a b`,
		`'%d %d\n' 1 2 3`,
		`'%5d|%-5d|%05d\n' 7 7 7`,
		`'%x %X %o\n' 255 255 8`,
		`'%c%c\n' abc d`,
		`'%b\n' 'a\tb\0101\c z'`,
		`'%%\n'`,
		`'%s'`,
		`'\101\n'`,
		`'\177\277\n'`,
		`'a\nb\tc\\\n'`,
		`'%.2s|%5s|%-5s|\n' abc ab ab`,
		`'%*d|%-*d|%.*s\n' 5 1 5 2 1 ab`,
		`'%f %e %g\n' 1.5 1.5 1.5`,
		`'%d\n' "'a"`,
		`'%d\n' 0x10 010 -5 +5`,
		`'%u\n' -1`,
		`'%i\n' 3`,
		`'%s %s\n' one`,
		`-- '%s\n' x`,
		`'%d\n' ''`,
		`'%d\n' 99999999999999999999`,
		`'%5%|\n'`,
		`'\x41\n'`,
		`'%5c|\n' a`} {
		judge(t, row{script: "printf " + args + "; echo $?"})
	}
	for _, args := range []string{``,
		`-n a`,
		`-n`,
		`-e 'a\tb'`,
		`'a\nb'`,
		`'a\cb' c`,
		`'\0101\101'`,
		`'\\'`,
		`-- a`,
		`-nn a`,
		`-n -n a`,
		`a  b`,
		`'a  b'`,
		`'\x41'`,
		`'a\'`,
		`"$(printf 'a\nb')"`,
		`'\e[0m'`} {
		judge(t, row{script: "echo " + args + "; echo $?"})
	}
}

// TestWriteErrors judges failed writes, which are errors of the utility. The script goes on.
func TestWriteErrors(t *testing.T) {
	for _, to := range [...]string{"> /dev/full", ">&-"} {
		for _, command := range [...]string{
			"alias a=b; alias", "alias a=b; alias nosuch a", "trap x INT; trap", "kill -l",
			"kill -l 1", "sleep 0 & jobs", "sleep 0 & jobs %1 %4", "type cd", "set",
			"export -p",
			"readonly r=1; readonly -p", "times", "umask", "umask -S", "pwd", "ulimit -a",
			"ulimit",
			"ls > o; hash", "command -v cd", "command -V cd", "echo x", "printf x", "set -o",
			"cat < /dev/null", "echo x | cat", "basename x", "expr 1 + 1", "echo x | head -1",
			"echo x | tr x y", "echo x | grep x", "id -u", "dirname x",
		} {
			same(t, command+" "+to+"; echo $?")
		}
	}
}
