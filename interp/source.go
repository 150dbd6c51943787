package interp

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"mvdan.cc/sh/v3/syntax"
)

// bodyNode is what a function runs.
type bodyNode = syntax.Stmt

// A source is a text of commands: a script, standard input, the operand of
// eval. It hands the parser one line at a time and never more than has been
// asked for, so that what follows is left to the commands.
type source struct {
	text   []byte // all that was read so far
	next   int    // start of the next line in text
	in     *openFile
	echo   func(line []byte) // gets lines as they are read, for -v
	script bool              // a file that was read beforehand
	eof    bool
	// prompt, when set, asks for a line, the first of a command or a later one.
	prompt func(first bool)
	more   bool // what was read so far is no complete command
	// added is the length of what ends the text and was not read.
	added int
	caches
}

func textSource(text []byte) *source { return &source{text: text, eof: true} }

// scriptSource is the text of a file.
func scriptSource(text []byte) *source { return &source{text: text, eof: true, script: true} }

// fileSource reads commands from an open file.
func fileSource(in *openFile) *source { return &source{in: in} }

// Read gives the parser one line. The last line gets a newline where it has
// none: it is complete, but the parser would wait for more.
func (src *source) Read(p []byte) (int, error) {
	if src.next == len(src.text) && !src.fill() {
		return 0, io.EOF
	}
	line := src.text[src.next:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i+1]
	}
	n := copy(p, line)
	src.next += n
	if src.echo != nil && (src.added == 0 || src.next < len(src.text)) {
		src.echo(p[:n])
	}
	return n, nil
}

// fill reads a line from the file. It makes sure that the text ends in a
// newline, which the parser needs to see a command as complete.
func (src *source) fill() bool {
	if src.prompt != nil {
		src.prompt(!src.more)
	}
	if !src.eof {
		line, err := readLine(src.in)
		src.text = append(src.text, line...)
		src.eof = err != nil
	}
	if src.next == len(src.text) && src.eof && len(src.text) > 0 &&
		src.text[len(src.text)-1] != '\n' {
		end := "\n"
		if endsInBackslash(src.text) {
			end = "\\\n" // it quotes nothing, and no line is to be joined
		}
		src.added = len(end)
		src.text = append(src.text[:len(src.text):len(src.text)], end...)
	}
	return src.next < len(src.text)
}

func endsInBackslash(text []byte) bool {
	n := len(text) - len(bytes.TrimRight(text, "\\"))
	return n%2 == 1
}

// ended reports whether all has been read.
func (src *source) ended() bool { return src.eof && src.next >= len(src.text)-src.added }

// rest is a source of what has not been read, for a parser that starts anew.
func (src *source) rest() *source {
	return &source{
		text: src.text[src.next:], in: src.in, echo: src.echo, script: src.script,
		eof: src.eof && src.in == nil, prompt: src.prompt,
	}
}

// linesRead counts the lines that have been read.
func (src *source) linesRead() int { return bytes.Count(src.text[:src.next], []byte("\n")) }

// lines counts the lines of what was given to be read.
func (src *source) lines() int {
	return bytes.Count(src.text[:len(src.text)-src.added], []byte("\n"))
}

// slice returns the text between two offsets.
func (src *source) slice(from, to uint) string {
	if src == nil || from > to || to > uint(len(src.text)) {
		return ""
	}
	return string(src.text[from:to])
}

// run parses and runs commands line by line: what precedes a syntax error has
// been run when the error is found. It reports whether there was any command.
func (s *Shell) run(src *source) (ran bool) {
	if s.nested >= maxNested {
		s.fail(2, "Maximum recursion depth (%d) reached", maxNested)
		return true
	}
	s.nested++
	defer func() { s.nested-- }()
	oldSrc, oldOff := s.src, s.lineOffset
	s.src = src
	defer func() { s.src, s.lineOffset = oldSrc, oldOff }()
	if src.in != nil || src.script {
		src.echo = func(line []byte) {
			if s.opt(optVerbose) {
				s.files.writer(2).Write(line)
			}
		}
	}
	if lines, ok := s.host.parsed.get(src); ok && !s.opt(optVerbose|optNoexec) {
		s.runLines(lines)
		return len(lines) > 0
	}
	return s.parseAndRun(src)
}

// maxNested limits the nesting of eval, dot scripts and traps, for those that
// never end. dash goes about as deep before it overflows its stack.
const maxNested = 12000

func (s *Shell) parseAndRun(src *source) (ran bool) {
	var lines [][]*syntax.Stmt
	keep := s.host.parsed.wants(src)
	p := syntax.NewParser(syntax.Variant(syntax.LangPOSIX))
	for stmts, err := range p.InteractiveSeq(src) {
		if err != nil {
			s.syntaxError(src, err)
			return true
		}
		if src.more = p.Incomplete(); src.more || s.opt(optNoexec) || len(stmts) == 0 {
			continue
		}
		if keep {
			lines = append(lines, slices.Clone(stmts)) // the parser uses its slice again
		}
		ran = true
		s.stmts(stmts)
		if s.stopped() {
			return ran
		}
	}
	if keep {
		s.host.parsed.put(src, lines)
	}
	return ran
}

// runLines runs commands that were parsed before.
func (s *Shell) runLines(lines [][]*syntax.Stmt) {
	for _, stmts := range lines {
		s.stmts(stmts)
		if s.stopped() {
			return
		}
	}
}

// syntaxError reports an error of the parser. Its status is 2; the wording is
// the parser's, the line dash's.
func (s *Shell) syntaxError(src *source, err error) {
	var parse syntax.ParseError
	var lang syntax.LangError
	switch {
	case errors.As(err, &parse):
		line := int(parse.Pos.Line())
		if parse.Incomplete {
			line = src.lines() + 1
		} else if src.opensAtEnd(int(parse.Pos.Offset())) {
			line++
		}
		s.line = line + s.lineOffset
		src.more = false
		s.fail(2, "Syntax error: %s", dashWording(parse.Text))
	case errors.As(err, &lang):
		s.line = int(lang.Pos.Line()) + s.lineOffset
		s.fail(2, "Syntax error: %s is not in a POSIX shell", lang.Feature)
	default:
		s.fail(2, "Syntax error: %v", err)
	}
}

// opensAtEnd reports whether the error at an offset is one of a word or an
// operator that ends its line and wants more: dash has read the newline then,
// and names the next line.
func (src *source) opensAtEnd(at int) bool {
	if at >= len(src.text)-src.added {
		return false
	}
	line, _, ended := bytes.Cut(src.text[at:len(src.text)-src.added], []byte("\n"))
	if !ended {
		return false
	}
	switch string(bytes.TrimSpace(line)) {
	case "for", "case", "!", "<", ">", ">>", "<<", "<<-", "<>", ">|", ">&", "<&", "(", "()":
		return true
	}
	return false
}

// readLine reads up to and with a newline, and no further: a file that can
// seek is read in blocks and set back, anything else byte by byte.
func readLine(f *openFile) ([]byte, error) {
	var line []byte
	if f.seekable() {
		return f.readLineSeek()
	}
	if f.pipe != nil && f.inMemory() {
		var ok bool
		var err error
		if line, ok, err = f.pipe.readLine(); ok {
			return line, err
		}
	}
	var b [1]byte
	for {
		n, err := f.Read(b[:])
		if n == 0 || err != nil {
			if err == nil {
				err = io.EOF
			}
			return line, err
		}
		line = append(line, b[0])
		if b[0] == '\n' {
			return line, nil
		}
	}
}
