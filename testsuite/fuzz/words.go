package fuzz

import (
	"strings"
)

func (g *generator) arithmetic() string {
	return "p $((" + g.expression() + "))"
}

func (g *generator) expression() string {
	g.inner++
	defer func() { g.inner-- }()
	if g.inner > 3 {
		return g.number()
	}
	return g.one(
		g.number,
		func() string { return g.pick("0x1f", "017", "n1", "x_y", "v1", "$#", "${#a}") },
		func() string {
			return g.expression() + g.pick("+", "-", "*", "|", "&", "^", "<<", ">>", "<", ">",
				"<=", "==", "!=", "&&", "||", " / ", " % ") + " " + g.expression()
		},
		func() string { return "(" + g.expression() + ")" },
		func() string { return g.pick("-", "+", "~", "!") + " " + g.expression() },
		func() string { return g.expression() + " ? " + g.expression() + " : " + g.expression() },
		func() string { return "v1" + g.pick("=", "+=", "-=", "*=") + g.expression() },
	)
}

func (g *generator) words() string {
	var list []string
	for range 1 + g.IntN(3) {
		list = append(list, g.word())
	}
	return strings.Join(list, " ")
}

// word returns one or two pieces without a blank between them.
func (g *generator) word() string {
	s := g.piece()
	if g.IntN(3) == 0 {
		s += g.piece()
	}
	return s
}

func (g *generator) piece() string {
	g.inner++
	defer func() { g.inner-- }()
	if g.inner > 3 {
		return g.literal()
	}
	return g.one(g.literal, g.literal, g.quoted, g.quoted, g.expansion, g.expansion,
		g.substitution, func() string { return "$((" + g.expression() + "))" },
		func() string { return g.pick("*", "f*", "?1", "[df]*", "~", "~/x", "a~", "di*/") })
}

func (g *generator) literal() string {
	return g.pick("a", "b", "abc", "x", "1", "22", "a.b", "/a/b.c", "a:b", "-n", "-", "--", `a\ b`,
		`\$x`, `\\`, "a=b", "#x", "x#y", "{a,b}", "!", "é", "if", `\a`, "%d", "a,b", "[", "]")
}

func (g *generator) quoted() string {
	return g.one(
		func() string {
			return "'" + g.pick("a b", "", "*", "$a", `\n`, "x'\"'\"'y", "a  b", "é") + "'"
		},
		func() string { return `"` + g.inQuotes() + `"` },
		func() string { return `"` + g.inQuotes() + `"` },
	)
}

// inQuotes returns text for double quotes or a here-document.
func (g *generator) inQuotes() string {
	g.inner++
	defer func() { g.inner-- }()
	if g.inner > 3 {
		return "q"
	}
	s := g.pick("", "t ", " ", "*", `\$`, `\\`, "'", `a\b`, "~", `\`+"`")
	return s + g.one(g.expansion, g.expansion, g.substitution,
		func() string { return g.pick("$@", "$*", "$#", "$?", "$1", "", "end") },
		func() string { return "$((" + g.expression() + "))" })
}

func (g *generator) expansion() string {
	v := g.pick(append(names, "1", "2", "@", "*", "#", "?", "-", "n1", "nosuch")...)
	if v == "-" {
		v = "a"
	}
	return g.one(
		func() string { return "$" + v },
		func() string { return "${" + v + "}" },
		func() string { return "${#" + g.name() + "}" },
		func() string { return "${" + v + g.pick("-", ":-", "+", ":+") + g.operand() + "}" },
		func() string { return "${" + g.name() + g.pick("=", ":=") + g.operand() + "}" },
		func() string { return "${" + g.name() + g.pick("?", ":?") + g.operand() + "}" },
		// $@ and $* are left out: in quotes, dash reads beyond the end of the first
		// parameter.
		func() string {
			return "${" + g.pick(append(names, "1", "2", "#", "?")...) +
				g.pick("#", "##", "%", "%%") + g.trimPattern() + "}"
		},
	)
}

func (g *generator) operand() string {
	return g.one(func() string { return "" }, g.piece,
		func() string { return g.pick("w", "a b", " x ", "*", `"q r"`, `\}`, "'s'", "$a", "~") })
}

func (g *generator) trimPattern() string {
	if g.document { // in a here-document dash takes the value in "$b" as a pattern
		return g.pick("a", "*a", "?", "[ab]", "$a", `"*"`, "")
	}
	return g.pick("a", "*a", "a*", "?", "*", "[ab]", "*.*", "*/", "/*", `"*"`, `\*`, "$a", `"$b"`,
		"*:", "[!a]*", "'a'", "")
}

func (g *generator) substitution() string {
	return g.one(
		func() string { return "$(p " + g.words() + ")" },
		func() string { return "`echo " + g.pick("a b", "$a", `\$a`, `\\\\`, "x y z") + "`" },
		func() string {
			return "$(" + g.pick("true", "false", "exit 4", "p $#; exit 2", g.call()) + ")"
		},
	)
}
