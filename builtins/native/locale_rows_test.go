package native_test

import (
	"os"
	"path/filepath"
	"testing"

	"overlayboot/compat/judge"
)

// TestLocaleLacks checks that commands leave to the system's tools the locales that only those
// know.
func TestLocaleLacks(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "xx_XX.utf8", "LC_CTYPE"), 0o755); err != nil {
		t.Fatal(err)
	}
	locpath := "LOCPATH=" + dir
	ours.Rows(t, []judge.Row{
		{Argv: "sort", Lacks: true, Env: []string{locpath, "LC_ALL=xx_XX.UTF-8"}},
		{Argv: "uniq", Lacks: true, Env: []string{locpath, "LC_ALL=xx_XX.UTF-8"}},
		{Argv: "expr a < b", Lacks: true, Env: []string{locpath, "LC_ALL=xx_XX.UTF-8"}},
		{Argv: "sort +1", Lacks: true},
		{Argv: "sort", Stdin: "b\nB\na\n", Env: []string{"LANG=C.UTF-8", "LC_ALL="}},
	})
}
