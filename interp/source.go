package interp

import (
	"errors"
	"io"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins/base/handover"
	"overlayboot/interp/parse"
)

// A source is a text of commands: a script, standard input, or the operand of eval.
type source struct {
	text   string
	in     *openFile // the file with the rest of the text, or nil
	script bool      // the text comes from a file
	line   int       // the number of the first line, or 0 for 1
	plain  bool      // aliases have been replaced already
	// prompt, when set, prompts for a line: the first of a command, or a later one.
	prompt func(first bool)
	// wait, when set, waits for input. The user may interrupt the wait.
	wait        func(fd int) bool
	interrupted bool
	parser      *parse.Parser // set once the parsing has begun
	// own says that the text is a script of this program. Its functions are parsed at their
	// first call.
	own bool
}

func textSource(text string) *source { return &source{text: text} }

// scriptSource returns the source for the text of a file.
func scriptSource(text string) *source { return &source{text: text, script: true} }

// fileSource returns a source that reads an open file line by line. The lines behind a command
// are left to that command as input.
func fileSource(in *openFile) *source { return &source{in: in} }

// isLoop reports whether the shell reads the source command by command, as it reads a file or
// standard input, and not an operand of eval.
func (src *source) isLoop() bool { return src.in != nil || src.script }

// encode writes a source, of which nothing has been parsed, for another process.
func (src *source) encode(w *handover.Writer) {
	w.Text(src.text)
	w.Number(src.line)
	w.Flag(src.script)
	w.Flag(src.plain)
}

func decodeSource(r *handover.Reader) *source {
	return &source{text: r.Text(), line: r.Number(), script: r.Flag(), plain: r.Flag()}
}

// grammar returns the state of the shell on which parsing depends.
func (s *Shell) grammar() parse.Config {
	return parse.Config{Special: s.process.isSpecial, Alias: s.alias}
}

func (s *Shell) alias(name string) (string, bool) {
	return s.aliases.get(name)
}

// An origin is the text from which commands were parsed, with the results of their analysis.
type origin struct {
	*parse.Text
	*caches
}

func originOf(text *parse.Text) *origin { return &origin{text, &caches{}} }

// inner returns the origin of commands in backquotes.
func (o *origin) inner(c *syntax.CmdSubst) *origin { return &origin{o.Inner(c), o.caches} }

// begin returns the parser of a source.
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
	if src.isLoop() {
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

// run parses and runs commands line by line. Commands before a syntax error have run when the
// error is found. run reports whether there was any command.
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
	if kept := s.process.parsed.get(src); kept != nil && s.aliases.len() == 0 &&
		!s.opt(optVerbose|optNoexec) {
		s.runParsed(src, kept)
		return len(kept.lines) > 0
	}
	return s.parseAndRun(src)
}

// maxNested limits the nesting of eval, dot scripts and traps, since it may be endless. dash
// overflows its stack at about the same depth.
const maxNested = 12000

func (s *Shell) parseAndRun(src *source) (ran bool) {
	src.parser = s.begin(src)
	p := src.parser
	s.src = originOf(p.Text())
	keep := parsed{origin: s.src}
	wanted := s.process.parsed.wants(src) && !src.own
	for {
		if src.own && s.defineUnread(p) {
			ran = true
			continue
		}
		if src.isLoop() {
			s.tellChanges()
		}
		from, line := p.Offset(), p.Line()
		list, err := p.Next()
		s.inputLine = p.Line()
		switch {
		case src.interrupted: // the user's partial line is dropped
			s.runPendingTraps()
			return ran
		case err == io.EOF:
			if wanted && !p.Text().Changed() {
				s.process.parsed.put(src, &keep)
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

// defineUnread defines the next function of a script of this program without parsing its body.
// It reports false where aliases or options need the body parsed.
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

// isNestedInput reports whether a source is the script of a shell inside the process of
// another. The first command that may not run there goes to a process, with all commands behind
// it.
func (s *Shell) isNestedInput(src *source) bool {
	return s.role == aShell && s.inside() && s.nested == 1 && src.in == nil
}

// handOver gives the text of a source from an offset on to a process, which takes the place of
// this shell.
func (s *Shell) handOver(src *source, from, line int) {
	rest := *src
	rest.text, rest.line = src.text[from:], line
	s.goOnWith(s.argv, s.saveWith(&rest, nil))
	s.flow, s.exitDone = flowExit, true
}

// runParsed runs commands that were parsed before. Behind a command that defines an alias, it
// parses the rest again.
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
		if src.isLoop() {
			s.tellChanges()
		}
		if s.aliases.len() > 0 && i < len(kept.lines)-1 {
			rest := *src
			rest.text, rest.line = src.text[line.end:], line.reached
			s.parseAndRun(&rest)
			return
		}
	}
}

// runWhole runs all commands of a shell. Since it parses them first, the shell knows which one
// is the last.
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

// readLine reads up to and including a newline, and not a byte more. It reads a file that can
// seek in blocks, and then sets the offset back. It peeks into a pipe, and reads other files
// byte by byte. wait, when set, waits for input and reports whether to go on.
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
