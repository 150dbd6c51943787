package tools

import "strings"

func sedCase(g *generator) Case {
	c := Case{Input: g.text()}
	extended := g.chance(4)
	for _, f := range [...]struct {
		flag string
		once int
	}{{"-n", 3}, {"-z", 20}, {"-s", 15}, {"--posix", 25}, {"-u", 20}} {
		if g.chance(f.once) {
			c.Args = append(c.Args, f.flag)
		}
	}
	if extended {
		c.Args = append(c.Args, "-E")
	}
	var script []string
	for range 1 + g.IntN(4) {
		script = append(script, g.sedCommand(extended))
	}
	if g.chance(4) {
		script = append([]string{":l"}, script...)
		script = append(script, g.pick("$!{N;bl}", "$!{N;bl}", "b", "s/a//;tl"))
	}
	for _, s := range script {
		c.Args = append(c.Args, "-e", s)
	}
	return c
}

func (g *generator) sedAddress(extended bool) string {
	switch g.IntN(9) {
	case 0, 1, 2:
		return g.pick("1", "2", "3", "$", "0~2", "2~2", "1~3", "4", "2!", "$!", "1!")
	case 3:
		return g.pick("1,2", "2,3", "2,$", "3,1", "1,+1", "2,~2", "0,/a/", "1,/b/", "/a/,/b/", "/a/,2",
			"/b/,+1", "2,3!", "$,1", "/x/,/x/!", "/a/,$")
	case 4:
		return "/" + slashless(g.regexp(extended)) + "/" + g.maybe(4, "I") + g.maybe(6, "!")
	case 5:
		return `\,` + strings.ReplaceAll(g.regexp(extended), ",", "") + ","
	}
	return ""
}

func slashless(s string) string { return strings.ReplaceAll(s, "/", "") }

func (g *generator) sedCommand(extended bool) string {
	a := g.sedAddress(extended)
	switch g.IntN(14) {
	case 0, 1, 2, 3:
		return a + "s/" + slashless(g.regexp(extended)) + "/" + g.replacement() + "/" +
			g.pick("", "", "g", "2", "p", "I", "gp", "2g", "M")
	case 4:
		from := g.pick("abc", "ab", "a", "é", "a\\n", "aé")
		return a + "y/" + from + "/" + g.pick("xyz", "xy", "x", "É", "zz", "zé") + "/"
	case 5:
		return a + g.pick("p", "d", "D", "P", "l", "=", "l 5", "l 1", "l 0", "F")
	case 6:
		return a + g.pick("n", "N", "n;d", "N;P;D", "$!N", "q", "Q", "q3", "Q 2", "z")
	case 7:
		return a + g.pick("h", "H", "g", "G", "x", "x;G", "1h;1!H", "G;h")
	case 8, 9:
		return a + g.pick("a", "i", "c") + g.pick(" text", "\\\ntext", "\\text",
			"\\\n  two\\\nlines", " ",
			"  lead", "\\\ttab", "text\\", " a\\tb")
	case 10:
		return a + "{" + g.sedCommand(extended) + g.pick("\n}", ";}")
	case 11:
		return a + g.pick("r /dev/null", "R /dev/null", "r nofile")
	case 12:
		return g.pick("", ";", "#comment", " ", a+" p ; p", a+"p;;p", "}", "{", "k")
	}
	return a + g.pick("b", "t", "T", "bx", "s/a/b/;t;s/$/!/")
}

func (g *generator) replacement() string {
	var b strings.Builder
	for range g.IntN(4) {
		b.WriteString(g.pick("x", "&", `\&`, `\0`, `\n`, `\t`, `\U&`, `\L&`, `\u&`, `\l&`, `\E`,
			"é", "[&]",
			"\\\n", `\\`, "", `\x41`, `\o101`, `\d065`, `\cA`))
	}
	return b.String()
}
