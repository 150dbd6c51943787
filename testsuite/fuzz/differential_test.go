package fuzz

import (
	"os"
	"strconv"
	"testing"
	"time"

	"overlayboot/compat/kit"
)

// programs is the number of programs that a plain test run tries, always the same ones.
const programs = 1500

// TestDifferential runs programs on both shells. OVERLAY_FUZZ=DURATION continues for that
// time, from a different seed in each run unless OVERLAY_SEED gives one. OVERLAY_SEED alone
// runs only the program of that seed.
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

// seeds returns the first seed to try, and whether to continue after n programs.
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
	s := &shells{dir: t.TempDir()}
	s.dash, s.ours = s.named(t, "dash", kit.Tool(t, "dash")), s.named(t, "ours", build(t))
	return s
}
