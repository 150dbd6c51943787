package regex

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func compileOne(pattern string, f Flags) (*Regexp, error) {
	return CompileAny([]string{pattern}, f)
}

func compiled(t testing.TB, pattern string, f Flags) *Regexp {
	t.Helper()
	re, err := compileOne(pattern, f)
	if err != nil {
		t.Fatalf("%q: %v", pattern, err)
	}
	return re
}

// TestFindFrom checks that the text before the start of a search counts.
func TestFindFrom(t *testing.T) {
	for _, c := range []struct {
		pattern string
		f       Flags
		text    string
		from    int
		notBOL  bool
		want    int // beginning of the match
	}{
		{"^a", Sed, "aa", 0, false, 0}, {"^a", Sed, "aa", 1, false, -1},
		{"^a", Sed, "aa", 0, true, -1}, {"^a", Sed | Newline, "b\na", 1, false, 2},
		{"^a", Sed | Newline, "b\na", 2, false, 2}, {`\<a`, Sed, "xa a", 1, false, 3},
		{"\\`a", Sed, "aa", 0, true, 0}, {"\\`a", Sed | Newline, "\na", 1, false, -1},
		{`\<a`, Sed | UTF8, "éa a", 2, false, 4}, {".", Sed | UTF8, "\xc3é", 0, false, 1},
		{`a\'`, Sed | Newline, "a\na", 0, false, 2}, {"a$", Sed | Newline, "a\na", 0, false, 0},
		{"a.b", Sed, "a\nb", 0, false, 0}, {"a.b", Sed | Newline, "a\nb", 0, false, -1},
		{`\xc3\xa9`, Sed | UTF8 | Escapes, "aé", 0, false, 1},
		{`\t[\n]`, Sed | Escapes, " \t\n", 0, false, 1},
	} {
		loc := []int{-1, -1}
		compiled(t, c.pattern, c.f).Find([]byte(c.text), c.from, c.notBOL, loc)
		if loc[0] != c.want {
			t.Errorf("%q on %q from %d: %d, want %d", c.pattern, c.text, c.from, loc[0], c.want)
		}
	}
}

func TestAny(t *testing.T) {
	text := []byte("one\ntwo three\nthree\nfour fourth\n")
	for _, c := range []struct {
		patterns []string
		f        Flags
		want     []string
	}{
		{[]string{"three"}, Grep, []string{"two three", "three"}},
		{[]string{"three"}, Grep | Line, []string{"three"}},
		{[]string{"four*", "wo"}, Grep | Word, []string{"four fourth"}},
		{[]string{`\(.\)\1`, `\(o\)n`}, Grep, []string{"one", "two three", "three"}},
		{[]string{`\(.\)ou`, `\(o\).*\1`}, Grep, []string{"four fourth"}},
		{nil, Grep, nil}, {[]string{""}, Grep, []string{"one", "two three", "three", "four fourth"}},
	} {
		re, err := CompileAny(c.patterns, c.f)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for at := 0; at < len(text); {
			from, to := re.IndexLine(text[at:])
			if from < 0 {
				break
			}
			got = append(got, string(text[at+from:at+to]))
			at += to + 1
		}
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%q: %q, want %q", c.patterns, got, c.want)
		}
	}
}

// TestTime checks that no search takes time that grows as the square of the text's length, or
// faster.
func TestTime(t *testing.T) {
	long := bytes.Repeat([]byte("a"), 200_000)
	for _, pattern := range []string{"(a*)*b", "(a|aa)*c", "(a?){50}a{50}b", "a.*b|x",
		"(.*)(.*)(.*)x"} {
		re := compiled(t, pattern, Extended)
		began := time.Now()
		loc := make([]int, 8)
		re.Find(append(long, 'x'), 0, false, loc)
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%q took %v", pattern, took)
		}
	}
	re := compiled(t, `(a*)*(a*)*(a*)*\1b\2\3c`, Extended)
	if re.Match(append(long[:2000:2000], 'b', 'c')) && re.Err() != nil {
		t.Error("a match, and an error")
	}
	if _, err := compileOne("((((a{1000}){1000}){1000}){1000})", Extended); err != ErrMemory {
		t.Errorf("repetitions of repetitions: %v", err)
	}
	if _, err := compileOne(strings.Repeat("(", 1e6), Extended); err != ErrMemory {
		t.Errorf("groups in groups: %v", err)
	}
}

// TestStates has an automaton with a million states, which are built and dropped again.
func TestStates(t *testing.T) {
	re := compiled(t, "a.{18}b.*[ab]{3}z", Extended)
	text := make([]byte, 300_000)
	x := uint32(1)
	for i := range text {
		x = x*1664525 + 1013904223
		text[i] = 'a' + byte(x>>30)&1
	}
	if re.Match(text) {
		t.Error("there is no z")
	}
	if !re.Match(append(text, 'z')) {
		t.Error("there is a z")
	}
}

// FuzzRegex checks that every search ends, and that Match and Find agree.
func FuzzRegex(f *testing.F) {
	for _, s := range []string{`\(a*\)*\1`, "a{1,2}|[[:alpha:]]", `\<é[^a-z]\>`, "(^|x$)+",
		"[[.-.]-z]*"} {
		f.Add(s, []byte("aab é\xffx"), uint16(3))
	}
	f.Fuzz(func(t *testing.T, pattern string, text []byte, flags uint16) {
		if len(pattern) > 200 || len(text) > 1000 {
			return
		}
		re, err := compileOne(pattern, Flags(flags)&^(Grep|Sed)|Flags(flags)&Grep)
		if err != nil {
			return
		}
		loc := make([]int, 2*(re.NumGroups()+1))
		found := re.Find(text, 0, false, loc)
		if re.Err() == nil && found != re.Match(text) && re.Err() == nil {
			t.Errorf("%q on %q: Find says %v", pattern, text, found)
		}
		for i := 0; found && i < len(loc); i += 2 {
			if loc[i] > loc[i+1] && loc[i+1] >= 0 || loc[i+1] > loc[1] {
				t.Errorf("%q on %q: %v", pattern, text, loc)
			}
		}
	})
}

// TestIndexLineAsMatch checks that IndexLine finds the line that Match reports as matching,
// whatever the engine has seen before.
func TestIndexLineAsMatch(t *testing.T) {
	lines := []string{"", ":\t", "a", "ab", "é", "\xffa", "foo bar", "aab"}
	for _, pattern := range []string{"[^.].", ".", "a$", "^a", "b", "a*b", "[ab][ab]", "x",
		"^$", "é", `\(a\)\1`, `\<b`} {
		for seed := range 200 {
			var list []string
			for n := seed; n > 0; n /= len(lines) {
				list = append(list, lines[n%len(lines)])
			}
			checkIndexLine(t, pattern, list)
		}
	}
}

func checkIndexLine(t *testing.T, pattern string, lines []string) {
	t.Helper()
	re, err := compileOne(pattern, Grep|UTF8)
	if err != nil {
		t.Fatal(err)
	}
	text, want := strings.Join(lines, "\n"), -1
	for at, rest := 0, lines; want < 0 && at < len(text); rest = rest[1:] {
		if re.Match([]byte(rest[0])) {
			want = at
		}
		at += len(rest[0]) + 1
	}
	if re, err = compileOne(pattern, Grep|UTF8); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, _ := re.IndexLine([]byte(text)); got != want {
			t.Errorf("%q in %q: %d, want %d", pattern, text, got, want)
		}
	}
}
