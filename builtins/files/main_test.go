package files_test

import (
	"testing"

	"overlayboot/builtins/native/nativetest"
	"overlayboot/compat/judge"
)

// ours runs the rows of the tests with the native commands.
var ours judge.Native = nativetest.Run

func TestMain(m *testing.M) { ours.Main(m) }
