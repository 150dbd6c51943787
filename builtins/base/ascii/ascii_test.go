package ascii

import (
	"fmt"
	"strings"
	"testing"

	"overlayboot/compat/judge"
)

// classes are the character classes of POSIX, and one unknown name.
var classes = strings.Fields("alpha digit alnum upper lower space blank punct print graph cntrl " +
	"xdigit nosuch")

// TestClass checks that every byte but 0 is in the same classes as in dash and the C library.
func TestClass(t *testing.T) {
	const ask = `LC_ALL=C; for c do case $c in [[:%s:]]) printf 1;; *) printf 0;; esac; done`
	var bytes []string
	for c := 1; c < 256; c++ {
		bytes = append(bytes, string([]byte{byte(c)}))
	}
	for _, name := range classes {
		want := judge.Dash(t, "", fmt.Sprintf(ask, name), bytes...).Stdout
		if some := strings.Contains(want, "1"); len(want) != len(bytes) || some == (name == "nosuch") {
			t.Fatalf("dash answers %q for %s", want, name)
		}
		for i, c := range bytes {
			if got := InClass(name, c[0]); got != (want[i] == '1') {
				t.Errorf("InClass(%q, %q) = %v", name, c, got)
			}
		}
	}
}

// TestTexts checks the functions for whole texts.
func TestTexts(t *testing.T) {
	for _, row := range []struct {
		text                string
		only, digits, ascii bool
		lower               string
	}{
		{"", true, false, true, ""},
		{"0123", true, true, true, "0123"},
		{"12a", false, false, true, "12a"},
		{"AZ[`az", false, false, true, "az[`az"},
		{"\xc4\xd6\x7f", false, false, false, "\xc4\xd6\x7f"},
	} {
		if OnlyDigits(row.text) != row.only || IsDigits(row.text) != row.digits ||
			IsASCII(row.text) != row.ascii || Lower(row.text) != row.lower {
			t.Errorf("%q: %v %v %v %q, want %v", row.text, OnlyDigits(row.text),
				IsDigits(row.text), IsASCII(row.text), Lower(row.text), row)
		}
	}
}
