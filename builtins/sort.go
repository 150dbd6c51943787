package builtins

import (
	"bufio"
	"bytes"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

var sortOptions = []option{
	{'r', "reverse", noArg}, {'k', "key", needArg}, {'t', "field-separator", needArg},
	{'u', "unique", noArg}, {'n', "numeric-sort", noArg}, {'s', "stable", noArg},
	{'b', "ignore-leading-blanks", noArg}, {'f', "ignore-case", noArg},
	{'o', "output", needArg}, {'z', "zero-terminated", noArg},
	{'!', "random-sort", noArg}, {'!', "random-source", needArg}, {'!', "sort", needArg},
	{'!', "files0-from", needArg},
}

// sortFlags are the ways to compare, of a key or of all.
type sortFlags struct {
	reverse, numeric, fold         bool
	skipStartBlanks, skipEndBlanks bool
}

// A sortKey is a range of a line: fields and characters count from 1.
type sortKey struct {
	sortFlags
	startField, startChar int
	endField, endChar     int // 0: to the end of the line, of the field
	own                   bool
}

type sorter struct {
	*Call
	global         sortFlags
	keys           []sortKey
	tab            int
	unique, stable bool
	output         *string
	end            byte
}

// runSort is sort(1) in the order of bytes, that of the C locale.
func runSort(c *Call) int {
	opts, names, problem := c.options(sortOptions, permute)
	if problem == "" {
		_, problem = c.inLocale(coreutils, plainOrder)
	}
	for _, name := range names {
		if len(name) > 1 && name[0] == '+' && problem == "" {
			problem = "argument '" + name + "'" // how keys were once written
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
			case closedInput(name, err):
				what = "stat failed"
			case err == errReading:
				what = "read failed"
				err = unix.EISDIR
			}
			c.Errorf("%s: %s: %s", what, quoteName(name), Strerror(err))
			return 2
		}
		o.add(text)
	}
	o.sort(o.entries)
	return s.write(&o)
}

const errReading fileError = "read failed"

// read returns nil for an empty file.
func (s *sorter) read(name string) ([]byte, error) {
	in, err := s.input(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	text, err := readWhole(in)
	if closedInput(name, err) {
		return nil, err
	}
	if err != nil {
		return nil, errReading
	}
	return text, nil
}

func (s *sorter) configure(opts []parsedOption) (problem string) {
	hasTab := false
	for _, o := range opts {
		switch o.key {
		case 'k':
			key, ok := parseSortKey(o.value)
			if !ok {
				return "key '" + o.value + "'"
			}
			s.keys = append(s.keys, key)
		case 't':
			before, again := s.tab, hasTab
			hasTab = true
			switch {
			case o.value == `\0`:
				s.tab = 0
			case len(o.value) == 1:
				s.tab = int(o.value[0])
			default:
				return "separator '" + o.value + "'"
			}
			if again && s.tab != before {
				return "two separators"
			}
		case 'u':
			s.unique = true
		case 's':
			s.stable = true
		case 'o':
			if s.output != nil && *s.output != o.value {
				return "two output files"
			}
			s.output = &o.value
		case 'z':
			s.end = 0
		default:
			s.global.set(byte(o.key), true, true)
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

// set takes a flag letter at the start or end position of a key.
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
	if !isDigits(f) || dotted && !isDigits(c) {
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

// cut returns the part of a line that the key names.
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

// skipFields returns where the field after the first n begins. Without a
// separator a field has the blanks before it.
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

// compareNumbers compares decimal numbers of any length at the front of two
// strings; no number is zero.
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
			s.Errorf("open failed: %s: %s", quoteName(*s.output), Strerror(err))
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
		if status := s.writeError(err); status != 1 {
			return status
		}
		return 2
	}
	return 0
}
