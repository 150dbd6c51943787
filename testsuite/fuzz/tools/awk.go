package tools

import (
	"fmt"
	"strings"
)

func awkCase(g *generator) Case {
	c := Case{Input: g.text()}
	if g.chance(4) {
		c.Args = append(c.Args, "-F"+g.pick(":", ",", " ", "a", "[ab]", "\t", "|", ".", "b+"))
	}
	if g.chance(5) {
		c.Args = append(c.Args, "-v", "v="+g.pick("1", "abc", "3.0", "a\\nb", "010", ""))
	}
	var b strings.Builder
	for range 1 + g.IntN(2) {
		b.WriteString(g.awkRule() + g.pick("\n", ";"))
	}
	c.Args = append(c.Args, b.String())
	return c
}

func (g *generator) awkRule() string {
	pattern := g.pick("", "", "", "NR==2", "NF", "END", "BEGIN", "/"+slashless(g.regexp(true))+"/",
		"NR==1,NR==3", "$1", "$2>1", "!/a/")
	if g.chance(10) && pattern != "" && pattern != "BEGIN" && pattern != "END" {
		return pattern
	}
	var list []string
	for range 1 + g.IntN(3) {
		list = append(list, g.awkStatement())
	}
	return pattern + " { " + strings.Join(list, "; ") + " }"
}

func (g *generator) awkStatement() string {
	g.depth++
	defer func() { g.depth-- }()
	v := g.pick("x", "y", "v", "$1", "$2", "$0", "$NF", "NF", "a[x]", "a[1]", "FS", "OFS", "$4")
	switch n := g.IntN(14); {
	case n < 5:
		return "print " + g.awkExpression() + g.maybe(2, ", "+g.awkExpression())
	case n == 5:
		return "printf " + g.pick(`"%s|%d\n"`, `"%5s|%-5d|\n"`, `"%c%c\n"`, `"%x %o\n"`, `"%.2f %e\n"`,
			`"%g %i\n"`, `"%5.1s|%05d\n"`, `"%s %%\n"`,
			`"%u %s\n"`) + ", " + g.awkExpression() + ", " + g.awkExpression()
	case n < 8:
		if v == "NF" {
			return "NF = " + g.number()
		}
		return v + " " + g.pick("=", "=", "+=", "-=", "*=") + " " + g.awkExpression()
	case n == 8:
		return g.pick("sub", "gsub") + "(/" + slashless(g.regexp(true)) + "/, " +
			g.pick(`"x"`, `"[&]"`, `"\\&"`, `"\\\\&"`, `""`, `"é"`) + g.pick("", ", $1", ", x") + "); print"
	case n == 9:
		return fmt.Sprintf("n = split(%s, s%s); print n, s[1], s[n]", g.awkExpression(),
			g.pick("", `, ":"`, `, ""`, ", /[ab]/", `, " "`, `, "."`))
	case n == 10 && g.depth < 3:
		return "if (" + g.awkExpression() + ") { " + g.awkStatement() + " } else { " +
			g.awkStatement() + " }"
	case n == 11 && g.depth < 3:
		return "for (i = 0; i < 3; i++) { " + g.awkStatement() + " }"
	case n == 12:
		return g.pick("next", "exit", "exit 3", "delete a", "delete a[1]", "getline",
			"getline x", "x++", "--y")
	}
	return "print"
}

func (g *generator) awkExpression() string {
	g.depth++
	defer func() { g.depth-- }()
	if g.depth > 3 || g.chance(3) {
		return g.pick("$1", "$2", "$0", "$NF", "NR", "NF", "x", "y", "v", "1", "0", "2.5", "-3",
			`"a"`, `"10"`,
			`"é"`, `""`, "a[1]", "a[x]", "1e6", "100000*100000", "0.1", `"3x"`, "length", "$(NF-1)",
			`"\t"`, "1e300", "017", "FS", "FILENAME", "FNR", "1/3", "2^31", "2^53+1")
	}
	a, b := g.awkExpression(), g.awkExpression()
	switch g.IntN(12) {
	case 0, 1:
		return "(" + a + " " + g.pick("+", "-", "*", "^", "%") + " " + b + ")"
	case 2:
		return "(" + a + " " + b + ")"
	case 3:
		return "(" + a + " " + g.pick("<", "<=", "==", "!=", ">", ">=") + " " + b + ")"
	case 4:
		return "(" + a + " " + g.pick("~", "!~") + " /" + slashless(g.regexp(true)) + "/)"
	case 5:
		return "substr(" + a + ", " + g.pick("0", "1", "2", "-1", "1.5", "3") +
			g.maybe(2, ", "+g.pick("0", "1", "2", "-1", "1.5")) + ")"
	case 6:
		return g.pick("length", "toupper", "tolower", "int") + "(" + a + ")"
	case 7:
		return "index(" + a + ", " + b + ")"
	case 8:
		return "match(" + a + ", /" + slashless(g.regexp(true)) + "/) RSTART RLENGTH"
	case 9:
		return "(" + a + " ? " + b + " : " + a + ")"
	case 10:
		return "sprintf(" + g.pick(`"%d"`, `"%s"`, `"%c"`, `"%.3g"`, `"%i"`) + ", " + a + ")"
	}
	return "(" + g.pick("!", "-", "+") + a + ")"
}
