package subhost

import (
	"errors"
	"runtime"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/tiny"
	"overlayboot/builtins/native"
)

// Dummy is overlay-dummy: a service that only waits until somebody writes to the FIFO
// /run/dummy_service. It takes a few hundred bytes of memory of its own.
func Dummy(c *native.Call, spec *proc.Spec) (int, bool) {
	if len(c.Args) > 1 {
		return usageless(c)
	}
	code, ok := tiny.Dummy(runtime.GOARCH)
	if !ok {
		c.Errorf("no such program for %s", runtime.GOARCH)
		return 126, true
	}
	return runTiny(c, spec, "dummy_service", code, func() int { return beDummy(c) })
}

// runTiny makes a Spec run a tiny program under a name. If the host cannot execute a program
// that is in no file, instead runs in this process.
func runTiny(c *native.Call, spec *proc.Spec, name string, code []byte, instead func() int) (
	int, bool) {
	fd, err := proc.Executable(name, code)
	if errors.Is(err, proc.ErrNotExecutable) {
		return instead(), true
	}
	if err != nil {
		c.Errorf("%s", clib.Strerror(err))
		return 126, true
	}
	spec.Own(fd)
	spec.Exe, spec.Argv = fd, []string{name}
	return 0, false
}

// beDummy does in this process what the tiny program does.
func beDummy(c *native.Call) int {
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

// Reaper is "overlay-reaper FILE": it installs the program for the first process of a subhost.
// It does not overwrite an existing file.
func Reaper(c *native.Call) int {
	if len(c.Args) != 2 {
		c.Errorf("usage: overlay-reaper FILE")
		return 2
	}
	code, ok := tiny.Reaper(runtime.GOARCH)
	if !ok {
		// This binary does the same, in more bytes.
		return copySelf(c, c.Args[1])
	}
	return install(c, c.Args[1], code)
}

func install(c *native.Call, name string, code []byte) int {
	f, err := c.OpenFile(name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW, 0o755)
	if err != nil {
		c.Errorf("cannot create %s: %s", name, clib.Strerror(err))
		return 1
	}
	defer f.Close()
	if _, err = f.Write(code); err == nil {
		err = f.Chmod(0o755)
	}
	if err != nil {
		c.Errorf("cannot write %s: %s", name, clib.Strerror(err))
		unix.Unlinkat(c.Dir, name, 0)
		return 1
	}
	return 0
}

// usageless reports arguments to a command that takes none.
func usageless(c *native.Call) (status int, done bool) {
	c.Errorf("there is nothing like '%s'; usage: %s", c.Args[1], c.Name())
	return 2, true
}
