package text

import (
	"bufio"
	"bytes"
	"io"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var tacOptions = [...]native.Option{
	{Key: 'b', Long: "before"}, {Key: 's', Long: "separator", Arg: native.NeedArg},
}

// Tac is tac(1).
func Tac(c *native.Call) int {
	opts, names, problem := c.Options(tacOptions[:], native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	separator, before := []byte("\n"), false
	for _, o := range opts {
		if o.Key == 'b' {
			before = true
		} else if separator = []byte(o.Value); o.Value == "" {
			separator = []byte{0}
		}
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	w, status, closed := c.Buffered(), 0, false
	for _, name := range names {
		text, err := readAll(c, name)
		if err != nil {
			status = 1
			// tac reports a closed input before its earlier output
			if !native.ClosedInput(name, err) {
				_ = w.Flush()
			}
			if opened, ok := err.(openError); ok {
				c.Errorf("failed to open %s for reading: %s", native.QuoteAlways(name),
					clib.Strerror(opened.error))
			} else if native.ClosedInput(name, err) {
				closed = true
				c.Errorf("%s: read error: %s", native.QuoteAlways("standard input"), clib.Strerror(err))
			} else {
				c.Errorf("%s: read error: %s", native.QuoteName(name), clib.Strerror(err))
			}
			continue
		}
		if err := writeReversed(w, text, separator, before); err != nil {
			return c.WriteError(err)
		}
	}
	return c.EndsClosed(c.Flush(w, status), closed)
}

// An openError is an error in opening a file, as opposed to reading it.
type openError struct{ error }

func readAll(c *native.Call, name string) ([]byte, error) {
	f, err := c.Input(name)
	if err != nil {
		return nil, openError{err}
	}
	defer func() { _ = f.Close() }()
	if seeker, ok := f.(io.Seeker); ok && name == "-" {
		// tac prints a whole regular file, even if part of it is read already
		_, _ = seeker.Seek(0, io.SeekStart)
	}
	text, err := io.ReadAll(f)
	if err = fsys.Errno(err); err == unix.EISDIR {
		err = unix.EINVAL // tac seeks to the end first
	}
	return text, err
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
