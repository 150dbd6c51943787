package scripts

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"overlayboot/builtins/base/tiny"
	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox/sandboxtest"
)

// TestMain makes the test binary act as pid 1 of a subhost when it is called /.reaper.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == ".reaper" {
		os.Exit(tiny.ReaperMain())
	}
	sandboxtest.Main(m)
}

// TestEmbedded compares the embedded set with its source directory.
func TestEmbedded(t *testing.T) {
	// A file is a script if its name has no dot.
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		if !file.IsDir() && !strings.Contains(file.Name(), ".") {
			found = append(found, file.Name())
		}
	}
	if got, want := strings.Join(Names(), " "), strings.Join(found, " "); got != want {
		t.Errorf("Names() = %s, want %s", got, want)
	}
	for _, name := range found {
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := Text(name); !ok || got != string(want) {
			t.Errorf("Text(%q) is not the file", name)
		}
		if !Has(name) {
			t.Errorf("Has(%q) is false", name)
		}
	}
	for _, name := range []string{"reaper", "", ".", "functions/", "../scripts/functions"} {
		if _, ok := Text(name); ok || Has(name) {
			t.Errorf("Text(%q) or Has says that it is there", name)
		}
	}
}

// TestSyntax makes dash parse every script.
func TestSyntax(t *testing.T) {
	kit.Tools(t, "dash")
	for _, name := range append(Names(), "init.d/subhosts") {
		if out, err := exec.Command("dash", "-n", name).CombinedOutput(); err != nil {
			t.Errorf("dash -n %s: %v\n%s", name, err, out)
		}
	}
}

// TestPlainText checks that the scripts have no line above 100 columns and only printable
// ASCII.
func TestPlainText(t *testing.T) {
	for _, name := range Names() {
		text, _ := Text(name)
		for i, line := range strings.Split(text, "\n") {
			if len(strings.ReplaceAll(line, "\t", "        ")) > 100 {
				t.Errorf("%s:%d: too long", name, i+1)
			}
			if strings.ContainsFunc(line, unprintable) {
				t.Errorf("%s:%d: not plain: %q", name, i+1, line)
			}
		}
	}
}

func unprintable(r rune) bool { return r != '\t' && (r < ' ' || r > '~') }

// run runs a command and returns its exit status and output.
func run(t *testing.T, c *exec.Cmd) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := c.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), out.String(), errs.String()
}
