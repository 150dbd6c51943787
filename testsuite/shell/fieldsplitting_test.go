package shell

import (
	"strings"
	"testing"
)

// TestSplitting judges the splitting of values by each IFS, alone and next to other text (XCU
// 2.6.5).
func TestSplitting(t *testing.T) {
	values := []string{"''", "' '", "'  '", ":", "::", "' : '", "' :: '", "a", "' a'", "'a '",
		"' a '", "a:", ":a", ":a:", "a::b", "'a b'", "'a  b'",
		"'a : b'", "'a :b'", "'a: b'", "'a : : b'", "'a:: b'", "' a : b : '", "'a\tb\nc'",
		"'\t\n'", "'a\n\nb'", "'*'", "'a *'", `'\a'`, `'a\:b'`, `'a\ b'`,
		"$(printf 'a\\351b')", "$(printf '\\303\\251a\\303')", "a-b", "aXbXc", "1:2,3",
		"'\"a b\"'", "'$x `y`'", "'~'", "a:~"}
	for _, ifs := range append([]string{"IFS=X", "IFS=:,", "IFS=1:", "IFS='\t'", "IFS=' \t'",
		"IFS=': '", "IFS=$(printf '\\303\\251')", "IFS='  '", "IFS=::",
		"IFS='\"'", "IFS='$'", "IFS=\"'\"", "IFS='~'", "IFS=0123456789", "IFS=' \n:'",
		"IFS=[a]", "IFS='!^]'"}, ifsValues...) {
		var b strings.Builder
		b.WriteString(show + ifs + "\n")
		for _, v := range values {
			b.WriteString("v=" + v + `; p $v; p x$v; p ${v}y; p x${v}y; p "$v"; p $v$v; ` +
				`p "$v"$v; p $v"$v"; p ''$v; p $v''; p ${u-$v} ${v+$v}` + "\n")
		}
		b.WriteString(`p $(echo 'a:b  c:'); p ` + "`echo ' x:y X z '`" +
			`; p ${u-a:b c} ${u-a":"b} ${u-a\:b} ${u-' '}; x=$v; p "$x"; set -- $v; p "$@"; ` +
			`for i in $v; do p "$i"; done
v='1 2:3'; read a b c <<E
$v
E
p "$a" "$b" "$c"; p a:b; p 'a b' "a:b" a\:b; p $((12)) $((1-12)); p $#$? $v$v
`)
		judge(t, row{script: b.String()})
	}
}

// splittingContextsRows are rows of TestSplittingContexts.
var splittingContextsRows = scripts{
	show + `v='a b'; x=$v y="$v" z=a$v; p "$x" "$y" "$z"; export e=$v f=x$v; p "$e" "$f"; ` +
		`readonly r=$v; p "$r"`,
	show + `v='a b'; f() { local l=$v m=x$v; p "$l" "$m"; }; f; case $v in a) p 1;; ` +
		`'a b') p 2;; esac; case 'a b' in $v) p 3;; esac`,
	show + `v='a b'; echo x > $v; echo y > $v$v; ls; cat < $v; cat <<E
$v $(echo 'a   b') "$v" '$v'
E`,
	show + `v='a b c'; set -- $v; p $#; set -- "$v"; p $#; for i in $v "$v" x$v; ` +
		`do p $i; done; test -n $v; echo $?`,
	show + `v='echo a  b'; $v; x=; $x $v; y=' '; $y $v; $v$y; "$v"; echo $?`,
	show + `v='x=1 echo'; $v; w='a=b'; $w; echo $?; v='> f'; echo $v; ls; v='a;b'; echo $v; ` +
		`v='a|b'; echo $v; v='$(echo x)'; echo $v; v='&'; echo a $v`,
	show + `v='if true'; $v; echo $?; v='! true'; $v; echo $?; v='{'; $v; echo $?; ` +
		`v='# c'; echo a $v`,
	show + `IFS=:; v=a:b; p $v "$v" a:b; p ${v}:c; p $v:c; x=$v; p "$x"; p "${x#a:}"; ` +
		`p ${x#a:}; p ${x%:*}`,
	show + `IFS=:; v=a:b; p $(echo "$v") "$(echo $v)"; p $(echo $v); echo $v; f() { p $*; ` +
		`p "$*"; }; f $v; f "$v"`,
	show + `IFS=:; set -- a b; v=$*; p "$v"; v=$@; p "$v"; v="$*"; p "$v"; v="$@"; p "$v"; ` +
		`unset IFS; p $v`,
	show + `IFS=; v=' a '; p $v; p $(printf ' a \n b '); IFS=' '; p $v; unset IFS; p $v`,
	show + `f() { local IFS=:; p $1; }; f a:b; p a:b; v=a:b; p $v; (IFS=:; p $v); p $v; ` +
		`IFS=: eval 'p $v'; p $v; IFS=:; p $v`,
	show + `IFS=: p $PATH | wc -l; v=a:b; IFS=: p $v; IFS=: command p $v; IFS=:; v=c:d p $v`,
	show + `v=$(printf 'a\n\n\nb\n'); p $v; p "$v"; IFS='
'; p $v; p "$v"; IFS='
 '; v=' a
 b '; p $v`,
	show + `v=' a '; p $v$v x$v$v x"$v"$v; p $v'' ''$v; p $v' ' ' '$v; p x$v$u$v y; ` +
		`p $u$v$u; p $u x$u $u$u; p "$u" ""$u $u""`,
	show + `IFS=' :'; v=' : '; p $v; p x$v; p $v''; p $v$v; p "x"$v"y"; v=:; ` +
		`p $v$v$v x$v$v; p a$v:$v`,
	show + `v='a:b'; IFS=:; p ${u-$v} ${u-"$v"} ${u-a:b} ${u-"a:b"} ${u-a\:b} "${u-$v}" ` +
		`${v+a:b} ${v+"a":"b"} ${v#a} ${v%b}`,
	show + `v='a b'; p ${u:-$v c} ${u:-"$v c"} ${u:-"$v" c} ${u:-$v" "c} "${u:-$v c}" ` +
		`${u-${u-$v}} ${u-"${u-$v}"} "${u-"$v"}"; p ${u:=$v}; p "$u"`,
	show + `p ${u- } ${u-  a} ${u-a  } x${u- a}y ${u-' '} ${u-\ } ${u-" "a" "} ${u-a\ b c}; ` +
		`p ${u-a
b} "${u-a
b}"`,
	show + `p ${u-\ a \ b} ${u-a\ \ b} ${u-a\
b c} ${u-\a\ \b}; IFS=a; p ${u-bab} ${u-b\ab} ${u-'bab'} ${u-b"a"b}`,
	show + `v=1; p $((v))$v; IFS=1; p $((11)) $v$v x$v; p ${#v} "$v" ${v}; p $# $?; ` +
		`v=212; p $v ${#v}`,
	show + `IFS=0; p $? $# $$ | grep -c '>'; true; p $?; p "$?"; p a$?b; x=$?; p "$x" $x`,
	show + `IFS=t; set -e; p $-; p "$-"; IFS=e; p $-; p "$-"; IFS=h; p $0`,
	show + `IFS=/; p $PWD | grep -c '><'; p $HOME ~; cd /; p $PWD; p "$PWD"; v=/a//b/; p $v`,
	show + `IFS='\'; v='a\b\\c'; p $v; p "$v"; p a\b; p ${u-a\\b}; read x y <<'E'
a\b
E
p "$x" "$y"`,
	show + `IFS='*'; v='a*b'; p $v; touch axb; p $v "$v"; IFS=; p $v; p a*b; IFS='[]'; ` +
		`v='[a]xb'; p $v; unset IFS; p $v`,
	show + `v=$(printf 'a\001b\202c\200d'); p "$v" $v | od -c; IFS=$(printf '\001'); ` +
		`p $v | od -c; IFS=$(printf '\202'); p $v | od -c; IFS=$(printf '\200'); ` +
		`p $v | od -c`,
	show + `v=$(printf '\201\210\203a'); IFS=$(printf '\210'); p $v | od -c; ` +
		`p "$v" | od -c; IFS=$(printf '\201'); p $v x$v | od -c; IFS=; p $v$v | od -c`,
	show + `set -f; v='* a'; p $v; set +f; touch 'b c'; p $v; for i in $v; do p "$i"; done; ` +
		`v='b*'; p $v "$v" $v$v x$v`,
	`IFS=,; echo "$IFS"; set | grep ^IFS; x=$(IFS=:; echo "$IFS"); echo "$x"; unset IFS; ` +
		`echo "[$IFS]" ${IFS-unset}; set | grep -c ^IFS`,
	`IFS=: sh -c 'v="a:b c"; printf "<%s>" $v'; export IFS=:; sh -c 'v="a:b c"; ` +
		`printf "<%s>" $v'; env | grep IFS`,
	show + `IFS=': '; v='a : b:c  d:: e'; p $v; read a b c d e <<E
$v
E
p "$a" "$b" "$c" "$d" "$e"`,
	show + `v='a b'; p $v; IFS=b; p $v; IFS=$u; p $v; IFS=$(printf ' \t\n'); p $v; ` +
		`readonly IFS; p $v`,
}

func TestSplittingContexts(t *testing.T) {
	same(t, splittingContextsRows...)
	for _, script := range []string{
		show + `v='  b'; set -- a; p "$@"$v`,
	} {
		judge(t, row{script: script, standard: "XCU 2.6.5, white space in IFS"})
	}
}
