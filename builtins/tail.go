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

// runTail is tail(1), without following; each input is read into memory.
func runTail(c *Call) int {
	args := c.Args[1:]
	if len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && isDigits(args[0][1:]) {
		args = append([]string{"-n", args[0][1:]}, args[1:]...)
	}
	opts, names, problem := parseOptions(args, tailOptions, permute)
	if problem == "" {
		_, problem = c.inLocale("coreutils", anyOrder)
	}
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
		text, err := io.ReadAll(in)
		in.Close()
		if err != nil {
			t.Errorf("error reading %s: %s", quoteAlways(name), Strerror(err))
			status = 1
			continue
		}
		t.out.Write(t.cut(text))
	}
	return status
}

// cut is what of a text is to be shown.
func (t *tailRun) cut(text []byte) []byte {
	switch {
	case t.bytes && t.fromStart:
		return text[min(len(text), max(0, t.count-1)):]
	case t.bytes:
		return text[max(0, len(text)-t.count):]
	case t.fromStart:
		for n := t.count; n > 1 && len(text) > 0; n-- {
			i := bytes.IndexByte(text, '\n')
			if i < 0 {
				return nil
			}
			text = text[i+1:]
		}
		return text
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
