// Package sandboxtest runs tests in sandboxes and turns what is missing on a
// machine into skips, or into failures where everything must work.
package sandboxtest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/sandbox"
)

// MustWork tells whether everything has to be there: nothing may be skipped.
func MustWork() bool { return os.Getenv("OVERLAY_MUST_WORK") == "1" }

// InShare tells whether a cell of a matrix, by its indices, is among the third that a plain
// test run judges: each row and each column is in it, and each cell every third day.
// OVERLAY_MATRIX=all judges all.
func InShare(indices ...int) bool {
	sum := time.Now().YearDay()
	for _, n := range indices {
		sum += n
	}
	return sum%3 == 0 || os.Getenv("OVERLAY_MATRIX") == "all"
}

// Missing ends a test for want of something on this machine.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if MustWork() {
		t.Fatalf("missing: "+format, args...)
	}
	t.Skipf("missing: "+format, args...)
}

// Main is for TestMain: it takes the inner side's part where this is that.
func Main(m *testing.M) {
	sandbox.Stage()
	os.Exit(m.Run())
}

// Test runs the body of a test in a sandbox of its own: outside, the test binary
// is run again there with this test only; inside, body is called. The test has
// limit to end, and some times that on a slow machine.
func Test(t *testing.T, limit time.Duration, body func(t *testing.T)) {
	t.Helper()
	again(t, limit, body, func(ctx context.Context, out *bytes.Buffer) error {
		keep := []string{ModuleRoot(t), os.Getenv("OVERLAY_BIN"), os.Getenv("OVERLAY_UNDER_DASH")}
		return sandbox.Run(ctx, out, keep, arguments(t)...)
	})
}

// TestPrivate is like Test, in a sandbox with a root of its own: body finds on
// sandbox.Changes what has been written to it.
func TestPrivate(t *testing.T, limit time.Duration, root sandbox.Root, body func(t *testing.T)) {
	t.Helper()
	again(t, limit, body, func(ctx context.Context, out *bytes.Buffer) error {
		cmd := exec.CommandContext(ctx, "/proc/self/exe", arguments(t)...)
		cmd.Stdout, cmd.Stderr = out, out
		return sandbox.RunPrivate(ctx, root, cmd)
	})
}

// slower is how much slower than the machines for which the limits of tests are written a
// machine may be, with other tests beside: what takes longer hangs.
const slower = 5

// again calls body inside a sandbox; outside, run is to run this test again in one.
func again(t *testing.T, limit time.Duration, body func(t *testing.T),
	run func(ctx context.Context, out *bytes.Buffer) error) {
	t.Helper()
	if sandbox.Inside() {
		body(t)
		return
	}
	if os.Geteuid() != 0 {
		Missing(t, "root; left out: %s", t.Name())
	}
	ctx, cancel := context.WithTimeout(context.Background(), slower*limit)
	defer cancel()
	var out bytes.Buffer
	err := run(ctx, &out)
	report(t, out.String(), err)
}

// arguments make the test binary run the one test.
func arguments(t *testing.T) []string {
	args := []string{"-test.v=true", "-test.count=1", "-test.run=" + only(t.Name())}
	if testing.Short() {
		args = append(args, "-test.short")
	}
	return args
}

// progress are the lines about tests that begin, wait or pass.
var progress = regexp.MustCompile(`(?m)^(=== | *--- PASS: ).*\n`)

// report makes the inner test's end the outer one's.
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

// only is the pattern that selects one test, or one of its parts.
func only(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

// ModuleRoot is the folder above this one that has the go.mod.
func ModuleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd() // by the name that $PWD has, maybe of a link
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above the test's folder")
	return ""
}

// AssertClean fails with a list of what there is now and was not at the start,
// or the reverse. What a command leaves to its background may take a moment.
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
