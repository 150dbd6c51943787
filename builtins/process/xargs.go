package process

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// Exit statuses of xargs(1).
const (
	xargsSomeFailed = 123
	xargsSaid255    = 124
	xargsSignaled   = 125
)

// xargsBatch is the maximum length of a command line without -s. Only a host whose stack limit
// is below half a megabyte has a lower maximum.
const xargsBatch = 128 << 10

func xargsOptions() []native.Option {
	return []native.Option{
		{Key: '0', Long: "null"}, {Key: 'a', Long: "arg-file", Arg: native.NeedArg},
		{Key: 'd', Long: "delimiter", Arg: native.NeedArg},
		{Key: 'E', Arg: native.NeedArg}, {Key: 'e', Long: "eof", Arg: native.OptArg},
		{Key: 'I', Arg: native.NeedArg}, {Key: 'i', Long: "replace", Arg: native.OptArg},
		{Key: 'L', Arg: native.NeedArg}, {Key: 'l', Long: "max-lines", Arg: native.OptArg},
		{Key: 'n', Long: "max-args", Arg: native.NeedArg},
		{Key: 'P', Long: "max-procs", Arg: native.NeedArg}, {Key: 'r', Long: "no-run-if-empty"},
		{Key: 's', Long: "max-chars", Arg: native.NeedArg},
		{Key: 't', Long: "verbose"}, {Key: 'x', Long: "exit"},
		// Options of xargs(1) that this command lacks. They are listed so that no abbreviation
		// matches another option.
		{Key: '!', Long: "interactive"}, {Key: '!', Long: "open-tty"}, {Key: '!', Long: "show-limits"},
		{Key: '!', Long: "process-slot-var", Arg: native.NeedArg}, {Key: '!', Long: "help"},
		{Key: '!', Long: "version"},
	}
}

// An xargs is one invocation of xargs(1).
type xargs struct {
	*native.Call
	locale    native.Locale
	file      *string // the file of -a
	delimiter int     // -1: blanks and newlines separate, and quotes count
	eof       string  // a word that ends the input, "" for none
	eofGiven  bool
	replaces  bool // -I
	replace   string
	perRun    int  // number of arguments, 0 for any
	lines     int  // input lines for each run, 0 for any number
	size      int  // maximum length of a command line
	notEmpty  bool // -r
	trace     bool
	exit      bool // stop if a command line would be too long
	initial   []string

	in      *bufio.Reader
	stdin   io.Reader // standard input of the commands
	fixed   int       // size of initial
	args    []string
	used    int // size of initial and args
	line    int // lines of input in args
	first   bool
	ended   bool
	warned  bool
	ran     bool
	status  int
	stopped bool // status is the result
}

// Xargs is xargs(1) without parallel commands and without prompts.
func Xargs(c *native.Call) int {
	x := &xargs{Call: c, delimiter: -1, size: xargsBatch}
	opts, operands, problem := native.ParseOptions(c.Args[1:], xargsOptions(), native.OperandsLast)
	l, foreign := c.InLocale("findutils", native.AnyOrder)
	for _, p := range [...]string{x.lacks(opts), foreign} {
		problem = cmp.Or(problem, p)
	}
	if c.RunAs == nil {
		problem = cmp.Or(problem, "a command")
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	x.locale = l
	for _, o := range opts {
		if x.option(o); x.stopped {
			return x.status
		}
	}
	x.initial = operands
	if len(operands) == 0 {
		x.initial = []string{"echo"}
	}
	if x.eofGiven && x.delimiter >= 0 {
		c.Errorf("warning: the -E option has no effect if -0 or -d is used.\n")
		x.eof = ""
	}
	defer x.open()()
	if !x.stopped {
		x.run()
	}
	if x.status == 0 && x.file == nil && native.IsClosed(c.Stdin) {
		c.Errorf("error closing file: %s", clib.ErrnoText(unix.EBADF))
		return 1
	}
	return x.status
}

// lacks names the first option that only the system's tool supports.
func (x *xargs) lacks(opts []native.GivenOption) string {
	for _, o := range opts {
		n, err := strconv.ParseInt(o.Value, 10, 64)
		switch {
		case o.Key == '!':
			return o.Named()
		case o.Key == 'P' && (err != nil || n != 1):
			return "option '-P " + o.Value + "'"
		case o.Key == 's' && err == nil && n > xargsBatch:
			return "option '-s " + o.Value + "'"
		}
	}
	return ""
}

// fail stops xargs after an error. The status of a command that failed before takes precedence.
func (x *xargs) fail(format string, args ...any) {
	x.Errorf(format, args...)
	x.end(max(x.status, 1))
}

func (x *xargs) end(status int) { x.status, x.stopped = status, true }

// option handles one option. Of the options that say how many arguments a command gets, the
// last one counts.
func (x *xargs) option(o native.GivenOption) {
	switch o.Key {
	case '0':
		x.delimiter = 0
	case 'a':
		x.file = &o.Value
	case 'd':
		x.setDelimiter(o.Value)
	case 'E', 'e':
		x.eof, x.eofGiven = o.Value, o.Value != ""
	case 'I', 'i':
		x.setReplace(o)
	case 'L', 'l':
		x.setLines(o)
	case 'n':
		x.setPerRun(o.Value)
	case 'r':
		x.notEmpty = true
	case 's':
		x.setSize(o.Value)
	case 't':
		x.trace = true
	case 'x':
		x.exit = true
	}
}

func (x *xargs) exclusive(now, before string) {
	x.Errorf("warning: options %s and %s are mutually exclusive, ignoring previous %s value",
		before, now, before)
}

func (x *xargs) setReplace(o native.GivenOption) {
	if x.perRun > 0 {
		x.exclusive("--replace/-I/-i", "--max-args")
	}
	if x.lines > 0 {
		x.exclusive("--replace/-I/-i", "--max-lines")
	}
	x.perRun, x.lines, x.replaces = 0, 0, true
	if x.replace = o.Value; !o.Has {
		x.replace = "{}"
	}
}

func (x *xargs) setLines(o native.GivenOption) {
	now := "-L"
	if o.Key == 'l' {
		now = "--max-lines/-l"
	}
	if x.perRun > 0 {
		x.exclusive(now, "--max-args")
	}
	if x.replaces {
		x.exclusive(now, "--replace")
	}
	x.perRun, x.replaces, x.lines = 0, false, 1
	if o.Has {
		x.lines = x.number(o.Key, o.Value, 1)
	}
}

func (x *xargs) setPerRun(value string) {
	n := x.number('n', value, 1)
	if x.stopped || n == 1 && x.replaces { // -n1 adds nothing to -I
		return
	}
	if x.lines > 0 {
		x.exclusive("--max-args/-n", "--max-lines")
	}
	if x.replaces {
		x.exclusive("--max-args/-n", "--replace")
	}
	x.perRun, x.lines, x.replaces = n, 0, false
}

func (x *xargs) setSize(value string) {
	n, ok := x.parse('s', value)
	if !ok {
		return
	}
	if n < 1 {
		x.Errorf("value %s for -s option should be >= 1", value)
	}
	x.size = max(n, 1)
}

// number returns the value of an option, which must be at least least.
func (x *xargs) number(key rune, value string, least int) int {
	n, ok := x.parse(key, value)
	if ok && n < least {
		x.end(x.UsageError(1, "value %s for -%c option should be >= %d", value, key, least))
	}
	return n
}

func (x *xargs) parse(key rune, value string) (n int, ok bool) {
	text := strings.TrimLeft(value, " \t\n\v\f\r")
	wide, err := strconv.ParseInt(text, 10, 64)
	if err != nil && wide == 0 || strings.Contains(text, "_") {
		x.end(x.UsageError(1, `invalid number "%s" for -%c option`, value, key))
		return 0, false
	}
	return int(max(min(wide, math.MaxInt32), math.MinInt32)), true
}

// setDelimiter reads a single character or an escape sequence.
func (x *xargs) setDelimiter(text string) {
	switch {
	case len(text) == 1:
		x.delimiter = int(text[0])
		return
	case len(text) == 0 || text[0] != '\\':
		x.fail("Invalid input delimiter specification %s: the delimiter must be either a single"+
			" character or an escape sequence starting with \\.", text)
		return
	}
	if i := strings.IndexByte(`abfnrtv\`, text[1]); i >= 0 {
		x.delimiter = int("\a\b\f\n\r\t\v\\"[i])
		return
	}
	base, digits, most := 8, text[1:], "377"
	if text[1] == 'x' {
		base, digits, most = 16, text[2:], "ff"
	} else if !ascii.IsDigit(text[1]) {
		x.fail("Invalid escape sequence %s in input delimiter specification.", text)
		return
	}
	n, end := 0, 0
	for ; end < len(digits); end++ {
		d := digitValue(digits[end])
		if d >= base {
			break
		}
		n = min(n*base+d, 1<<16)
	}
	switch {
	case n > 255:
		x.fail("Invalid escape sequence %s in input delimiter specification; character values"+
			" must not exceed %s.", text, most)
	case end < len(digits):
		x.fail("Invalid escape sequence %s in input delimiter specification; trailing characters"+
			" %s not recognised.", text, digits[end:])
	}
	x.delimiter = n
}

func digitValue(c byte) int {
	switch {
	case ascii.IsDigit(c):
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return math.MaxInt
}

// open opens the input. If the input is a file, the commands read the caller's standard input;
// otherwise they read nothing.
func (x *xargs) open() (end func()) {
	if x.file != nil && *x.file != "-" {
		f, err := x.Open(*x.file)
		if err != nil {
			x.fail("Cannot open input file %s: %s", native.QuoteText(*x.file), clib.Strerror(err))
			return func() {}
		}
		x.in, x.stdin = bufio.NewReader(f), x.Stdin
		return func() { _ = f.Close() }
	}
	x.in, x.stdin = bufio.NewReader(x.Stdin), strings.NewReader("")
	null, err := os.Open("/dev/null")
	if err != nil { // a system without device files
		return x.giveBack
	}
	x.stdin = null
	return func() {
		_ = null.Close()
		x.giveBack()
	}
}

// giveBack seeks standard input back by the bytes that were read ahead, if it is a file.
func (x *xargs) giveBack() {
	if f, ok := x.Stdin.(io.Seeker); ok && x.in.Buffered() > 0 {
		_, _ = f.Seek(-int64(x.in.Buffered()), io.SeekCurrent)
	}
}

// run reads the input and runs the commands.
func (x *xargs) run() {
	x.exit = x.exit || x.replaces || x.lines > 0
	if x.replaces {
		for !x.stopped {
			text, ok := x.read()
			if !ok || x.stopped {
				return
			}
			x.substitute(text)
		}
		return
	}
	for _, arg := range x.initial {
		if x.used += len(arg) + 1; x.used > x.size {
			x.fail("cannot fit single argument within argument list size limit")
			return
		}
	}
	x.fixed = x.used
	for !x.stopped {
		if _, ok := x.read(); !ok {
			break
		}
		if x.lines > 0 && x.line >= x.lines {
			x.execute()
		}
	}
	if !x.stopped && (len(x.args) > 0 || !x.notEmpty && !x.ran) {
		x.execute()
	}
}

// read reads a line, or an item if there is a delimiter. Without -I it adds the arguments that
// it finds.
func (x *xargs) read() (text string, ok bool) {
	if x.ended {
		return "", false
	}
	x.first = true
	if x.delimiter >= 0 {
		return x.readItem()
	}
	return x.readLine()
}

// readItem reads up to the delimiter.
func (x *xargs) readItem() (text string, ok bool) {
	var item []byte
	for {
		c, err := x.in.ReadByte()
		if err != nil && len(item) == 0 {
			return "", false
		}
		if err != nil || int(c) == x.delimiter {
			x.line++
			break
		}
		if !x.room(item) {
			return "", false
		}
		item = append(item, c)
	}
	x.push(string(item))
	return string(item), true
}

// room reports whether an argument may grow. If not, room stops xargs with an error.
func (x *xargs) room(item []byte) bool {
	if len(item) < x.size-x.fixed-1 {
		return true
	}
	x.rest()
	x.fail("argument line too long")
	return false
}

// rest runs the command with the pending arguments before an error.
func (x *xargs) rest() {
	if !x.exit && len(x.args) > 0 {
		x.execute()
	}
}

// untilNUL cuts an argument at its first zero byte, as a program would see it.
func untilNUL(arg string) string {
	arg, _, _ = strings.Cut(arg, "\x00")
	return arg
}

// An xargsState is the state of readLine between two bytes.
type xargsState uint8

const (
	xargsBlank xargsState = iota
	xargsWord
	xargsQuote
	xargsEscape
)

// readLine reads a line of words. A blank ends a word unless quotes or a backslash protect it.
func (x *xargs) readLine() (text string, ok bool) {
	var word []byte
	state, quote, before, quoted := xargsBlank, byte(0), byte('\n'), false
	for {
		c, err := x.in.ReadByte()
		if err != nil {
			return x.lastWord(word, state == xargsQuote, quote)
		}
		last := before
		before = c
		switch state {
		case xargsBlank:
			// More characters are blank before a word than after one.
			if isXargsBlank(c) || strings.IndexByte("\r\f\v", c) >= 0 || c == '\n' && x.replaces {
				continue
			}
			state = xargsWord
			fallthrough
		case xargsWord:
			switch {
			case c == '\n':
				empty := len(word) == 0 && !quoted
				x.countLine(isXargsBlank(last), empty)
				if !empty {
					return x.endWord(word)
				}
				state = xargsBlank
				continue
			case !x.replaces && isXargsBlank(c):
				if text, ok = x.endWord(word); !ok || x.ended || x.stopped {
					return text, ok
				}
				word, state, quoted, x.first = nil, xargsBlank, false, false
				continue
			case c == '\\':
				state = xargsEscape
				continue
			case c == '\'' || c == '"':
				state, quote, quoted = xargsQuote, c, true
				continue
			}
		case xargsQuote:
			if c == '\n' {
				x.unmatched(quote)
				return "", false
			}
			if c == quote {
				state = xargsWord
				continue
			}
		case xargsEscape:
			state = xargsWord
		}
		if word, ok = x.add(word, c); !ok {
			return "", false
		}
	}
}

// add adds a byte to a word. It reports false where the word has become too long.
func (x *xargs) add(word []byte, c byte) (longer []byte, ok bool) {
	if c == 0 {
		x.warnOfNUL()
	}
	if !x.room(word) {
		return nil, false
	}
	return append(word, c), true
}

// countLine counts the end of a line, unless a trailing blank continues the line. Empty lines
// do not count before the first word of a command.
func (x *xargs) countLine(goesOn, empty bool) {
	if !goesOn {
		x.line++
	}
	if empty && x.first {
		x.line = max(x.line-1, 0)
	}
}

func (x *xargs) warnOfNUL() {
	if !x.warned {
		x.warned = true
		x.Errorf("WARNING: a NUL character occurred in the input.  It cannot be passed" +
			" through in the argument list.  Did you mean to use the --null option?")
	}
}

func isXargsBlank(c byte) bool { return c == ' ' || c == '\t' }

// lastWord handles the end of the input.
func (x *xargs) lastWord(word []byte, open bool, quote byte) (text string, ok bool) {
	x.ended = true
	switch {
	case len(word) == 0:
		return "", false
	case open:
		x.unmatched(quote)
		return "", false
	}
	return x.endWord(word)
}

// endWord handles a complete word, which may be the one that ends the input.
func (x *xargs) endWord(word []byte) (text string, ok bool) {
	text = string(word)
	if x.eof != "" && untilNUL(text) == x.eof && (!x.ended || x.first) {
		x.ended = true
		return "", !x.first
	}
	x.push(text)
	return text, true
}

func (x *xargs) unmatched(quote byte) {
	kind := "single"
	if quote == '"' {
		kind = "double"
	}
	x.rest()
	if !x.stopped {
		x.fail("unmatched %s quote; by default quotes are special to xargs unless you use the -0"+
			" option", kind)
	}
}

// push adds an argument. It runs the command before that if the argument does not fit, and
// after that if the command has all its arguments.
func (x *xargs) push(arg string) {
	if x.replaces {
		return
	}
	if x.used+len(arg)+1 > x.size {
		switch {
		case len(x.args) == 0:
			x.fail("cannot fit single argument within argument list size limit")
		case x.exit && (x.lines > 0 || x.perRun > 0):
			x.fail("argument list too long")
		default:
			x.execute()
		}
		if x.stopped {
			return
		}
	}
	x.used += len(arg) + 1
	x.args = append(x.args, untilNUL(arg))
	if x.perRun > 0 && len(x.args) == x.perRun {
		x.execute()
	}
}

// substitute runs the command with a line in place of the text of -I.
func (x *xargs) substitute(text string) {
	argv, used := x.initial[:1:1], len(x.initial[0])+1
	if used > x.size {
		x.fail("cannot fit single argument within argument list size limit")
		return
	}
	for _, arg := range x.initial[1:] {
		if x.replace != "" {
			arg = strings.ReplaceAll(arg, x.replace, text)
		}
		used += len(arg) + 1
		switch {
		case len(arg) >= x.size-1:
			x.fail("command too long")
		case used > x.size:
			x.fail("argument list too long")
		}
		if x.stopped {
			return
		}
		argv = append(argv, untilNUL(arg))
	}
	x.runOne(argv)
}

// execute runs the command with the pending arguments.
func (x *xargs) execute() {
	argv := append(x.initial[:len(x.initial):len(x.initial)], x.args...)
	x.args, x.used, x.line = nil, x.fixed, 0
	x.runOne(argv)
}

func (x *xargs) runOne(argv []string) {
	x.ran = true
	if x.trace {
		x.show(argv)
	}
	ended := x.RunAs(x.OrBuiltin(argv), x.Name()+": %s: %s", x.stdin, x.Stdout, x.Stderr)
	switch {
	case ended.NotRun:
		x.end(ended.Status)
	case ended.Signal != 0:
		x.Errorf("%s: terminated by signal %d", argv[0], ended.Signal)
		x.end(xargsSignaled)
	case ended.Status == 255:
		x.Errorf("%s: exited with status 255; aborting", argv[0])
		x.end(xargsSaid255)
	case ended.Status != 0:
		x.status = xargsSomeFailed
	}
}

// show writes the command line to standard error, for -t.
func (x *xargs) show(argv []string) {
	words := make([]string, len(argv))
	for i, word := range argv {
		words[i] = x.locale.QuoteWord(word)
	}
	fmt.Fprintln(x.Stderr, strings.Join(words, " "))
}
