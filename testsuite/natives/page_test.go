package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"overlayboot/builtins"
	"overlayboot/compat/sandbox/sandboxtest"
)

const pageFile = "../../scripts/man/overlay-natives.7"

// TestPage: the page that is installed is the one that the tables make.
func TestPage(t *testing.T) {
	if text, _ := os.ReadFile("/etc/debian_version"); !bytes.HasPrefix(text, []byte("12.")) {
		sandboxtest.Missing(t, "Debian 12, of whose tools the page tells")
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

// TestNativeOptions: what a table lists is taken, and what it does not list is not.
func TestNativeOptions(t *testing.T) {
	for name, want := range map[string]string{"awk": "-F -f -v", "cat": "-n,--number -u",
		"dirname": "-z,--zero", "tee": "-a,--append"} {
		c, _ := builtins.Lookup(name)
		if got := strings.Join(c.Options(), " "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := lacking([]string{"-a,--all"}, []string{"--all", "-a", "-b,--all", "-c,--cut"}); !slices.Equal(got,
		[]string{"-c,--cut"}) {
		t.Errorf("lacking: %q", got)
	}
}
