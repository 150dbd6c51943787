package subhost

import (
	"io"
	"runtime"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/tiny"
	"overlayboot/builtins/native"
)

// Copy is overlay-copy: it copies standard input to standard output, as cat does, in a few
// hundred bytes of memory of its own. A subhost writes its log to a pipe, and overlay-copy
// copies that to the log file, which belongs to the host.
func Copy(c *native.Call, spec *proc.Spec) (int, bool) {
	if len(c.Args) > 1 {
		return usageless(c)
	}
	code, ok := tiny.Copier(runtime.GOARCH)
	if !ok {
		return copyAll(c), true
	}
	return runTiny(c, spec, "overlay-copy", code, func() int { return copyAll(c) })
}

// copyAll does in this process what the tiny program does.
func copyAll(c *native.Call) int {
	buf := make([]byte, 4096)
	for {
		n, err := c.Stdin.Read(buf)
		_, _ = c.Stdout.Write(buf[:n]) // drop what cannot be written
		switch {
		case err == io.EOF:
			return 0
		case err != nil:
			c.Errorf("%s", clib.Strerror(err))
			return 1
		}
	}
}
