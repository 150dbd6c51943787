package text_test

import (
	"fmt"
	"math/rand"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/judge"
)

// A sedGen makes random scripts.
type sedGen struct {
	*rand.Rand
	utf8 bool
}

func (g sedGen) pick(list ...string) string { return list[g.Intn(len(list))] }

func (g sedGen) regexp() string {
	atoms := []string{"a", "b", "o", ".", "[ab]", "[^a]", "x*", "^", "$", "e$", "^o",
		`\(a\|b\)`, `\n`, "[[:alpha:]]", `\w`, "t.*", `o\+`, `[0-9]`, "/x", `\x61`, "[/]", " "}
	if g.utf8 {
		atoms = append(atoms, "é", "ß.", "[é]")
	}
	s := g.pick(atoms...)
	if g.Intn(4) == 0 {
		s += g.pick(atoms...)
	}
	return s
}

func (g sedGen) delimited(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "[/]", "[|]"), "/", `\/`)
}

func (g sedGen) address() string {
	switch g.Intn(7) {
	case 0:
		return "$"
	case 1:
		return fmt.Sprintf("%d~%d", g.Intn(4), g.Intn(4))
	case 2, 3:
		return "/" + g.delimited(g.regexp()) + "/" + g.pick("", "", "", "I", "M")
	}
	return strconv.Itoa(1 + g.Intn(6))
}

func (g sedGen) addresses() string {
	a := ""
	switch g.Intn(6) {
	case 0, 1:
		return ""
	case 2:
		a = g.address()
	case 3:
		a = g.address() + "," + g.address()
	case 4:
		a = g.address() + "," + g.pick("+", "~") + strconv.Itoa(g.Intn(4))
	case 5:
		a = "0,/" + g.delimited(g.regexp()) + "/"
	}
	return a + g.pick("", "", "", "!", " ! ")
}

func (g sedGen) replacement() string {
	parts := []string{"", "x", "&", `[&]`, `\n`, `\U&`, `\u&y`, `\L&\E-`, `\t`, `\&`, `a\
b`, `\x26`, `\cA`, "-", `\l\U&`, `\u\L&`}
	if g.utf8 {
		parts = append(parts, "é", `\Ué&`, `\ué`)
	}
	return g.pick(parts...) + g.pick(parts...)
}

func (g sedGen) command(depth int) string {
	switch g.Intn(10) {
	case 0, 1, 2:
		return "s/" + g.delimited(g.regexp()) + "/" + g.replacement() + "/" +
			g.pick("", "", "g", "2", "2g", "p", "gp", "I", "Mg", "w out\n", "w /dev/stdout\n")
	case 3:
		return g.pick("y/ab/xy/", `y/a\n/ b/`, `y/o\/e/0|3/`, "y/abc/ABC/", `y/a\tb/\ncd/`)
	case 4:
		if depth < 2 {
			return "{" + g.commands(depth+1) + "}"
		}
	case 5:
		return g.pick("a", "i", "c") + g.pick(" foo", `\foo`, "\\\nfoo", "\\\n  a\\\nb", ` x\ty`,
			`\  foo`, "foo\\\nbar", `\\tx`) + "\n"
	case 6:
		return g.pick("b", "t", "T", "bz", "tz", "Tz") + g.pick(";", "\n", " ; ")
	case 7:
		return g.pick("r g\n", "R g\n", "r none\n", "w out\n", "W out\n", "w /dev/stdout\n",
			"q", "Q", "q3", "Q4", "F", "=", "l", "l 5", "l 1", "z")
	}
	return g.pick("d", "D", "n", "N", "p", "P", "g", "G", "h", "H", "x", "=", "N", "P;D",
		"$!N", "h;d", "x;G")
}

func (g sedGen) commands(depth int) string {
	var b strings.Builder
	for n := 1 + g.Intn(4); n > 0; n-- {
		b.WriteString(g.addresses() + g.command(depth) + g.pick(";", "\n", " ; "))
	}
	return b.String()
}

// row makes a row. The label z is at the end, so that jumps to z end the script.
func (g sedGen) row() judge.Row {
	words := []string{"one", "two a", "ab", "", "oo b", "a/x", "abab", "T e"}
	if g.utf8 {
		words = append(words, "é", "aßb", "É\xff")
	}
	text := func() string {
		var b strings.Builder
		for n := g.Intn(8); n > 0; n-- {
			b.WriteString(g.pick(words...) + "\n")
		}
		return strings.TrimSuffix(b.String(), g.pick("", "", "\n"))
	}
	script := g.commands(0) + ":z"
	if g.Intn(8) == 0 { // an error
		at := g.Intn(len(script))
		wrong := script[:at] + g.pick("", "k", "}", "\\", ",", "1", "/", "\n", "{") + script[at+1:]
		if staysHere(wrong) {
			script = wrong
		}
	}
	options := g.pick("", "", "-n", "-s", "-z", "-i", "-n -s", "-nz", "-u", "-i.b", "-l 7", "-E") +
		g.pick("", "", "", " --posix", " --sandbox", " -z")
	r := judge.Row{Argv: options, Stdin: text()}
	r.Setup = "printf '" + shellQuoted(text()) + "' >f; printf '" + shellQuoted(text()) + "' >g"
	r.Env = []string{script, g.pick("f", "f g", "-", "f - g", "g none f")}
	return r
}

// staysHere reports whether a script writes only to files in its directory. An error in "w
// /dev/stdout" would name another file.
func staysHere(script string) bool {
	for _, rest := range strings.Split(strings.ReplaceAll(script, "W", "w"), "w")[1:] {
		name, _, _ := strings.Cut(strings.TrimLeft(rest, " \t"), "\n")
		if name != "/dev/stdout" && strings.ContainsAny(name, "/.") {
			return false
		}
	}
	return true
}

func shellQuoted(s string) string {
	return strings.NewReplacer("\n", `\n`, "\xff", `\377`).Replace(s)
}

// TestSedByChance compares random scripts with the system's sed. SED_FUZZ_TIME is the duration,
// SED_FUZZ_SEED the first seed.
func TestSedByChance(t *testing.T) {
	limit, _ := time.ParseDuration(os.Getenv("SED_FUZZ_TIME"))
	if limit == 0 {
		limit = 2 * time.Second
	}
	seed, _ := strconv.ParseInt(os.Getenv("SED_FUZZ_SEED"), 10, 64)
	// the inode number of the directory may differ
	attributes := regexp.MustCompile(`(?m)^\. .*| \S+ 0:0 links=1`)
	for end := time.Now().Add(limit); time.Now().Before(end); seed++ {
		g := sedGen{Rand: rand.New(rand.NewSource(seed))}
		r := g.row()
		argv := append([]string{"sed"}, strings.Fields(r.Argv)...)
		argv = append(append(argv, "-e", r.Env[0]), strings.Fields(r.Env[1])...)
		script := r.Env[0]
		r.Env = nil
		if strings.Contains(r.Argv, "z") && strings.Contains(script, "M") {
			continue // M with lines that end at NUL: not yet as in sed
		}
		want := r.Oracle(t, append([]string{"timeout", "1"}, argv...))
		if want.Status == 124 {
			continue // the script does not end
		}
		got, lacks := ours.Run(t, r, argv)
		got.Tree, want.Tree = attributes.ReplaceAllString(got.Tree, ""),
			attributes.ReplaceAllString(want.Tree, "")
		if lacks == "" && want != got {
			t.Errorf("seed %d: %q\nstdin %q setup %s\nwant %d %q %q %q\n got %d %q %q %q", seed,
				argv, r.Stdin, r.Setup, want.Status, want.Stdout, want.Stderr, want.Tree,
				got.Status, got.Stdout, got.Stderr, got.Tree)
		}
	}
	t.Logf("up to seed %d", seed)
}
