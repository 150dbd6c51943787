package regex

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"overlayboot/compat/kit"
)

// A judge is a tool that knows a dialect. It returns a verdict on each line, or the tool's
// message about an error in the pattern.
type judge struct {
	name  string
	flags Flags
	tool  func(j judge, locale, pattern string, groups int, lines []string) ([]string, string)
	ours  func(re *Regexp, line string, utf bool) string
}

func judges(t *testing.T) []judge {
	for _, name := range []string{"grep", "sed", "expr"} {
		if _, err := exec.LookPath(name); err != nil {
			kit.Missing(t, "no oracle: %v", err)
		}
	}
	return []judge{
		{"grep", Grep, askGrep, matched},
		{"grep -E", Grep | Extended, askGrep, matched},
		{"sed", Sed, askSed, replaced},
		{"sed -E", Sed | Extended, askSed, replaced},
		{"expr", Expr, askExpr, measured},
	}
}

// ask returns a tool's output, and its error message without the prefix.
func ask(locale, input string, argv ...string) (string, string) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=" + locale}
	cmd.Stdin = strings.NewReader(input)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	_ = cmd.Run()
	text := strings.TrimSuffix(complaint.String(), "\n")
	if i := strings.LastIndex(text, "\n"); i >= 0 {
		text = text[i+1:]
	}
	if strings.Contains(text, ": warning: ") {
		text = ""
	}
	_, text, _ = strings.Cut(text, ": ")
	if strings.HasPrefix(text, "-e expression") {
		_, text, _ = strings.Cut(text, ": ")
	}
	return out.String(), text
}

func askGrep(j judge, locale, pattern string, _ int, lines []string) ([]string, string) {
	argv := append(strings.Fields(j.name), "-an", "-e", pattern)
	out, complaint := ask(locale, strings.Join(lines, "\n")+"\n", argv...)
	verdicts := make([]string, len(lines))
	for i := range verdicts {
		verdicts[i] = "false"
	}
	for l := range strings.Lines(out) {
		number, _, _ := strings.Cut(l, ":")
		if n, err := strconv.Atoi(number); err == nil {
			verdicts[n-1] = "true"
		}
	}
	return verdicts, complaint
}

func matched(re *Regexp, line string, _ bool) string {
	return strconv.FormatBool(re.Match([]byte(line)))
}

func askSed(j judge, locale, pattern string, groups int, lines []string) ([]string, string) {
	by := "&]"
	for i := range min(groups, 9) {
		by += fmt.Sprintf(`[\%d]`, i+1)
	}
	argv := append(strings.Fields(j.name), "-e", "s\x01"+pattern+"\x01["+by+"\x01")
	out, complaint := ask(locale, strings.Join(lines, "\n")+"\n", argv...)
	return strings.Split(out, "\n"), complaint
}

func replaced(re *Regexp, line string, _ bool) string {
	loc := make([]int, 2*(re.NumGroups()+1))
	if !re.Find([]byte(line), 0, false, loc) {
		return line
	}
	out := line[:loc[0]]
	for i := 0; i < min(len(loc), 20); i += 2 {
		out += "["
		if loc[i] >= 0 {
			out += line[loc[i]:loc[i+1]]
		}
		out += "]"
	}
	return out + line[loc[1]:]
}

func askExpr(_ judge, locale, pattern string, _ int, lines []string) ([]string, string) {
	var verdicts []string
	for _, l := range lines[:1] {
		out, complaint := ask(locale, "", "expr", "+", l, ":", "+", pattern)
		if complaint != "" {
			return nil, complaint
		}
		verdicts = append(verdicts, strings.TrimSuffix(out, "\n"))
	}
	return verdicts, ""
}

func measured(re *Regexp, line string, utf bool) string {
	var loc [4]int
	found := re.Find([]byte(line), 0, false, loc[:]) && loc[0] == 0
	switch {
	case re.NumGroups() > 0 && (!found || loc[2] < 0):
		return ""
	case re.NumGroups() > 0:
		return line[loc[2]:loc[3]]
	case !found:
		return "0"
	case utf:
		return strconv.Itoa(utf8.RuneCountInString(line[:loc[1]]))
	}
	return strconv.Itoa(loc[1])
}

// decide compares the results for a pattern with those of a judge.
func (j judge) decide(t *testing.T, utf bool, pattern string, lines []string) {
	t.Helper()
	locale, flags := "C", j.flags
	if utf {
		locale, flags = "C.UTF-8", flags|UTF8
	}
	re, err := compileOne(pattern, flags)
	groups := 0
	if err == nil {
		groups = re.NumGroups()
	}
	want, complaint := j.tool(j, locale, pattern, groups, lines)
	switch {
	case err != nil && complaint != err.Error():
		t.Errorf("%s, %s: %q: ours says %q, it %q", j.name, locale, pattern, err, complaint)
	case err == nil && complaint != "":
		t.Errorf("%s, %s: %q: it says %q", j.name, locale, pattern, complaint)
	case err != nil:
		return
	}
	for i := range min(len(want), len(lines)) {
		if got := j.ours(re, lines[i], utf); got != want[i] {
			t.Errorf("%s, %s: %q on %q: %q, want %q", j.name, locale, pattern, lines[i], got,
				want[i])
		}
	}
}

// TestJudged reads each pattern in all dialects, in bytes and in UTF-8.
func TestJudged(t *testing.T) {
	lines := []string{"abcabc", "xa(*b){1}+?|^$.[]", "a", "", "aaab", "foo bar_1 été", "é\xff.",
		"{1}a", "*a", "a**", "+a", ")", "a|b", "ab ab", "aA1-_", "a{1,2}", "^a$", "\ta ÀÉ"}
	patterns := []string{
		"a", "", ".", "a.c", "^a", "c$", "^$", "a*", "a**", "*a", "^*a", `\(*a\)`, "(*a)", "a|*b",
		"a|b", `a\|b`, `a\|*b`, "|a", "a|", "a||b", "()", `\(\)`, "(|a)", `a\+`, "a+", `a\?b`, "a?b",
		"+a", "?a", "a+*?", ")", "a)", `\)`, "(", `\(`, `(a`, `\(a`, "{1}a", "{", "a{", "a{1", "a{1,",
		"a{x}", "a{}", "a{,}", "a{,2}", "a{2}", "a{2,}b", "a{1,2}", "a{2,1}", "a{32767}b?",
		"a{32768}", "a{1}{2}", "a{0}b", `a\{`, `a\{1`, `a\{x\}`, `a\{2,1\}`, `a\{2\}`, `\{1\}a`,
		`a\{32768\}`, `a\{,2\}b`, `a\{1\}\{2\}`, `x\|^a`, "x|^a", `\(^a\)`, `a\(^b\)`, "a^b", "a$b",
		`a$\|b`, `\(a$\)`, "^^a", "$$", `\(a\|ab\)\(c\|bcd\)`, "(a|ab)(c|bcd)", "(a*)*", "(a*)+",
		"((a*)b?)*", "(a|b)*c", "(ab?)(b?)", "(a)(b)?(x)?", "(a){2}", "(a|b){2}", "((a)|b){2,3}",
		`\(a\)\1`, `(a)\1`, `(ab) \1`, `\(.\)\(.\).*\2`, `(a)\2`, `\1(a)`, `(a\1)`, `(a)|b\1`,
		`(.*) \1$`, `\w`, `\W`, `\s`, `\S`, `\bb`, `\Bb`, `\<b`, `b\>`, "\\`a", `a\'`, `\b`,
		`a\`, `\`, `\.`, `\x`, `\-`, `a\/b`, "[", "[a", "[]", "[]a]", "[^]a]", "[a-c]", "[c-a]",
		"[a-]", "[-a]", "[a-c-e]", "[--/]", "[%--]", "[[:alpha:]]", "[[:foo:]]", "[[:alpha:", "[[:alpha]",
		"[[:alpha:]-z]", "[a-[:alpha:]]", "[[.a.]]", "[[.-.]]", "[[.ab.]]", "[[=a=]]", "[[=ab=]]",
		"[[.a", "[:alpha:]", "[:a]", `[\n]`, `[\]]`, "[^[:space:]]*", "é", ".é", "[é]", "[^é]",
		`\wé`,
		"(é|t)+", "[[:upper:]]", "[[:punct:]]+", "x*", "(^|x)a", "(a|$)", "a{1,2}{2}", "a\n", "\na",
	}
	for _, j := range judges(t) {
		for _, p := range patterns {
			if strings.Contains(p, "\n") && j.flags&Grep == 0 {
				continue
			}
			if j.flags&Sed != 0 && leftToSed(p) {
				continue
			}
			j.decide(t, false, p, lines)
			if strings.ContainsAny(p, "é.[W") {
				j.decide(t, true, p, lines)
			}
		}
	}
}

// leftToSed reports whether sed handles a pattern before it compiles one: the empty pattern,
// which means the last one, a pattern whose end it cannot find, and an escape.
func leftToSed(p string) bool {
	return p == "" || strings.HasSuffix(p, `\`) || p == `\x` || strings.HasPrefix(p, "[") &&
		!strings.HasSuffix(p, "]") || p == "[]" || p == "[" || p == `[\n]` || p == "[[:alpha]"
}

// TestDifferential compares random patterns. REGEX_TIME is the duration, REGEX_SEED selects the
// patterns.
func TestDifferential(t *testing.T) {
	all := judges(t)
	length, err := time.ParseDuration(os.Getenv("REGEX_TIME"))
	if err != nil {
		length = 2 * time.Second
	}
	seed, err := strconv.ParseInt(os.Getenv("REGEX_SEED"), 10, 64)
	if err != nil {
		seed = 11
	}
	g := rand.New(rand.NewSource(seed))
	for end := time.Now().Add(length); time.Now().Before(end) && !t.Failed(); {
		j := all[g.Intn(len(all))]
		lines := make([]string, 12)
		for i := range lines {
			lines[i] = chosen(g, 9, "a", "b", "a", "b", "c", "x", " ", "_", "-", "ab", "é", "À",
				"1", "\xff")
		}
		j.decide(t, g.Intn(2) == 0, randomPattern(g, j.flags&Extended != 0, j.flags&Grep != 0, 3), lines)
	}
	if t.Failed() {
		t.Logf("REGEX_SEED=%d", seed)
	}
}

func chosen(g *rand.Rand, n int, from ...string) (s string) {
	for range g.Intn(n) {
		s += from[g.Intn(len(from))]
	}
	return s
}

// randomPattern makes a valid pattern without an empty iteration of a group. For such an
// iteration, the groups of the C library depend on its internal order. With words, the same
// holds next to a \b.
func randomPattern(g *rand.Rand, ere, words bool, depth int) string {
	esc := `\`
	if ere {
		esc = ""
	}
	var b strings.Builder
	for range 1 + g.Intn(4) {
		atom := []string{"a", "b", "c", ".", "[ab]", "[^a]", `\w`, `\W`, "x", "é", "[[:alpha:]]",
			"[é1]"}
		part := atom[g.Intn(len(atom))]
		repeated := []string{"*", esc + "+", esc + "?", esc + "{2" + esc + "}",
			esc + "{1,3" + esc + "}"}[g.Intn(5)]
		switch k := g.Intn(12); {
		case k < 3 && depth > 0:
			part = esc + "(" + randomPattern(g, ere, words, depth-1)
			if g.Intn(2) == 0 {
				part += esc + "|" + randomPattern(g, ere, words, depth-1)
			}
			part += esc + ")"
			// In a repeated group, the C library may forget the result of a \b.
			if g.Intn(2) == 0 && !mayBeEmpty(part, ere) && !hasWordAssertion(part) {
				part += repeated
			}
			b.WriteString(part)
			continue
		case k == 3 && words:
			b.WriteString([]string{`\<`, `\>`, `\b`, `\B`}[g.Intn(4)])
			continue
		case k < 7:
			part += repeated
		}
		b.WriteString(part)
	}
	return b.String()
}

func mayBeEmpty(pattern string, ere bool) bool {
	s := syntax{extended: ere, utf8: true}
	p := &parser{syntax: s, in: s.decode(pattern)}
	n, err := p.parse()
	return err != nil || nullable(n)
}

func hasWordAssertion(pattern string) bool {
	for _, a := range []string{`\<`, `\>`, `\b`, `\B`} {
		if strings.Contains(pattern, a) {
			return true
		}
	}
	return false
}
