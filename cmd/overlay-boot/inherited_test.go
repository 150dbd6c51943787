package main

import (
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"overlayboot/builtins/base/handover"
)

func TestRunsEmbedded(t *testing.T) {
	for _, c := range []struct {
		argv []string
		env  string
		want bool
	}{
		{[]string{"overlay-boot", "a.conf"}, "A=b", true},
		{[]string{"/usr/sbin/overlay-go", "a"}, "OVERLAY_SCRIPTS=", true},
		{[]string{"another-name", "a"}, "A=b", true},
		{[]string{"overlay-boot", "--", "--scripts"}, "A=b", true},
		{[]string{"overlay-boot", "a.conf", "--scripts"}, "A=b", true},
		{[]string{"overlay-boot", "--scripts", "/d", "a"}, "A=b", false},
		{[]string{"overlay-boot", "--scripts=/d", "a"}, "A=b", false},
		{[]string{"overlay-boot", "a.conf"}, "OVERLAY_SCRIPTS=/d", false},
		{[]string{"overlay-boot", "a.conf"}, "OVERLAY_HANDOVER=24:0::", true},
		{[]string{"overlay-boot", "a.conf"}, "OVERLAY_HANDOVER=24,25:0::", false},
		{[]string{"overlay-boot", "a.conf"}, "OVERLAY_HANDOVER=24:0::/d", false},
		{[]string{"another-name", "a"}, "OVERLAY_HANDOVER=24:0::", false},
		{[]string{"overlay-sh", "-c", "x"}, "A=b", false},
		{[]string{"-bash"}, "A=b", false},
		{[]string{"/bin/sh"}, "A=b", false},
		{[]string{"mount", "-a"}, "A=b", false},
	} {
		key, value, _ := strings.Cut(c.env, "=")
		t.Setenv("OVERLAY_SCRIPTS", "")
		t.Setenv(key, value)
		note, _ := handover.Take([]string{c.env})
		name := strings.TrimPrefix(path.Base(c.argv[0]), "-")
		if got := runsEmbedded(name, c.argv, note); got != c.want {
			t.Errorf("%q with %s: %v", c.argv, c.env, got)
		}
	}
}

// TestOpenFiles checks the fallback for kernels without close_range: it must find all
// descriptors.
func TestOpenFiles(t *testing.T) {
	f, err := os.Open("/")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if list := openFiles(); !slices.Contains(list, int(f.Fd())) || !slices.Contains(list, 2) {
		t.Errorf("%v, want also %d and 2", list, f.Fd())
	}
}
