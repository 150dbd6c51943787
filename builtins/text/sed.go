package text

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// Keys of the options of sed without a letter.
const (
	sedPosix = native.LongOnly + iota
	sedSandbox
	sedFollow
)

var sedOptions = [...]native.Option{
	{Key: 'n', Long: "quiet"}, {Key: 'n', Long: "silent"},
	{Key: 'e', Long: "expression", Arg: native.NeedArg},
	{Key: 'f', Long: "file", Arg: native.NeedArg}, {Key: 'E', Long: "regexp-extended"}, {Key: 'r'},
	{Key: 'i', Long: "in-place", Arg: native.OptArg}, {Key: 's', Long: "separate"},
	{Key: 'z', Long: "null-data"},
	{Key: 'z', Long: "zero-terminated"}, {Key: 'u', Long: "unbuffered"},
	{Key: 'l', Long: "line-length", Arg: native.NeedArg}, {Key: 'b', Long: "binary"},
	{Key: sedPosix, Long: "posix"}, {Key: sedSandbox, Long: "sandbox"},
	{Key: sedFollow, Long: "follow-symlinks"},
}

// A sed is one run of sed(1) of GNU sed 4.9.
type sed struct {
	c        *native.Call
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
	readers  map[string]*bufio.Reader // files of R by name
	opened   []io.Closer
	stdout   *sedOutput
	out      *sedOutput // stdout, or the file edited in place
	failed   error      // the first write error

	sedInput
	edit   *sedEdit
	status int

	pattern     []byte
	spare       []byte // buffer for the next pattern space, shared with nothing
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

// Sed is sed(1) of GNU sed 4.9.
func Sed(c *native.Call) int {
	s := &sed{c: c, width: sedWidth(c), newline: '\n', holdChomped: true}
	opts, operands, problem := c.Options(sedOptions[:], native.Permute)
	ordered := false
	if problem == "" {
		var l native.Locale
		l, problem = c.InLocale("sed", native.AnyOrder)
		s.utf8, ordered = l.UTF8, !l.Plain
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if !hasOption(opts, 'e') && !hasOption(opts, 'f') {
		if len(operands) == 0 {
			return c.Unsupported("no script")
		}
		opts = append(opts, native.GivenOption{Key: 'e', Value: operands[0]})
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
		return SedWriteFailed(c, err, true)
	}
	return status
}

// sedWidth returns the line length for l, which the environment may set.
func sedWidth(c *native.Call) int {
	if n := cInt(c.Getenv("COLS")); n > 1 {
		return n - 1
	}
	return 70
}

// cInt reads a number as atoi(3) does. It returns 0 for a text that is no number.
func cInt(s string) int {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	end := 0
	for end < len(s) && (ascii.IsDigit(s[end]) || end == 0 && (s[0] == '-' || s[0] == '+')) {
		end++
	}
	n, _ := strconv.Atoi(s[:end])
	return n
}

func hasOption(opts []native.GivenOption, key rune) bool {
	for _, o := range opts {
		if o.Key == key {
			return true
		}
	}
	return false
}

// prepare applies the options in order, since an option affects the scripts after it. An error
// that is no sedError means that only the real sed knows the script.
func (s *sed) prepare(p *sedParser, opts []native.GivenOption) error {
	p.zero = hasOption(opts, 'z')
	for i := range opts {
		o := &opts[i]
		switch o.Key {
		case 'e':
			p.expressions++
			if err := p.parse(o.Value, ""); err != nil {
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

// option handles an option that does not affect the parsing of scripts.
func (s *sed) option(o native.GivenOption) {
	switch o.Key {
	case 'n':
		s.silent = true
	case 'i':
		s.inPlace, s.separate, s.suffix = true, true, o.Value
	case 's':
		s.separate = true
	case 'z':
		s.newline = 0
	case 'u':
		s.unbuf = true
	case 'l':
		s.width = max(cInt(o.Value), 0)
	case sedFollow:
		s.follow = true
	}
}

// scriptFile parses a script file. A script from standard input becomes an expression on the
// command line, since it cannot be read twice.
func (s *sed) scriptFile(p *sedParser, o *native.GivenOption) error {
	name := o.Value
	text, err := s.readScript(name)
	if err != nil {
		return &sedError{msg: "couldn't open file " + name + ": " + clib.Strerror(err)}
	}
	if name == "-" || name == "/dev/stdin" {
		p.fromStdin, o.Key, o.Value = true, 'e', string(text)
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
		return nil, nil // sed treats a directory as an empty script
	}
	return text, err
}

// explain reports an error in the script, with the place that GNU sed names.
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

// handOver leaves the script to the real sed. A script that was read from standard input is
// gone from there, so the real sed gets it as an argument.
func (s *sed) handOver(p *sedParser, err error, opts []native.GivenOption, operands []string) int {
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
		status -= 128 // 128 plus the signal, as in a shell
	}
	return status
}

// sedArgument formats an option as one argument.
func sedArgument(o native.GivenOption) string {
	if o.Key < native.LongOnly {
		return "-" + string(o.Key) + o.Value
	}
	for _, known := range sedOptions {
		if known.Key == o.Key {
			return "--" + known.Long
		}
	}
	return ""
}

// run processes the input.
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
	s.endFile() // q drops the rest of a file edited in place
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

// mistake ends the run with an error that GNU sed attributes to the script but finds only now.
func (s *sed) mistake(format string, args ...any) {
	s.c.Errorf("-e expression #1, char 0: %s", fmt.Sprintf(format, args...))
	s.status, s.quit = 1, true
}

func (s *sed) closeAll() {
	for _, o := range s.outputs {
		_ = o.w.Flush() // only errors of stdout count, and those are known
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

// gaveUp returns an error if a match was given up.
func (c *sedCommand) gaveUp() error {
	for _, re := range [...]*sedRE{c.re, c.a1.expression(), c.a2.expression()} {
		if re != nil && re.RE.Err() != nil {
			return re.RE.Err()
		}
	}
	return nil
}

// dead reports whether a write failed. The remaining input is then of no use, and may have no
// end.
func (s *sed) dead() bool { return s.failed != nil }

// sedFile opens a file for w or R.
func (s *sed) sedFile(name string, flags int) (*os.File, error) {
	f, err := s.c.OpenFile(name, flags, 0o666)
	if err == nil {
		s.opened = append(s.opened, f)
	}
	return f, err
}
