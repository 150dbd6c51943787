package builtins

import (
	"io"
	"runtime"

	"overlayboot/builtins/tiny"
	"overlayboot/interp/proc"
)

// prefixCopy is overlay-copy: it writes to standard output what it reads from standard
// input, as cat does, in a few hundred bytes of its own. A subhost has a pipe to it in
// the place of its log, which is a file of the host.
func prefixCopy(c *Call, spec *proc.Spec) (int, bool) {
	if len(c.Args) > 1 {
		return c.usageless()
	}
	code, ok := tiny.Copier(runtime.GOARCH)
	if !ok {
		return c.copyAll(), true
	}
	return c.runTiny(spec, "overlay-copy", code, c.copyAll)
}

// copyAll is what the program does, in this process.
func (c *Call) copyAll() int {
	buf := make([]byte, 4096)
	for {
		n, err := c.Stdin.Read(buf)
		_, _ = c.Stdout.Write(buf[:n]) // what cannot be written is dropped
		switch {
		case err == io.EOF:
			return 0
		case err != nil:
			c.Errorf("%s", Strerror(err))
			return 1
		}
	}
}
