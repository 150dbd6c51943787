package subhost

import (
	"io"
	"os"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// copySelf installs this binary as a reaper: under that name it acts as one.
func copySelf(c *native.Call, name string) int {
	code, err := readSelf(c)
	if err != nil {
		c.Errorf("cannot read this program: %s", clib.Strerror(err))
		return 1
	}
	return install(c, name, code)
}

// readSelf reads this binary. Below a root it uses the caller's /proc.
func readSelf(c *native.Call) ([]byte, error) {
	if c.Below == nil {
		return os.ReadFile("/proc/self/exe")
	}
	fd, err := unix.Openat(c.Below.Proc, "self/exe", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "exe")
	defer f.Close()
	return io.ReadAll(f)
}
