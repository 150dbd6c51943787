package text

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

var cutOptions = []native.Option{
	{Key: 'd', Long: "delimiter", Arg: native.NeedArg},
	{Key: 'f', Long: "fields", Arg: native.NeedArg},
	{Key: 'c', Long: "characters", Arg: native.NeedArg},
	{Key: 'b', Long: "bytes", Arg: native.NeedArg}, {Key: 's', Long: "only-delimited"}, {Key: 'n'},
	{Key: 'z', Long: "zero-terminated"}, {Key: cutComplement, Long: "complement"},
	{Key: cutOutput, Long: "output-delimiter", Arg: native.NeedArg},
}

const (
	cutComplement = native.LongOnly + iota
	cutOutput
)

// A cutRange is a first and a last position, counted from 1.
type cutRange struct{ from, to int }

type cutter struct {
	locale     native.Locale
	list       []cutRange
	fields     bool
	delim, end byte
	only       bool
	complement bool
	// between is written between fields, or between parts of a line.
	between []byte
	unended bool // the line is written without its end
}

// Cut is cut(1). Like GNU cut, it treats characters as bytes.
func Cut(c *native.Call) int {
	opts, names, problem := c.Options(cutOptions, native.Permute)
	var l native.Locale
	if problem == "" {
		l, problem = c.InLocale(native.Coreutils, native.AnyOrder)
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	k := cutter{locale: l, delim: '\t', end: '\n'}
	if wrong := k.configure(opts); wrong != "" {
		return c.UsageError(1, "%s", wrong)
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	w, status, closed := c.Buffered(), 0, false
	for _, name := range names {
		if err := cutFile(c, w, name, &k); err != nil {
			_ = w.Flush()
			c.Errorf("%s: %s", native.QuoteName(name), clib.Strerror(err))
			status, closed = 1, closed || native.ClosedInput(name, err)
		}
	}
	return c.EndsClosed(c.Flush(w, status), closed)
}

// configure handles the options. wrong is the error message.
func (k *cutter) configure(opts []native.GivenOption) (wrong string) {
	list, hasList, hasDelim := "", false, false
	for _, o := range opts {
		switch o.Key {
		case 'd':
			if len(o.Value) > 1 {
				return "the delimiter must be a single character"
			}
			k.delim, hasDelim = (o.Value + "\x00")[0], true
		case 'f', 'c', 'b':
			if hasList {
				return "only one list may be specified"
			}
			list, hasList, k.fields = o.Value, true, o.Key == 'f'
		case 's':
			k.only = true
		case 'z':
			k.end = 0
		case cutComplement:
			k.complement = true
		case cutOutput:
			k.between = []byte(o.Value + "\x00")[:max(1, len(o.Value))]
		}
	}
	switch {
	case !hasList:
		return "you must specify a list of bytes, characters, or fields"
	case !k.fields && hasDelim:
		return "an input delimiter may be specified only when operating on fields"
	case !k.fields && k.only:
		return "suppressing non-delimited lines makes sense\n\tonly when operating on fields"
	}
	if k.fields && k.between == nil {
		k.between = []byte{k.delim}
	}
	return k.parseList(list)
}

// parseList reads N, N-, N-M and -M, separated by commas or blanks, and sorts them. It merges
// ranges that overlap, but not ranges that only touch.
func (k *cutter) parseList(text string) (wrong string) {
	text = strings.NewReplacer(" ", ",", "\t", ",").Replace(text)
	for _, item := range strings.Split(text, ",") {
		r, wrong := k.parseRange(item)
		if wrong != "" {
			return wrong
		}
		k.list = append(k.list, r)
	}
	slices.SortFunc(k.list, func(a, b cutRange) int { return a.from - b.from })
	merged := k.list[:1]
	for _, r := range k.list[1:] {
		if last := &merged[len(merged)-1]; r.from <= last.to {
			last.to = max(last.to, r.to)
		} else {
			merged = append(merged, r)
		}
	}
	k.list = merged
	if k.complement {
		k.list = complementRanges(merged)
	}
	return ""
}

func complementRanges(list []cutRange) (rest []cutRange) {
	next := 1
	for _, r := range list {
		if r.from > next {
			rest = append(rest, cutRange{next, r.from - 1})
		}
		if r.to == math.MaxInt {
			return rest
		}
		next = r.to + 1
	}
	return append(rest, cutRange{next, math.MaxInt})
}

// cutWords are the error messages for a list of fields or of bytes.
type cutWords struct{ numbered, value, tooLarge, form string }

func (k *cutter) words() cutWords {
	if k.fields {
		return cutWords{"fields are numbered from 1", "invalid field value ", "field number ",
			"invalid field range"}
	}
	return cutWords{"byte/character positions are numbered from 1",
		"invalid byte/character position ", "byte/character offset ",
		"invalid byte or character range"}
}

func (k *cutter) parseRange(item string) (r cutRange, wrong string) {
	first, last, dash := strings.Cut(item, "-")
	r = cutRange{1, math.MaxInt}
	switch {
	case item == "-":
		return r, "invalid range with no endpoint: -"
	case strings.Contains(last, "-"):
		return r, k.words().form
	case item == "":
		return r, k.words().numbered
	}
	if first != "" {
		r.from, wrong = k.position(first)
	}
	if last != "" && wrong == "" {
		r.to, wrong = k.position(last)
	}
	switch {
	case wrong != "":
		return r, wrong
	case r.from == 0:
		return r, k.words().numbered
	case !dash:
		r.to = r.from
	case r.to < r.from:
		return r, "invalid decreasing range"
	}
	return r, ""
}

func (k *cutter) position(text string) (n int, wrong string) {
	if rest := strings.TrimLeft(text, "0123456789"); rest != "" {
		return 0, k.words().value + k.locale.QuoteText(rest)
	}
	n, err := strconv.Atoi(text)
	if errors.Is(err, strconv.ErrRange) || n == math.MaxInt {
		return 0, k.words().tooLarge + k.locale.QuoteText(text) + " is too large"
	}
	return n, ""
}

// at returns the range that contains n, or nil.
func (k *cutter) at(n int) *cutRange {
	for i := range k.list {
		if k.list[i].from <= n && n <= k.list[i].to {
			return &k.list[i]
		}
	}
	return nil
}

func cutFile(c *native.Call, w *bufio.Writer, name string, k *cutter) error {
	in, err := c.Input(name)
	if err != nil {
		return err
	}
	defer in.Close()
	r := bufio.NewReader(in)
	if k.fields && k.delim == k.end {
		return k.lines(w, r)
	}
	for writable(w) {
		line, err := r.ReadBytes(k.end)
		if err != nil && err != io.EOF {
			return err
		}
		if len(line) > 0 && !(err == io.EOF && k.forgets(line)) {
			k.unended = err == io.EOF && k.leavesOpen(line)
			k.line(w, bytes.TrimSuffix(line, []byte{k.end}))
		}
		if err == io.EOF {
			return nil
		}
	}
	return nil
}

// leavesOpen reports whether GNU cut leaves an unterminated last line unterminated. It does so
// with -z and -s if the first field is selected and the only delimiter is the last byte.
func (k *cutter) leavesOpen(line []byte) bool {
	return k.fields && k.end == 0 && k.only && k.at(1) != nil &&
		bytes.IndexByte(line, k.delim) == len(line)-1
}

// forgets reports whether GNU cut drops an unterminated last line. It does so with -z and
// without -s if the first field is not selected and the only delimiter is the last byte.
func (k *cutter) forgets(line []byte) bool {
	return k.fields && k.end == 0 && !k.only && k.at(1) == nil &&
		bytes.IndexByte(line, k.delim) == len(line)-1
}

// lines treats a whole file as one line, and its lines as fields.
func (k *cutter) lines(w *bufio.Writer, in io.Reader) error {
	text, err := io.ReadAll(in)
	if err != nil || len(text) == 0 {
		return err
	}
	text, ended := bytes.CutSuffix(text, []byte{k.end})
	switch {
	case !ended || bytes.IndexByte(text, k.end) >= 0:
		k.line(w, text)
	case k.at(1) != nil: // the end of the only line counts as a delimiter
		w.Write(append(text, k.end))
	case !k.only:
		w.WriteByte(k.end)
	}
	return nil
}

func (k *cutter) line(w *bufio.Writer, line []byte) {
	switch {
	case !k.fields:
		k.bytes(w, line)
	case bytes.IndexByte(line, k.delim) < 0:
		if k.only {
			return
		}
		w.Write(line)
	default:
		first, n := true, 0
		for field := range bytes.SplitSeq(line, []byte{k.delim}) {
			if n++; k.at(n) == nil {
				continue
			}
			if !first {
				w.Write(k.between)
			}
			first = false
			w.Write(field)
		}
	}
	if !k.unended {
		w.WriteByte(k.end)
	}
}

// bytes writes the selected ranges of a line.
func (k *cutter) bytes(w *bufio.Writer, line []byte) {
	for i, r := range k.list {
		if r.from > len(line) {
			return
		}
		if i > 0 {
			w.Write(k.between)
		}
		w.Write(line[r.from-1 : min(r.to, len(line))])
	}
}
