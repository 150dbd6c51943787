// Package judge asks dash, for tests that compare with it.
package judge

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A Verdict is what can be seen of a script.
type Verdict struct {
	Status         int
	Stdout, Stderr string
}

// Dash runs a script with arguments in a directory, "" for the current one.
// The "dash: LINE: " in front of messages is removed. Without dash the test is
// skipped, or fails where nothing may be skipped.
func Dash(t testing.TB, dir, script string, args ...string) Verdict {
	t.Helper()
	path, err := exec.LookPath("dash")
	if err != nil {
		if os.Getenv("OVERLAY_MUST_WORK") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	c := exec.Command(path, append([]string{"-c", script, "dash"}, args...)...)
	c.Dir = dir
	c.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C"}
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := c.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return Verdict{c.ProcessState.ExitCode(), out.String(), withoutPlace(errs.String())}
}

// withoutPlace removes the name of the script and the line from messages.
func withoutPlace(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		rest, ok := strings.CutPrefix(line, "dash: ")
		if number, message, found := strings.Cut(rest, ": "); ok && found &&
			strings.Trim(number, "0123456789") == "" {
			lines[i] = message
		}
	}
	return strings.Join(lines, "")
}

// Quote quotes a text for a script.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// String shows it in a failure.
func (v Verdict) String() string {
	return fmt.Sprintf("%d stdout %q stderr %q", v.Status, v.Stdout, v.Stderr)
}
