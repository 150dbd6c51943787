package scripts

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"overlayboot/builtins/tiny"
)

// The test binary is three programs: the tests; the set-up of a sandbox, when
// OVERLAY_TEST_SANDBOX is set; and, when called /.reaper, pid 1 of a subhost.
func TestMain(m *testing.M) {
	switch {
	case filepath.Base(os.Args[0]) == ".reaper":
		tiny.ReaperMain()
		os.Exit(0)
	case os.Getenv("OVERLAY_TEST_SANDBOX") != "":
		enterSandbox()
	}
	os.Exit(m.Run())
}

// missing skips a test for want of something on this machine; where everything
// must be there, that is a failure.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("OVERLAY_MUST_WORK") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// TestEmbedded compares the embedded set with the directory it comes from.
func TestEmbedded(t *testing.T) {
	found, err := filepath.Glob("overlay-*")
	if err != nil {
		t.Fatal(err)
	}
	found = append([]string{"functions"}, found...)
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
	}
	if _, ok := Text("reaper"); ok {
		t.Error(`Text("reaper") says that it is there`)
	}
}

// TestSyntax has dash parse every script.
func TestSyntax(t *testing.T) {
	if _, err := exec.LookPath("dash"); err != nil {
		missing(t, "no dash: %v", err)
	}
	for _, name := range append(Names(), "init.d/subhosts") {
		if out, err := exec.Command("dash", "-n", name).CombinedOutput(); err != nil {
			t.Errorf("dash -n %s: %v\n%s", name, err, out)
		}
	}
}

// TestPlainText keeps the scripts readable: no line above 100 columns, nothing
// but printable ASCII.
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

// run runs a command and returns its status and what it printed.
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

// namespaces are those of a sandbox.
const namespaces = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET |
	syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC | syscall.CLONE_NEWCGROUP
