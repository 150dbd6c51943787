package shell

import (
	"strings"
	"testing"
)

// ifsValues are commands that set IFS for tests of $@, $* and field splitting.
var ifsValues = []string{
	":", "unset IFS", "IFS=", "IFS=:", "IFS=' '", "IFS=' :'", "IFS=e", "IFS='*'", "IFS='\\'",
	`IFS=$(printf '\nx'); IFS=${IFS%x}`, `IFS=$(printf '\351:')`, "IFS=-", "IFS='?'",
}

// parameterLists are positional parameters for tests of $@ and $*.
var parameterLists = []string{
	"", "''", "a", "a b", "'a b' c", "'' ''", "a '' b", "'' a", "a ''", "' a ' ' b '",
	"a:b c: ''", "'*' a", `'\*' 'b\' c`, "- -- -a", "a-b 'c d:e'",
}

// TestAtAndStar judges $@ and $* in every context under every IFS (XCU 2.5.2).
func TestAtAndStar(t *testing.T) {
	words := `$@ $* "$@" "$*" x$@y x$*y "x$@y" "x$*y" "x"$@"y" x"$@"y x"$*"y $@$@ $*$* "$*$*" ` +
		`"$@"'' ''$@ ` +
		`''$* $@'' "$* $*" "$@ $@" ${@} "${@}" "${*}" ${1+"$@"} ${1+$@} "${1+$@}" "${1+"$@"}" ` +
		`${u-"$@"} ${u-$@} "${u-$@}" ${u-$*} "${u-$*}" ` +
		`${u-"$*"} "$@$u" $u"$@" "$@"$u $@$u "$u$@" "$u$@$u" ${@:-n} "${@:-n}" ${*:-n} ` +
		`"${*:+y}" ${@+y} "${@+y}" ` +
		`"${@-n}" $# ${#} "a $@ b" "a $* b" a$@$*b "$(printf '%s,' "$@")" $(printf '%s,' $@) ` +
		`"$(printf '%s,' $*)" x${u-"$@"}y`
	for _, ifs := range ifsValues {
		for _, list := range parameterLists {
			var b strings.Builder
			b.WriteString(show + "touch a ab; " + ifs + "; set -- " + list + "\n")
			for _, w := range fieldsOf(words) {
				b.WriteString("p " + w + "\n")
			}
			b.WriteString(`x=$@; p "$x"; x=$*; p "$x"; x="$@"; p "$x"; x="$*"; p "$x"; ` +
				`x=a$@b; p "$x"; x=${u-$@}; p "$x"
x=${u-"$@"}; p "$x"; x=${u-$*}; p "$x"; x=${u-"$*"}; p "$x"
case $@ in "$@") p 1;; *) p 0;; esac; case $* in "$*") p 1;; *) p 0;; esac; ` +
				`case "$*" in $*) p 1;; *) p 0;; esac
for i in $@; do p "$i"; done; for i in $*; do p "$i"; done; for i in "$@"; do p "$i"; done; ` +
				`for i; do p "$i"; done
cat <<E
$@|$*|"$@"|"$*"|${u-$@}|${u-"$@"}|${*-n}|x$@y
E
echo r > "f$@"; echo s > "g$*"; echo t > h$*
f() { p "$@"; p $*; p $#; }; f "$@"; f $*; f x"$@"
set -- "$@" z; p "$@"; set -- $*; p "$@"
`)
			judge(t, row{script: b.String()})
		}
	}
}

// TestAtByStandard judges scripts in which dash loses a boundary between parameters, or the
// fields of the text behind them.
func TestAtByStandard(t *testing.T) {
	for _, script := range []string{
		`set -- a; v='  b  c'; p "$@"$v; p x"$@"$v`,
		`set -- a '' b; p "$@"$@`,
		`set --; p "$@$@"`,
		`IFS=:; set -- a:b :c d; p $@; p $*`,
	} {
		judge(t, row{script: show + script, standard: "XCU 2.5.2, @"})
	}
}

// fieldsOf splits a list of words at the blanks outside quotes and braces.
func fieldsOf(text string) []string {
	var words []string
	start, depth, quoted := 0, 0, false
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '{' || c == '(':
			depth++
		case c == '}' || c == ')':
			depth--
		case c == ' ' && depth == 0 && !quoted:
			words = append(words, text[start:i])
			start = i + 1
		}
	}
	return append(words, text[start:])
}
