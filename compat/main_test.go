package compat

import (
	"os"
	"path/filepath"
	"testing"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
)

func TestMain(m *testing.M) {
	sandbox.Stage()
	Inner()
	os.Exit(m.Run())
}

// harness returns a Harness with the built program and the fetched scripts. The test ends
// if they are missing, or without root.
func harness(t *testing.T) *Harness {
	t.Helper()
	kit.Root(t)
	return &Harness{Program: filepath.Join(kit.Bin(t), "overlay-boot"), Original: kit.Original(t)}
}
