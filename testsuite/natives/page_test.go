package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"overlayboot/builtins"
	"overlayboot/compat/kit"
)

const pageFile = "../../scripts/man/overlay-natives.7"

// TestPage checks that the installed page is the one that the tables produce.
func TestPage(t *testing.T) {
	if text, _ := os.ReadFile("/etc/debian_version"); !bytes.HasPrefix(text, []byte("12.")) {
		kit.Cannot(t, "not Debian 12, of whose tools the page tells")
	}
	have, err := os.ReadFile(pageFile)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	writePage(&want)
	if !bytes.Equal(have, want.Bytes()) {
		t.Errorf("%s is not what the tables say: make natives", pageFile)
	}
}

// TestNativeOptions checks that Options lists exactly the options in a native's table, and
// that lacking finds the others.
func TestNativeOptions(t *testing.T) {
	for name, want := range map[string]string{"awk": "-F -f -v", "cat": "-n,--number -u",
		"dirname": "-z,--zero", "tee": "-a,--append"} {
		c, _ := builtins.Lookup(name)
		if got := strings.Join(c.Options(), " "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	got := lacking([]string{"-a,--all"}, []string{"--all", "-a", "-b,--all", "-c,--cut"})
	if !slices.Equal(got, []string{"-c,--cut"}) {
		t.Errorf("lacking: %q", got)
	}
}
