package builtins

import (
	"bufio"
	"bytes"
	"io"

	"golang.org/x/sys/unix"
)

var tacOptions = [...]option{
	{'b', "before", noArg}, {'s', "separator", needArg},
}

// runTac is tac(1).
func runTac(c *Call) int {
	opts, names, problem := c.options(tacOptions[:], permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	separator, before := []byte("\n"), false
	for _, o := range opts {
		if o.key == 'b' {
			before = true
		} else if separator = []byte(o.value); o.value == "" {
			separator = []byte{0}
		}
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	w, status, closed := c.buffered(), 0, false
	for _, name := range names {
		text, err := c.readAll(name)
		if err != nil {
			status = 1
			if !closedInput(name, err) { // which tac tells before what it has written
				_ = w.Flush()
			}
			if opened, ok := err.(openError); ok {
				c.Errorf("failed to open %s for reading: %s", quoteAlways(name), Strerror(opened.error))
			} else if closedInput(name, err) {
				closed = true
				c.Errorf("%s: read error: %s", quoteAlways("standard input"), Strerror(err))
			} else {
				c.Errorf("%s: read error: %s", quoteName(name), Strerror(err))
			}
			continue
		}
		if err := writeReversed(w, text, separator, before); err != nil {
			return c.writeError(err)
		}
	}
	return c.endsClosed(c.flush(w, status), closed)
}

// An openError is that of opening a file, not of reading it.
type openError struct{ error }

func (c *Call) readAll(name string) ([]byte, error) {
	f, err := c.input(name)
	if err != nil {
		return nil, openError{err}
	}
	defer func() { _ = f.Close() }()
	if seeker, ok := f.(io.Seeker); ok && name == "-" {
		_, _ = seeker.Seek(0, io.SeekStart) // of a regular file it is all, whoever has read of it
	}
	text, err := io.ReadAll(f)
	if err = pathErrno(err); err == unix.EISDIR {
		err = unix.EINVAL // it looks for the end first
	}
	return text, err
}

// pathErrno takes the number of an error out of what says where it was.
func pathErrno(err error) error {
	if err == nil {
		return nil
	}
	if u, ok := err.(interface{ Unwrap() error }); ok {
		if errno, ok := u.Unwrap().(unix.Errno); ok {
			return errno
		}
	}
	return err
}

// writeReversed writes the records from the last to the first.
func writeReversed(w *bufio.Writer, text, separator []byte, before bool) error {
	end := len(text)
	for end > 0 {
		limit := end
		if !before { // the separator at the end belongs to the record
			limit = max(end-len(separator), 0)
			if !bytes.HasSuffix(text[:end], separator) {
				limit = end
			}
		}
		at := bytes.LastIndex(text[:limit], separator)
		start := 0
		if at >= 0 {
			if start = at; !before {
				start = at + len(separator)
			}
		}
		if _, err := w.Write(text[start:end]); err != nil {
			return err
		}
		end = start
	}
	return nil
}
