package compat

import (
	"os"
	"path/filepath"
	"testing"

	"overlayboot/compat/sandbox"
	"overlayboot/compat/sandbox/sandboxtest"
)

func TestMain(m *testing.M) {
	sandbox.Stage()
	Inner()
	os.Exit(m.Run())
}

// harness is the one of the built program and the fetched scripts; without them,
// or without root, there is nothing to test.
func harness(t *testing.T) *Harness {
	t.Helper()
	if os.Geteuid() != 0 {
		sandboxtest.Missing(t, "root; left out: %s", t.Name())
	}
	h := &Harness{}
	for path, to := range map[string]*string{
		"../bin/overlay-boot":                 &h.Program,
		"../.original/x/var/lib/overlay-boot": &h.Original,
	} {
		abs, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(abs); err != nil {
			sandboxtest.Missing(t, "%v (make build original)", err)
		}
		*to = abs
	}
	return h
}
