package builtins

import (
	"errors"
	"io"
	"os"

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
	status := 0
	var files []*os.File
	for _, name := range names {
		f, err := c.OpenFile(name, flags, 0o666)
		if err != nil {
			c.Errorf("%s: %s", quoteName(name), Strerror(err))
			status = 1
			continue
		}
		defer f.Close()
		files = append(files, f)
	}
	buf := make([]byte, 32<<10)
	for {
		n, readErr := c.Stdin.Read(buf)
		if _, err := c.Stdout.Write(buf[:n]); n > 0 && err != nil {
			if errors.Is(err, unix.EPIPE) {
				return c.writeError(err)
			}
			c.Errorf("'standard output': %s", Strerror(err))
			status = 1
		}
		for _, f := range files {
			if _, err := f.Write(buf[:n]); err != nil {
				c.Errorf("%s: %s", quoteName(f.Name()), Strerror(err))
				status = 1
			}
		}
		if readErr == io.EOF {
			return status
		}
		if readErr != nil {
			c.Errorf("read error: %s", Strerror(readErr))
			return 1
		}
	}
}
