package interp

import (
	"errors"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/condition"
	"overlayboot/builtins/base/signals"
	"overlayboot/interp/parse"
	"overlayboot/interp/utility"
)

func runEcho(s *Shell, argv []string) int {
	return s.wrote(argv, utility.Echo(s.files.writer(1), argv[1:]))
}

// wrote returns the status after a write to standard output. A broken pipe ends the shell by
// SIGPIPE, unless that signal is ignored or has a trap.
func (s *Shell) wrote(argv []string, err error) int {
	if err == nil {
		return 0
	}
	if sig := s.writeSignal(err); sig != 0 {
		if s.traps[sig] == "" {
			s.endBy(sig)
			s.flow, s.exitDone = flowExit, true
			return 128 + sig
		}
		signals.Post(signals.Bit(sig))
	}
	s.complain("%s: I/O error", argv[0])
	return 1
}

// writeSignal returns the signal that a failed write causes, or 0 if there is none or it is
// ignored. The process itself does not act on the signal, since the writer may be one of
// several subshells and commands inside it.
func (s *Shell) writeSignal(err error) int {
	sig := 0
	switch {
	case errors.Is(err, unix.EPIPE):
		sig = int(unix.SIGPIPE)
	case errors.Is(err, unix.EFBIG):
		sig = int(unix.SIGXFSZ)
	}
	if action, trapped := s.traps[sig]; s.hardIgnored.has(sig) || trapped && action == "" {
		return 0
	}
	return sig
}

// endBy ends the shell by a signal. The main shell ends the process by it.
func (s *Shell) endBy(sig int) {
	if !s.inside() {
		signals.Die(sig)
	}
	s.endedBy = unix.WaitStatus(sig)
}

// print writes the output of a built-in to standard output.
func (s *Shell) print(argv []string, text string) int {
	if text == "" {
		return 0
	}
	_, err := s.files.writer(1).Write([]byte(text))
	return s.wrote(argv, err)
}

func runPrintf(s *Shell, argv []string) int {
	if len(argv) < 2 {
		return s.blame(argv, 2, "usage: printf format [arg ...]")
	}
	w := &writeWatch{w: s.files.writer(1)}
	status := utility.Printf(w, argv[1:], func(format string, args ...any) {
		s.complain(strings.TrimPrefix(format, "printf: "), args...)
	})
	if w.err != nil {
		return s.wrote(argv, w.err)
	}
	return status
}

func runTest(s *Shell, argv []string) int {
	status, err := condition.Test(argv, (*testEnv)(s))
	if err != nil {
		s.complain("%s", strings.TrimPrefix(err.Error(), argv[0]+": "))
		return status
	}
	if s.preloaded && asksFiles(argv[1:]) && !s.isEmbedded() {
		return s.testAsProgram(argv, status)
	}
	return status
}

// testAsProgram runs test as a program of the system: by dash if it is installed, else as the
// tool of that name. Without either, the status stays.
func (s *Shell) testAsProgram(argv []string, status int) int {
	if dash, ok := s.process.systemTool("dash"); ok {
		return s.runTool(dash, slices.Concat([]string{"sh", "-c", `"$0" "$@"`}, argv))
	}
	if tool, ok := s.process.systemTool(argv[0]); ok {
		return s.runTool(tool, argv)
	}
	return status
}

// asksFiles reports whether test examines a file. A program with a preloaded library
// (standin.go) may see another owner, kind or time of a file.
func asksFiles(args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool {
		switch arg {
		case "-nt", "-ot", "-ef":
			return true
		}
		return len(arg) == 2 && arg[0] == '-' && strings.IndexByte("bcdefghkprsuwxLOGS", arg[1]) >= 0
	})
}

// testEnv is the view that test has of the shell.
type testEnv Shell

// DirFD returns the file descriptor of the working directory.
func (e *testEnv) DirFD() int { return e.dir }

// IsScript reports whether a path is that of an embedded script.
func (e *testEnv) IsScript(path string) bool {
	s := (*Shell)(e)
	_, ok := s.process.script(s.absolute(path))
	return ok
}

// Path returns the path under which this process finds a file.
func (e *testEnv) Path(path string) string { return (*Shell)(e).processPath(path) }

// OSFile returns the process's file descriptor for the file n of the script.
func (e *testEnv) OSFile(n int) (osfd int, ok bool) {
	if n < 0 {
		return -1, false
	}
	f := e.files.get(n)
	if f == nil || f.inMemory() {
		return -1, false
	}
	return f.fd, true
}

// runRead reads a line into variables (XCU 4, read).
func runRead(s *Shell, argv []string) int {
	opts, names, ok := s.readOptions(argv)
	if !ok {
		return 2
	}
	if len(names) == 0 {
		return s.blame(argv, 2, "arg count")
	}
	if in := s.files.get(0); opts.prompt != "" && in != nil && isTerminal(in) {
		s.files.writer(2).Write([]byte(opts.prompt))
	}
	readLine := s.readLogicalLine
	if opts.delim != '\n' {
		readLine = s.readDelimited
	}
	line, quoted, end := readLine(opts)
	values := utility.ReadFields(string(line), quoted, s.ifs(), len(names))
	for i, name := range names {
		value := ""
		if i < len(values) {
			value = values[i]
		}
		if !parse.IsName(name) {
			return s.blame(argv, 2, "%s: bad variable name", name)
		}
		if !s.set(name, value) {
			return 2
		}
	}
	return toStatus(end)
}

func isTerminal(f *openFile) bool {
	if f == nil {
		return false
	}
	if f.inMemory() {
		return false
	}
	_, err := unix.IoctlGetTermios(f.fd, unix.TCGETS)
	return err == nil
}

// readOptions holds the options of read. The delimiter comes from the 2024 edition of the
// standard, the prompt from dash.
type readOptions struct {
	raw    bool // -r: a backslash is like any other byte
	prompt string
	delim  byte
}

// readOptions reads -r, -p prompt and -d delimiter. Several options may share a word.
func (s *Shell) readOptions(argv []string) (o readOptions, names []string, ok bool) {
	o.delim = '\n'
	args := argv[1:]
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		letters := args[0][1:]
		if args = args[1:]; letters == "-" {
			break
		}
		for letters != "" {
			c := letters[0]
			letters = letters[1:]
			if c == 'r' {
				o.raw = true
				continue
			}
			if c != 'p' && c != 'd' {
				s.blame(argv, 2, "Illegal option -%s", []byte{c})
				return o, nil, false
			}
			if letters == "" {
				if len(args) == 0 {
					s.blame(argv, 2, "No arg for -%c option", c)
					return o, nil, false
				}
				letters, args = args[0], args[1:]
			}
			o.take(c, letters)
			break
		}
	}
	return o, args, true
}

// take sets the argument of an option. An empty delimiter means the null byte.
func (o *readOptions) take(option byte, value string) {
	switch {
	case option == 'p':
		o.prompt = value
	case value == "":
		o.delim = 0
	default:
		o.delim = value[0]
	}
}

// readDelimited reads as readLogicalLine does, up to a delimiter other than a newline.
func (s *Shell) readDelimited(o readOptions) (line []byte, quoted []int, end bool) {
	in := s.files.get(0)
	if in == nil {
		return nil, nil, false
	}
	var b [1]byte
	for escaped := false; ; {
		if n, err := in.readUnless(s.inputWait(), b[:]); n == 0 || err != nil {
			return line, quoted, false
		}
		c := b[0]
		switch {
		case escaped && c == '\n': // a line continuation
			escaped = false
			continue
		case escaped:
			quoted = append(quoted, len(line))
		case c == '\\' && !o.raw:
			escaped = true
			continue
		case c == o.delim:
			return line, quoted, true
		}
		if escaped = false; c != 0 {
			line = append(line, c)
		}
	}
}

// readLogicalLine reads a line. Unless the option -r is given, it joins lines that end in a
// backslash. It returns the positions of bytes behind a backslash as quoted, and whether the
// line ended in a newline.
func (s *Shell) readLogicalLine(o readOptions) (line []byte, quoted []int, end bool) {
	in := s.files.get(0)
	if in == nil {
		return nil, nil, false
	}
	for {
		part, err := readLine(in, s.inputWait()) // an error ends the line, too
		if err == unix.EINTR {
			return append(line, part...), nil, false
		}
		end = len(part) > 0 && part[len(part)-1] == '\n'
		if end {
			part = part[:len(part)-1]
		}
		if o.raw {
			return dropZero(append(line, part...)), nil, end
		}
		more := false
		for i := 0; i < len(part); i++ {
			if part[i] == '\\' {
				if i++; i == len(part) {
					more = end
					break
				}
				quoted = append(quoted, len(line))
			}
			if part[i] != 0 {
				line = append(line, part[i])
			}
		}
		if !more {
			return line, quoted, end
		}
	}
}

func dropZero(line []byte) []byte {
	kept := line[:0]
	for _, c := range line {
		if c != 0 {
			kept = append(kept, c)
		}
	}
	return kept
}
