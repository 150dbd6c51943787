// Package hostile plays the attacker: root in a subhost, other users of the host, and an
// administrator whose configuration is odd, in a hurry or interrupted. It checks the result
// from outside.
//
// Each test has a host with a root of its own, so that every change to the host's files is
// seen. The program is in $OVERLAY_BIN or in ../../bin. OVERLAY_HOSTILE=all makes the
// repeating tests do as many rounds as the figures in the documentation say; without it
// they do fewer.
package hostile

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
	"overlayboot/compat/sandbox/sandboxtest"
)

// TestMain runs the test binary as the attackers' program if it is called by that name.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[0] == attackerName {
		os.Exit(attack(os.Args[1:]))
	}
	if sandbox.Inside() {
		unix.CloseOnExec(sandbox.Changes)
	}
	sandboxtest.Main(m)
}

// often returns the number of rounds of a test: all of them if requested.
func often(all, usual int) int {
	switch {
	case os.Getenv("OVERLAY_HOSTILE") == "all":
		return all
	case testing.Short():
		return (usual + 4) / 5
	}
	return usual
}
