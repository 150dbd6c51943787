package tools

import (
	"fmt"
	"strings"
)

func grepCase(g *generator) Case {
	c := Case{Input: g.text()}
	extended := g.chance(2)
	for range g.IntN(4) {
		c.Args = append(c.Args, g.pick("-c", "-v", "-i", "-n", "-o", "-w", "-x", "-q", "-l", "-L",
			"-h", "-H", "-s", "-b", "-m1", "-m2", "-A1", "-B1", "-C1", "-a", "-z", "-F",
			"--color=always", "--line-buffered", "-y", "-T"))
	}
	if extended {
		c.Args = append(c.Args, "-E")
	}
	for range 1 + g.IntN(8)/7 {
		c.Args = append(c.Args, "-e", g.regexp(extended))
	}
	return c
}

func sortCase(g *generator) Case {
	c := Case{Input: g.text()}
	for range g.IntN(4) {
		c.Args = append(c.Args, g.pick("-n", "-r", "-u", "-f", "-b", "-d", "-i", "-g", "-h", "-M",
			"-V", "-s", "-c", "-C", "-m", "-z", "-t:", "-t,", "-t "))
	}
	for range g.IntN(3) {
		key := "-k" + fmt.Sprint(1+g.IntN(3)) + g.maybe(4, "."+fmt.Sprint(1+g.IntN(3))) +
			g.maybe(3, g.pick("n", "r", "b", "f", "nr", "d"))
		if g.chance(2) {
			key += "," + fmt.Sprint(1+g.IntN(3)) + g.maybe(4, "."+g.number()) +
				g.maybe(3, g.pick("n", "r", "b"))
		}
		c.Args = append(c.Args, key)
	}
	return c
}

func (g *generator) list() string {
	var list []string
	for range 1 + g.IntN(3) {
		list = append(list, g.pick("1", "2", "3", "1-2", "2-", "-2", "3-5", "2-2", "4-", "0", "5-3", "-"))
	}
	return strings.Join(list, ",")
}

func cutCase(g *generator) Case {
	c := Case{Input: g.text(), Args: []string{g.pick("-b", "-c", "-f", "-f", "-f") + g.list()}}
	for range g.IntN(3) {
		c.Args = append(c.Args, g.pick("-d:", "-d ", "-d,", "-s", "--complement", "-n", "-z", "-da",
			"--output-delimiter=:", "--output-delimiter=ab", "-d", "-dé", "--output-delimiter="))
	}
	return c
}

func (g *generator) set() string {
	var b strings.Builder
	for range 1 + g.IntN(3) {
		b.WriteString(g.pick("a", "b", "abc", "a-c", "A-Z", "0-9", "[:upper:]", "[:lower:]",
			"[:alpha:]", "[:digit:]", "[:space:]", "[:punct:]", `\n`, `\t`, `\012`, `\\`, "[x*3]",
			"[x*]", "[=a=]", "é", "-", "z-a", " ", `\141-c`, "[:foo:]", `\0`, "[", "]"))
	}
	return b.String()
}

func trCase(g *generator) Case {
	c := Case{Input: g.text()}
	flag := g.pick("", "", "-d", "-s", "-c", "-cd", "-cs", "-ds", "-C", "-t", "-ct")
	if flag != "" {
		c.Args = append(c.Args, flag)
	}
	c.Args = append(c.Args, g.set())
	if strings.HasSuffix(flag, "s") == g.chance(3) && (!strings.Contains(flag, "d") || flag == "-ds") {
		c.Args = append(c.Args, g.set())
	}
	return c
}

func exprCase(g *generator) Case { return Case{Args: g.operands(0)} }

func (g *generator) operands(depth int) []string {
	if depth > 2 || g.chance(3) {
		return []string{g.pick("0", "1", "2", "10", "-3", "007", "a", "abc", "", "é", "héé", "3a",
			"9223372036854775807", "99999999999999999999", "-", "+1", "00")}
	}
	switch g.IntN(8) {
	case 0:
		return append(append([]string{"("}, g.operands(depth+1)...), ")")
	case 1:
		return append([]string{"length"}, g.operands(depth+1)...)
	case 2:
		return append(append([]string{"index"}, g.operands(depth+1)...), g.word())
	case 3:
		return append(append([]string{"substr"}, g.operands(depth+1)...), g.number(), g.number())
	case 4:
		return append(g.operands(depth+1), ":", g.regexp(false))
	}
	op := g.pick("+", "-", "*", "/", "%", "<", "<=", "=", "==", "!=", ">=", ">", "&", "|")
	return append(append(g.operands(depth+1), op), g.operands(depth+1)...)
}

func printfCase(g *generator) Case {
	var b strings.Builder
	n := 1 + g.IntN(3)
	for range n {
		b.WriteString(g.pick("", "a", " ", `\n`, `\t`, `\\`, `\101`, `\0101`, "%%", `\c`, "é",
			`\x`, `\"`))
		b.WriteString("%" + g.maybe(4, g.pick("-", "+", " ", "0", "#")) +
			g.maybe(3, g.pick("5", "1", "10", "*")) +
			g.maybe(4, g.pick(".0", ".2", ".", ".*")))
		b.WriteString(g.pick("s", "d", "d", "i", "u", "x", "X", "o", "c", "b", "e", "f", "g", "z", ""))
	}
	c := Case{Args: []string{b.String() + `\n`}}
	for range g.IntN(5) {
		c.Args = append(c.Args, g.pick("", "0", "1", "-7", "42", "abc", "0x1f", "010", "'a", `"b`, "3.14",
			"1e3", `a\nb`, `\0101`, `\cx`, "é", "9223372036854775808", "08", "+5", " 6", "7 ", "-"))
	}
	return c
}
