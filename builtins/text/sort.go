package text

import (
	"bufio"
	"bytes"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var sortOptions = []native.Option{
	{Key: 'r', Long: "reverse"}, {Key: 'k', Long: "key", Arg: native.NeedArg},
	{Key: 't', Long: "field-separator", Arg: native.NeedArg},
	{Key: 'u', Long: "unique"}, {Key: 'n', Long: "numeric-sort"}, {Key: 's', Long: "stable"},
	{Key: 'b', Long: "ignore-leading-blanks"}, {Key: 'f', Long: "ignore-case"},
	{Key: 'o', Long: "output", Arg: native.NeedArg}, {Key: 'z', Long: "zero-terminated"},
	{Key: '!', Long: "random-sort"}, {Key: '!', Long: "random-source", Arg: native.NeedArg},
	{Key: '!', Long: "sort", Arg: native.NeedArg},
	{Key: '!', Long: "files0-from", Arg: native.NeedArg},
}

// sortFlags are the flags for comparisons, global or of one key.
type sortFlags struct {
	reverse, numeric, fold         bool
	skipStartBlanks, skipEndBlanks bool
}

// A sortKey is a range of a line. Fields and characters are counted from 1.
type sortKey struct {
	sortFlags
	startField, startChar int
	endField, endChar     int // 0: up to the end of the line or field
	own                   bool
}

type sorter struct {
	*native.Call
	global         sortFlags
	keys           []sortKey
	tab            int
	unique, stable bool
	output         *string
	end            byte
}

// Sort is sort(1) in byte order, as in the C locale.
func Sort(c *native.Call) int {
	opts, names, problem := c.Options(sortOptions, native.Permute)
	if problem == "" {
		_, problem = c.InLocale(native.Coreutils, native.PlainOrder)
	}
	for _, name := range names {
		if len(name) > 1 && name[0] == '+' && problem == "" {
			problem = "argument '" + name + "'" // the obsolete syntax of keys
		}
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	s := sorter{Call: c, tab: -1, end: '\n'}
	if problem := s.configure(opts); problem != "" {
		return c.Unsupported("%s", problem)
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	o := sortOrder{sorter: &s}
	if len(s.keys) > 0 {
		o.first = s.keys[0]
	}
	for _, name := range names {
		text, err := s.read(name)
		if err != nil {
			what := "cannot read"
			switch {
			case native.ClosedInput(name, err):
				what = "stat failed"
			case err == errReading:
				what = "read failed"
				err = unix.EISDIR
			}
			c.Errorf("%s: %s: %s", what, native.QuoteName(name), clib.Strerror(err))
			return 2
		}
		o.add(text)
	}
	o.sort(o.entries)
	return s.write(&o)
}

const errReading fsys.Error = "read failed"

// read reads a file. It returns nil for an empty file.
func (s *sorter) read(name string) ([]byte, error) {
	in, err := s.Input(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	text, err := readWhole(in)
	if native.ClosedInput(name, err) {
		return nil, err
	}
	if err != nil {
		return nil, errReading
	}
	return text, nil
}

func (s *sorter) configure(opts []native.GivenOption) (problem string) {
	hasTab := false
	for _, o := range opts {
		switch o.Key {
		case 'k':
			key, ok := parseSortKey(o.Value)
			if !ok {
				return "key '" + o.Value + "'"
			}
			s.keys = append(s.keys, key)
		case 't':
			before, again := s.tab, hasTab
			hasTab = true
			switch {
			case o.Value == `\0`:
				s.tab = 0
			case len(o.Value) == 1:
				s.tab = int(o.Value[0])
			default:
				return "separator '" + o.Value + "'"
			}
			if again && s.tab != before {
				return "two separators"
			}
		case 'u':
			s.unique = true
		case 's':
			s.stable = true
		case 'o':
			if s.output != nil && *s.output != o.Value {
				return "two output files"
			}
			s.output = &o.Value
		case 'z':
			s.end = 0
		default:
			s.global.set(byte(o.Key), true, true)
		}
	}
	for i := range s.keys {
		if !s.keys[i].own {
			s.keys[i].sortFlags = s.global
		}
	}
	if len(s.keys) == 0 && s.global != (sortFlags{}) {
		g := s.global
		s.keys = []sortKey{{sortFlags: g, startField: 1, startChar: 1}}
	}
	return ""
}

// set handles a flag letter at the start or end position of a key.
func (f *sortFlags) set(letter byte, start, end bool) bool {
	switch letter {
	case 'r':
		f.reverse = true
	case 'n':
		f.numeric = true
	case 'f':
		f.fold = true
	case 'b':
		f.skipStartBlanks = f.skipStartBlanks || start
		f.skipEndBlanks = f.skipEndBlanks || end
	default:
		return false
	}
	return true
}

// parseSortKey reads F[.C][OPTS][,F[.C][OPTS]].
func parseSortKey(text string) (k sortKey, ok bool) {
	from, to, both := strings.Cut(text, ",")
	k.startField, k.startChar, ok = k.position(from, true)
	if !ok || k.startField < 1 || k.startChar < 0 {
		return k, false
	}
	if k.startChar == 0 {
		if strings.Contains(from, ".") {
			return k, false
		}
		k.startChar = 1
	}
	if both {
		k.endField, k.endChar, ok = k.position(to, false)
		ok = ok && k.endField >= 1
	}
	return k, ok
}

func (k *sortKey) position(text string, start bool) (field, char int, ok bool) {
	for text != "" && k.set(text[len(text)-1], start, !start) {
		k.own = true
		text = text[:len(text)-1]
	}
	f, c, dotted := strings.Cut(text, ".")
	if !ascii.IsDigits(f) || dotted && !ascii.IsDigits(c) {
		return 0, 0, false
	}
	field, err := strconv.Atoi(f)
	if err == nil && dotted {
		char, err = strconv.Atoi(c)
	}
	return field, char, err == nil
}

func (k *sortKey) compare(a, b []byte) int {
	d := 0
	switch {
	case k.numeric:
		d = compareNumbers(a, b)
	case k.fold:
		d = compareFolded(a, b)
	default:
		d = bytes.Compare(a, b)
	}
	if k.reverse {
		return -d
	}
	return d
}

func compareFolded(a, b []byte) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if d := int(upper(a[i])) - int(upper(b[i])); d != 0 {
			return d
		}
	}
	return len(a) - len(b)
}

func upper(b byte) byte {
	if 'a' <= b && b <= 'z' {
		return b - 'a' + 'A'
	}
	return b
}

func isSortBlank(b byte) bool { return b == ' ' || b == '\t' || b == '\n' }

func skipBlanks(line []byte, i int) int {
	for i < len(line) && isSortBlank(line[i]) {
		i++
	}
	return i
}

// cut returns the part of a line that the key selects.
func (k *sortKey) cut(line []byte, tab int) []byte {
	lo, hi := k.span(line, tab)
	return line[lo:hi]
}

func (k *sortKey) span(line []byte, tab int) (lo, hi int) {
	start := skipFields(line, k.startField-1, tab)
	if k.skipStartBlanks {
		start = skipBlanks(line, start)
	}
	start = min(len(line), start+k.startChar-1)
	if k.endField == 0 {
		return start, len(line)
	}
	end := 0
	if k.endChar == 0 {
		end = skipFields(line, k.endField, tab)
		if tab >= 0 && end > 0 && end <= len(line) && fieldCount(line, tab) > k.endField {
			end--
		}
	} else {
		end = skipFields(line, k.endField-1, tab)
		if k.skipEndBlanks {
			end = skipBlanks(line, end)
		}
		end = min(len(line), end+k.endChar)
	}
	return start, max(start, end)
}

func fieldCount(line []byte, tab int) int { return bytes.Count(line, []byte{byte(tab)}) + 1 }

// skipFields returns the start of the field after the first n. Without a separator, a field
// includes the blanks before it.
func skipFields(line []byte, n, tab int) int {
	i := 0
	for ; n > 0 && i < len(line); n-- {
		if tab >= 0 {
			j := bytes.IndexByte(line[i:], byte(tab))
			if j < 0 {
				return len(line)
			}
			i += j + 1
			continue
		}
		i = skipBlanks(line, i)
		for i < len(line) && !isSortBlank(line[i]) {
			i++
		}
	}
	return i
}

// compareNumbers compares decimal numbers of any length at the start of two strings. A string
// without a number counts as zero.
func compareNumbers(a, b []byte) int {
	x, y := parseSortNumber(a), parseSortNumber(b)
	if x.sign != y.sign {
		return x.sign - y.sign
	}
	d := len(x.whole) - len(y.whole)
	if d == 0 {
		d = bytes.Compare(x.whole, y.whole)
	}
	if d == 0 {
		d = bytes.Compare(x.fraction, y.fraction)
	}
	return d * x.sign
}

type sortNumber struct {
	sign            int
	whole, fraction []byte
}

func parseSortNumber(s []byte) (n sortNumber) {
	s = s[skipBlanks(s, 0):]
	n.sign = 1
	if len(s) > 0 && s[0] == '-' {
		n.sign, s = -1, s[1:]
	}
	for len(s) > 0 && s[0] == '0' {
		s = s[1:]
	}
	n.whole, s = cutDigits(s)
	if len(s) > 0 && s[0] == '.' {
		n.fraction, _ = cutDigits(s[1:])
		for len(n.fraction) > 0 && n.fraction[len(n.fraction)-1] == '0' {
			n.fraction = n.fraction[:len(n.fraction)-1]
		}
	}
	if len(n.whole)+len(n.fraction) == 0 {
		n.sign = 0
	}
	return n
}

func cutDigits(s []byte) (digits, rest []byte) {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}

func (s *sorter) write(o *sortOrder) int {
	out := s.Stdout
	if s.output != nil {
		f, err := s.OpenFile(*s.output, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC, 0o666)
		if err != nil {
			s.Errorf("open failed: %s: %s", native.QuoteName(*s.output), clib.Strerror(err))
			return 2
		}
		defer f.Close()
		out = f
	}
	w := bufio.NewWriterSize(out, 32<<10)
	for i, e := range o.entries {
		if s.unique && i > 0 && o.compareKeys(o.entries[i-1], e) == 0 {
			continue
		}
		w.Write(o.lines[e.n])
		w.WriteByte(s.end)
	}
	if err := w.Flush(); err != nil {
		if status := s.WriteError(err); status != 1 {
			return status
		}
		return 2
	}
	return 0
}
