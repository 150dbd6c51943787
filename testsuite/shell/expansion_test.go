package shell

import (
	"strings"
	"testing"
)

// show prints its arguments so that each is visible.
const show = `p() { printf '<%s>' "$@"; echo " $#"; }; `

// TestParameterExpansion judges every operator on unset, null and set parameters (XCU 2.6.2).
func TestParameterExpansion(t *testing.T) {
	for _, op := range []string{"-", ":-", "=", ":=", "+", ":+", "?", ":?", "#", "##", "%",
		"%%"} {
		for _, word := range []string{"", "w x", `"w  x"`, `'w  x'`, `w\ x`, `$v`, `"$v"`,
			"$(echo w x)", "*", "'*'", "~", `a\}b`, `"}"`, `${v-q}`, `a"b c"'d e'f`, `\$v`,
			`"$@"`, `$*`, `"a$@b"`, "$((1+1))"} {
			if op == "=" || op == ":=" || op == "?" || op == ":?" {
				if strings.Contains(word, "@") || strings.Contains(word, "*") {
					continue
				}
			}
			e := "${X" + op + word + "}"
			script := show + "v='V  V'; set -- 1 '2  3'; touch f1 f2\n"
			for _, x := range []string{"unset X", "X=", "X='a  b'", "X='w x*}'"} {
				script += x + `; (p ` + e + `); (p "` + e + `"); (p x` + e + `y); (y=` + e +
					`; p "$y"); (cat <<E` + "\n" + e + "\nE\n)\n"
			}
			judge(t, row{script: script})
		}
	}
}

// parameterFormsRows are rows of TestParameterForms.
var parameterFormsRows = scripts{
	`x=abcabc; echo ${x#a} ${x#a*} ${x##a*} ${x#*b} ${x##*b} ${x%c} ${x%b*} ${x%%b*} ` +
		`${x%%*} ${x#?} ${x%?}`,
	`x=a/b/c; echo ${x##*/} ${x%/*} ${x%%/*} ${x#*/} "${x##*/}" "${x%"/c"}"`,
	`x='a*b'; echo "${x#a*}" "${x#a"*"}" "${x#a'*'}" "${x#a\*}" "${x%"*"b}"`,
	`x='a*b'; s='*'; echo "${x#a$s}" "${x#a"$s"}" "${x#"a$s"}"`,
	`x=aXb; s=X; echo ${x%$s*} "${x%"$s"*}" ${x#*"$s"}`,
	`x='[a]'; echo "${x#[a]}" "${x#\[}" "${x#"["}" "${x#[[]}" "${x%]}"`,
	`x=abc; echo ${#x} "${#x}" ${#}; y=; echo ${#y}; unset z; echo ${#z}; set -- a bb; ` +
		`echo ${#1} ${#2} ${#3} ${#@} ${#*} ${#?} ${#0}`,
	`x=a; echo ${x-$(echo no >&2)} ${x:+yes} ${y:+no}${y+no}`,
	`echo ${y:=a b}; echo "$y"; echo ${z=c   d}; echo "$z"`,
	`p() { printf '<%s>' "$@"; }; p ${y:="a  b"}; p "$y"; p ${w='c  d'}; p "$w"`,
	`echo ${x?}; echo no`,
	`echo ${x:?}; echo no`,
	`echo ${x?my message}; echo no`,
	`x=; echo ${x:?"my  message"}; echo no`,
	`(echo ${x?m}; echo no); echo $?`,
	`echo $(echo ${x?m}; echo no); echo $?`,
	`f() { echo ${1?needs arg}; }; f a; f; echo no`,
	`echo ${1?one}; echo no`,
	`echo ${1=one}; echo no`,
	`echo ${@=one}; echo no`,
	`echo ${1:-a}${2-b}${3:+c}; set -- x; echo ${1:-a}${1+d}`,
	`x=1; echo ${x:-a}b ${x}b "${x}b"`,
	`echo "${x-"a b"}" "${x-'a b'}" "${x-a'b}" ${x-"a  b"} ${x-'a  b'}`,
	`echo "${x-\"a\"}" "${x-\a}" "${x-\\}" "${x-\$}" ${x-\a} ${x-\\} ${x-"\a"}`,
	`echo "${x-a}b}" ${x-a}b} "${x-\}}" ${x-\}} "${x-"}"}" ${x-'}'} "${x-{a}}"`,
	`echo ${x-${y-${z-deep}}} "${x-${y-${z-a  b}}}"`,
	`x=a; echo ${x+${x+${x}}} ${x:+"${x}"}`,
	`echo ${x-a
b} "${x-c
d}"`,
	`echo ${x-~} ${x-"~"} "${x-~}" ${x-~/a} x${x-~} ${x:-a:~}; x=${y-~}; echo $x; ` +
		`x=${y-a:~}; echo $x`,
	`a=~; echo $a; a=~/b:~/c:d~; echo $a; a="~"; echo $a; a='~'/x; echo $a; ` +
		`echo ~/x ~root ~nouser1 "~" \~ x~ a=~ a:~`,
	`HOME=/q; echo ~ ~/; HOME=; echo "[" ~ "]"; unset HOME; echo ~ ~/x`,
	`HOME='/a  b'; p() { printf '<%s>' "$@"; }; p ~ ~/c; HOME='*'; touch x; p ~`,
	`export a=~/x; echo $a; readonly b=~; echo $b; f() { local c=~; echo $c; }; f; ` +
		`env a=~ sh -c 'echo $a'`,
	`PATH=~/bin:$PATH; echo $PATH; a=~:~root; echo $a; a=x~:~; echo $a`,
	`case ~ in /h) echo y;; esac; case /h in ~) echo y;; esac; echo x > ~+; ls`,
	`b=/root; echo ~$b ~"x" ~\x ~'root'; a=~$b; echo $a; echo ~root/x`,
	`for i in ~ ~/a; do echo $i; done; set -- ~; echo $1; cat <<E
~ a=~
E`,
	`echo ${x:1:2}; echo no`,
	`echo ${x/a/b}; echo no`,
	`echo ${!x}; echo no`,
	`echo ${x^}; echo no`,
	`echo ${}; echo no`,
	`echo ${x-}; echo "[${x-}]" "[${x:-}]" [${x-}]`,
	show + `p ${x-}; p "${x-}"; p ${x-""}; p ${x-''}; p "${x-""}"; p ${x-"$@"}; ` +
		`p "${x-"$@"}"; p a${x-} ${x-}`,
	show + `x='a b'; p ${x+$x} ${x+"$x"} "${x+$x}" "${x+"$x"}"; ` +
		`p ${y-$x} ${y-"$x"} "${y-$x}" ${y-$x"$x"$x}`,
	show + `p ${y-a "b c" d} ${y-'a b' c} ${y- a } "${y- a }"; p x${y- a }x; p x${y-a b}x`,
	show + `IFS=:; p ${y-a:b c} ${y-"a:b"} ${y-a'b:c'}; x=a:b; p ${x} ${y-$x} ${x+$x}`,
	show + `touch aa ab; p ${y-a*} "${y-a*}" ${y-"a*"} ${y-'a*'} ${y-a\*}; x='a*'; ` +
		`p $x "$x" ${x} ${x+$x}; set -f; p $x`,
	`set -u; echo ${x-a} ${x:-b} ${x+c} ${x=d}; echo $x; echo $y; echo no`,
	`set -u; echo "$#" "$@" "$*"; echo $1; echo no`,
	`set -u; echo "$@"; echo ${#y}; echo no`,
	`set -u; echo ${y#a}; echo no`,
	`set -u; echo $((y)); echo no`,
	`set -u; (echo $y; echo no); echo $?; x=$y; echo no`,
	`set -u; echo $!; echo no`,
	`set -u; unset y; : ${y?}; echo no`,
	`set -u; echo "${1-none}" "${@-none}" "$*"`,
	`set -u; f() { local x; echo $x; }; f; echo no`,
	`x=5; echo "${#x}" "${#x}$x" $#x; x=äb; echo ${#x}`,
	`x=abc; y=${x%c}; echo ${y}; y=${x%"$(echo c)"}; echo $y; y=${x%$(echo bc)}; echo $y; ` +
		`y=${x%${x#a}}; echo $y`,
	`x='a\b'; echo "${x#a\\}" "${x#'a\'}" "${x%\\b}" "${x#*\\}"; y='\'; ` +
		`echo "${x#a$y}" "${x#a"$y"}"`,
	`x=$(printf 'a\nb'); echo "${x%
b}" "${x#*
}"`,
	`x='  a  '; echo "[${x# }]" "[${x#" "}]" "[${x## *}]" "[${x%%[ ]}]" "[${x##*[! ]}]" ` +
		`[${x}]`,
	`x=foo.tar.gz; echo ${x%.*} ${x%%.*} ${x#*.} ${x##*.} ${x%.gz} ${x%z*.} ${x%[a-z]} ` +
		`${x#[!a]} ${x%%[.]*}`,
	`x=ab; echo ${x#$(echo a)} ${x#${x%b}} ${x#"${x%b}"} ${x%%$y} ${x##} ${x%} ${x#}`,
	"x=`echo a`; echo ${x#`echo a`}b ${y-`echo c d`} \"${y-`echo \"e  f\"`}\"",
	`x=abc; x=${x#a}; x=${x%c}; echo $x; echo "${x}"'$x'"$x"`,
	`a=1; echo ${a}2 $a.2 $a-2 $a/2 $a$ $a\$ "$a"2; set -- x; echo $1a $1$1 ${1}a`,
}

func TestParameterForms(t *testing.T) {
	same(t, `echo ${x-'}'} "${x-'}'}"`)
	same(t, parameterFormsRows...)
}

// commandSubstitutionRows are rows of TestCommandSubstitution.
var commandSubstitutionRows = scripts{
	`echo $(echo a) "$(echo 'a  b')" $(echo 'a  b') x$(echo y)z`,
	"echo `echo a` \"`echo 'a  b'`\" `echo 'a  b'` x`echo y`z",
	"echo `echo \\`echo nested\\`` `echo \\$HOME` `echo \\\\a` \"`echo \\\"q\\\"`\" " +
		"`echo '\\$x'`",
	"echo \"`echo \"a  b\"`\" `echo \"c  d\"` \"`echo 'e\"f'`\"",
	"x=`echo a; echo b`; echo \"$x\"; echo `exit 3`; echo $?",
	`echo "$(printf 'a\n\n\n')|" "$(printf '\n\na')|" "$(printf '\n')|"`,
	`x=$(printf 'a\n\nb\n\n'); echo "[$x]"; echo [$x]`,
	`echo $(echo $(echo $(echo deep))) "$(echo "$(echo "a  b")")"`,
	`echo $(case x in x) echo yes;; esac) $(case x in (x) echo yes;; esac)`,
	`echo $(echo \)) $(echo ')') "$(echo ")")" $(echo a # comment )
)`,
	`echo $( ) "$( )" $(:) x$(:)y "x$(:)y"`,
	`x=1; echo $(x=2; echo $x) $x; y=$(x=3; echo $x); echo $x $y`,
	`echo $(exit 3) $?; x=$(exit 4); echo $?; echo "$(false)" $?`,
	`f() { echo "$1-"; return 3; }; x=$(f a); echo $? $x; x="$(f b)" && echo no; echo "$x"`,
	`echo $(cat <<E
here $HOME
E
)`,
	`echo "$(cat <<'E'
here $HOME "q"
E
)" after`,
	`x=$(cat <<E1; cat <<E2
a
E1
b
E2
); echo "$x"`,
	`echo $(echo a >&2) 2>f; cat f`,
	`x=$(echo a >&2) 2>f; ls; echo "$x"`,
	`echo $(<f); echo $?`,
	`echo hi > f; echo "[$(cat < f)]"; echo "[$(< f)]"`,
	`printf 'a\0b' > f; x=$(cat f); echo "$x"`,
	`x=$(echo a & echo b; wait); echo "$x" | sort`,
	`x=$( (echo a; exit 3) ); echo $? $x; x=$( { echo b; exit 4; } ); echo $? $x`,
	`echo "a $(echo "b 'c' $(echo 'd "e"')")"`,
	`echo $((1+1)) $( (echo sub) ) $((echo a); echo b)`,
	`set -e; x=$(false; echo no); echo no`,
	`set -e; echo $(false; echo b); echo c`,
	`set -e; x=$(false) || echo or; x=$(echo a; false) || echo $x; if x=$(false); ` +
		`then :; else echo else; fi`,
	`trap 'echo outer' EXIT; x=$(echo in); echo "$x"; x=$(trap 'echo inner' EXIT; ` +
		`echo in); echo "$x"`,
	`x=$(exec echo a; echo no); echo $x; x=$(exec 3>f; echo b >&3); cat f; ` +
		`x=$(cd /; pwd); echo $x; pwd`,
	`x=$(set -- a b; echo $#); echo $x $#; x=$(f() { :; }; f); f; echo $?`,
	`x=$(return 3); echo $?; f() { x=$(return 4); echo $?; }; f; for i in 1 2; ` +
		`do x=$(break; echo no); echo $? $x; done`,
	`i=0; while [ $i -lt 100 ]; do i=$(($i+1)); x="$x$(echo $i)"; done; echo $x`,
	`x=$(head -c 300000 /dev/zero | tr '\0' a); echo ${#x}; y=$(echo "$x"); ` +
		`[ "$x" = "$y" ] && echo same`,
	`x=$(yes | head -n 3); echo $x`,
	`a=$(kill -TERM $$; echo x) ; echo no`,
	"echo `echo a\\\nb` `echo \"a\\\nb\"`",
	"echo `# comment\necho x` `echo '\\\\' \\\\\\\\`",
	`eval "echo \$(echo 'a b' \"c  d\")"; eval 'x=$(echo "a  b")'; echo "$x"`,
	`echo $(echo 'a*') "$(echo '*')" $(echo '*'); touch f1; echo $(echo 'f*')`,
}

// TestCommandSubstitution judges command substitution (XCU 2.6.3).
func TestCommandSubstitution(t *testing.T) {
	same(t, commandSubstitutionRows...)
}

// TestArithmetic judges arithmetic expansion (XCU 2.6.4).
func TestArithmetic(t *testing.T) {
	exprs := `1+2*3 (1+2)*3 7/2 -7/2 7%3 -7%3 2-3-4 1<2 2<=2 3>4 4>=4 1==1 1!=1 !0 !5 ~0 -5 ` +
		`+5 - 5 1&3 1|2 ` +
		`1^3 1<<4 256>>2 -1>>1 1&&0 1&&2 0||0 0||3 1?2:3 0?2:3 1?0?4:5:6 1,2 010 0x1F 0X1f ` +
		`08 0x 1a a1 ` +
		`9223372036854775807 9223372036854775808 9223372036854775807+1 -9223372036854775808 ` +
		`1/0 1%0 ` +
		`1+ *2 (1 1) 1<<64 1<<-1 x x=5 x+=2 x-=1 x*=3 x/=2 x%=2 x<<=1 x>>=1 x&=1 x|` +
		`=6 x^=3 ++x --x x++ x-- ` +
		`a=b=3 y z+1 0&&(x=1) 1||(x=1) 1?x:(x=9) 5=3 x==1?y:z 2**3 1.5 "1" "x" $x+1 ${x}1 ` +
		`$(echo 4)*2 $((2+3))*2 ` +
		`08+1 0777 00 0b1 1==1==1 1<2<3 -x !x ~x - -1 +-+1 !!x (x) ((x)) x?1:0 "$x" ` +
		"`echo 3`" + ` 'x' \x $? $# @ 1;2`
	for _, e := range strings.Fields(exprs) {
		judge(t, row{script: "x=3 y=' 7 ' z=; echo $((" + e + "))\necho $? \"$x\""})
	}
	same(t,
		`echo $(( 1 + 2 )) $((
1 +
2)) "$((3))" a$((4))b $((  )) x`,
		`echo $((  ))`,
		`a='1 +'; echo $(($a 2)); a=2; b='a+1'; echo $((a)) $(($b)) $((b))`,
		`x=; echo $((x)) $((x+1)); unset x; echo $((x)) $((x+1)); x=abc; echo $((x)); echo no`,
		`x=' 5'; echo $((x)); x='5 '; echo $((x)); x=-5; echo $((x)) $((-x)) $(($x)) $((-$x))`,
		`x=0x10; echo $((x)) $(($x)); x=010; echo $((x)) $(($x))`,
		`i=0; while [ $((i+=1)) -lt 5 ]; do echo $i; done; echo $i`,
		`echo $((1+1)$((2)))`,
		`echo $((x=3)) $x; (: $((x=4))); echo $x; : $((y=x*2)); echo $y`,
		`IFS=1; echo $((11*11)) "$((11*11))"`,
		`echo $((1 ? 2 : 3)) $((0 ? 2 : 3)); echo $((1 > 0 && 2 > 1)); echo $((!(1 > 0)))`,
		`f() { echo $(($1 + $2)); }; f 1 2; f "1 + 2" "3"`,
		`echo "$(( ${x:-3} * 2 ))" $((${#HOME}))`,
		`set -u; x=1; echo $((x + 1)); echo $((nope + 1)); echo no`,
		`echo $(((1)+(2))) $(( (1)+(2) ))`,
		`x=1; echo $((x << 2 | 1)) $((~x & 0xff)) $((x<<3-1))`,
		`echo $((echo)) $((PATH=5)); echo $PATH`,
		`echo $[1+1] $[ 1 ]`,
		`echo $((3 - - 3)) $((3 -(-3))) $((2 *-1))`,
	)
}

// TestFieldSplitting judges field splitting (XCU 2.6.5).
func TestFieldSplitting(t *testing.T) {
	for _, ifs := range []string{" ", ":", " :", ": ", "", `\t`, `\n`, " \t\n", "a", ":,", `\\`,
		"0-9", "*"} {
		script := show + `IFS=$(printf '` + ifs + `.'); IFS=${IFS%.}` + "\n"
		for _, v := range []string{"a b", " a  b ", "a:b", ":a::b:", "a : b", " : ", "::",
			"a :b", "a: b",
			"1a2a3", "x,y:z", `a\b`, "", "   ", "*", "a\tb\nc"} {
			script += "x='" + v + "'; p $x; p x$x; p ${x}y; p \"$x\"; p $x$x; p '' $x; " +
				"p $x ''; p \"\"$x; p a$x\"b\"\n"
		}
		judge(t, row{script: script})
	}
	same(t,
		show+`x='a b'; p $x"$x"$x; p "$x"$x; p $x''; p ''$x''; p "$x "$x; y=' c '; p $x$y$x; `+
			`p x$y; p $y"x"$y`,
		show+`x='a:b:'; IFS=:; p $x; p "a:b:"; p a:b; p ${x}c; p $x'' ; p $(echo a:b); `+
			`p $((1)):2`,
		show+`IFS=:; x=$(echo a:b); p "$x"; y=$x; p $y; z=a:b; p $z; set -- $z; p "$@"`,
		show+`x='a b'; y=$x; p "$y"; for i in $x; do p $i; done; case $x in 'a b') p ok;; `+
			`esac; p a$x > "$x"; ls`,
		show+`IFS=; x='a b'; p $x; p $(echo a b); set -- 'c d' e; p $@ $*`,
		show+`IFS=' '; x=$(printf ' a\n b '); p $x; IFS='
'; p $x; IFS='	 '; p $x`,
		show+`x='\a \b'; p $x; x='a\ b'; p $x; x='"a b"'; p $x; x="'a b'"; p $x; x='$HOME'; `+
			`p $x`,
		show+
			`IFS=x; p axb; v=axb; p $v; p ${v}xc; p "$v"; eval 'p axb'; echo $IFS; echo "$IFS"`,
		show+`old=$IFS; IFS=,; set -- $(echo 1,2,3); IFS=$old; p "$@"; IFS=, read a b <<E
x,y,z
E
p "$a" "$b" "$IFS"`,
	)
}

// TestPathnameExpansion judges pathname expansion (XCU 2.6.6).
func TestPathnameExpansion(t *testing.T) {
	files := `mkdir -p d/e d2; touch a ab abc .hid b1 b2 'sp ace' d/x d/y d/.z d2/x ` +
		`'[x]' 'st*r'; `
	same(t,
		files+`echo *; echo a*; echo ?; echo ??; echo .*; echo [ab]*; echo [!ab]*; `+
			`echo [^ab]*; echo [a-b]?`,
		files+`echo */; echo */*; echo d/*; echo d*/x; echo ./a*; echo .//a*; echo d//*; `+
			`echo */e; echo $PWD/a* | sed "s,$PWD,,"`,
		files+`echo nomatch*; echo 'a*' "a*" a\*; echo "a"*; echo a"b"*; echo [x]; echo \[x]; `+
			`echo '[x'*; echo st\**`,
		files+`x='a*'; echo $x "$x"; echo ${x}; y='*'; echo d/$y; echo d/"$y"; `+
			`z='\*'; echo st$z`,
		files+`set -f; echo * a*; set +f; echo a*; set -o noglob; echo a*; for i in a*; `+
			`do echo $i; done`,
		files+`for i in a* 'a*' no*; do echo $i; done; set -- b*; echo $# $1; echo x > b*; `+
			`ls; x=a*; echo "$x"; echo $x`,
		files+`case a in a*) echo y;; esac; ls -d s*; printf '<%s>' s*; echo [[:alpha:]]; `+
			`echo [[:digit:]b]*; echo *[[:digit:]]`,
		files+`echo [a; echo a]; echo []; echo [!]; echo []x]*; echo [[]*; echo *[]]; `+
			`echo [!]a]; echo [a-]b`,
		files+`echo d/.*; echo d/[.]*; echo .h*; echo [.]h*; echo ?hid; echo d*/*/; echo *//; `+
			`echo /bi[n]; echo /etc/pass[w]d`,
		files+`chmod 0 d; echo d/*; echo d/x; ln -s nowhere l1; echo l*; ln -s d2 l2; `+
			`echo l2/*; echo */x; chmod 755 d`,
		files+`cd d; echo *; echo ../a*; (cd ../d2; echo *); echo *; cd ..; f() { echo "$@"; `+
			`}; f d/*; f "d/*"`,
		`touch 'a\b' 'a?b'; echo a\\*; echo a\?b; echo a?b; echo 'a\'*; x='a\b'; echo $x; `+
			`x='a\*'; echo $x; x='a\?b'; echo $x`,
		`touch B a C _d; echo *; echo [a-c]; echo [A-C]; echo [[:upper:]]`,
		`touch ä öl; echo *; echo ?; echo ??; echo [ä]`,
		`touch a; eval 'echo ?'; echo $(echo ?); echo "$(echo ?)"; x=?; export y=?; `+
			`echo $x "$x" $y; sh -c 'echo "$y"'`,
	)
}
