// Package kit finds what a test of this project needs on a machine, and decides what
// happens to a test whose needs are not met. It is the one place with that rule.
//
// Package kit, like its neighbours judge and sandbox, imports no code of the program: a
// test must not share faults with the code that it judges.
package kit

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// MustWork reports whether every need of a test must be met. OVERLAY_MUST_WORK=1, which
// continuous integration sets, turns each skip by Missing into a failure.
func MustWork() bool { return os.Getenv("OVERLAY_MUST_WORK") == "1" }

// Missing ends a test that lacks something obtainable: root, a tool, a package, a built
// program. The test is skipped with the reason; with OVERLAY_MUST_WORK=1 it fails.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if MustWork() {
		t.Fatalf("missing: "+format, args...)
	}
	t.Skipf("missing: "+format, args...)
}

// MissingAll is Missing for all tests of a package: TestMain, which has no test to end, ends
// the process with the status that it returns.
func MissingAll(format string, args ...any) (status int) {
	fmt.Fprintf(os.Stderr, "missing: "+format+"; left out: all tests\n", args...)
	if MustWork() {
		return 1
	}
	return 0
}

// Cannot ends a test that this machine cannot run whatever is installed, since its kernel
// or processor lacks something. Such a test is always skipped with the reason.
func Cannot(t testing.TB, format string, args ...any) {
	t.Helper()
	t.Skipf("this machine cannot: "+format, args...)
}

// NotAbout ends a test or a row that does not concern the program under test, such as a row
// about our own binary in a test of a script set. It is always skipped with the reason.
func NotAbout(t testing.TB, format string, args ...any) {
	t.Helper()
	t.Skipf("not about this: "+format, args...)
}

// Root ends a test that needs root if another user runs it.
func Root(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		Missing(t, "root; left out: %s", t.Name())
	}
}

// Tool returns the path of a tool of the system. It ends the test if there is no such tool.
func Tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, "%v", err)
	}
	return path
}

// Tools ends a test if one of the tools is missing.
func Tools(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		Tool(t, name)
	}
}

// InShare reports whether a cell of a matrix, given by its indices, is among the third that
// a plain test run judges. That third has cells in each row and each column, and each cell
// is in it every third day. OVERLAY_MATRIX=all judges all cells.
func InShare(indices ...int) bool {
	sum := time.Now().YearDay()
	for _, n := range indices {
		sum += n
	}
	return sum%3 == 0 || os.Getenv("OVERLAY_MATRIX") == "all"
}

// Module returns the folder of the project, which contains go.mod. It is the folder of the
// sources from which the test was compiled, whatever the current folder is.
func Module(t testing.TB) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	dir, err := filepath.EvalSymlinks(filepath.Join(filepath.Dir(here), "..", ".."))
	if err == nil {
		_, err = os.Stat(filepath.Join(dir, "go.mod"))
	}
	if err != nil {
		t.Fatalf("the sources have moved since the test was compiled: %v", err)
	}
	return dir
}

// Bin returns the folder of the built program: $OVERLAY_BIN, or bin/ of the project. It
// ends the test if that folder has no program.
func Bin(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("OVERLAY_BIN")
	if dir == "" {
		dir = filepath.Join(Module(t), "bin")
	}
	if _, err := os.Stat(filepath.Join(dir, "overlay-boot")); err != nil {
		Missing(t, "the program: %v (make build)", err)
	}
	return dir
}

// Original returns the folder of the original's scripts: $OVERLAY_ORIGINAL, or the folder
// that `make original` has filled. It ends the test if the scripts are missing.
func Original(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("OVERLAY_ORIGINAL")
	if dir == "" {
		dir = filepath.Join(Module(t), ".original/x/var/lib/overlay-boot")
	}
	if _, err := os.Stat(filepath.Join(dir, "functions")); err != nil {
		Missing(t, "the original scripts: %v (make original)", err)
	}
	return dir
}
