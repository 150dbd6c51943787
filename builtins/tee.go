package builtins

import (
	"io"
	"slices"

	"golang.org/x/sys/unix"
)

var teeOptions = []option{{'a', "append", noArg}}

// runTee is tee(1).
func runTee(c *Call) int {
	opts, names, problem := c.options(teeOptions, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	flags := unix.O_WRONLY | unix.O_CREAT | unix.O_TRUNC
	if len(opts) > 0 {
		flags = unix.O_WRONLY | unix.O_CREAT | unix.O_APPEND
	}
	outputs := []teeOutput{{quoteAlways("standard output"), c.Stdout}}
	status := 0
	for _, name := range names {
		f, err := c.OpenFile(name, flags, 0o666)
		if err != nil {
			c.Errorf("%s: %s", quoteName(name), Strerror(err))
			status = 1
			continue
		}
		defer f.Close()
		outputs = append(outputs, teeOutput{quoteName(name), c.watch(f)})
	}
	return max(status, c.tee(outputs))
}

// A teeOutput is one of the files that tee writes to, with its name in messages.
type teeOutput struct {
	name quoted
	w    io.Writer
}

// tee copies until nothing is left to read, or nowhere to write: an output that fails is
// told of once, and left; one that nobody reads any more is left in silence.
func (c *Call) tee(outputs []teeOutput) (status int) {
	buf := make([]byte, 32<<10)
	for len(outputs) > 0 {
		n, readErr := c.Stdin.Read(buf)
		outputs = slices.DeleteFunc(outputs, func(o teeOutput) bool {
			_, err := o.w.Write(buf[:n])
			if n == 0 || err == nil {
				return false
			}
			if !isBrokenPipe(err) {
				c.Errorf("%s: %s", o.name, Strerror(err))
				status = 1
			}
			return true
		})
		if readErr == io.EOF {
			return status
		}
		if readErr != nil {
			c.Errorf("read error: %s", Strerror(readErr))
			return 1
		}
	}
	return status
}
