package interp

import "testing"

func TestOpensAtEnd(t *testing.T) {
	for _, c := range []struct {
		text string
		at   int
		want bool
	}{
		{"for\n", 0, true}, {"echo >\n", 5, true}, {"a; !\n", 3, true},
		{"for", 0, false},      // the end of the text is no further line
		{"echo )\n", 5, false}, // wrong by itself
		{"for x\n", 0, false}, {"x\n", 9, false},
	} {
		if got := textSource([]byte(c.text)).opensAtEnd(c.at); got != c.want {
			t.Errorf("%q at %d: %v", c.text, c.at, got)
		}
	}
}

// The text always ends in a newline for the parser, which must not join lines
// or count as one that was read.
func TestSourceEnd(t *testing.T) {
	for _, c := range []struct {
		text, want string
		lines      int
	}{
		{"a", "a\n", 0}, {"a\n", "a\n", 1}, {"a\nb", "a\nb\n", 1}, {"a\\", "a\\\\\n", 0},
		{"a\\\\", "a\\\\\n", 0}, {"", "", 0},
	} {
		src, got := textSource([]byte(c.text)), ""
		var buf [64]byte
		for {
			n, err := src.Read(buf[:])
			if err != nil {
				break
			}
			got += string(buf[:n])
		}
		if got != c.want || src.lines() != c.lines {
			t.Errorf("%q: %q and %d lines", c.text, got, src.lines())
		}
	}
}

func TestMentionsProcess(t *testing.T) {
	for text, want := range map[string]bool{
		"echo $$":                       true,
		"echo ${PPID}":                  true,
		"(umask 077; > f)":              true,
		"ulimit -n 20":                  true,
		"umask":                         false,
		"echo '$$'":                     false,
		"cat <<'E'\necho $$\nE\n":       false,
		"sh <<E\necho \\$\\$ $$\nE\n":   true,
		"# the umask of $$\necho hello": false,
		"if umask":                      true, // not to be parsed: the careful answer
	} {
		if got := mentionsProcess([]byte(text)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
