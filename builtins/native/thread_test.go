package native

import (
	"errors"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/kit"
)

// TestInDirectory holds that a private directory stays private, and that the process keeps
// its own.
func TestInDirectory(t *testing.T) {
	before, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	var inside string
	status, err := InDirectory(fd, func() int {
		inside, _ = unix.Getwd()
		return 7
	})
	if os.Getuid() != 0 && errors.Is(err, unix.EPERM) {
		kit.Missing(t, "unshare: %v", err)
	}
	if status != 7 || err != nil || inside != dir {
		t.Errorf("InDirectory: %d, %v, in %s; want 7, nil, in %s", status, err, inside, dir)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if after, _ := unix.Getwd(); after != before {
		t.Errorf("the process moved from %s to %s", before, after)
	}
}
