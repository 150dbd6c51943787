package faults

import (
	"testing"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox/sandboxtest"
)

func TestMain(m *testing.M) {
	Launch()
	sandboxtest.Main(m, part)
}

// bin returns the folder of the built program.
func bin(t testing.TB) string {
	t.Helper()
	kit.Root(t)
	return kit.Bin(t)
}
