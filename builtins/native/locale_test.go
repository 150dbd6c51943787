package native

import (
	"os"
	"path/filepath"
	"testing"
)

// TestLocale checks the C library's rules, with directories of locales in LOCPATH.
func TestLocale(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"xx_XX.utf8", "yy_YY.ISO-8859-1", "zz"} {
		if err := os.MkdirAll(filepath.Join(dir, name, "LC_CTYPE"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	rows := []struct {
		env         []string
		utf8, plain bool
		charset     string
	}{
		{nil, false, true, ""},
		{[]string{"LANG=C.UTF-8"}, true, true, ""},
		{[]string{"LANG=C.utf8"}, true, true, ""},
		{[]string{"LANG=C.UTF-8", "LC_ALL=C"}, false, true, ""},
		{[]string{"LANG=C", "LC_CTYPE=C.UTF-8"}, true, true, ""},
		{[]string{"LC_ALL=", "LANG=POSIX"}, false, true, ""},
		{[]string{"LANG=xx_XX.UTF-8"}, true, false, ""},
		{[]string{"LANG=xx_XX.UTF-8", "LC_COLLATE=C"}, true, true, ""},
		{[]string{"LANG=yy_YY.ISO-8859-1"}, false, false, "iso88591"},
		{[]string{"LANG=zz"}, false, false, "zz"},
		{[]string{"LANG=qq_QQ.ISO-8859-1"}, false, true, ""},
		{[]string{"LANG=C.UTF-8", "LC_TIME=qq_QQ.ISO-8859-1"}, false, true, ""},
	}
	for _, r := range rows {
		c := &Call{Args: []string{"x"}, Env: append([]string{"LOCPATH=" + dir}, r.env...)}
		l := c.Locale()
		if l.UTF8 != r.utf8 || l.Plain != r.plain || l.charset != r.charset {
			t.Errorf("%q: %+v, want utf8 %v plain %v charset %q", r.env, l, r.utf8, r.plain, r.charset)
		}
	}
}
