package builtins

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// copySelf installs this binary as a reaper: called by that name it is one.
func (c *Call) copySelf(name string) int {
	code, err := c.readSelf()
	if err != nil {
		c.Errorf("cannot read this program: %s", Strerror(err))
		return 1
	}
	return c.install(name, code)
}

// readSelf reads this program, by the caller's /proc also below a root.
func (c *Call) readSelf() ([]byte, error) {
	if c.below == nil {
		return os.ReadFile("/proc/self/exe")
	}
	fd, err := unix.Openat(c.below.proc, "self/exe", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "exe")
	defer f.Close()
	return io.ReadAll(f)
}
