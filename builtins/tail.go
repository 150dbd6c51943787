package builtins

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"strings"
)

var tailOptions = []option{
	{'n', "lines", needArg}, {'c', "bytes", needArg}, {'q', "quiet", noArg},
	{'q', "silent", noArg}, {'v', "verbose", noArg},
}

type tailRun struct {
	*Call
	out       *bufio.Writer
	count     int
	bytes     bool
	fromStart bool
}

// runTail is tail(1), without following; an input is read into memory where what is to be
// shown is counted from its end.
func runTail(c *Call) int {
	args, problem := oldTail(c.Args[1:])
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	opts, names, problem := parseOptions(args, tailOptions, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	t := tailRun{Call: c, out: bufio.NewWriter(c.Stdout), count: 10}
	titles := len(names) > 1
	for _, o := range opts {
		switch o.key {
		case 'n', 'c':
			digits := strings.TrimPrefix(strings.TrimPrefix(o.value, "-"), "+")
			n, err := strconv.Atoi(digits)
			if err != nil || !isDigits(digits) {
				return c.Unsupported("count %s", quoteText(o.value))
			}
			t.count, t.bytes, t.fromStart = n, o.key == 'c', o.value[0] == '+'
		case 'q':
			titles = false
		case 'v':
			titles = true
		}
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	return c.flush(t.out, t.files(names, titles))
}

func (t *tailRun) files(names []string, titles bool) int {
	status, first := 0, true
	for _, name := range names {
		in, err := t.input(name)
		if err != nil {
			t.Errorf("cannot open %s for reading: %s", quoteAlways(name), Strerror(err))
			status = 1
			continue
		}
		if titles {
			t.out.WriteString(fileTitle(name, first))
		}
		first = false
		err = t.copy(in)
		in.Close()
		if err != nil {
			t.Errorf("error reading %s: %s", quoteAlways(name), Strerror(err))
			status = 1
		}
	}
	return status
}

// copy shows of one input what is to be shown of it.
func (t *tailRun) copy(in io.Reader) error {
	if t.fromStart {
		return t.copyFrom(in)
	}
	text, err := io.ReadAll(in)
	if err == nil {
		t.out.Write(t.cut(text))
	}
	return err
}

// copyFrom leaves the first count-1 lines or bytes out, and shows the rest as it comes.
func (t *tailRun) copyFrom(in io.Reader) error {
	buf := make([]byte, 32<<10)
	for skip := t.count - 1; ; {
		n, err := in.Read(buf)
		text := buf[:n]
		for skip > 0 && len(text) > 0 {
			used, units := min(skip, len(text)), min(skip, len(text))
			if !t.bytes {
				used, units = bytes.IndexByte(text, '\n')+1, 1
			}
			if used == 0 {
				used, units = len(text), 0
			}
			text, skip = text[used:], skip-units
		}
		t.out.Write(text)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// cut is what of a text is to be shown, counted from its end.
func (t *tailRun) cut(text []byte) []byte {
	switch {
	case t.bytes:
		return text[max(0, len(text)-t.count):]
	case t.count == 0:
		return nil
	}
	start := len(bytes.TrimSuffix(text, []byte("\n")))
	for n := t.count; n > 0; n-- {
		if start = bytes.LastIndexByte(text[:start], '\n'); start < 0 {
			return text
		}
	}
	return text[start+1:]
}

// oldTail turns the operand of old, +N or -N with b, c or l behind it and perhaps f, into
// options. It counts as one only where it is the first of one or two arguments, as in
// "tail +2 file" and "tail -1 -- file".
func oldTail(args []string) (now []string, problem string) {
	n := len(args)
	alone := n == 1 || n == 2 && (len(args[1]) < 2 || args[1][0] != '-') ||
		(n == 2 || n == 3) && args[1] == "--"
	if n == 0 || len(args[0]) == 0 || args[0][0] != '+' && args[0][0] != '-' {
		return args, ""
	}
	digits, letters := splitDigits(args[0][1:])
	switch {
	case args[0][0] == '-' && digits == "":
		return args, ""
	case !alone && args[0][0] == '+':
		return args, ""
	case !alone:
		return args, "option '" + args[0] + "'"
	}
	option := "-n"
	switch {
	case letters == "b" || strings.HasSuffix(letters, "f") && len(letters) <= 2:
		return args, "option '" + args[0] + "'"
	case letters == "c":
		option = "-c"
	case letters != "" && letters != "l":
		return args, ""
	}
	if digits == "" {
		digits = "10"
	}
	return append([]string{option, args[0][:1] + digits}, args[1:]...), ""
}

// splitDigits splits behind the decimal digits that a text begins with.
func splitDigits(text string) (digits, rest string) {
	rest = strings.TrimLeft(text, "0123456789")
	return text[:len(text)-len(rest)], rest
}
