package mount

import (
	"testing"

	"overlayboot/compat/judge"
)

// TestSuperblocks probes superblocks that mkfs makes, one of each kind for which mkfs is here.
func TestSuperblocks(t *testing.T) {
	for _, kind := range []string{"ext2", "ext3", "ext4"} {
		file := judge.Image(t, "mkfs."+kind, "-q")
		if got := superblockType(file); got != kind {
			t.Errorf("%s: probed as %q", kind, got)
		}
	}
	if got := superblockType(make([]byte, 70000)); got != "" {
		t.Errorf("zeroes: probed as %q", got)
	}
}
