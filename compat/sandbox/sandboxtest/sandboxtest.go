// Package sandboxtest runs tests in sandboxes. Outside, a test re-executes the test binary
// in a sandbox with itself as the only test, and has the same outcome as the test inside.
package sandboxtest

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
)

// Main is the body of a TestMain. On the inner side of a sandbox it does the work of that
// side, which may be one of the parts (see [sandbox.Part.Stage]).
func Main(m *testing.M, parts ...interface{ Stage() }) {
	sandbox.DefaultSignals()
	sandbox.Stage()
	for _, p := range parts {
		p.Stage()
	}
	os.Exit(m.Run())
}

// Test runs the body of a test in a sandbox of its own: outside, it re-executes the test
// binary there with this test only; inside, it calls body. The test must end within limit,
// or several times that on a slow machine.
func Test(t *testing.T, limit time.Duration, body func(t *testing.T)) {
	t.Helper()
	again(t, limit, body, func(ctx context.Context, out *bytes.Buffer) error {
		keep := []string{kit.Module(t), os.Getenv("OVERLAY_BIN"), os.Getenv("OVERLAY_UNDER_DASH")}
		return sandbox.Run(ctx, out, keep, arguments(t)...)
	})
}

// TestPrivate is like Test, in a sandbox with a root of its own. The descriptor
// sandbox.Changes shows body the changes to that root.
func TestPrivate(t *testing.T, limit time.Duration, root sandbox.Root, body func(t *testing.T)) {
	t.Helper()
	again(t, limit, body, func(ctx context.Context, out *bytes.Buffer) error {
		cmd := exec.CommandContext(ctx, "/proc/self/exe", arguments(t)...)
		cmd.Stdout, cmd.Stderr = out, out
		return sandbox.RunPrivate(ctx, root, cmd)
	})
}

// TestBare is like Test, in a bare sandbox (see [sandbox.RunBare]).
func TestBare(t *testing.T, limit time.Duration, body func(t *testing.T)) {
	t.Helper()
	again(t, limit, body, func(ctx context.Context, out *bytes.Buffer) error {
		cmd := exec.CommandContext(ctx, "/proc/self/exe", arguments(t)...)
		cmd.Stdout, cmd.Stderr = out, out
		return sandbox.RunBare(ctx, cmd)
	})
}

// slower is the factor by which a machine, with other tests running, may be slower than
// those for which the limits of tests were chosen. A test that takes longer hangs.
const slower = 5

// again calls body inside a sandbox. Outside it calls run, which re-executes this test in
// one.
func again(t *testing.T, limit time.Duration, body func(t *testing.T),
	run func(ctx context.Context, out *bytes.Buffer) error) {
	t.Helper()
	if sandbox.Inside() {
		body(t)
		return
	}
	kit.Root(t)
	ctx, cancel := context.WithTimeout(context.Background(), slower*limit)
	defer cancel()
	var out bytes.Buffer
	err := run(ctx, &out)
	report(t, out.String(), err)
}

// arguments returns the arguments that make the test binary run one test: all its rows, or
// those that the user named behind a / of -run.
func arguments(t *testing.T) []string {
	run := only(t.Name())
	if _, rows, ok := strings.Cut(pattern(), "/"); ok && !strings.Contains(t.Name(), "/") {
		run += "/" + rows
	}
	args := []string{"-test.v=true", "-test.count=1", "-test.run=" + run}
	if testing.Short() {
		args = append(args, "-test.short")
	}
	return args
}

// pattern is the user's -run, "" for one with alternatives: each may have rows of its own.
func pattern() string {
	given := flag.Lookup("test.run")
	if given == nil || strings.Contains(given.Value.String(), "|") {
		return ""
	}
	return given.Value.String()
}

// progress matches the lines about tests that begin, wait or pass.
var progress = regexp.MustCompile(`(?m)^(=== | *--- PASS: ).*\n`)

// report gives the outer test the outcome of the inner one.
func report(t *testing.T, out string, err error) {
	t.Helper()
	switch {
	case err != nil:
		t.Errorf("in the sandbox: %v\n%s", err, progress.ReplaceAllString(out, ""))
	case strings.Contains(out, "--- SKIP: "):
		t.Skip(out)
	case !strings.Contains(out, "--- PASS: "):
		t.Errorf("in the sandbox no test ran:\n%s", out)
	default:
		t.Log(out)
	}
}

// only returns the pattern that selects one test or subtest.
func only(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

// AssertClean fails the test, with a list, if things exist now that did not at the start,
// or the reverse. It waits, since background processes of a command may take a moment to
// end.
func AssertClean(t testing.TB, start sandbox.Snapshot, ignore ...string) {
	t.Helper()
	var diff []string
	if !sandbox.Until(func() bool {
		now, err := sandbox.Snap(ignore...)
		if err != nil {
			t.Fatal(err)
		}
		diff = start.Diff(now)
		return len(diff) == 0
	}) {
		t.Errorf("left behind (+) or lost (-):\n%s", strings.Join(diff, "\n"))
	}
}
