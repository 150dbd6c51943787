package sandbox

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// TestDefaultSignals checks that a child ignores no signal that the tests were started with as
// ignored, whether Go's library can change it or not.
func TestDefaultSignals(t *testing.T) {
	SetIgnored(32, true)
	SetIgnored(34, true)
	const both = 1<<31 | 1<<33
	if got := childIgnores(t); got&both != both {
		t.Fatalf("a child ignores %x", got)
	}
	DefaultSignals()
	if got := childIgnores(t); got != 0 {
		t.Errorf("a child ignores %x", got)
	}
}

// childIgnores returns the mask of the signals that a child process starts with ignored.
func childIgnores(t *testing.T) uint64 {
	out, err := exec.Command("grep", "SigIgn", "/proc/self/status").Output()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(out), "SigIgn:"))
	mask, err := strconv.ParseUint(text, 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return mask
}
