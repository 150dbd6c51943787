package text

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var catOptions = []native.Option{
	{Key: 'u'}, {Key: 'n', Long: "number"},
	{Key: '!', Long: "number-nonblank"},
}

// Cat is cat(1).
func Cat(c *native.Call) int {
	opts, names, problem := c.Options(catOptions, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if _, err := c.Stdout.Write(nil); errors.Is(err, unix.EBADF) {
		c.Errorf("standard output: %s", clib.ErrnoText(unix.EBADF))
		return 1
	}
	out := io.Writer(c.Stdout)
	var lines *lineNumberer
	for _, o := range opts {
		if o.Key == 'n' {
			lines = &lineNumberer{out: bufio.NewWriter(c.Stdout), fresh: true}
			out = lines
		}
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	status, closed := 0, false
	for _, name := range names {
		readErr, writeErr := catOne(c, out, name)
		if writeErr != nil {
			return c.WriteError(writeErr)
		}
		if readErr != nil {
			c.Errorf("%s: %s", native.QuoteName(name), clib.Strerror(readErr))
			status = 1
			closed = closed || name == "-" && errors.Is(readErr, unix.EBADF)
		}
		if lines != nil {
			if err := lines.out.Flush(); err != nil {
				return c.WriteError(err)
			}
		}
	}
	// closing it at the end fails again
	if _, err := unix.FcntlInt(uintptr(native.FD(c.Stdin)), unix.F_GETFD, 0); closed && err != nil {
		c.Errorf("closing standard input: %s", clib.ErrnoText(unix.EBADF))
	}
	return status
}

func catOne(c *native.Call, out io.Writer, name string) (readErr, writeErr error) {
	in, err := c.Input(name)
	if err != nil {
		return err, nil
	}
	defer in.Close()
	if isOutput(c, in) {
		return native.ErrInputIsOutput, nil
	}
	return fsys.CopyStream(out, in)
}

// isOutput reports whether an input is the file that standard output writes to, and has data
// left. Copying it would never end.
func isOutput(c *native.Call, in io.Reader) bool {
	if !isStdout(c, in) {
		return false
	}
	var st unix.Stat_t
	fd := native.FD(in)
	at, err := unix.Seek(fd, 0, io.SeekCurrent)
	return err == nil && unix.Fstat(fd, &st) == nil && at < st.Size
}

// isStdout reports whether a stream is the same regular file as standard output.
func isStdout(c *native.Call, in io.Reader) bool {
	var a, b unix.Stat_t
	return unix.Fstat(native.FD(in), &a) == nil &&
		unix.Fstat(native.FD(c.Stdout), &b) == nil &&
		fsys.SameFile(a, b) && fsys.Type(a) == unix.S_IFREG
}

// A lineNumberer numbers the lines of all files.
type lineNumberer struct {
	out   *bufio.Writer
	n     int
	fresh bool
}

// Write writes text with a number before each line.
func (l *lineNumberer) Write(text []byte) (int, error) {
	for _, b := range text {
		if l.fresh {
			l.n++
			fmt.Fprintf(l.out, "%6d\t", l.n)
		}
		l.fresh = b == '\n'
		if err := l.out.WriteByte(b); err != nil {
			return 0, err
		}
	}
	return len(text), nil
}
