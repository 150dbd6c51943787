package tools

import "strings"

// regexp returns a regular expression, basic or extended. Few of them are invalid.
func (g *generator) regexp(extended bool) string {
	var b strings.Builder
	b.WriteString(g.maybe(5, "^"))
	for range 1 + g.IntN(3) {
		b.WriteString(g.atom(extended) + g.repeat(extended))
	}
	b.WriteString(g.maybe(5, "$"))
	if g.chance(8) && g.depth == 0 {
		bar := `\|`
		if extended {
			bar = "|"
		}
		g.depth++
		b.WriteString(bar + g.regexp(extended))
		g.depth--
	}
	return b.String()
}

func (g *generator) atom(extended bool) string {
	open, end := `\(`, `\)`
	if extended {
		open, end = "(", ")"
	}
	switch n := g.IntN(16); {
	case n < 6:
		return g.pick("a", "b", "ab", "x", "1", "B", "foo", "_", " ")
	case n < 8:
		return "."
	case n < 11:
		return g.bracket()
	case n == 11 && g.depth < 2:
		g.depth++
		defer func() { g.depth-- }()
		return open + g.regexp(extended) + end
	case n == 12:
		return g.pick(`\w`, `\W`, `\s`, `\S`, `\b`, `\B`, `\<`, `\>`, "\\`", `\'`)
	case n == 13:
		return g.pick(`\.`, `\*`, `\[`, `\]`, `\\`, `\^`, `\$`, `\n`, `\t`)
	case n == 14:
		return g.pick("é", "ß", "Ä", "€", "日")
	case n == 15 && g.depth > 0:
		return g.pick(`\1`, "^", "$", "a")
	}
	return g.pick("a", "b", "+", "?", "{", "|", "]", "}", "*")
}

func (g *generator) bracket() string {
	var b strings.Builder
	b.WriteString("[" + g.maybe(4, "^") + g.maybe(12, "]"))
	for range 1 + g.IntN(2) {
		b.WriteString(g.pick("a", "b", "ab", "a-c", "0-9", "[:alpha:]", "[:digit:]", "[:space:]",
			"[:upper:]", "[:punct:]", "é", ".", "*", "\\", "x", "[.a.]", "[=a=]", "à-ü"))
	}
	return b.String() + g.maybe(10, "-") + "]"
}

func (g *generator) repeat(extended bool) string {
	if !g.chance(3) {
		return ""
	}
	if extended {
		return g.pick("*", "+", "?", "{2}", "{1,2}", "{0,1}", "{2,}", "{,2}", "*?", "**")
	}
	return g.pick("*", `\+`, `\?`, `\{2\}`, `\{1,2\}`, `\{0,1\}`, `\{2,\}`, `\{,2\}`, "**")
}
