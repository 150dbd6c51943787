package builtins

import (
	"bufio"
	"bytes"
	"io"
	"math"
	"strconv"
	"strings"
)

var cutOptions = []option{
	{'d', "delimiter", needArg}, {'f', "fields", needArg}, {'c', "characters", needArg},
	{'b', "bytes", needArg}, {'s', "only-delimited", noArg}, {'n', "", noArg},
}

// A cutRange is a first and a last position, from 1.
type cutRange struct{ from, to int }

type cutter struct {
	list   []cutRange
	fields bool
	delim  byte
	only   bool
}

// runCut is cut(1) for bytes and fields.
func runCut(c *Call) int {
	opts, names, problem := c.options(cutOptions, permute)
	if problem == "" {
		_, problem = c.inLocale("coreutils", anyOrder)
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	k := cutter{delim: '\t'}
	hasDelim := false
	for _, o := range opts {
		switch o.key {
		case 'd':
			if len(o.value) != 1 {
				return c.Unsupported("delimiter %s", quoteText(o.value))
			}
			k.delim, hasDelim = o.value[0], true
		case 'f', 'c', 'b':
			list, ok := parseCutList(o.value)
			if !ok || k.list != nil {
				return c.Unsupported("list %s", quoteText(o.value))
			}
			k.list, k.fields = list, o.key == 'f'
		case 's':
			k.only = true
		}
	}
	if k.list == nil {
		return c.usageError(1, "you must specify a list of bytes, characters, or fields")
	}
	if !k.fields && (hasDelim || k.only) {
		return c.Unsupported("a delimiter without fields")
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	w, status := bufio.NewWriter(c.Stdout), 0
	for _, name := range names {
		if err := c.cutFile(w, name, &k); err != nil {
			c.Errorf("%s: %s", quoteName(name), Strerror(err))
			status = 1
		}
	}
	return c.flush(w, status)
}

// parseCutList reads N, N-, N-M and -M, with commas or blanks between.
func parseCutList(text string) (list []cutRange, ok bool) {
	for _, item := range strings.FieldsFunc(text, func(r rune) bool {
		return r == ',' || r == ' ' || r == '\t'
	}) {
		first, last, dash := strings.Cut(item, "-")
		if item == "-" {
			return nil, false
		}
		r := cutRange{1, math.MaxInt}
		var err error
		if first != "" {
			r.from, err = strconv.Atoi(first)
		}
		if err == nil && last != "" {
			r.to, err = strconv.Atoi(last)
		}
		if !dash {
			r.to = r.from
		}
		if err != nil || r.from < 1 || r.to < r.from {
			return nil, false
		}
		list = append(list, r)
	}
	return list, len(list) > 0
}

func (k *cutter) selected(n int) bool {
	for _, r := range k.list {
		if r.from <= n && n <= r.to {
			return true
		}
	}
	return false
}

func (c *Call) cutFile(w *bufio.Writer, name string, k *cutter) error {
	in, err := c.input(name)
	if err != nil {
		return err
	}
	defer in.Close()
	r := bufio.NewReader(in)
	for {
		line, err := r.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return err
		}
		if len(line) > 0 {
			k.line(w, bytes.TrimSuffix(line, []byte("\n")))
		}
		if err == io.EOF {
			return nil
		}
	}
}

func (k *cutter) line(w *bufio.Writer, line []byte) {
	switch {
	case !k.fields:
		for i, b := range line {
			if k.selected(i + 1) {
				w.WriteByte(b)
			}
		}
	case bytes.IndexByte(line, k.delim) < 0:
		if k.only {
			return
		}
		w.Write(line)
	default:
		first := true
		for i, field := range bytes.Split(line, []byte{k.delim}) {
			if !k.selected(i + 1) {
				continue
			}
			if !first {
				w.WriteByte(k.delim)
			}
			first = false
			w.Write(field)
		}
	}
	w.WriteByte('\n')
}
