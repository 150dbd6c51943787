package builtins

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Keys of the options of sed that have no letter.
const (
	sedPosix = longOnly + iota
	sedSandbox
	sedFollow
)

var sedOptions = [...]option{
	{'n', "quiet", noArg}, {'n', "silent", noArg}, {'e', "expression", needArg},
	{'f', "file", needArg}, {'E', "regexp-extended", noArg}, {'r', "", noArg},
	{'i', "in-place", optArg}, {'s', "separate", noArg}, {'z', "null-data", noArg},
	{'z', "zero-terminated", noArg}, {'u', "unbuffered", noArg},
	{'l', "line-length", needArg}, {'b', "binary", noArg},
	{sedPosix, "posix", noArg}, {sedSandbox, "sandbox", noArg},
	{sedFollow, "follow-symlinks", noArg},
}

// A sed is one run of the command: sed(1) of GNU sed 4.9.
type sed struct {
	c        *Call
	silent   bool
	inPlace  bool
	suffix   string
	follow   bool
	separate bool
	unbuf    bool
	posix    bool
	utf8     bool
	width    int
	newline  byte

	commands []sedCommand
	outputs  map[string]*sedOutput
	readers  map[string]*bufio.Reader // of R, by name
	opened   []io.Closer
	stdout   *sedOutput
	out      *sedOutput // stdout, or the file edited in place
	failed   error      // the first error in writing

	sedInput
	edit   *sedEdit
	status int

	pattern     []byte
	spare       []byte // room for the next pattern space, of nothing else
	hold        []byte
	chomped     bool // the line in the pattern space had its newline
	holdChomped bool
	later       []sedLater
	lastRE      *sedRE
	replaced    bool
	quit        bool
	begun       bool // the files of 0r are written
	keepSpace   bool // after D: do not read a line
}

func runSed(c *Call) int {
	s := &sed{c: c, width: sedWidth(c), newline: '\n', holdChomped: true}
	opts, operands, problem := c.options(sedOptions[:], permute)
	ordered := false
	if problem == "" {
		var l locale
		l, problem = c.inLocale("sed", anyOrder)
		s.utf8, ordered = l.utf8, !l.plain
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if !hasOption(opts, 'e') && !hasOption(opts, 'f') {
		if len(operands) == 0 {
			return c.Unsupported("no script")
		}
		opts = append(opts, parsedOption{key: 'e', value: operands[0]})
		operands = operands[1:]
	}
	p := &sedParser{utf8: s.utf8, labels: map[string]int{}, canRun: c.System != nil,
		correct: c.Getenv("POSIXLY_CORRECT") != ""}
	p.anyBracket, p.ordered = p.correct, ordered
	err := s.prepare(p, opts)
	var mistake *sedError
	if err != nil && !errors.As(err, &mistake) {
		return s.handOver(p, err, opts, operands)
	}
	s.stdout = s.output(s.c.Stdout, "stdout")
	s.out = s.stdout
	defer s.closeAll()
	if !s.openOutputs(p.outNames, p.correct) {
		return 4
	}
	if mistake != nil {
		return s.explain(mistake)
	}
	s.silent = s.silent || p.silent
	s.posix = p.correct
	if s.names = operands; len(operands) == 0 {
		s.names = []string{"-"}
		if s.inPlace {
			c.Errorf("no input files")
			return 4
		}
	}
	s.commands = p.commands
	status := s.run()
	if _, err := c.Stdout.Write(nil); status != 4 && errors.Is(err, unix.EBADF) {
		return sedWriteFailed(c, err, true)
	}
	return status
}

// sedWidth is the length of the lines of l, which the environment may set.
func sedWidth(c *Call) int {
	if n := cInt(c.Getenv("COLS")); n > 1 {
		return n - 1
	}
	return 70
}

// cInt reads a number as atoi(3) does: 0 for what is none.
func cInt(s string) int {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	end := 0
	for end < len(s) && (isDigit(s[end]) || end == 0 && (s[0] == '-' || s[0] == '+')) {
		end++
	}
	n, _ := strconv.Atoi(s[:end])
	return n
}

func hasOption(opts []parsedOption, key rune) bool {
	for _, o := range opts {
		if o.key == key {
			return true
		}
	}
	return false
}

// prepare applies the options in their order, since what they say counts for
// the scripts behind them. An error that is no sedError means that only the
// real sed knows it.
func (s *sed) prepare(p *sedParser, opts []parsedOption) error {
	p.zero = hasOption(opts, 'z')
	for i := range opts {
		o := &opts[i]
		switch o.key {
		case 'e':
			p.expressions++
			if err := p.parse(o.value, ""); err != nil {
				return err
			}
		case 'f':
			if err := s.scriptFile(p, o); err != nil {
				return err
			}
		case 'E', 'r':
			p.extended = true
		case sedPosix:
			p.posix, p.correct = true, true
		case sedSandbox:
			p.sandbox = true
		default:
			s.option(*o)
		}
	}
	return p.finish()
}

// option applies an option that says nothing about the scripts.
func (s *sed) option(o parsedOption) {
	switch o.key {
	case 'n':
		s.silent = true
	case 'i':
		s.inPlace, s.separate, s.suffix = true, true, o.value
	case 's':
		s.separate = true
	case 'z':
		s.newline = 0
	case 'u':
		s.unbuf = true
	case 'l':
		s.width = max(cInt(o.value), 0)
	case sedFollow:
		s.follow = true
	}
}

// scriptFile parses a script file. One from standard input becomes one that the
// command line holds, as it cannot be read twice.
func (s *sed) scriptFile(p *sedParser, o *parsedOption) error {
	name := o.value
	text, err := s.readScript(name)
	if err != nil {
		return &sedError{msg: "couldn't open file " + name + ": " + Strerror(err)}
	}
	if name == "-" || name == "/dev/stdin" {
		p.fromStdin, o.key, o.value = true, 'e', string(text)
	}
	return p.parse(string(text), name)
}

func (s *sed) readScript(name string) ([]byte, error) {
	if name == "-" || name == "/dev/stdin" {
		return io.ReadAll(s.c.Stdin)
	}
	f, err := s.c.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(f)
	if errors.Is(err, unix.EISDIR) {
		return nil, nil // an empty script, to sed
	}
	return text, err
}

// explain reports a mistake in the script by the place that GNU sed names.
func (s *sed) explain(e *sedError) (status int) {
	switch {
	case e.file != "":
		s.c.Errorf("file %s line %d: %s", e.file, e.pos, e.msg)
	case e.expression == 0:
		s.c.Errorf("%s", e.msg)
		return 4
	default:
		s.c.Errorf("-e expression #%d, char %d: %s", e.expression, e.pos, e.msg)
	}
	return 1
}

// handOver leaves the script to the real sed. If it came from standard input
// it is there no more: then the real one gets it as an argument.
func (s *sed) handOver(p *sedParser, err error, opts []parsedOption, operands []string) int {
	if !p.fromStdin || s.c.Run == nil {
		return s.c.Unsupported("%v", err)
	}
	argv := []string{s.c.Args[0]}
	for _, o := range opts {
		argv = append(argv, sedArgument(o))
	}
	argv = append(append(argv, "--"), operands...)
	status := s.c.Run(argv, s.c.Stdin, s.c.Stdout, s.c.Stderr)
	if status > 256 {
		status -= 128 // as a shell says it
	}
	return status
}

// sedArgument writes an option as one argument.
func sedArgument(o parsedOption) string {
	if o.key < longOnly {
		return "-" + string(o.key) + o.value
	}
	for _, known := range sedOptions {
		if known.key == o.key {
			return "--" + known.long
		}
	}
	return ""
}

// run works through the input.
func (s *sed) run() int {
	for i := range s.commands {
		if c := &s.commands[i]; c.outName != "" {
			c.file = s.outputs[c.outName]
		}
	}
	for !s.quit && !s.dead() && (s.keepSpace || s.read(false)) {
		s.keepSpace = false
		s.begin()
		s.cycle()
		s.flushLater()
		if s.unbuf {
			_ = s.out.w.Flush()
		}
	}
	s.endFile() // of a file edited in place, q drops the rest
	return s.finish()
}

// begin writes the files of 0r before the first line.
func (s *sed) begin() {
	if s.begun || s.lineNo != 1 {
		return
	}
	s.begun = true
	for i := range s.commands {
		c := &s.commands[i]
		if c.name == 'r' && c.a2 == nil && c.a1 != nil && c.a1.kind == 'n' && c.a1.n == 0 {
			s.copyFile(c.text)
		}
	}
}

// mistake ends the run for what GNU sed calls a mistake in the script, but
// finds only now.
func (s *sed) mistake(format string, args ...any) {
	s.c.Errorf("-e expression #1, char 0: %s", fmt.Sprintf(format, args...))
	s.status, s.quit = 1, true
}

func (s *sed) closeAll() {
	for _, o := range s.outputs {
		_ = o.w.Flush() // no error counts but stdout's, which has been seen
	}
	for _, f := range s.opened {
		_ = f.Close()
	}
}

func (s *sed) finish() int {
	_ = s.stdout.w.Flush()
	for _, o := range s.outputs {
		_ = o.w.Flush()
	}
	for i := range s.commands {
		if err := s.commands[i].gaveUp(); err != nil && s.failed == nil && s.status != 4 {
			s.c.Errorf("%v", err)
			s.status = 4
		}
	}
	if err := s.failed; err != nil {
		if errors.Is(err, unix.EPIPE) {
			return 128 + int(unix.SIGPIPE)
		}
		s.c.Errorf("%v", err)
		return 4
	}
	return s.status
}

// gaveUp tells of a match that was given up.
func (c *sedCommand) gaveUp() error {
	for _, re := range [...]*sedRE{c.re, c.a1.expression(), c.a2.expression()} {
		if re != nil && re.re.Err() != nil {
			return re.re.Err()
		}
	}
	return nil
}

// dead says that a write failed: what remains is of no use, and may have no
// end.
func (s *sed) dead() bool { return s.failed != nil }

// sedFile is a file of w, or of R.
func (s *sed) sedFile(name string, flags int) (*os.File, error) {
	f, err := s.c.OpenFile(name, flags, 0o666)
	if err == nil {
		s.opened = append(s.opened, f)
	}
	return f, err
}
