// Package tools generates random calls of sed, grep, sort, cut, tr, expr, printf and awk,
// and reduces those that two implementations answer differently.
package tools

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A Case is one call of a tool.
type Case struct {
	Tool   string
	Args   []string
	Input  string
	Locale string
}

// String returns the case as a command line.
func (c Case) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "printf %s | LC_ALL=%s %s", quoted(escaped(c.Input)), c.Locale, c.Tool)
	for _, a := range c.Args {
		b.WriteString(" " + quoted(a))
	}
	return b.String()
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// escaped returns a text in the form of a printf format.
func escaped(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\\', c == '%':
			b.WriteString(strings.Repeat(string(rune(c)), 2))
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// A generator makes one case. The same seed makes the same case.
type generator struct {
	*rand.Rand
	utf8  bool
	depth int
}

func (g *generator) pick(list ...string) string { return list[g.IntN(len(list))] }

// chance returns true once in n times.
func (g *generator) chance(n int) bool { return g.IntN(n) == 0 }

// maybe returns s once in n times, else "".
func (g *generator) maybe(n int, s string) string {
	if g.chance(n) {
		return s
	}
	return ""
}

// number returns a small number.
func (g *generator) number() string { return fmt.Sprint(g.IntN(6)) }

// makers returns the generator of each tool, by name.
func makers() map[string]func(*generator) Case {
	return map[string]func(*generator) Case{
		"awk": awkCase, "cut": cutCase, "expr": exprCase, "grep": grepCase, "printf": printfCase,
		"sed": sedCase, "sort": sortCase, "tr": trCase,
	}
}

// Names returns the tools in a fixed order.
func Names() []string {
	return []string{"sed", "grep", "sort", "cut", "tr", "expr", "printf", "awk"}
}

// New returns the case of a seed.
func New(tool string, seed uint64) Case {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15))}
	g.utf8 = g.chance(2)
	c := makers()[tool](g)
	c.Tool, c.Locale = tool, "C"
	if g.utf8 {
		c.Locale = "C.UTF-8"
	}
	return c
}

// word returns a short piece of text.
func (g *generator) word() string {
	if g.chance(6) {
		return g.pick("é", "ß", "Ä", "€", "ı", "\xff", "\xc3", "日本")
	}
	return g.pick("a", "b", "ab", "abc", "B", "AB", "x", "foo", "bar", "1", "10", "-2", "3.5", "_",
		"a.b", "a*", "[", "+", "", "aa", "aba")
}

func (g *generator) line() string {
	var b strings.Builder
	for range g.IntN(6) {
		b.WriteString(g.word() + g.pick(" ", "", "", "\t", ":", ",", "  "))
	}
	return b.String()
}

// text returns an input. Most inputs end with a newline.
func (g *generator) text() string {
	var b strings.Builder
	for range g.IntN(7) {
		b.WriteString(g.line() + "\n")
	}
	if g.chance(5) {
		b.WriteString(g.line())
	}
	return b.String()
}

// Smaller returns cases that are each a little smaller than c, those with large cuts first.
func (c Case) Smaller() (list []Case) {
	for i := range c.Args {
		d := c
		d.Args = append(append([]string{}, c.Args[:i]...), c.Args[i+1:]...)
		list = append(list, d)
	}
	for _, s := range shorter(c.Input) {
		d := c
		d.Input = s
		list = append(list, d)
	}
	for i, a := range c.Args {
		for _, s := range shorter(a) {
			d := c
			d.Args = append([]string{}, c.Args...)
			d.Args[i] = s
			list = append(list, d)
		}
	}
	if c.Locale != "C" {
		d := c
		d.Locale = "C"
		list = append(list, d)
	}
	return list
}

// shorter returns copies of a text without a half, a quarter ... a byte.
func shorter(s string) (list []string) {
	for n := len(s) / 2; n > 0; n /= 2 {
		for i := 0; i+n <= len(s); i += n {
			list = append(list, s[:i]+s[i+n:])
		}
	}
	return list
}

// Minimise returns the smallest case that it finds for which differs still holds. It calls
// differs at most tries times.
func Minimise(c Case, tries int, differs func(Case) bool) Case {
	for again := true; again; {
		again = false
		for _, d := range c.Smaller() {
			if tries--; tries < 0 {
				return c
			}
			if differs(d) {
				c, again = d, true
				break
			}
		}
	}
	return c
}
