package layer_test

import (
	"testing"

	"overlayboot/builtins/native/nativetest"
	"overlayboot/compat/judge"
)

// ours runs the native commands.
var ours judge.Native = nativetest.Run

func TestMain(m *testing.M) { ours.Main(m) }
