package text

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"strings"
	"time"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// Keys of options that have only a long name.
const (
	tailRetry = native.LongOnly + iota
	tailPid
)

var tailOptions = []native.Option{
	{Key: 'n', Long: "lines", Arg: native.NeedArg}, {Key: 'c', Long: "bytes", Arg: native.NeedArg},
	{Key: 'q', Long: "quiet"},
	{Key: 'q', Long: "silent"}, {Key: 'v', Long: "verbose"}, {Key: 'z', Long: "zero-terminated"},
	{Key: 'f', Long: "follow", Arg: native.OptArg}, {Key: 'F'}, {Key: tailRetry, Long: "retry"},
	{Key: tailPid, Long: "pid", Arg: native.NeedArg},
	{Key: 's', Long: "sleep-interval", Arg: native.NeedArg},
}

type tailRun struct {
	*native.Call
	out       *bufio.Writer
	count     int
	end       byte
	bytes     bool
	fromStart bool
	tailFollow
}

// Tail is tail(1).
func Tail(c *native.Call) int {
	args, problem := oldTail(c.Args[1:])
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	opts, names, problem := native.ParseOptions(separateF(args), tailOptions, c.Order(native.Permute))
	if problem == "" {
		_, problem = c.InLocale(native.Coreutils, native.AnyOrder)
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	t := tailRun{Call: c, out: c.Buffered(), count: 10, end: '\n',
		tailFollow: tailFollow{interval: time.Second}}
	titles := len(names) > 1
	for _, o := range opts {
		switch o.Key {
		case 'n', 'c':
			digits := strings.TrimPrefix(strings.TrimPrefix(o.Value, "-"), "+")
			n, err := strconv.Atoi(digits)
			if err != nil || !ascii.IsDigits(digits) {
				return c.Unsupported("count %s", native.QuoteText(o.Value))
			}
			t.count, t.bytes, t.fromStart = n, o.Key == 'c', o.Value[0] == '+'
		case 'q':
			titles = false
		case 'v':
			titles = true
		case 'z':
			t.end = 0
		default:
			if problem := t.option(o); problem != "" {
				return c.Unsupported("%s", problem)
			}
		}
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	if problem := t.unfit(names); problem != "" {
		return c.Unsupported("%s", problem)
	}
	if t.on && !c.Own {
		return native.NeedsProcess
	}
	if t.on {
		t.titles = titles
		return t.follow(names)
	}
	if t.count == 0 && !t.fromStart {
		return 0
	}
	status, closed := t.files(names, titles)
	return c.EndsClosed(c.Flush(t.out, status), closed)
}

// oldTail translates the obsolete syntax [-+]NUMBER[bcl][f] to options. That syntax is valid
// only without other options and with at most one operand. A trailing f follows the file.
func oldTail(args []string) (now []string, problem string) {
	alone := len(args) == 1 ||
		len(args) == 2 && (args[1] == "-" || args[1] == "" || args[1][0] != '-') ||
		(len(args) == 2 || len(args) == 3) && args[1] == "--"
	if !alone || len(args[0]) < 1 || args[0][0] != '-' && args[0][0] != '+' {
		return args, ""
	}
	if rest, ok := followsToo(args[0]); ok {
		now, problem = oldTail(append([]string{rest}, args[1:]...))
		return append([]string{"-f"}, now...), problem
	}
	sign := args[0][:1]
	number := strings.TrimRight(args[0][1:], "bcl")
	unit := args[0][1+len(number):]
	if len(unit) > 1 || number != "" && !ascii.IsDigits(number) || sign == "-" && number+unit == "" ||
		args[0] == "-c" {
		return args, ""
	}
	if number == "" {
		number = "10"
	}
	option := "-n"
	if unit == "c" || unit == "b" {
		option = "-c"
	}
	if n, err := strconv.ParseInt(number, 10, 54); unit == "b" && err == nil {
		number = strconv.FormatInt(n*512, 10)
	}
	return append([]string{option, sign + number}, args[1:]...), ""
}

// separateF makes -f a word of its own, since only --follow takes an argument.
func separateF(args []string) (list []string) {
	for i, arg := range args {
		if arg == "--" {
			return append(list, args[i:]...)
		}
		at := strings.IndexByte(arg, 'f')
		if len(arg) < 2 || arg[0] != '-' || arg[1] == '-' || at < 0 ||
			strings.ContainsAny(arg[:at], "ncs") {
			list = append(list, arg)
			continue
		}
		list = append(list, "-f")
		if rest := arg[:at] + arg[at+1:]; rest != "-" {
			list = append(list, separateF([]string{rest})...)
		}
	}
	return list
}

func (t *tailRun) files(names []string, titles bool) (status int, closed bool) {
	first := true
	for _, name := range names {
		in, err := t.Input(name)
		if err != nil {
			t.Errorf("cannot open %s for reading: %s", native.QuoteAlways(name), clib.Strerror(err))
			status = 1
			continue
		}
		if titles {
			t.out.WriteString(fileTitle(name, first))
		}
		first = false
		err = t.copy(in)
		in.Close()
		if native.ClosedInput(name, err) {
			_ = t.out.Flush()
			t.Errorf("cannot fstat %s: %s", native.QuoteAlways("standard input"), clib.Strerror(err))
			status, closed = 1, true
		} else if err != nil {
			t.Errorf("error reading %s: %s", native.QuoteAlways(name), clib.Strerror(err))
			status = 1
		}
	}
	return status, closed
}

// copy shows the selected part of one input.
func (t *tailRun) copy(in io.Reader) error {
	if t.fromStart {
		return t.copyAfter(in, t.count-1)
	}
	return t.copyEnd(in)
}

// copyAfter skips lines or bytes and shows the rest as it arrives.
func (t *tailRun) copyAfter(in io.Reader, skip int) error {
	buf := make([]byte, 32<<10)
	for {
		n, err := in.Read(buf)
		text := buf[:n]
		for skip > 0 && len(text) > 0 {
			used, units := min(skip, len(text)), min(skip, len(text))
			if !t.bytes {
				used, units = bytes.IndexByte(text, t.end)+1, 1
			}
			if used == 0 {
				used, units = len(text), 0
			}
			text, skip = text[used:], skip-units
		}
		if _, failed := t.out.Write(text); failed != nil {
			return nil // Flush reports it
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// cut returns the part of a text to show, counted from the end.
func (t *tailRun) cut(text []byte) []byte {
	switch {
	case t.bytes:
		return text[max(0, len(text)-t.count):]
	case t.count == 0:
		return nil
	}
	start := len(bytes.TrimSuffix(text, []byte{t.end}))
	for n := t.count; n > 0; n-- {
		if start = bytes.LastIndexByte(text[:start], t.end); start < 0 {
			return text
		}
	}
	return text[start+1:]
}
