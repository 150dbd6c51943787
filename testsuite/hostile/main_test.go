// Package hostile plays the attacker: whoever is root in a subhost, other users of the
// host, and an administrator whose configuration is odd, in a hurry or interrupted. It
// looks from outside at what came of it.
//
// Each test has a host of its own with a root of its own, so that whatever is written
// to the host's files, anywhere, is seen. The program is in $OVERLAY_BIN or in ../../bin.
// OVERLAY_HOSTILE=all makes the tests that repeat themselves do so as often as the
// figures in the documentation say; without it, less.
package hostile

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
	"overlayboot/compat/sandbox/sandboxtest"
)

// The test binary is also the attackers' program, when it is called that.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[0] == attackerName {
		os.Exit(attack(os.Args[1:]))
	}
	if sandbox.Inside() {
		unix.CloseOnExec(sandbox.Changes)
	}
	sandboxtest.Main(m)
}

// often is how many rounds a test does: all of them when that is asked for.
func often(all, usual int) int {
	switch {
	case os.Getenv("OVERLAY_HOSTILE") == "all":
		return all
	case testing.Short():
		return (usual + 4) / 5
	}
	return usual
}
