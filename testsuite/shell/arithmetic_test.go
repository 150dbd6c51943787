package shell

import (
	"strings"
	"testing"
)

// TestArithmeticOperators judges each binary operator with extreme operands (XCU 2.6.4).
func TestArithmeticOperators(t *testing.T) {
	values := []string{"0", "1", "-1", "7", "-7", "63", "64", "9223372036854775807",
		"-9223372036854775807", "x", "m", "e", "n"}
	for _, op := range strings.Fields("+ - * / % << >> < <= > >= == != & | ^ && ||") {
		for _, a := range values {
			var b strings.Builder
			b.WriteString("x=5 m=-9223372036854775807 e=; unset n\n")
			for _, c := range values {
				// Remainder and quotient of the smallest number and -1 kill dash.
				b.WriteString("(echo $((" + a + op + " " + c + ")))\n(echo $(( (" + a + ") " +
					op + " (" + c + ") )))\n")
			}
			judge(t, row{script: b.String()})
		}
	}
}

// TestArithmeticPrecedence judges pairs of operators, which show precedence and associativity.
func TestArithmeticPrecedence(t *testing.T) {
	binary := strings.Fields("+ - * / % << >> < <= > >= == != & | ^ && ||")
	for _, a := range binary {
		var b strings.Builder
		for _, c := range binary {
			b.WriteString("(echo $((7 " + a + " 2 " + c + " 3)) $((1" + a + "5" + c +
				"2)) $((- 9" + a + " ~4" + c + " !0)) " +
				"$((1 ? 6 " + a + " 4 : 5 " + c + " 2)) $((4 " + a + " (3 " + c + " 1))))\n")
		}
		judge(t, row{script: b.String()})
	}
	for _, a := range strings.Fields("= += -= *= /= %= <<= >>= &= |= ^=") {
		judge(t, row{script: "x=6 y=4 z=; echo $((x " + a + " 3)) $x; echo $((x" + a +
			"y)) $x; echo $((y " + a + " x " + a + " 2)) $x $y\n" +
			"echo $((z " + a + " 5)) $z; echo $((w " + a + " 7)) $w; echo $((x " + a +
			" 1 ? 3 : 4)) $x; echo $((1 + (x " + a + " 2))) $x\n" +
			"echo $((0 && (x " + a + " 9))) $x; echo $((1 || (x " + a + " 9))) $x; echo $((x " +
			a + " 1 || 0)) $x; (echo $((x " + a + " 0))); echo $? $x\n" +
			"for e in '1 + x " + a + " 2' 'x + y " + a + " 2' '-x " + a + " 2' '3 " + a +
			" 2'; do (echo $(($e))); echo $? $x; done; echo $((x" + a + "+1)) $x\n" +
			"readonly r=3; (echo $((r " + a + " 3)); echo no); echo $?; (x=abc; echo $((x " +
			a + " 3))); echo $?"})
	}
}

func TestArithmeticConstants(t *testing.T) {
	for _, n := range strings.Fields(`0 00 -0 +0 1 01 007 08 09 018 0x0 0xff 0XFF 0xfF 0xg 0x ` +
		`0X 00x1 1x 1a 1_ _1 10# 2#101 16#ff 1.0 1e3 1L 1u ` +
		`0777777777777777777777 01777777777777777777777 0x7fffffffffffffff 0x8000000000000000 ` +
		`0xffffffffffffffff 0x10000000000000000 ` +
		`9223372036854775806 9223372036854775807 9223372036854775808 18446744073709551615 ` +
		`18446744073709551616 99999999999999999999999 ` +
		`-9223372036854775807 -9223372036854775808 -9223372036854775809 --1 -+1 +-1 - -- ! ~ ` +
		`!! ~~1 !-1 -!1 ~-1 0b11 0o7 'a' @ # $ \ { } [ ] . , ; : ? = == ` +
		`1? 1?2 1?2: 1?:2 ?1:2 1?2:3:4 (1 1) () (1)(2) (1)2 1(2) x(1) 1=2 (x)=1 x=y=3 x+=y+=2 ` +
		`x++ x-- ++x --x x+++1 x---1 - -x 1&&2||3 0||0&&1 1|2&3^1`) {
		judge(t, row{script: "x=2 y=3; v='" + strings.ReplaceAll(n, "'", `'\''`) + "'\n" +
			`(echo $(($v))); echo $?
(echo $((v))); echo $?; (echo $((v+1))); (echo $((-$v))); (echo $(( $v + 1 ))); ` +
			`(echo $(($v?$v:$v))); w="1 $v 2"; (echo "$(($w))"); echo $?; echo $x $y`})
	}
	for _, v := range []string{"' 5'", "'5 '", "'\t5\n'", "' '", "''", "+5", "'- 5'", "5x", "x",
		"0x1f", "'0x1f '", "010", "08", "1+1", "y", "(1)", "--5",
		"9223372036854775808", "-9223372036854775808", "-9223372036854775809",
		"0x8000000000000000", "1.5", "1e3", "'1 2'", "$(printf '\\f7')", "$(printf '7\\r')",
		"$(printf '\\351')"} {
		judge(t, row{script: "y=3; v=" + v +
			"\n(echo $((v))); echo $?; (echo $((v + 0))); (echo $((-v))); (echo $((v=v))); " +
			"(echo $((v+=1)) $v)\n" +
			"(echo $(($v))); echo $?; (echo $((v ? 1 : 2))); (echo $((v && 1))); " +
			"(echo $((0 && v))); (echo $((1 || v))); (echo $((!v)))"})
	}
}

// arithmeticTextRows are rows of TestArithmeticText.
var arithmeticTextRows = scripts{
	`echo $((-9223372036854775807 - 1)) $(((-9223372036854775807 - 1) * -1)) ` +
		`$((9223372036854775807 + 1)) $((-(-9223372036854775807 - 1)))`,
	`m=$((-9223372036854775807-1)); ` +
		`echo $((m)) $((m-1)) $((m*m)) $((m*2)) $((~m)) $((m>>63)) $((m>>1)) $((m<<1)) ` +
		`$((m/2)) $((m%10)) $((0-m))`,
	`echo $((3037000500*3037000500)) $((9223372036854775807*9223372036854775807)) ` +
		`$((1<<62)) $((1<<63)) $((3<<63)) $((-1<<63))`,
	`echo $((1<<65)) $((1>>65)) $((-8>>1)) $((-1>>100)) $((1<<-63)) $((5%-3)) $((-5%3)) ` +
		`$((5/-3)) $((-5/3))`,
	`x=1; echo $(( x = x + 1 , x )); echo no`,
	`echo $((1/0)); echo no`,
	`echo $((1%0)); echo no`,
	`(echo $((1/0))); echo $?; x=$((1%0)); echo no`,
	`x=0; echo $((1 || 1/x)); echo $((0 && 1/x)); echo $((1 ? 2 : 1/x)); ` +
		`echo $((0 ? 1/x : 3)); echo $((x = 1/x)); echo no`,
	`x=4; echo $((x /= 0)); echo no`,
	`x=4; (echo $((x %= 0))); echo $x; : $((x -= 1)) $((x -= 1)); echo $x`,
	`echo $((x = 5, 6)); echo no`,
	`unset x; echo $((x)) "$((x + 1))" ${x-unset}; echo $((x += 2)) $x; x=; ` +
		`echo $((x -= 2)) $x`,
	`x=3; echo "$((x))" $((x))$((x)) a$((x))b "a$((x))b" $((x))"$((x))" '$((x))' ` +
		`\$\(\(x\)\)`,
	`x=3 y=x z=y; echo $(($x)) $((y)); echo $? no`,
	`x=3 y=x; echo $(($y)) $(($y + $x)) $(($y$x)); echo $? no`,
	`a=1 b=+ c=2; echo $(($a$b$c)) $((${a}$b${c})); v='"1"'; echo $(($v))`,
	`echo $(( $(echo 1) + ` + "`echo 2`" + ` )) $(( ${x:-4} * ${#HOME} )) $(( "1" + "2" )) ` +
		`$(( "1 + 2" * 3 ))`,
	`set -- 1 2 3; echo $(($# + $1)) $(($1$2$3)) $(($*)); echo no`,
	`set -- 1 + 3; echo $(($*)) $(($@)) $(("$*")) $(("$@")) $((${*})); IFS=; ` +
		`echo $(($*)); IFS=-; echo $(($*))`,
	`x=2; echo $((x > 1 ? x : -x)) $((x>1?x<3?10:20:30)) $((0?1:0?2:3)) $((1?1?2:3:4)) ` +
		`$(((0)?(1):(2)))`,
	`echo $((1
+
2)) "$((3
*4))" $((	5	)) $(( 6 ))`,
	`cat <<E
$((1 + 2)) $(( $((3)) * 2 )) \$((1)) $((x=7)) $x
E
echo $x`,
	`x=$((1)) y=$((x + 1)) z=$((y + 1)); echo $x $y $z; export e=$((3 * 3)); echo $e; ` +
		`readonly r=$((2)); echo $r`,
	`case 4 in $((2 + 2))) echo y;; esac; for i in $((1)) $((2)); do echo $i; done; ` +
		`echo x > f$((9)); ls; echo ${x-$((8))} "${x-$((8))}"`,
	`x=abc; echo ${x#$((1))} ${x%${x#$((0))}}; IFS=0; echo $((100)) $((101)) "$((101))"; ` +
		`set -f; echo $((2*2))`,
	`f() { local x=$1; [ $x -le 1 ] && { echo 1; return; }; ` +
		`echo $((x * $(f $((x - 1))))); }; f 10`,
	`i=0; while [ $((i += 1)) -le 3 ]; do echo $i; done; until [ $((i -= 1)) -eq 0 ]; ` +
		`do echo $i; done; echo $((i))`,
	`x=1; echo $((x)) $(( x )) $((${x})) $((${x}+1)) $((x+${x}0)) $((${x}0)) $((0${x})) ` +
		`$((0x${x}f)) $((${y-3})) $((${x+4}))`,
	`_=5; __a1=6; A=7; echo $((_)) $((__a1)) $((A)) $((A_)) $((_A+A))`,
	`echo $((1+(2*(3+(4*(5+(6*(7+8))))))))  $((((((((1)))))))) $(( ( ( 1 ) ) ))`,
	`echo $((1 == 1 == 1)) $((2 == 2 == 2)) $((3 > 2 > 1)) $((1 < 2 < 3)) $((5 & ` +
		`3 == 3)) $((1 | 2 == 2)) $((1 << 2 + 1)) $((!1 == 0)) $((~1 & 3))`,
	`echo $((2 - 3 - 4)) $((100 / 10 / 5)) $((2 * 3 % 4)) $((100 % 7 * 2)) ` +
		`$((1 << 2 << 3)) $((256 >> 2 >> 1)) $((- 2 * 3)) $((2 * - 3))`,
	`echo $((1 && 0 || 1)) $((1 || 0 && 0)) $((0 || 0 || 5)) $((3 && 4 && ` +
		`5)) $((!3)) $((!!3)) $((-!0)) $((1 ^ 3 ^ 7)) $((6 & 3 | 8)) $((6 | 3 & 8))`,
	`set -x; echo $((1 + 2)) "$((x = 4))"; y=$((x * 2))`,
	`set -e; x=$((0)); echo $x; : $((0)); echo a; (echo $((1/0))); echo no`,
	`set -u; echo $((u)); echo no`,
	`set -u; (echo $(($u))); echo $?; u=; echo $((u)); echo $((${u:-2}))`,
	`eval 'echo $((1 + 1))'; eval "x=\$((2 * 3))"; echo $x; sh -c 'echo $((4 + 4))'; ` +
		`. /dev/stdin <<'E'
echo $((5 + 5))
E`,
	`x=9; (x=$((x + 1)); echo $x); echo $x; echo $(echo $((x += 1)) $x) $x; ` +
		`echo $((x += 1)) | cat; echo $x; : $((x += 1)) & wait; echo $x`,
	`trap 'echo $((1 + $?))' EXIT; (exit 3)`,
	`echo $((10)) $((010)) $((0x10)) $((0X1a)) $((0xAbC)) $((-010)) $((-0x10)) $((~010))`,
	`echo $((a1)) $((1a)); echo no`,
	`x='1 2'; echo $(($x)); echo no`,
	`x='1)'; echo $(($x)); echo no`,
	`x='1 +
2'; echo $(($x)); y='a
b'; echo $((y)); echo no`,
	`x="1'"; echo $(($x)); echo no`,
	`x='"1"'; echo $(($x)); echo no`,
	`x='\1'; echo $(($x)); echo no`,
	`x='$y' y=2; echo $(($x)); echo no`,
	`x='y=7'; echo $(($x)) $y; x='y++'; echo $(($x)); echo no`,
	`x=2; echo $((x*x)) $((x*$x)) $((x**x)); echo no`,
}

func TestArithmeticText(t *testing.T) {
	same(t, arithmeticTextRows...)
	for _, script := range []string{
		`echo $(( (-9223372036854775807 - 1) / -1 ))`,
		`x=$((-9223372036854775807 - 1)); echo $((x / -1)); echo $((x %= -1))`,
	} {
		judge(t, row{script: script, standard: "XCU 1.1.2.1, no expression may kill the shell"})
	}
}
