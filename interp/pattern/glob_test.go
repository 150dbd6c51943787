package pattern

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/judge"
)

const files = `touch a b '[x]' ']' '!' '^' .h 'a]' 'a\b' '-'; mkdir -p d/e .hd/s 'p q'
touch d/f d/.g d/e/x .hd/y 'z*' 'p q/r'; ln -s nowhere dangling; ln -s d link
mkdir closed; touch closed/in; chmod 0 closed; touch "$(printf '\351')" é`

// globs are patterns, written as in a script.
var globs = []string{
	"*", ".*", "[!a]", "[^a]", "[]]", "[!]]", "[]-a]", "d/*", "d/.*", "*/", "*/*", "./*", ".//*",
	"d//*", "*//", "*/.", "*/..", "[", "[a", "a*]", `\[*`, `\*`, `z\*`, `z\**`, `a\\*`, ".[h]",
	"[.]h", "?h", "[!a]h", "*/e", "*/e/", "d/e/x*", "d/[e]/x", `d\/[e]/x`, "d[/]e", "d[/]e*",
	"[d/e]*", "/et[c]", "/et[c]/", "//et[c]", "///et[c]", "nosuch*", "*nosuch/x", "d/f/*", "a/*",
	".*/*", "[[:alpha:]]", "[[:alpha:]", "[[:foo:]]", "[a-]", "[--a]", "[z-a]", "[a-c",
	`[\!a]`, "[!!]", `*\]`, `[\]]`, `[a\]]`, `[\]a]`, "*.", "d/*/", "d/*/*", "*/e/x", "./[a]/",
	".//[a]", "d/../[d]/", "[.]", "[.]*", ".[.]", "*/../a", "d/../[a]", "nosuch/../[a]",
	"d/e/../[f]", `d/\e/*`, `\d/\e/*`, `x\*`, `\nosuch`, `\a`, "dang*", "dang*/", "lin*/f",
	"*k/*", "lin?/", "p\\ q/*", "*q/r", "??", "???", "?", "\xe9*", `\.*`, `\.h*`, `*/\e`, `*\/e`,
	"closed/*", "*/in", "d/*/../f", "*/*/x", "*/*/*", `[\d]/[e]/[x]`, "d*/e*/",
}

func TestGlob(t *testing.T) {
	dir := t.TempDir()
	setup := exec.Command("/bin/sh", "-ec", files)
	setup.Dir = dir
	if out, err := setup.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	t.Cleanup(func() { os.Chmod(dir+"/closed", 0o700) })
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	for _, pattern := range globs {
		v := judge.Dash(t, dir, `printf '%s\n' `+pattern)
		want := strings.Split(strings.TrimSuffix(v.Stdout, "\n"), "\n")
		got := Glob(fd, pattern)
		if got == nil {
			got = []string{Unescape(pattern)}
		}
		if !slices.Equal(got, want) {
			t.Errorf("Glob(%q) = %q, want %q", pattern, got, want)
		}
	}
	if got := Glob(unix.AT_FDCWD, dir+"/[d]/f"); !slices.Equal(got, []string{dir + "/d/f"}) {
		t.Errorf("absolute: %q", got)
	}
}
