package builtins

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sys/unix"
)

var catOptions = []option{
	{'u', "", noArg}, {'n', "number", noArg},
	{'!', "number-nonblank", noArg},
}

// runCat is cat(1).
func runCat(c *Call) int {
	opts, names, problem := c.options(catOptions, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if _, err := c.Stdout.Write(nil); errors.Is(err, unix.EBADF) {
		c.Errorf("standard output: %s", ErrnoText(unix.EBADF))
		return 1
	}
	out := io.Writer(c.Stdout)
	var lines *lineNumberer
	for _, o := range opts {
		if o.key == 'n' {
			lines = &lineNumberer{out: bufio.NewWriter(c.Stdout), fresh: true}
			out = lines
		}
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	status, closed := 0, false
	for _, name := range names {
		readErr, writeErr := c.catOne(out, name)
		if writeErr != nil {
			return c.writeError(writeErr)
		}
		if readErr != nil {
			c.Errorf("%s: %s", quoteName(name), Strerror(readErr))
			status = 1
			closed = closed || name == "-" && errors.Is(readErr, unix.EBADF)
		}
		if lines != nil {
			if err := lines.out.Flush(); err != nil {
				return c.writeError(err)
			}
		}
	}
	if _, err := unix.FcntlInt(uintptr(descriptor(c.Stdin)), unix.F_GETFD, 0); closed && err != nil { // it is closed again at the end, which fails again
		c.Errorf("closing standard input: %s", ErrnoText(unix.EBADF))
	}
	return status
}

func (c *Call) catOne(out io.Writer, name string) (readErr, writeErr error) {
	in, err := c.input(name)
	if err != nil {
		return err, nil
	}
	defer in.Close()
	if c.isOutput(in) {
		return errInputIsOutput, nil
	}
	return copyStream(out, in)
}

// isOutput says whether a file that has something to read is what standard output
// writes to, which would never end.
func (c *Call) isOutput(in io.Reader) bool {
	if !c.isStdout(in) {
		return false
	}
	var st unix.Stat_t
	fd := descriptor(in)
	at, err := unix.Seek(fd, 0, io.SeekCurrent)
	return err == nil && unix.Fstat(fd, &st) == nil && at < st.Size
}

// isStdout says whether a stream is the regular file that standard output is.
func (c *Call) isStdout(in io.Reader) bool {
	var a, b unix.Stat_t
	return unix.Fstat(descriptor(in), &a) == nil &&
		unix.Fstat(descriptor(c.Stdout), &b) == nil &&
		sameFile(a, b) && fileType(a) == unix.S_IFREG
}

const errInputIsOutput fileError = "input file is output file"

// Most of what is copied is short: a large buffer is made for what fills a small one.
const smallCopy, largeCopy = 4 << 10, 128 << 10

// copyStream copies to the end and tells which side failed.
func copyStream(out io.Writer, in io.Reader) (readErr, writeErr error) {
	buf := make([]byte, smallCopy)
	for {
		n, err := in.Read(buf)
		if n > 0 {
			if _, err := out.Write(buf[:n]); err != nil {
				return nil, err
			}
		}
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return err, nil
		}
		if n == smallCopy {
			buf = make([]byte, largeCopy)
		}
	}
}

// A lineNumberer puts a number before each line, over all files.
type lineNumberer struct {
	out   *bufio.Writer
	n     int
	fresh bool
}

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
