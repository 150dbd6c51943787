package builtins

import (
	"bytes"
	"io"
	"strings"
)

var trOptions = []option{
	{'c', "complement", noArg}, {'C', "", noArg}, {'d', "delete", noArg},
	{'s', "squeeze-repeats", noArg}, {'t', "truncate-set1", noArg},
}

// trRun holds what tr does with each byte.
type trRun struct {
	drop, squeeze [256]bool
	to            [256]byte
	// last is the byte written last, where there is any.
	last byte
	any  bool
}

// runTr is tr(1) for bytes. Repeats such as [x*3] and classes in the second
// set, other than to change the case, are left to the system's tool.
func runTr(c *Call) int {
	opts, sets, problem := c.options(trOptions, operandsLast)
	if problem == "" {
		_, problem = c.inLocale(coreutils, anyOrder)
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	complement, del, squeeze, truncate := false, false, false, false
	for _, o := range opts {
		switch o.key {
		case 'c', 'C':
			complement = true
		case 'd':
			del = true
		case 's':
			squeeze = true
		case 't':
			truncate = true
		}
	}
	if status := c.trOperands(sets, del, squeeze); status != 0 {
		return status
	}
	first, ok := expandTrSet(sets[0])
	var second []byte
	if ok && len(sets) > 1 {
		second, ok = expandTrSet(sets[1])
		if ok && complement && !del && c.endsInCase(sets[1], len(complementSet(first)), len(second), truncate) {
			return 1
		}
		ok = ok && !strings.Contains(sets[1], "[:") || caseSets(sets[0], sets[1])
	}
	if !ok || !del && len(sets) > 1 && len(second) == 0 {
		return c.Unsupported("set %s", quoteText(sets[len(sets)-1]))
	}
	if complement {
		first = complementSet(first)
	}
	if complement && !del && len(sets) > 1 && hasClass(sets[0]) &&
		!oneForAll(first, second, truncate) {
		c.Errorf("when translating with complemented character classes,\n" +
			"string2 must map all characters in the domain to one")
		return 1
	}
	return c.tr(newTr(first, second, len(sets) > 1, del, squeeze, truncate))
}

// endsInCase tells of a second set that is too short for all but the first, and whose last
// character could not be repeated.
func (c *Call) endsInCase(set string, first, second int, truncate bool) bool {
	before, ends := strings.CutSuffix(set, "[:upper:]")
	if !ends {
		before, ends = strings.CutSuffix(set, "[:lower:]")
	}
	if truncate || second >= first || !ends || strings.HasSuffix(before, "-") || hasClass(before) {
		return false
	}
	c.Errorf("when translating with string1 longer than string2,\n" +
		"the latter string must not end with a character class")
	return true
}

// hasClass says whether a set that is none of the wrong ones has a [:class:].
func hasClass(set string) bool {
	_, rest, found := strings.Cut(set, "[:")
	return found && strings.Contains(rest, ":]")
}

// oneForAll says whether all of the first set become one byte.
func oneForAll(first, second []byte, truncate bool) bool {
	long := len(second) > len(first) || truncate && len(second) < len(first)
	return !long && bytes.Count(second, second[:1]) == len(second)
}

// caseSets says whether the two sets are letters of one case and the other.
func caseSets(a, b string) bool {
	return a == "[:lower:]" && b == "[:upper:]" || a == "[:upper:]" && b == "[:lower:]"
}

func (c *Call) trOperands(sets []string, del, squeeze bool) int {
	want := 2
	if del != squeeze {
		want = 1
	}
	switch {
	case len(sets) == 0:
		return c.usageError(1, "missing operand")
	case len(sets) < want || len(sets) > 2 || del && !squeeze && len(sets) > 1:
		return c.Unsupported("%d sets", len(sets))
	}
	return 0
}

func newTr(first, second []byte, both, del, squeeze, truncate bool) *trRun {
	t := &trRun{}
	for i := range t.to {
		t.to[i] = byte(i)
	}
	last := first
	if both {
		last = second
	}
	if squeeze {
		for _, b := range last {
			t.squeeze[b] = true
		}
	}
	if del {
		for _, b := range first {
			t.drop[b] = true
		}
		return t
	}
	if !both {
		return t
	}
	for i, b := range first {
		if i >= len(second) && truncate {
			break
		}
		t.to[b] = second[min(i, len(second)-1)]
	}
	return t
}

func (c *Call) tr(t *trRun) int {
	w := c.buffered()
	buf := make([]byte, 32<<10)
	for {
		n, err := c.Stdin.Read(buf)
		w.Write(t.change(buf[:n]))
		if err == io.EOF {
			return c.flush(w, 0)
		}
		if err != nil {
			c.Errorf("read error: %s", Strerror(err))
			return c.flush(w, 1)
		}
	}
}

// change is what becomes of a text, in its place.
func (t *trRun) change(text []byte) []byte {
	if t.drop == [256]bool{} && t.squeeze == t.drop {
		for i, b := range text {
			text[i] = t.to[b]
		}
		return text
	}
	size := 0
	for _, b := range text {
		if t.drop[b] {
			continue
		}
		b = t.to[b]
		if t.squeeze[b] && t.any && t.last == b {
			continue
		}
		t.last, t.any = b, true
		text[size] = b
		size++
	}
	return text[:size]
}

func complementSet(set []byte) (rest []byte) {
	var in [256]bool
	for _, b := range set {
		in[b] = true
	}
	for i, is := range in {
		if !is {
			rest = append(rest, byte(i))
		}
	}
	return rest
}

// expandTrSet writes out a set: escapes, ranges and classes.
func expandTrSet(text string) (set []byte, ok bool) {
	for text != "" {
		if strings.HasPrefix(text, "[:") {
			name, rest, closed := strings.Cut(text[2:], ":]")
			in := trClass(name)
			if !closed || in == nil {
				return nil, false
			}
			for i := range 256 {
				if in(byte(i)) {
					set = append(set, byte(i))
				}
			}
			text = rest
			continue
		}
		if text[0] == '[' && strings.ContainsAny(text, "*=") {
			return nil, false
		}
		var from, to byte
		from, text, ok = cutTrByte(text)
		if !ok {
			return nil, false
		}
		if len(text) < 2 || text[0] != '-' {
			set = append(set, from)
			continue
		}
		to, text, ok = cutTrByte(text[1:])
		if !ok || to < from {
			return nil, false
		}
		for b := int(from); b <= int(to); b++ {
			set = append(set, byte(b))
		}
	}
	return set, true
}

// cutTrByte takes one byte off the front, an escaped one perhaps.
func cutTrByte(text string) (b byte, rest string, ok bool) {
	if text[0] != '\\' {
		return text[0], text[1:], true
	}
	if len(text) == 1 {
		return 0, "", false
	}
	if i := strings.IndexByte(`abfnrtv\`, text[1]); i >= 0 {
		return "\a\b\f\n\r\t\v\\"[i], text[2:], true
	}
	value, n := 0, 1
	for n < len(text) && n < 4 && '0' <= text[n] && text[n] <= '7' {
		if value*8+int(text[n]-'0') > 255 {
			return 0, "", false
		}
		value = value*8 + int(text[n]-'0')
		n++
	}
	if n == 1 {
		return text[1], text[2:], true
	}
	return byte(value), text[n:], true
}

// trClass returns the members of a class in the C locale.
func trClass(name string) func(byte) bool {
	lower := func(b byte) bool { return 'a' <= b && b <= 'z' }
	upper := func(b byte) bool { return 'A' <= b && b <= 'Z' }
	digit := func(b byte) bool { return '0' <= b && b <= '9' }
	alnum := func(b byte) bool { return lower(b) || upper(b) || digit(b) }
	graph := func(b byte) bool { return '!' <= b && b <= '~' }
	switch name {
	case "lower":
		return lower
	case "upper":
		return upper
	case "digit":
		return digit
	case "alpha":
		return func(b byte) bool { return lower(b) || upper(b) }
	case "alnum":
		return alnum
	case "graph":
		return graph
	case "print":
		return func(b byte) bool { return ' ' <= b && b <= '~' }
	case "punct":
		return func(b byte) bool { return graph(b) && !alnum(b) }
	case "space":
		return func(b byte) bool { return b == ' ' || '\t' <= b && b <= '\r' }
	case "blank":
		return func(b byte) bool { return b == ' ' || b == '\t' }
	case "cntrl":
		return func(b byte) bool { return b < ' ' || b == 127 }
	case "xdigit":
		return func(b byte) bool {
			return digit(b) || 'a' <= b && b <= 'f' || 'A' <= b && b <= 'F'
		}
	}
	return nil
}
