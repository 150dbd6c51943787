package pattern

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/judge"
)

// matches are patterns, written as in a script, and texts. dash says which pairs match.
var matches = [][2]string{
	{"[a", "b"}, {"[a", "[a"}, {"[a-c", "b"}, {"[z-a]", "m"}, {"[a-]", "-"}, {"[a-]", "a"},
	{"[]a]", "]"}, {"[!]a]", "b"}, {"[!]a]", "]"}, {"[^a]", "b"}, {"[^a]", "^"}, {"[!a]", "b"},
	{`[\!a]`, "!"}, {`[\^a]`, "^"}, {`[a\-c]`, "b"}, {`[a\-c]`, "-"},
	{"[[:alpha:]]", "x"}, {"[[:alpha:]]", "1"}, {"[[:alpha:]", ":"}, {"[[:alpha:]", "x"},
	{"[[:foo:]]", "f"}, {"[[:foo:]]", ":"}, {"[[:foo:]]", "[]"}, {"[[:foo:]]", ":]"},
	{"[[:upper:][:digit:]]", "3"}, {"[![:upper:]]", "a"}, {"[[:blank:]]", " "},
	{"[[:punct:]]", "."},
	{"[[=ab=]]", "a"}, {"[[.ab.]]", "]"}, {"[[.a]", "."}, {"[[=a]", "["}, {"[a-z-9]", "-"},
	{"[a-z-9]", "8"}, {"[+--]", ","},
	{"[+--]", "-"}, {`[\]]`, "]"}, {`[\]a]`, "a"}, {`[a\]]`, "]"}, {"[[]", "["}, {"[[a]", "a"},
	{"[]", "[]"}, {"[!]", "[!]"}, {"[]]", "]"}, {"[!]]", "x"}, {"a[", "a["}, {"a[b*", "a[bc"},
	{"a[b?", "a[bc"}, {`\a`, "a"}, {`\\a`, `\a`}, {`\\`, `\`}, {"*", ""}, {"?", ""},
	{"?*", "a"}, {"*?*?*", "ab"}, {"*?*?*", "a"}, {"*a*b*c", "xxaxxbxxc"},
	{"*a*b*c", "xxaxxbxxd"}, {"[a-c]*[x-z]", "aooz"}, {"[[:alpha:]-z]", "-"},
	{"[[:alpha:]-z]", "y"}, {"[a-[:digit:]]", "5"}, {"[a-[:digit:]]", ":]"}, {"[!!]", "a"},
	{"[!!]", "!"}, {`[\\]`, `\`}, {`[\a]`, "a"}, {`[a-\c]`, "b"}, {`[\a-c]`, "b"},
	{"[[:space:]]", "\t"}, {"[[:space:]]", "\v"}, {"[[:cntrl:]x]", "x"}, {"[[:xdigit:]]", "f"},
	{"[[:graph:]]", " "}, {"[[:print:]]", " "}, {"[[:]", ":"}, {"[[:a]", "a"},
	{"[[:alpha:-z]", ":"}, {"é", "é"}, {"?", "é"}, {"??", "é"}, {"[é]", "é"}, {"[é]?", "é"},
	{"[à-é]", "é"}, {"*é", "é"}, {"[^]a]", "b"}, {"[-a]", "-"}, {"[!-a]", "-"},
	{"[a-b-c]", "-"}, {"[%--]", "-"}, {"[/]", "/"}, {"*", "a/b"}, {"a[/]b", "a/b"},
	{"[[:alpha:]*]", "x]"}, {`[\[:alpha:]`, "a"}, {`[[\:alpha:]]`, "a"}, {"[[:alnum:]]", "Z"},
	{"[[:lower:]]", "Z"}, {"*b*", "aabaa"}, {"ab*", "abc"}, {"ab*", "ab"}, {"*bc", "abc"},
	{"*bc", "abcd"}, {"abc", "abc"}, {"abc", "abd"}, {"a*b*", "acbd"}, {"[é-\xff]", "\xf0"},
	{"[a-\xff]", "b"}, {"[\x80-a]", "B"}, {"**", "x"}, {"a**b", "axxb"}, {"*[", "a["},
	{"*[b]", "ab"}, {`*\*`, "a*"}, {`*\*b`, "a*b"}, {"[[:digit:]*", "[:a"}, {"*.[ch]", "x.c"},
}

func TestMatch(t *testing.T) {
	var script strings.Builder
	for _, row := range matches {
		fmt.Fprintf(&script, "case %s in %s) echo y;; *) echo n;; esac\n", judge.Quote(row[1]), row[0])
	}
	v := judge.Dash(t, "", script.String())
	want := strings.Fields(v.Stdout)
	if len(want) != len(matches) {
		t.Fatalf("dash gave %d answers, %s", len(want), v.Stderr)
	}
	for i, row := range matches {
		if got := Match(row[0], row[1]); got != (want[i] == "y") {
			t.Errorf("Match(%q, %q) = %v", row[0], row[1], got)
		}
	}
}

// random returns a text of an alphabet of mostly special bytes. It does not end in a backslash,
// so that it is valid as a pattern.
func random(r *rand.Rand, alphabet string, size int) string {
	text := make([]byte, r.IntN(size+1))
	for i := range text {
		text[i] = alphabet[r.IntN(len(alphabet))]
	}
	return strings.TrimRight(string(text), `\`)
}

// TestRandom compares the matching and trimming of random patterns with dash.
func TestRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	type row struct{ pattern, text string }
	var rows []row
	var script strings.Builder
	for range 1500 {
		x := row{random(r, `ab-!][*?\:ab*`, 8), random(r, `ab-][a\`, 7)}
		// A ] behind an unfinished range makes dash read past the end.
		if x.pattern == "" || strings.HasSuffix(x.pattern, "-") {
			continue
		}
		rows = append(rows, x)
		fmt.Fprintf(&script, "x=%s; case $x in %s) printf y;; *) printf n;; esac\n",
			judge.Quote(x.text), x.pattern)
		fmt.Fprintf(&script, `printf '<%%s' "${x#%[1]s}" "${x##%[1]s}" "${x%%%[1]s}" "${x%%%%%[1]s}"`,
			x.pattern)
		script.WriteString("\necho\n")
	}
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/script", []byte(script.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	v := judge.Dash(t, dir, ". ./script")
	want := strings.Split(v.Stdout, "\n")
	if len(want) != len(rows)+1 {
		t.Fatalf("dash gave %d answers, %s", len(want), v.Stderr)
	}
	for i, x := range rows {
		got := map[bool]string{true: "y", false: "n"}[Match(x.pattern, x.text)]
		for _, longest := range []bool{false, true} {
			got += "<" + TrimPrefix(x.text, x.pattern, longest)
		}
		for _, longest := range []bool{false, true} {
			got += "<" + TrimSuffix(x.text, x.pattern, longest)
		}
		if got != want[i] {
			t.Errorf("pattern %q text %q: %q, want %q", x.pattern, x.text, got, want[i])
		}
	}
}

var trims = [][2]string{
	{"/a/b/c", "*/"}, {"/a/b/c", "/*"}, {"a.b.c", ".*"}, {"a.b.c", "*."}, {"abc", "?"},
	{"abc", "b"}, {"abc", ""}, {"", "*"}, {"abc", "*"}, {"a b c", `*\ `}, {"  a  ", `[!\ ]*`},
	{"a*b*c", `\**`}, {"a*b*c", `*\*`}, {"abcabc", "*b*c"}, {"abcabc", "a*c*"}, {"aXbX", "*[A-Z]"},
	{"aXbX", "[A-Z]*"}, {"éé", "?"}, {"x=y=z", "*="}, {"x=y=z", "=*"}, {"name.conf", ".conf"},
	{"00012", "0"}, {"00012", "[!0]*"}, {"ab[c", "[c"}, {"ab[c", "*["}, {"aaa", "*a"},
	{"aaa", "a*"}, {"aaaa", "aa*"}, {"aXbXc", "*X*"}, {"abab", "ab"}, {"a/b/", "/*"},
	{"line\nline2", "*\n"}, {"xayaz", "a*a"}, {"xayaz", "*a*z"}, {"ab", "abc"}, {"a", "??"},
}

func TestTrim(t *testing.T) {
	for _, row := range trims {
		v := judge.Dash(t, "", fmt.Sprintf(
			"x=%[1]s\nprintf '<%%s' \"${x#%[2]s}\" \"${x##%[2]s}\" \"${x%%%[2]s}\" \"${x%%%%%[2]s}\"",
			judge.Quote(row[0]), row[1]))
		got := "<" + TrimPrefix(row[0], row[1], false) + "<" + TrimPrefix(row[0], row[1], true) +
			"<" + TrimSuffix(row[0], row[1], false) + "<" + TrimSuffix(row[0], row[1], true)
		if got != v.Stdout {
			t.Errorf("%q: %q, want %q %s", row, got, v.Stdout, v.Stderr)
		}
	}
}

func TestText(t *testing.T) {
	for _, row := range []struct {
		pattern, text string
		meta          bool
	}{
		{"abc", "abc", false}, {`a\*`, "a*", false}, {`a\\`, `a\`, false}, {`\\*`, `\*`, true},
		{"a[b", "a[b", true}, {`a\`, `a\`, false}, {"", "", false}, {"?", "?", true},
		{`\a\b\`, `ab\`, false},
	} {
		if got := HasMeta(row.pattern); got != row.meta {
			t.Errorf("HasMeta(%q) = %v", row.pattern, got)
		}
		if got := Unescape(row.pattern); got != row.text {
			t.Errorf("Unescape(%q) = %q, want %q", row.pattern, got, row.text)
		}
	}
}

// TestStars checks that many stars do not take exponential time.
func TestStars(t *testing.T) {
	long := strings.Repeat("a", 2000)
	pattern := strings.Repeat("*a", 100) + "*b"
	start := time.Now()
	if Match(pattern, long) || TrimPrefix(long, pattern, true) != long ||
		TrimSuffix(long, pattern, true) != long {
		t.Error("matches")
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestMatchAllocates(t *testing.T) {
	n := testing.AllocsPerRun(100, func() {
		Match("*a[b-d]*", "xxxac")
		TrimPrefix("/a/b/c", "*/", true)
		TrimSuffix("/a/b/c", "/*", false)
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzPattern(f *testing.F) {
	for _, row := range matches {
		f.Add(row[0], row[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern)*len(text) > 1<<20 {
			return
		}
		start := time.Now()
		match := Match(pattern, text)
		if match && (TrimPrefix(text, pattern, true) != "" || TrimSuffix(text, pattern, true) != "") {
			t.Errorf("%q matches %q but does not trim it", pattern, text)
		}
		for _, longest := range []bool{false, true} {
			rest := TrimPrefix(text, pattern, longest)
			if cut, ok := strings.CutSuffix(text, rest); !ok || cut != "" && !Match(pattern, cut) {
				t.Errorf("%q cuts %q in front of %q", pattern, cut, text)
			}
			rest = TrimSuffix(text, pattern, longest)
			if cut, ok := strings.CutPrefix(text, rest); !ok || cut != "" && !Match(pattern, cut) {
				t.Errorf("%q cuts %q off %q", pattern, cut, text)
			}
		}
		if !HasMeta(pattern) && match != (Unescape(pattern) == text) {
			t.Errorf("plain %q and %q: %v", pattern, text, match)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%q on %q took %v", pattern, text, took)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	for b.Loop() {
		Match("*.[ch]", "some/file/name.c")
	}
}

func BenchmarkTrim(b *testing.B) {
	for b.Loop() {
		TrimPrefix("/usr/share/doc/file", "*/", true)
	}
}
