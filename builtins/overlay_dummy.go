package builtins

import (
	"errors"
	"runtime"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/tiny"
	"overlayboot/interp/proc"
)

// prefixDummy is overlay-dummy: a service that only waits until somebody
// writes to the FIFO /run/dummy_service, in a few hundred bytes of its own.
func prefixDummy(c *Call, spec *proc.Spec) (int, bool) {
	if len(c.Args) > 1 {
		return c.usageless()
	}
	code, ok := tiny.Dummy(runtime.GOARCH)
	if !ok {
		c.Errorf("no such program for %s", runtime.GOARCH)
		return 126, true
	}
	return c.runTiny(spec, "dummy_service", code, c.beDummy)
}

// runTiny has a Spec run a tiny program under a name. Where nothing can be executed that is
// in no file, this process does what the program would.
func (c *Call) runTiny(spec *proc.Spec, name string, code []byte, instead func() int) (int, bool) {
	fd, err := proc.Executable(name, code)
	if errors.Is(err, proc.ErrNotExecutable) {
		return instead(), true
	}
	if err != nil {
		c.Errorf("%s", Strerror(err))
		return 126, true
	}
	spec.Own(fd)
	spec.Exe, spec.Argv = fd, []string{name}
	return 0, false
}

// beDummy is what the program does, in this process.
func (c *Call) beDummy() int {
	_ = proc.SetComm("dummy_service")
	f, err := c.OpenFile("/run/dummy_service", unix.O_RDONLY, 0)
	if err != nil {
		return 1
	}
	defer f.Close()
	for one := [1]byte{}; one[0] != '\n'; {
		if n, _ := f.Read(one[:]); n == 0 {
			break
		}
	}
	return 0
}

// runReaper is "overlay-reaper FILE": it installs the first process of a
// subhost. A file that is there already stays as it is.
func runReaper(c *Call) int {
	if len(c.Args) != 2 {
		c.Errorf("usage: overlay-reaper FILE")
		return 2
	}
	code, ok := tiny.Reaper(runtime.GOARCH)
	if !ok {
		// Our own binary does the same, in more bytes.
		return c.copySelf(c.Args[1])
	}
	return c.install(c.Args[1], code)
}

func (c *Call) install(name string, code []byte) int {
	f, err := c.OpenFile(name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW, 0o755)
	if err != nil {
		c.Errorf("cannot create %s: %s", name, Strerror(err))
		return 1
	}
	defer f.Close()
	if _, err = f.Write(code); err == nil {
		err = f.Chmod(0o755)
	}
	if err != nil {
		c.Errorf("cannot write %s: %s", name, Strerror(err))
		unix.Unlinkat(c.Dir, name, 0)
		return 1
	}
	return 0
}

// usageless refuses arguments of a command that takes none.
func (c *Call) usageless() (status int, done bool) {
	c.Errorf("there is nothing like '%s'; usage: %s", c.Args[1], c.Name())
	return 2, true
}
