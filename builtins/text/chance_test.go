package text_test

import (
	"testing"

	"overlayboot/compat/judge"
)

// TestFoundByChance covers differences that random calls found (testsuite/fuzz/tools).
func TestFoundByChance(t *testing.T) {
	var rows []judge.Row
	both := func(argv, stdin string) {
		for _, locale := range []string{"LC_ALL=C", "LC_ALL=C.UTF-8"} {
			rows = append(rows, judge.Row{Argv: argv, Stdin: stdin, Env: []string{locale}})
		}
	}
	for _, p := range []string{`\b{2}`, `(\b{2})`, `\>**`, `^?{2}`, "{2}[[:alpha:]]{,}",
		`\B{,}`, `\<*?`,
		`[[.a.]]*\b{2}`, "{[^b]{1}", "(]^+)", "({)", "(b|{x)", `x*\b{,}`, "^**", "$*?", `\b{2}\<{2}`} {
		for _, option := range []string{"-E", "-oE", "-wE", "-xwE", "-G", "-iE"} {
			both("grep "+option+" -e '"+p+"'", "b\n\na{x\n2}\nb2}\n")
		}
	}
	for _, p := range []string{`.*\b\{,\}`, `.\<\{0,2\}`, `\b\{,\}`, "a$)b", `x*\b\?`} {
		both("grep -c '"+p+"'", "b\n\na$)b\n{,}\n")
	}
	for _, text := range []string{"b\xff\n\n\nc\n", "\xc3\nB\n", "x\nB\xc3\ny\nz\nB\nk\n",
		"B\n\xc3\nx\ny\n\xc3\nB\n",
		"\xff\n\xc3\nB\n", "B\n\xc3\nx\nB\xc3\nw\nB\nB\n", ",\n\xff\n", "\xff \n", "\xff  "} {
		for _, o := range []string{"-1 .", "-nA1 B", "-B1 B", "-2 B", "-A1 -v .", "-1v B",
			"-w ' '", "-ow .", "-awE '|'"} {
			both("grep "+o, text)
		}
	}
	for _, p := range []string{"kernel", "x.*ROR", "er+or", "straße", "k", "ss", "oR x"} {
		both("grep -ic '"+p+"'", "a KERNEL\nkErnel\nX ERROR x\nſs\nK\nSTRASSE straße\n")
	}
	for _, s := range []string{`s/.*/\U&/`, `s/.*/\u&/`, `s/.*/\l&x/`, `s/../\u&/`, "y/aé/xy/",
		"y/é\xc3/xy/", "y/éè/xy/"} {
		both("sed '"+s+"'", "é\xb1a\xff\n\xc3\na\xe2\x82\n")
	}
	for _, sets := range []string{"'[:lower:]' '[:upper:]'", "'0-[:' -Z", "a '[:upper:]'",
		"'[:alpha:]' xy"} {
		both("tr -c "+sets, " aZ[:0-\n")
	}
	for _, p := range []string{"[à-ü]", "[ü-à]", "[a-ü]", "[\xc3-a]", "[a-\xc3", "[à-ü",
		"[[=\xc3=]]", "[[.é.]]"} {
		both("expr é : '"+p+"'", "")
	}
	ours.Rows(t, rows)
}
