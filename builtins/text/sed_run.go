package text

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// cycle runs the script on one line.
func (s *sed) cycle() {
	for i := 0; i < len(s.commands) && !s.dead(); {
		c := &s.commands[i]
		selected := s.matches(c) != c.negate
		if s.quit {
			return // an empty expression without an earlier one
		}
		next := i + 1
		switch {
		case c.name == '{' && !selected:
			next = c.number
		case selected:
			jump, end := s.do(c)
			if end {
				return
			}
			if jump >= 0 {
				next = jump
			}
		}
		i = next
	}
	if !s.silent {
		s.printSpace()
	}
}

// do runs one command. jump is the index of the next command, or -1 for the following one. end
// says that the cycle ends without printing.
func (s *sed) do(c *sedCommand) (jump int, end bool) {
	switch c.name {
	case '=':
		s.printWord(strconv.Itoa(s.lineNo))
	case 'F':
		s.printWord(s.name)
	case 'a':
		s.later = append(s.later, sedLater{text: c.text})
	case 'i':
		s.printText(c.text)
	case 'c':
		if c.state != sedActive {
			s.printText(c.text)
		}
		return -1, true
	case 'r':
		s.later = append(s.later, sedLater{file: c.text})
	case 'R':
		s.readFrom(c.text)
	case 'w':
		s.put(c.file, s.pattern, s.chomped)
	case 'p':
		s.printSpace()
	case 'P':
		line, _, found := bytes.Cut(s.pattern, []byte{s.newline})
		s.put(s.out, line, found || s.chomped)
	case 'W':
		line, _, found := bytes.Cut(s.pattern, []byte{s.newline})
		s.put(c.file, line, found || s.chomped)
	case 'l':
		s.list(c.number)
	case 's':
		s.substitute(c)
		return -1, s.quit
	default:
		return s.edits(c)
	}
	return -1, false
}

// edits runs the commands that change the pattern space or the hold space.
func (s *sed) edits(c *sedCommand) (jump int, end bool) {
	switch c.name {
	case 'g':
		s.pattern, s.chomped = append(s.pattern[:0], s.hold...), s.holdChomped
	case 'G':
		s.pattern = append(append(s.pattern, s.newline), s.hold...)
		s.chomped = s.holdChomped
	case 'h':
		s.hold, s.holdChomped = append(s.hold[:0], s.pattern...), s.chomped
	case 'H':
		s.hold = append(append(s.hold, s.newline), s.pattern...)
		s.holdChomped = s.chomped
	case 'x':
		s.pattern, s.hold = s.hold, s.pattern
		s.chomped, s.holdChomped = s.holdChomped, s.chomped
	case 'y':
		s.transliterate(c.table)
	case 'z':
		s.pattern = s.pattern[:0]
	case 'e':
		s.exec(c.text)
	default:
		return s.flow(c)
	}
	return -1, false
}

// flow runs the commands that change the order of execution.
func (s *sed) flow(c *sedCommand) (jump int, end bool) {
	switch c.name {
	case 'b':
		return c.number, false
	case 't', 'T':
		replaced := s.replaced
		s.replaced = false
		if replaced == (c.name == 't') {
			return c.number, false
		}
	case 'd':
		return -1, true
	case 'D':
		if i := bytes.IndexByte(s.pattern, s.newline); i >= 0 {
			s.pattern = append(s.pattern[:0], s.pattern[i+1:]...)
			s.keepSpace = true
		}
		return -1, true
	case 'n', 'N':
		return -1, s.next(c.name == 'N')
	case 'q', 'Q':
		s.leave(c)
		return -1, true
	}
	return -1, false
}

// leave runs q and Q. The status of an unreadable file takes precedence over theirs.
func (s *sed) leave(c *sedCommand) {
	s.quit = true
	if s.status == 0 {
		s.status = max(c.number, 0) & 0xff
	}
	if c.name == 'Q' {
		s.later = s.later[:0]
		return
	}
	if !s.silent {
		s.printSpace()
	}
	s.out.complete(s.newline)
}

// next reads the next line for n and N. Without a next line, the cycle ends.
func (s *sed) next(join bool) (end bool) {
	if s.atEnd() {
		if !s.silent && !(join && s.posix) {
			s.printSpace()
		}
		return true
	}
	if join {
		s.pattern = append(s.pattern, s.newline)
	} else if !s.silent {
		s.printSpace()
	}
	s.flushLater()
	return !s.read(join)
}

// printWord writes a line of its own.
func (s *sed) printWord(word string) {
	s.out.complete(s.newline)
	s.out.w.WriteString(word)
	s.out.w.WriteByte(s.newline)
}

// transliterate runs y.
func (s *sed) transliterate(t *sedTable) {
	if t.runes == nil {
		for i, b := range s.pattern {
			s.pattern[i] = t.bytes[b]
		}
		return
	}
	var out []byte
	for rest := s.pattern; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 {
			r = sedLoneByte + rune(rest[0])
		}
		if to, ok := t.runes[r]; ok {
			out = appendSedRune(out, to)
		} else {
			out = append(out, rest[:n]...)
		}
		rest = rest[n:]
	}
	s.pattern = out
}

// exec runs e. With a command, its output comes first. Without one, the pattern space is the
// command, and its output replaces the pattern space.
func (s *sed) exec(program string) {
	if program == "" {
		s.execSpace()
		s.chomped = true
		return
	}
	s.out.complete(s.newline)
	_ = s.out.w.Flush()
	s.c.System("sh", program, s.c.Stdin, s.out.w, s.c.Stderr)
}

func (s *sed) execSpace() {
	_ = s.out.w.Flush()
	var out bytes.Buffer
	s.c.System("sh", string(s.pattern), s.c.Stdin, &out, s.c.Stderr)
	s.pattern = append(s.pattern[:0], bytes.TrimSuffix(out.Bytes(), []byte{s.newline})...)
}
