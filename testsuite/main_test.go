// Package testsuite boots real subhosts with the built program, each test on a separate
// host (see package sandbox), and checks the result.
//
// The program is in $OVERLAY_BIN or in ../bin. With OVERLAY_UNDER_DASH=DIR the machine's
// shell and tools run the scripts in DIR unchanged; tests of what only our program does are
// then left out.
package testsuite

import (
	"testing"

	"overlayboot/compat/sandbox/sandboxtest"
)

func TestMain(m *testing.M) { sandboxtest.Main(m) }
