package builtins

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"golang.org/x/sys/unix"
)

// A sedOutput is a place that lines are written to. missing says that the last
// line written had no newline, which comes before the next one.
type sedOutput struct {
	w       *bufio.Writer
	missing bool
}

// A sedLater is output that waits for the end of the cycle.
type sedLater struct {
	text string
	file string
}

// A sedSink notes the first error in writing, for which the run ends.
type sedSink struct {
	s    *sed
	w    io.Writer
	name string
}

func (o sedSink) Write(b []byte) (int, error) {
	n, err := o.w.Write(b)
	if err != nil && o.s.failed == nil {
		o.s.failed = &sedWriteError{o.name, err}
	}
	return n, err
}

// A sedWriteError is an error in writing, in the words of sed.
type sedWriteError struct {
	name string
	err  error
}

func (e *sedWriteError) Error() string {
	return fmt.Sprintf("couldn't flush %s: %s", e.name, Strerror(e.err))
}

func (e *sedWriteError) Unwrap() error { return e.err }

func (s *sed) output(w io.Writer, name string) *sedOutput {
	return &sedOutput{w: bufio.NewWriterSize(sedSink{s, w, name}, 32<<10)}
}

// openOutputs opens the files of w. POSIX knows no special names.
func (s *sed) openOutputs(names []string, posix bool) bool {
	s.outputs = map[string]*sedOutput{"/dev/stdout": {w: s.stdout.w}}
	if posix {
		delete(s.outputs, "/dev/stdout")
	}
	for _, name := range names {
		if err := s.openOutput(name, posix); err != nil {
			s.c.Errorf("couldn't open file %s: %s", name, Strerror(err))
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

// put writes a line, without its newline where the input's last has none.
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

// complete writes the newline that the last line lacked.
func (o *sedOutput) complete(newline byte) {
	if o.missing {
		o.w.WriteByte(newline)
		o.missing = false
	}
}

func (s *sed) printSpace() { s.put(s.out, s.pattern, s.chomped) }

// printText writes the text of i and c, whose last newline is the end of a
// line of any kind.
func (s *sed) printText(text string) {
	s.out.complete(s.newline)
	line, ended := strings.CutSuffix(text, "\n")
	s.out.w.WriteString(line)
	if ended {
		s.out.w.WriteByte(s.newline)
	}
}

// flushLater writes what a, r and R left for the end of the cycle.
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

// copyFile writes out a file as it is; one that cannot be read is no mistake.
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

// readFrom takes the next line of a file for the end of the cycle: R.
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
		s.readers[name] = r // nil for one that is not there
	}
	if r == nil {
		return
	}
	if line, _ := readLine(r, nil, s.newline); len(line) > 0 {
		s.later = append(s.later, sedLater{text: string(line)})
	}
}

// list prints the pattern space so that every character can be seen.
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

// writable says that no write has failed so far: else what remains to be read
// is of no use, and may have no end.
func writable(w *bufio.Writer) bool {
	_, err := w.Write(nil)
	return err == nil
}
