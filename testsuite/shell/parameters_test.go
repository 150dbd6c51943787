package shell

import "testing"

// counted defines p, which shows its arguments and their number.
const counted = `p() { printf '<%s>' "$@"; echo " $#"; }; `

// specialParameterRows are rows of TestSpecialParameters.
var specialParameterRows = scripts{
	counted + `set -- a 'b c' ''; p "$@"; p $@; p "$*"; p $*`,
	counted + `set -- a 'b c' ''; p x"$@"y; p x$@y; p x"$*"y; p x$*y`,
	counted + `set --; p "$@"; p $@; p "$*"; p $*; p x"$@"; p "x$@"; p ''"$@"; p "$@"''`,
	counted + `set -- ''; p "$@"; p $@; p "$*"; p $*; p x"$@"`,
	counted + `set -- '' ''; p "$@"; p $@; p "$*"; p $*; p "$@$@"`,
	counted + `set -- a b; p "$@$@"; p "$@ $@"; p "$@""$@"; p $@$@; p "1$@2$@3"`,
	counted + `set -- a b; IFS=:; p "$*"; p $*; x=$*; p "$x"; x=$@; p "$x"; x="$@"; p "$x"`,
	counted + `set -- a b; IFS=; p "$*"; p $*; p $@; x=$*; p "$x"; x=$@; p "$x"`,
	counted + `set -- a b; unset IFS; p "$*"; p $*; p $@; x="$*"; p "$x"`,
	counted + `set -- 'a:b' c; IFS=:; p $*; p $@; p "$*"; p "$@"`,
	counted + `set -- ' a ' ' b '; p $*; p "$*"; p x$*x; p "x $* x"`,
	counted + `set -- a b; case "$@" in 'a b') echo yes;; *) echo no;; esac`,
	counted + `set -- a b; case $* in 'a b') echo yes;; *) echo no;; esac`,
	counted + `set -- a b c; for i; do p "$i"; done; for i in; do p "$i"; done; for i in "$@"; ` +
		`do p "$i"; done`,
	counted + `set -- a b; cat <<E
$@ $* "$@" "$*"
E`,
	counted + `set -- a b; IFS=-; cat <<E
$@ $* "$@" "$*"
E`,
	counted + `set -- a b; echo hi > "$*"; ls`,
	counted + `set -- a b; p ${1+"$@"}; set --; p ${1+"$@"}; p "${1+"$@"}"`,
	counted + `set -- a 'b c'; p "${@}"; p ${@}; p "${*}"; p ${*}`,
	counted + `set -- a b; p "${@-x}"; p "${*-x}"; set --; p "${@-x y}"; p ${@-x y}; ` +
		`p "${*-x y}"; p ${*:-x y}`,
	counted + `set -- ''; p "${@-x}"; p "${@:-x}"; p "${*:+x}"; p "${@+x}"`,
	counted + `set -- a.b c.d; p "${@%.*}"; p ${@#*.}; p "${*%%.*}"`,
	counted + `set -- 1 2 3 4 5 6 7 8 9 A B; p $10 ${10} "${11}" $1; p ${#}; shift 9; ` +
		`p "$@"; p "$1$2"`,
	`echo $#; set a b; echo $#; shift; echo $#; set --; echo $#; echo ${#}`,
	`echo "$0"; f() { echo "$0" "$1"; }; f x`,
	`true; echo $?; false; echo $?; (exit 7); echo $? "$?" ${?}; echo ${?}x; false; ` +
		`x=$?; echo $x`,
	`echo $-; set -f; echo $-; set -eu; echo $-; set +f; echo "$-"`,
	`[ $$ = $(echo $$) ] && echo same; (echo $$) >a; [ "$(cat a)" = $$ ] && echo same; ` +
		`rm a; [ "$PPID" -gt 0 ] && echo ok`,
	`echo "[$!]"; true & [ $! -gt 0 ] && echo ok; p=$!; wait $p; ` +
		`[ $p = $! ] && echo kept; [ "$(echo $!)" = $p ] && echo sub`,
	`set -- a b c; shift 2; echo "$@"; shift 0; echo "$@"; shift; echo "$#"`,
	`f() { shift; echo "$@"; }; set -- x y; f a b c; echo "$@"`,
	`f() { set -- q; echo "$@"; }; set -- x y; f a b c; echo "$@"`,
	`set -- -a b; echo "$@"; set - c d; echo "$@"; set -; echo "$@"; set -- --; ` +
		`echo "$@"; set +x y; echo "$@"`,
	`set a -e b; echo "$@" $-`,
	`set -e -- a; echo "$@" $-`,
	`set -ef a b; echo "$@" $-`,
	`echo ${$}x | tr -d 0-9; echo ${!}; echo ${#-}; echo ${-}`,
	`echo $#a ${#}a $##`,
	counted + `set -- "a b" c; x="$@"; p "$x"; y=$*; p "$y"; z=${1}; p "$z"`,
	counted + `set -- a b; p "$@"x "y$@" "$*"x; eval 'p "$@"'; p "$(p "$@")"`,
	counted + `f() { p "$@"; g "$@" z; }; g() { p "$@"; }; f "a b" c`,
	counted + `set -- "*" "?"; p "$@"; touch a b; p $@; p $*; p "$*"`,
	counted + `set -- a "" b; p $@; p $*; p "$@"; p x$@; IFS=:; p $@; p $*`,
	counted + `set -- a "" b; IFS=; p $@; p $*; p "$*"`,
	counted + `set -- "" a; p $@; set -- a ""; p $@; p ""$@; p $@""; p "" $@`,
}

// TestSpecialParameters judges positional and special parameters (XCU 2.5.1 and 2.5.2).
func TestSpecialParameters(t *testing.T) {
	same(t, specialParameterRows...)
	judge(t, row{script: `echo "$0" "$@"`, args: []string{"a", "b c"}})
	judge(t, row{script: `echo "$0" "$@"`, args: []string{"a", "b c"}, as: asOperand})
	judge(t, row{script: `echo "$0" "$@"`, as: asOperand})
	judge(t, row{script: `echo "$0" "$@"`, as: asStdin, flags: []string{"-s", "a", "b"}})
	judge(t, row{script: `echo "$0" "$@" $-`, as: asStdin})
	judge(t, row{script: `echo $-`, flags: []string{"-eu"}})
	judge(t, row{script: `echo $-; false; echo no`, flags: []string{"-e"}, as: asOperand})
	judge(t, row{script: `echo $-; echo no`, flags: []string{"-o", "noglob"}, as: asOperand})
	judge(t, row{script: `echo $-`, flags: []string{"-x", "+x", "-f"}})
	judge(t, row{script: `echo $-; echo a`, flags: []string{"-v"}})
	judge(t, row{script: `echo no; echo (`, flags: []string{"-n"}})
	judge(t, row{script: `echo $-`, flags: []string{"-Z"}})
	judge(t, row{script: `echo $-`, flags: []string{"-o", "bad"}})
}

// TestTrimmedParameters judges the trimming of several parameters, which the standard leaves
// open (XCU 2.6.2).
func TestTrimmedParameters(t *testing.T) {
	p := `p() { printf '<%s>' "$@"; echo " $#"; }; `
	for _, list := range [...]string{"a1b cd efg", "ab ab", "1 2", "'' ab", "'a b' 'b a'", ""} {
		for _, op := range [...]string{"#", "##", "%", "%%"} {
			same(t, p+`set -- `+list+`
for pat in '' '*' '?' 'a*' '*a' '*b' '*d' 'cd' 'c*' '?b' '[a-c]*' '*1*'; do
	p ${*`+op+`$pat} x${@`+op+`$pat}; p "${*`+op+`$pat}"; p "${@`+op+`$pat}"; v=${*`+op+
				`$pat}; p "$v"
	IFS=:; p ${*`+op+`$pat}; p "${*`+op+`$pat}"; IFS=; p ${*`+op+`$pat}; unset IFS; p ${*`+op+
				`$pat}
	IFS=' 	
'
done`)
		}
	}
}

func TestVariables(t *testing.T) {
	same(t,
		`a=1; echo $a ${a} "$a" ${a}b $ab; unset a; echo "[$a]"`,
		`a=1 b=2 c=$a$b; echo $a $b $c`,
		`a= ; echo "[$a]" ${a+set}; a=''; echo ${a+set}; unset a; echo ${a+set}`,
		`a=b=c; echo $a; a==; echo $a; 1a=2`,
		`a-b=2; echo $?`,
		`_a1=x; echo $_a1; A=1 a=2; echo $A$a`,
		`echo "$IFS" | od -c; echo "$PS4|"; echo $OPTIND; echo "$HOME"; `+
			`[ "$PWD" = "$(pwd)" ] && echo pwd; echo "[$OLDPWD]"`,
		`a=x; (a=y; echo $a); echo $a; { a=z; }; echo $a; echo b | { a=q; cat; }; echo $a`,
		`readonly a=1; a=2; echo no`,
		`readonly a=1; (a=2; echo no); echo $?`,
		`readonly a; a=2; echo no`,
		`readonly a=1; unset a; echo no`,
		`readonly a=1; a=2 true; echo no`,
		`readonly a=1; a=2 /bin/true; echo $?`,
		`readonly a=1; a=2 env | grep ^a=; echo $?`,
		`readonly a=1; read a <<E
x
E
echo $? $a`,
		`readonly a=1; for a in x; do echo no; done; echo no`,
		`readonly a=1; echo ${a=3}; echo ${b=4} $b`,
		`readonly a=1; echo $((a=3)); echo no`,
		`readonly a=1; f() { local a; echo "$a"; }; f; echo $a`,
		`readonly a=1; f() { local a=3; echo "$a"; }; f; echo $a`,
		`readonly a=1; export a; export a=2; echo no`,
		`readonly a=1; readonly a; readonly a=2; echo no`,
		`readonly a=1; getopts x a -x; echo $?`,
		`export a=1; sh -c 'echo $a'; a=2; sh -c 'echo $a'; unset a; sh -c 'echo [$a]'`,
		`export a; sh -c 'echo [${a-unset}]'; a=3; sh -c 'echo [$a]'`,
		`set -a; a=1; sh -c 'echo $a'; set +a; b=2; sh -c 'echo [$b]'; read c <<E
x
E
sh -c 'echo [$c]'`,
		`a=1 sh -c 'echo $a'; echo [$a]; a=2; a=1 sh -c 'echo $a'; echo $a`,
		`a=1 eval 'echo $a'; echo $a; b=1 :; echo $b; c=2 export d=$c; echo $c $d`,
		`f() { echo $a; a=3; }; a=1; a=2 f; echo $a`,
		`f() { sh -c 'echo [$a]'; }; a=2 f; sh -c 'echo [$a]'; echo [$a]`,
		`a=1 echo $a; a=1; a=2 echo $a`,
		`a=1 b=$a sh -c 'echo $a $b'; a=x; a=1 b=$a sh -c 'echo $a $b'`,
		`a=1; a=2 b=$a; echo $a $b`,
		`PATH=/nowhere dir; echo $?`,
		`PATH=/nowhere; dir; echo $?; PATH=/bin:/usr/bin; dir`,
		`a=1 a=2 sh -c 'echo $a'; a=1 a=2; echo $a`,
		`unset IFS; a='x y:z'; echo $a; IFS=:; echo $a; IFS=' :'; echo $a`,
		`export PWD=/x; pwd | grep -c DIR; cd .; echo $?`,
		`x=1; echo $x$x ${x}${x} "$x$x"`,
		`a=$(false); echo $?; a=$(exit 3) b=; echo $?; a=$(true); echo $?; a=1; echo $?; `+
			`false; a=$?; echo $a`,
		`a=$(exit 3) b=$(exit 4); echo $?`,
		`> f a=$(exit 3); echo $?`,
		`$(exit 3); echo $?; $(false) ; echo $?; $(echo echo hi); "$(true)"; echo $?`,
		`$x; echo $?; false; $x; echo $?`,
		`x=; $x echo a; $x $x echo b; "$x" echo c; echo $?`,
	)
}

// wantsLineno is the standard of rows with LINENO: Debian's dash is built without it.
const wantsLineno = "XCU 2.5.3, LINENO"

func TestLineno(t *testing.T) {
	judge(t, row{standard: wantsLineno, script: `echo $LINENO
echo $LINENO; echo $LINENO
f() {
echo $LINENO
}
f
f`})
	judge(t, row{standard: wantsLineno, script: `echo $LINENO "
" $LINENO
echo a \
 $LINENO
echo $LINENO`})
	judge(t, row{standard: wantsLineno, script: `if true; then
 echo $LINENO
fi
for i in 1 2
do
 echo $LINENO
done
(
echo $LINENO
)
echo $(echo $LINENO)
echo $(
echo $LINENO
)
echo $LINENO`})
	judge(t, row{standard: wantsLineno, script: `
eval 'echo $LINENO
echo $LINENO'
echo $LINENO`})
	same(t, "echo `nosuch\nnosuch` `\nnosuch`\nnosuch") // in backquotes, line numbers start again
	judge(t, row{standard: wantsLineno, script: `cat <<E
$LINENO
$LINENO
E
echo $LINENO`})
	judge(t, row{standard: wantsLineno, script: `f() { echo $LINENO; }
f

g() {

echo $LINENO
nosuch
}
g
echo $LINENO`})
	judge(t, row{standard: wantsLineno, script: `cat <<E
$LINENO
${x-$LINENO}
E
echo $LINENO; nosuch <<E
x
E
nosuch2`})
	judge(t, row{standard: wantsLineno, script: `echo $((1
+1)); echo $LINENO`})
}
