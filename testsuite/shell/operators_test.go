package shell

import (
	"strings"
	"testing"
)

// TestWordsOfOperators judges each quoting in the word of each operator (XCU 2.6.2).
func TestWordsOfOperators(t *testing.T) {
	words := []string{`a`, `"a"`, `a"b"c`, `"a  b"`, `a\ b`, `\a`, `\\`, `\"`, `\$`, "\\`",
		`\}`, `"\}"`, `"}"`, `{`, `{a\}`, `"\a"`, `"\\"`, `"\""`,
		`$w`, `"$w"`, `$w"$w"`, `${w}`, `"${w}"`, `${u-d}`, `"${u-d}"`, `${u-"d  e"}`, `${w#x}`,
		`"${w#x}"`, `$(echo 'a  b')`, `"$(echo 'a  b')"`, "`echo a`",
		"\"`echo 'a  b'`\"", `$((1+2))`, `"$((1+2))"`, `*`, `"*"`, `\*`, `?`, `[a]`, `"[a]"`,
		`[!a]`, `a*`, `*b`, `~`, `~/a`, `"~"`, `a~`, `#`, `##`, `%`, `%%`, `:`, `-`, `=`,
		` a`, `a `, ` `, `  `, `a b`, `a  b`, `a;b`, `a&b`, `a|b`, `a<b`, `(a)`, `a#b`,
		`"a"'b'`, `$@`, `$*`, `"$*"`, `x$@y`, `"x$@y"`, `$#`, `$?`, `$1`, `${1}2`, `$`, `"$"`,
		`a$`,
		"a\nb", "\"a\nb\"", "a\\\nb", "\"a\\\nb\"", `""`, `"$u"`, `$u`, `$u$w`, `a"$u"b`,
		`"a"$w"b"`, `${w:+"$w"}`, `"${w:+"$w"}"`, `${w:+$w}`, `\ `, `\ \ `, `"\ "`, `!`, `^`,
		`a-z`, `[a-z]`, `[[:alpha:]]*`}
	for _, w := range words {
		var b strings.Builder
		b.WriteString(show + "w='x  y'; e=; set -- 1 '2  3'; touch a ab b\n")
		for _, op := range []string{"u-", "u:-", "e-", "e:-", "w+", "w:+", "e+"} {
			e := "${" + op + w + "}"
			b.WriteString("p " + e + "; p \"" + e + "\"; p x" + e + "y \"x" + e + "y\"; v=" +
				e + "; p \"$v\"; v=\"" + e + "\"; p \"$v\"\n")
		}
		b.WriteString("cat <<E\n${u-" + w + "} \"${u-" + w + "}\" ${w+" + w + "}\nE\n")
		b.WriteString("case ${u-" + w + "} in \"${u-" + w +
			"}\") p 1;; *) p 2;; esac; case ab in ${u-" + w +
			"}) p 1;; *) p 2;; esac; case \"*\" in \"${u-" + w + "}\") p 1;; *) p 2;; esac\n")
		b.WriteString("for i in ${u-" + w + "}; do p \"$i\"; done; (p ${n=" + w +
			"}; p \"$n\"); (p \"${n:=" + w + "}\"; p \"$n\"); (: ${n?" + w + "}); (: \"${e:?" + w +
			"}\")\n")
		judge(t, row{script: b.String()})
	}
}

// TestTrimming judges # and % with every pattern and value (XCU 2.6.2).
func TestTrimming(t *testing.T) {
	patterns := []string{``, `a`, `?`, `*`, `a*`, `*a`, `*b*`, `"a"`, `"*"`, `\*`, `'*'`,
		`"a"*`, `*"a"`, `\a`, `\\`, `"\\"`, `'\'`, `[a]`, `[!a]`, `[^a]`, `[a-c]`, `"[a-c]"`,
		`\[a]`, `[a\]`, `[]]`, `["]"]`, `[\]]`, `[a`, `[`,
		`$p`, `"$p"`, `${p}b`, `$q`, `"$q"`, `$r`, `"$r"`, `${u-a}`, `${u-"*"}`, `"${u-*}"`,
		`${u-*}`, `$(echo 'a*')`, `"$(echo 'a*')"`, `[[:alpha:]]`, `[[:digit:]]`,
		`[[:punct:]]*`, `*[[:space:]]`, `*/`, `/*`, `?*?`, `**`, `*?`, `a?c`,
		`"}"`, `\}`, `[}]`, ` `, `" "`, `* *`, `$1`, `"$@"`, `$*`, `$#`, `~`, `#`, `##`, `%`,
		`%%`, `"#"`, `\%`, `a|b`, `(a)`, `!`, `-`, `.`, `*.*`, `.*`}
	values := "v1= v2=a v3=abcabc v4='a*b*' v5='a\\b' v6='[a]]' v7='/a/b/' v8=' a b ' " +
		"v9='#a%b}' va='..a.1' vb='(a)a|b' vc='***' vd=\"$(printf 'a\\nb')\" ve='~x$'"
	for _, pat := range patterns {
		var b strings.Builder
		b.WriteString(show + values + " p='a*' q='*' r='\\*'; set -- a 'b  c'\n")
		for _, v := range []string{"v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "va",
			"vb", "vc", "vd", "ve"} {
			for _, op := range []string{"#", "##", "%", "%%"} {
				// ${x#} without a pattern, or with another #, is a form of its own.
				e := "${" + v + op + pat + "}"
				b.WriteString("p " + e + " \"" + e + "\"; ")
			}
			b.WriteString("x=${" + v + "#" + pat + "} y=\"${" + v + "%" + pat +
				"}\"; p \"$x\" \"$y\"\n")
		}
		b.WriteString("p ${u#" + pat + "} \"${u%%" + pat + "}\"\n")
		if !strings.HasPrefix(pat, `"$`) { // see below
			b.WriteString("cat <<E\n${v3#" + pat + "} ${v4%" + pat + "}\nE\n")
		}
		judge(t, row{script: b.String()})
	}
}

func TestTrimmingByStandard(t *testing.T) {
	judge(t, row{
		script:   "p='a*' v=abc w='a*b'\ncat <<E\n${v#\"$p\"} ${w#\"$p\"} ${w#$p}\nE",
		standard: "XCU 2.7.4, double-quotes count inside ${}",
	})
}

// TestOperatorsOfParameters judges lengths and operators of every parameter (XCU 2.6.2).
func TestOperatorsOfParameters(t *testing.T) {
	for _, name := range strings.Fields("x u e 1 2 3 9 10 @ * ? - 0 _x X1 IFS") {
		judge(t, row{script: show + "x='a  b' e= _x=y X1=z; set -- 'p  q' '' r\n" +
			"hide() { sed \"s/$$/PID/g\"; }; {\n" +
			"p ${#" + name + "}; p ${" + name + "} \"${" + name + "}\"; p ${" + name +
			"-d} ${" + name + ":-d} ${" + name + "+y} ${" + name + ":+y}\n" +
			"p \"${" + name + "-d}\" \"${" + name + ":-d}\" \"${" + name + "+y}\" \"${" + name +
			":+y}\"; (p ${" + name + "?msg}); (p ${" + name + ":?msg}); (p ${" + name +
			"?}); (p ${" + name + ":?})\n" +
			"p ${" + name + "#a} ${" + name + "##*} ${" + name + "%b} ${" + name +
			"%%*}; p x${" + name + "#?}y; (p ${" + name + "=n}; p ${" + name + ":=n}); v=${" +
			name + "}; p \"$v\"; v=${#" + name + "}; p $v\n" +
			"cat <<E\n${" + name + "} ${#" + name + "} ${" + name + "-d}\nE\n(set -u; p ${" +
			name + "}; p ${" + name + "-}; p ${#" + name + "}; p \"${" + name +
			"#a}\"); (unset " + name + "; p ${" + name + "-gone})\n} 2>&1 | hide"})
	}
	for _, form := range []string{`${#}`, `${##}`, `${#-}`, `${#-x}`, `${#?}`, `${#?x}`,
		`${#+x}`, `${#:-x}`, `${#:+x}`, `${#=x}`, `${#%1}`, `${#%%*}`, `${#$}`, `${#!}`, `${#@}`,
		`${#*}`, `${#0}`, `${#10}`,
		`${?}`, `${?#0}`, `${?%0}`, `${?-x}`, `${?+x}`, `${??}`, `${?:?}`, `${-}`, `${--x}`,
		`${-+x}`, `${-#s}`, `${-:+x}`, `${$+x}`, `${!+x}`, `${!:-x}`, `${@}`, `${@-x}`,
		`${@+x}`, `${@#a}`, `${*%b}`, `${*##*}`, `${@?x}`, `${*:?x}`,
		`${1}`, `${01}`, `${001}`, `${1#a}`, `${10}`, `${10-x}`, `${11+x}`, `${1?}`, `${9?}`,
		`${9:?nine}`, `${9=x}`, `${00}`, `$00`, `$10`, `$#1`, `$$$ `, `$??`, `$--`, `$!x`,
		`$@x`, `$*x`, `$-x`, `$0x`,
		`${x}}`, `{${x}`, `${x-{}`, `${x-\{\}}`, `$x[0]`, `${x}[0]`, `$x-y`, `$x.y`, `$x:y`,
		`$x=y`, `$x/y`, `$xy`, `${x}y`, `$x"y"`, `$x'y'`, `$x\y`, `$x$x`, `$`, `$ x`, `$"x"`,
		`$.`, `$/`, `$:`, `$=`, `$,`, `$%`, `$^`, `$~`, `$]`, `$}`, `${_}`} {
		judge(t, row{script: show + "x=abc; set -- a '' 'b  c'; {\n(p " + form +
			"); echo $?\n(p \"" + form + "\"); echo $?\nv=" + form +
			"; p \"$v\"\n} 2>&1 | sed \"s/$$/PID/g\"; set --; {\n(p " + form + "); (p \"" + form +
			"\")\n} 2>&1 | sed \"s/$$/PID/g\""})
	}
}
