package text

import (
	"bufio"
	"errors"
	"io"

	"overlayboot/builtins/base/clib"

	"golang.org/x/sys/unix"
)

// A sedInput is the source of the lines.
type sedInput struct {
	names  []string // operands still to be read
	name   string   // the operand being read
	in     *bufio.Reader
	stdin  *bufio.Reader
	closer func()
	lineNo int
}

// slowly reads one byte at a time and leaves the rest to other programs.
type slowly struct{ r io.Reader }

func (s slowly) Read(b []byte) (int, error) { return s.r.Read(b[:min(len(b), 1)]) }

// stdinReader returns the only reader of standard input.
func (s *sed) stdinReader() *bufio.Reader {
	if s.stdin == nil {
		r := s.c.Stdin
		if s.unbuf {
			r = slowly{r}
		}
		s.stdin = bufio.NewReaderSize(r, 32<<10)
	}
	return s.stdin
}

// nextFile opens the next operand that can be read.
func (s *sed) nextFile() bool {
	for s.in == nil && len(s.names) > 0 {
		s.name = s.names[0]
		s.names = s.names[1:]
		if s.separate {
			s.startApart()
		}
		if s.name == "-" && !s.inPlace {
			s.in, s.closer = s.stdinReader(), s.giveBack
			continue
		}
		s.openInput(s.name)
	}
	return s.in != nil
}

// startApart starts a file that is processed separately.
func (s *sed) startApart() {
	s.lineNo, s.begun = 0, false
	s.resetRanges()
	s.hold, s.readers = s.hold[:0], nil // R starts at the top again
}

// openInput opens a file, or reports the error.
func (s *sed) openInput(name string) {
	target := name
	if s.follow {
		var ok bool
		if target, ok = s.followLinks(name); !ok {
			return
		}
		s.name = target
	}
	f, err := s.c.Open(target)
	if err != nil {
		s.c.Errorf("can't read %s: %s", name, clib.Strerror(err))
		s.status = 2
		return
	}
	if s.isDir(target) {
		_ = f.Close()
		if s.inPlace {
			s.c.Errorf("couldn't edit %s: not a regular file", name)
			s.status = 4
			return
		}
		_ = s.out.w.Flush()
		s.c.Errorf("read error on %s: Is a directory", name)
		s.status, s.quit, s.names = 4, true, nil
		return
	}
	s.in, s.closer = bufio.NewReaderSize(f, 32<<10), func() { _ = f.Close() }
	if s.inPlace && !s.startEdit(target) {
		s.endFile()
	}
}

// giveBack seeks standard input back by the bytes that were read ahead, if it is a file.
func (s *sed) giveBack() {
	if f, ok := s.c.Stdin.(io.Seeker); ok && s.in.Buffered() > 0 {
		_, _ = f.Seek(-int64(s.in.Buffered()), io.SeekCurrent)
	}
	s.stdin = nil
}

func (s *sed) isDir(name string) bool {
	var st unix.Stat_t
	return unix.Fstatat(s.c.Dir, name, &st, 0) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR
}

func (s *sed) endFile() {
	if s.in != nil {
		s.closer()
		s.in = nil
	}
	s.endEdit()
}

// atEnd reports whether the current line is the last line of the input, or of its file if files
// are separate.
func (s *sed) atEnd() bool {
	for {
		if s.in != nil {
			if _, err := s.in.Peek(1); err == nil {
				return false
			}
			if s.separate {
				return true
			}
			s.endFile()
		}
		if !s.nextFile() {
			return true
		}
	}
}

// read reads the next line. If join is set, it appends the line to the pattern space.
func (s *sed) read(join bool) bool {
	for {
		if s.in == nil && !s.nextFile() {
			return false
		}
		start := len(s.pattern)
		if !join {
			start = 0
		}
		line, err := readLine(s.in, s.pattern[:start], s.newline)
		if len(line) == start {
			if err != io.EOF {
				s.c.Errorf("read error on %s: %s", "stdin", clib.Strerror(err))
				s.status = 4
			}
			s.endFile()
			continue
		}
		s.lineNo++
		s.replaced = false
		if s.chomped = err == nil; s.chomped {
			line = line[:len(line)-1]
		}
		s.pattern = line
		return true
	}
}

// readLine appends a line with its end to b. An error means that the line has no end.
func readLine(r *bufio.Reader, b []byte, end byte) ([]byte, error) {
	for {
		part, err := r.ReadSlice(end)
		b = append(b, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return b, err
		}
	}
}
