package native_test

import (
	"testing"

	"overlayboot/builtins/native/nativetest"
	"overlayboot/compat/judge"
)

// ours runs the native commands for the rows of the tests.
var ours judge.Native = nativetest.Run

func TestMain(m *testing.M) { ours.Main(m) }
