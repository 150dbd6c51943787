package fuzz

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"overlayboot/compat/kit"
)

// scripts is the number of programs with processes that a plain test run tries.
const scripts = 150

// apart names the variable that is set in a process with a pid namespace for its programs.
// A signal to a parent that has ended then reaches no other process.
const apart = "OVERLAY_FUZZ_APART"

// TestProcesses runs programs of processes and signals on both shells, as TestDifferential
// does. OVERLAY_KIND=NAME runs only those of one kind.
func TestProcesses(t *testing.T) {
	kind := os.Getenv("OVERLAY_KIND")
	if kind != "" && !slices.Contains(ProcessKinds(), kind) {
		t.Fatalf("OVERLAY_KIND: %s is none of %s", kind, strings.Join(ProcessKinds(), ", "))
	}
	if os.Getenv(apart) == "" {
		runApart(t)
		return
	}
	// No program may leave a core dump of a process that it ends by a signal.
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		t.Fatal(err)
	}
	pair := newShells(t)
	n := 0
	first, goOn := seeds(t, scripts)
	for ; goOn(n) && pair.failures < maxFailures; n++ {
		pair.try(t, first+uint64(n), ProcessProgram(first+uint64(n), kind))
	}
	t.Logf("%d programs from seed %d", n, first)
}

// runApart runs this test in namespaces of its own. Pid 1 there is a shell, which no signal
// from inside reaches. This process would react to signals.
func runApart(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		kit.Missing(t, "root, who alone makes a pid namespace")
	}
	cmd := exec.Command("unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
		"dash", "-c", `"$@"; exit $?`, "dash", os.Args[0], "-test.v", "-test.timeout=0",
		"-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), apart+"=1")
	// The programs end with this process. Pdeathsig depends on the starting thread, so stay
	// on it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("%s%v", out, err)
	}
	t.Logf("%s", out)
}

// TestProcessKinds checks that each kind makes programs, and the same ones for the same
// seed.
func TestProcessKinds(t *testing.T) {
	for _, kind := range append(ProcessKinds(), "") {
		for seed := range uint64(100) {
			one, two := ProcessProgram(seed, kind), ProcessProgram(seed, kind)
			if len(one.Commands) < 2 || !slices.Equal(one.Commands, two.Commands) ||
				!slices.Equal(one.Ignored, two.Ignored) {
				t.Fatalf("%q, seed %d: %q and %q", kind, seed, one, two)
			}
		}
	}
	if got := ProcessProgram(1, "nosuch"); len(got.Commands) > 0 {
		t.Fatalf("a kind that is not there: %q", got)
	}
}
