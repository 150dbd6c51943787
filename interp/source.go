package interp

import (
	"errors"
	"io"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/handover"
	"overlayboot/interp/parse"
)

// A source is a text of commands: a script, standard input, the operand of eval.
type source struct {
	text   string
	in     *openFile // where the text is still to be read from, or nil
	script bool      // the text is that of a file
	line   int       // number of the first line, if not 1
	plain  bool      // its aliases have been replaced
	// prompt, when set, asks for a line, the first of a command or a later one.
	prompt func(first bool)
	// wait, when set, waits for input; the user may interrupt that.
	wait        func(fd int) bool
	interrupted bool
	parser      *parse.Parser // what reads it, once that has begun
	// own says that the text is a script of this program: its functions are parsed when
	// they are called, if ever.
	own bool
}

func textSource(text string) *source { return &source{text: text} }

// scriptSource is the text of a file.
func scriptSource(text string) *source { return &source{text: text, script: true} }

// fileSource reads commands from an open file, a line at a time: what follows is
// left to the commands.
func fileSource(in *openFile) *source { return &source{in: in} }

// encode writes a text that has not been read for another process.
func (src *source) encode(w *handover.Writer) {
	w.Text(src.text)
	w.Number(src.line)
	w.Flag(src.script)
	w.Flag(src.plain)
}

func decodeSource(r *handover.Reader) *source {
	return &source{text: r.Text(), line: r.Number(), script: r.Flag(), plain: r.Flag()}
}

// grammar is what the parser has to know of the shell.
func (s *Shell) grammar() parse.Config {
	return parse.Config{Special: s.host.isSpecial, Alias: s.alias}
}

func (s *Shell) alias(name string) (string, bool) {
	return s.aliases.get(name)
}

// An origin is what commands were parsed from, and what was found out about them.
type origin struct {
	*parse.Text
	*caches
}

func originOf(text *parse.Text) *origin { return &origin{text, &caches{}} }

// inner is the origin of the commands in backquotes.
func (o *origin) inner(c *syntax.CmdSubst) *origin { return &origin{o.Inner(c), o.caches} }

// begin makes the parser of a source.
func (s *Shell) begin(src *source) *parse.Parser {
	if src.parser != nil {
		return src.parser
	}
	c := s.grammar()
	c.FirstLine = src.line
	if src.plain {
		c.Alias = nil
	}
	if src.prompt != nil {
		c.Prompt = func(more bool) { src.prompt(!more) }
	}
	if src.in != nil || src.script {
		c.Echo = func(line string) {
			if s.opt(optVerbose) {
				s.files.writer(2).Write([]byte(line))
			}
		}
	}
	if src.in == nil {
		return parse.New(src.text, c)
	}
	return parse.NewReader(func() string {
		line, err := readLine(src.in, src.wait)
		src.interrupted = err == unix.EINTR
		s.mirrorFor(string(line))
		return string(line)
	}, c)
}

// run parses and runs commands line by line: what precedes a syntax error has been
// run when the error is found. It reports whether there was any command.
func (s *Shell) run(src *source) (ran bool) {
	if s.nested >= maxNested {
		s.fail(2, "Maximum recursion depth (%d) reached", maxNested)
		return true
	}
	s.nested++
	defer func() { s.nested-- }()
	s.mirrorFor(src.text)
	text, line := s.src, s.inputLine
	defer func() { s.src, s.inputLine = text, line }()
	if kept := s.host.parsed.get(src); kept != nil && s.aliases.len() == 0 &&
		!s.opt(optVerbose|optNoexec) {
		s.runParsed(src, kept)
		return len(kept.lines) > 0
	}
	return s.parseAndRun(src)
}

// maxNested limits the nesting of eval, dot scripts and traps, for those that
// never end. dash goes about as deep before it overflows its stack.
const maxNested = 12000

func (s *Shell) parseAndRun(src *source) (ran bool) {
	src.parser = s.begin(src)
	p := src.parser
	s.src = originOf(p.Text())
	keep := parsed{origin: s.src}
	wanted := s.host.parsed.wants(src) && !src.own
	for {
		if src.own && s.defineUnread(p) {
			ran = true
			continue
		}
		from, line := p.Offset(), p.Line()
		list, err := p.Next()
		s.inputLine = p.Line()
		switch {
		case src.interrupted: // what was typed is dropped
			s.runPendingTraps()
			return ran
		case err == io.EOF:
			if wanted && !p.Text().Changed() {
				s.host.parsed.put(src, &keep)
			}
			return ran
		case err != nil:
			s.syntaxError(err)
			return true
		case len(list) == 0:
			continue
		}
		if wanted {
			keep.lines = append(keep.lines, parsedLine{list, p.Line(), p.Offset()})
		}
		if s.opt(optNoexec) {
			continue
		}
		ran = true
		s.reached(reading{src, list, from, p.Offset(), line, src.in != nil})
		if s.isNestedInput(src) && !s.isHarmless(list, s.src) {
			s.handOver(src, from, line)
			return ran
		}
		if s.stmts(list); s.stopped() {
			return ran
		}
	}
}

// defineUnread defines the function that comes next in a script of this program, whose
// body is not read yet. Aliases and options may want it read.
func (s *Shell) defineUnread(p *parse.Parser) bool {
	if s.aliases.len() > 0 || s.opt(optVerbose|optNoexec) {
		return false
	}
	name, body, line, ok := p.Definition()
	if ok {
		s.funcs.set(name, &function{text: body, line: line})
		s.status = 0
	}
	return ok
}

// isNestedInput reports whether a source is what a shell inside the process of another
// was started with. The first command of it that may not run there is for a process,
// with all behind it.
func (s *Shell) isNestedInput(src *source) bool {
	return s.role == aShell && s.inside() && s.nested == 1 && src.in == nil
}

// handOver gives what a source has from an offset on to a process, which takes the place
// of this shell.
func (s *Shell) handOver(src *source, from, line int) {
	rest := *src
	rest.text, rest.line = src.text[from:], line
	s.goOnWith(s.argv, s.saveWith(&rest, nil))
	s.flow, s.exitDone = flowExit, true
}

// runParsed runs commands that were parsed before. From the first alias on they
// have to be parsed again.
func (s *Shell) runParsed(src *source, kept *parsed) {
	s.src = kept.origin
	from, number := 0, max(src.line, 1)
	for i, line := range kept.lines {
		if s.isNestedInput(src) && !s.isHarmless(line.list, s.src) {
			s.handOver(src, from, number)
			return
		}
		s.reached(reading{src, line.list, from, line.end, number, false})
		from, number = line.end, line.reached
		s.inputLine = line.reached
		if s.stmts(line.list); s.stopped() {
			return
		}
		if s.aliases.len() > 0 && i < len(kept.lines)-1 {
			rest := *src
			rest.text, rest.line = src.text[line.end:], line.reached
			s.parseAndRun(&rest)
			return
		}
	}
}

// runWhole runs commands that are all there are for the shell: it knows the last one.
func (s *Shell) runWhole(src *source) {
	p := s.begin(src)
	whole := parsed{origin: originOf(p.Text())}
	for {
		list, err := p.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			s.syntaxError(err)
			return
		}
		whole.lines = append(whole.lines, parsedLine{list, p.Line(), p.Offset()})
		s.body = append(s.body, list...)
	}
	s.nested++
	s.reading = reading{src, s.body, 0, len(src.text), max(src.line, 1), false}
	s.runParsed(src, &whole)
}

// syntaxError reports an error of the parser.
func (s *Shell) syntaxError(err error) {
	var failure *parse.Error
	if errors.As(err, &failure) {
		s.line = failure.Line
	}
	s.fail(2, "Syntax error: %v", err)
}

// readLine reads up to and with a newline, and no further: a file that can seek is read in
// blocks and set back, a pipe is looked into, and anything else is read byte by byte.
// wait, when set, waits for more to read, and reports whether to go on.
func readLine(f *openFile, wait func(fd int) bool) ([]byte, error) {
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
	if f.fileType() == unix.S_IFIFO {
		return f.readLinePipe(wait)
	}
	var b [1]byte
	for {
		n, err := f.readUnless(wait, b[:])
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
