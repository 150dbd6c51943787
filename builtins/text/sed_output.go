package text

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"overlayboot/builtins/base/clib"

	"golang.org/x/sys/unix"
)

// A sedOutput is a destination of lines. missing says that the last line written had no
// newline. The newline is then written before the next line.
type sedOutput struct {
	w       *bufio.Writer
	missing bool
}

// A sedLater is output that is written at the end of the cycle.
type sedLater struct {
	text string
	file string
}

// A sedSink remembers the first write error, which ends the run.
type sedSink struct {
	s    *sed
	w    io.Writer
	name string
}

// Write writes to the destination and remembers the first error.
func (o sedSink) Write(b []byte) (int, error) {
	n, err := o.w.Write(b)
	if err != nil && o.s.failed == nil {
		o.s.failed = &sedWriteError{o.name, err}
	}
	return n, err
}

// A sedWriteError is a write error with the message of sed.
type sedWriteError struct {
	name string
	err  error
}

// Error returns the message.
func (e *sedWriteError) Error() string {
	return fmt.Sprintf("couldn't flush %s: %s", e.name, clib.Strerror(e.err))
}

// Unwrap returns the error of the write.
func (e *sedWriteError) Unwrap() error { return e.err }

func (s *sed) output(w io.Writer, name string) *sedOutput {
	return &sedOutput{w: bufio.NewWriterSize(sedSink{s, w, name}, 32<<10)}
}

// openOutputs opens the files of w. POSIX has no special file names.
func (s *sed) openOutputs(names []string, posix bool) bool {
	s.outputs = map[string]*sedOutput{"/dev/stdout": {w: s.stdout.w}}
	if posix {
		delete(s.outputs, "/dev/stdout")
	}
	for _, name := range names {
		if err := s.openOutput(name, posix); err != nil {
			s.c.Errorf("couldn't open file %s: %s", name, clib.Strerror(err))
			return false
		}
	}
	return true
}

func (s *sed) openOutput(name string, posix bool) error {
	if s.outputs[name] != nil {
		return nil
	}
	if name == "/dev/stderr" && !posix {
		s.outputs[name] = s.output(s.c.Stderr, "stderr")
		return nil
	}
	f, err := s.sedFile(name, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC)
	if err != nil {
		return err
	}
	s.outputs[name] = s.output(f, name)
	return nil
}

// put writes a line. The line has no newline if it is the last of the input and has none there.
func (s *sed) put(o *sedOutput, line []byte, newline bool) {
	o.complete(s.newline)
	o.w.Write(line)
	if newline {
		o.w.WriteByte(s.newline)
	}
	o.missing = !newline
	if o != s.out || s.unbuf {
		_ = o.w.Flush() // another command may read that file at once
	}
}

// complete writes the newline that the last line lacks.
func (o *sedOutput) complete(newline byte) {
	if o.missing {
		o.w.WriteByte(newline)
		o.missing = false
	}
}

func (s *sed) printSpace() { s.put(s.out, s.pattern, s.chomped) }

// printText writes the text of i and c. Its last newline becomes the line end that is in use.
func (s *sed) printText(text string) {
	s.out.complete(s.newline)
	line, ended := strings.CutSuffix(text, "\n")
	s.out.w.WriteString(line)
	if ended {
		s.out.w.WriteByte(s.newline)
	}
}

// flushLater writes the output that a, r and R left for the end of the cycle.
func (s *sed) flushLater() {
	for _, l := range s.later {
		s.out.complete(s.newline)
		if l.file == "" {
			s.out.w.WriteString(l.text)
			continue
		}
		s.copyFile(l.file)
	}
	s.later = s.later[:0]
}

// copyFile writes the contents of a file. A file that cannot be read is no error.
func (s *sed) copyFile(name string) {
	var r io.Reader
	if name == "/dev/stdin" {
		r = s.stdinReader()
	} else {
		f, err := s.c.Open(name)
		if err != nil {
			return
		}
		defer func() { _ = f.Close() }()
		r = f
	}
	_, _ = io.Copy(s.out.w, r)
}

// readFrom is R: it reads the next line of a file for the end of the cycle.
func (s *sed) readFrom(name string) {
	r, known := s.readers[name]
	if name == "/dev/stdin" {
		r, known = s.stdinReader(), true
	}
	if !known {
		if f, err := s.sedFile(name, unix.O_RDONLY); err == nil {
			r = bufio.NewReader(f)
		}
		if s.readers == nil {
			s.readers = map[string]*bufio.Reader{}
		}
		s.readers[name] = r // nil for a missing file
	}
	if r == nil {
		return
	}
	if line, _ := readLine(r, nil, s.newline); len(line) > 0 {
		s.later = append(s.later, sedLater{text: string(line)})
	}
}

// list prints the pattern space with every character visible.
func (s *sed) list(width int) {
	if width < 0 {
		width = s.width
	}
	s.out.complete(s.newline)
	column := 0
	for _, c := range s.pattern {
		text := visible(c)
		if width > 0 && column+len(text) > width-1 {
			s.out.w.WriteByte('\\')
			s.out.w.WriteByte(s.newline)
			column = 0
		}
		s.out.w.WriteString(text)
		column += len(text)
	}
	s.out.w.WriteByte('$')
	s.out.w.WriteByte(s.newline)
}

func visible(c byte) string {
	if i := strings.IndexByte("\\\a\b\f\n\r\t\v", c); i >= 0 {
		return `\` + `\abfnrtv`[i:i+1]
	}
	if c < ' ' || c > '~' {
		return fmt.Sprintf(`\%03o`, c)
	}
	return string(rune(c))
}

// writable reports whether no write has failed so far. After a failure the remaining input is
// of no use, and may have no end.
func writable(w *bufio.Writer) bool {
	_, err := w.Write(nil)
	return err == nil
}
