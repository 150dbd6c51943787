package system

import (
	"overlayboot/builtins/native"
)

// True is true(1).
func True(*native.Call) int { return 0 }

// False is false(1).
func False(*native.Call) int { return 1 }
