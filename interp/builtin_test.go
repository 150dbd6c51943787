package interp

import (
	"strings"
	"testing"

	"overlayboot/compat/judge"
)

// TestBuiltinTable checks that each row of the table of built-ins is complete, and that dash
// has a built-in of that name. The row must call the built-in special where dash does.
func TestBuiltinTable(t *testing.T) {
	for name, b := range newBuiltinTable() {
		if b.run == nil || b.touches == untold {
			t.Errorf("%s: the row has no function, or does not say what it touches", name)
		}
		kind := judge.Dash(t, "", "type -- "+judge.Quote(name)).Stdout
		if !strings.HasSuffix(kind, " shell builtin\n") {
			t.Errorf("%s: in dash it is none: %q", name, kind)
		}
		if special := strings.Contains(kind, "special"); special != b.special {
			t.Errorf("%s: special %v, in dash %v", name, b.special, special)
		}
	}
}
