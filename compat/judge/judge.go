// Package judge compares our programs with the genuine ones: scripts with dash (Dash,
// Same), and single commands with the system's tools (Native.Rows, Native.BareRows).
package judge

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// A Verdict is the visible result of a script.
type Verdict struct {
	Status         int
	Stdout, Stderr string
}

// Dash runs a script with arguments in a directory; "" is the current one. It removes
// "dash: LINE: " from the front of messages. Without dash the test ends (see kit.Missing).
func Dash(t testing.TB, dir, script string, args ...string) Verdict {
	t.Helper()
	c := exec.Command(kit.Tool(t, "dash"), append([]string{"-c", script, "dash"}, args...)...)
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

// withoutPlace removes the name of the script and the line number from messages.
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

// Quote quotes a text for use in a script.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// String returns the verdict as a failure shows it.
func (v Verdict) String() string {
	return fmt.Sprintf("%d stdout %q stderr %q", v.Status, v.Stdout, v.Stderr)
}

// Command returns the command line that calls a utility with arguments, each quoted.
func Command(name string, args []string) string {
	for _, arg := range args {
		name += " " + Quote(arg)
	}
	return name
}

// Words splits a row of a table at ¦. No row needs that character otherwise.
func Words(row string) []string {
	if row == "" {
		return nil
	}
	return strings.Split(row, "¦")
}
