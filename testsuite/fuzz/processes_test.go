package fuzz

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"overlayboot/compat/sandbox/sandboxtest"
)

// scripts is how many programs with processes a plain test run tries.
const scripts = 150

// apart is set in the environment of a process that has a pid namespace for its
// programs: a signal that one sends to a parent that is gone reaches nobody else.
const apart = "OVERLAY_FUZZ_APART"

// TestProcesses runs programs of processes and signals on both shells, as
// TestDifferential does. OVERLAY_KIND=NAME takes those of one kind.
func TestProcesses(t *testing.T) {
	kind := os.Getenv("OVERLAY_KIND")
	if kind != "" && !slices.Contains(ProcessKinds(), kind) {
		t.Fatalf("OVERLAY_KIND: %s is none of %s", kind, strings.Join(ProcessKinds(), ", "))
	}
	if os.Getenv(apart) == "" {
		runApart(t)
		return
	}
	// No program is to leave the image of a process that it ends by a signal.
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

// runApart runs this test in namespaces of its own. The first process there is not this
// one, which reacts to signals, but a shell, which has none of them reach it.
func runApart(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		sandboxtest.Missing(t, "root, who alone makes a pid namespace")
	}
	cmd := exec.Command("unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
		"dash", "-c", `"$@"; exit $?`, "dash", os.Args[0], "-test.v", "-test.timeout=0", "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), apart+"=1")
	// The programs end with this process, of which the thread that starts them is part.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("%s%v", out, err)
	}
	t.Logf("%s", out)
}

// TestProcessKinds holds the kinds to make programs, the same ones for the same seed.
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
