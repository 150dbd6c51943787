// Package testsuite boots real subhosts through the built program, each test on
// a host of its own (see package sandbox), and looks at what is there then.
//
// The program is in $OVERLAY_BIN or in ../bin. With OVERLAY_UNDER_DASH=DIR the
// scripts in DIR are run as they are, by the machine's shell with its tools;
// tests of what only our program does are left out then.
package testsuite

import (
	"testing"

	"overlayboot/compat/sandbox/sandboxtest"
)

func TestMain(m *testing.M) { sandboxtest.Main(m) }
