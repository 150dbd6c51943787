package scripts

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"overlayboot/builtins/base/site"
	"overlayboot/compat/kit"
)

// siteProbe prints what the scripts find in each configuration: the value of each variable, by
// config_value, and those of SHARE.
const siteProbe = `for F in "$@" ; do
	printf "\\001%s\\n" "${F##*/}"
	CONFIG_TEXT="$NL$(cat "$F")$NL" CONFIG="$F" LOWER=/no LIVE=/no
	for VARIABLE in NAME BASE START ; do
	    config_value "$VARIABLE"
	    printf '%s\n' "$VARIABLE=${V%%"$NL"*}"
	done
	REST="$NL$(sed -n 's/^SHARE[[:space:]]*=/SHARE=/p' "$F")$NL"
	while next_value SHARE ; do [ -z "$V" ] || printf '%s\n' "SHARE=${V%%"$NL"*}" ; done
    done`

// TestSite has the scripts, under dash, judge what the package site reads in configurations.
func TestSite(t *testing.T) {
	kit.Root(t)
	dir := t.TempDir()
	var files []string
	for i, text := range siteTexts() {
		file := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	argv := append([]string{"-c", text(t, "functions") + siteProbe, "overlay-boot"}, files...)
	status, out, errs := run(t, exec.Command("/bin/sh", argv...))
	if status != 0 || errs != "" {
		t.Fatalf("status %d: %s", status, errs)
	}
	for i, want := range strings.Split(out, "\x01")[1:] {
		if got := fmt.Sprintln(i) + ofSite(t, files[i]); got != want {
			text, _ := os.ReadFile(files[i])
			t.Errorf("%q\nscripts: %q\nsite:    %q", text, want, got)
		}
	}
}

// TestSiteShares has the scripts judge what the package site makes of values of SHARE.
func TestSiteShares(t *testing.T) {
	kit.Root(t)
	values := []string{"/a", "/a:/b", "/a:b", "/a:", "/a:/b:ro", "/a::ro", "/a:ro", "a", "a:/b",
		"a::ro", "/a:/b:rw", "/a:/b/:ro/", "/a:::ro", "/a:/b::ro", "/a/:/b/"}
	argv := append([]string{"-c", text(t, "functions") + text(t, "root") + `cd "$1" || exit ; shift
for V in "$@" ; do
	share_parts "$V"
	printf '%s %s %s\n' "$FROM" "$(realpath -m "/$TO")" "$MODE"
done`,
		"overlay-boot", t.TempDir()}, values...)
	status, out, errs := run(t, exec.Command("/bin/sh", argv...))
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if status != 0 || len(lines) != len(values) {
		t.Fatalf("status %d: %s%s", status, out, errs)
	}
	for i, value := range values {
		s, mode := site.ParseShare(value, argv[3]), ""
		if s.ReadOnly {
			mode = "ro"
		}
		if got := fmt.Sprintf("%s %s %s", filepath.Clean(s.From), s.To, mode); got != lines[i] {
			t.Errorf("%s: scripts %q, site %q", value, lines[i], got)
		}
	}
}

// ofSite returns what siteProbe prints, by the package site.
func ofSite(t *testing.T, file string) string {
	t.Helper()
	c, err := site.ReadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, variable := range []string{"NAME", "BASE", "START"} {
		v, _ := c.Value(variable)
		fmt.Fprintf(&b, "%s=%s\n", variable, v.Text)
	}
	for _, v := range c.Shares() {
		fmt.Fprintf(&b, "SHARE=%s\n", v.Text)
	}
	return b.String()
}

// siteTexts returns the rows of the other tests, and texts made by chance from a fixed seed.
func siteTexts() (list []string) {
	for _, r := range configRows {
		list = append(list, r.text)
	}
	for _, r := range shareRows {
		list = append(list, r.text)
	}
	pieces := []string{"NAME=", "BASE=", "START=", "SHARE=", "SHARE =", "\n", "\n", "\\", "\\\n",
		" ", "\t", "'", "a", "b", "\"", "=", "!", "#", "\r", "\\ ", "NAME=x\n", "'a'", ":", "\f",
		"\\!", "\\\\"}
	random := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		var b strings.Builder
		for range 2 + random.IntN(12) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		list = append(list, b.String())
	}
	return list
}
