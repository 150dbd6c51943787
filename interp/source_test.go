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

func TestOwnProcess(t *testing.T) {
	for _, c := range []struct {
		argv []string
		want bool
	}{
		{[]string{"sh", "-c", "echo $$"}, true}, {[]string{"sh", "-ec", "kill 1"}, true},
		{[]string{"sh", "-c", "echo a", "$$"}, false}, {[]string{"sh", "x", "-c", "$$"}, false},
		{[]string{"sh", "-e", "-c", "echo $PPID"}, true}, {[]string{"sh", "-c"}, false}, {[]string{"sh"}, false},
	} {
		if got := needsOwnProcess(commandString(c.argv)); got != c.want {
			t.Errorf("%q: %v", c.argv, got)
		}
	}
}
