package text

import (
	"io"
	"slices"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

var teeOptions = []native.Option{{Key: 'a', Long: "append"}}

// Tee is tee(1).
func Tee(c *native.Call) int {
	opts, names, problem := c.Options(teeOptions, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	flags := unix.O_WRONLY | unix.O_CREAT | unix.O_TRUNC
	if len(opts) > 0 {
		flags = unix.O_WRONLY | unix.O_CREAT | unix.O_APPEND
	}
	outputs := []teeOutput{{native.QuoteAlways("standard output"), c.Stdout}}
	status := 0
	for _, name := range names {
		f, err := c.OpenFile(name, flags, 0o666)
		if err != nil {
			c.Errorf("%s: %s", native.QuoteName(name), clib.Strerror(err))
			status = 1
			continue
		}
		defer f.Close()
		outputs = append(outputs, teeOutput{native.QuoteName(name), c.Watch(f)})
	}
	return max(status, tee(c, outputs))
}

// A teeOutput is a file that tee writes to, with its name in messages.
type teeOutput struct {
	name native.Quoted
	w    io.Writer
}

// tee copies until the input ends or no output is left. It reports an output that fails and
// drops it. It drops a broken pipe without a message.
func tee(c *native.Call, outputs []teeOutput) (status int) {
	buf := make([]byte, 32<<10)
	for len(outputs) > 0 {
		n, readErr := c.Stdin.Read(buf)
		outputs = slices.DeleteFunc(outputs, func(o teeOutput) bool {
			_, err := o.w.Write(buf[:n])
			if n == 0 || err == nil {
				return false
			}
			if !native.IsBrokenPipe(err) {
				c.Errorf("%s: %s", o.name, clib.Strerror(err))
				status = 1
			}
			return true
		})
		if readErr == io.EOF {
			return status
		}
		if readErr != nil {
			c.Errorf("read error: %s", clib.Strerror(readErr))
			return 1
		}
	}
	return status
}
