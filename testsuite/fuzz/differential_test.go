package fuzz

import (
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"overlayboot/compat/sandbox/sandboxtest"
)

// programs is how many programs a plain test run tries, always the same ones.
const programs = 1500

// TestDifferential runs programs on both shells. OVERLAY_FUZZ=DURATION goes on for
// so long, from a seed that is different each time unless OVERLAY_SEED gives it;
// OVERLAY_SEED alone runs the one program of that seed.
func TestDifferential(t *testing.T) {
	pair := newShells(t)
	n, first := 0, uint64(0)
	first, goOn := seeds(t, programs)
	for ; goOn(n) && pair.failures < maxFailures; n++ {
		seed := first + uint64(n)
		pair.try(t, seed, Script{Commands: Program(seed)})
	}
	t.Logf("%d programs from seed %d", n, first)
}

// seeds returns the first seed to try and whether to go on after so many.
func seeds(t *testing.T, usual int) (first uint64, goOn func(n int) bool) {
	t.Helper()
	var err error
	first, goOn = 1, func(n int) bool { return n < usual }
	if text := os.Getenv("OVERLAY_FUZZ"); text != "" {
		limit, err := time.ParseDuration(text)
		if err != nil {
			t.Fatalf("OVERLAY_FUZZ: %v", err)
		}
		end := time.Now().Add(limit)
		first, goOn = uint64(time.Now().UnixNano()), func(int) bool { return time.Now().Before(end) }
	}
	if text := os.Getenv("OVERLAY_SEED"); text != "" {
		if first, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("OVERLAY_SEED: %v", err)
		}
		if os.Getenv("OVERLAY_FUZZ") == "" {
			goOn = func(n int) bool { return n < 1 }
		}
	}
	return first, goOn
}

func newShells(t *testing.T) *shells {
	t.Helper()
	dash, err := exec.LookPath("dash")
	if err != nil {
		sandboxtest.Missing(t, "dash, the other judge")
	}
	s := &shells{dir: t.TempDir()}
	s.dash, s.ours = s.named(t, "dash", dash), s.named(t, "ours", build(t))
	return s
}
