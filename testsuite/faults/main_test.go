package faults

import (
	"os"
	"path/filepath"
	"testing"

	"overlayboot/compat/sandbox"
	"overlayboot/compat/sandbox/sandboxtest"
)

func TestMain(m *testing.M) {
	Launch()
	sandbox.Stage()
	Inner()
	os.Exit(m.Run())
}

// bin is the folder of the built program.
func bin(t testing.TB) string {
	t.Helper()
	if os.Geteuid() != 0 {
		sandboxtest.Missing(t, "root; left out: %s", t.Name())
	}
	dir := os.Getenv("OVERLAY_BIN")
	if dir == "" {
		dir = "../../bin"
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir + "/overlay-boot"); err != nil {
		sandboxtest.Missing(t, "the program: %v (make build)", err)
	}
	return dir
}
