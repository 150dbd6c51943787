package text

import (
	"bytes"
	"io"
	"strings"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

var trOptions = []native.Option{
	{Key: 'c', Long: "complement"}, {Key: 'C'}, {Key: 'd', Long: "delete"},
	{Key: 's', Long: "squeeze-repeats"}, {Key: 't', Long: "truncate-set1"},
}

// A trRun holds the effect of tr on each byte.
type trRun struct {
	drop, squeeze [256]bool
	to            [256]byte
	// last is the byte written last. any says that there is one.
	last byte
	any  bool
}

// Tr is tr(1) for bytes. Repeats such as [x*3] are left to the system's tool, and so are
// classes in the second set except to change case.
func Tr(c *native.Call) int {
	opts, sets, problem := c.Options(trOptions, native.OperandsLast)
	if problem == "" {
		_, problem = c.InLocale(native.Coreutils, native.AnyOrder)
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	complement, del, squeeze, truncate := false, false, false, false
	for _, o := range opts {
		switch o.Key {
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
	if status := trOperands(c, sets, del, squeeze); status != 0 {
		return status
	}
	first, ok := expandTrSet(sets[0])
	var second []byte
	if ok && len(sets) > 1 {
		second, ok = expandTrSet(sets[1])
		if ok && complement && !del && endsInCase(c, sets[1], len(complementSet(first)), len(second),
			truncate) {
			return 1
		}
		ok = ok && !strings.Contains(sets[1], "[:") || caseSets(sets[0], sets[1])
	}
	if !ok || !del && len(sets) > 1 && len(second) == 0 {
		return c.Unsupported("set %s", native.QuoteText(sets[len(sets)-1]))
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
	return tr(c, newTr(first, second, len(sets) > 1, del, squeeze, truncate))
}

// endsInCase reports an error with -c: the second set is shorter than the first and ends in a
// case class, whose last character cannot be repeated.
func endsInCase(c *native.Call, set string, first, second int, truncate bool) bool {
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

// hasClass reports whether a valid set contains a [:class:].
func hasClass(set string) bool {
	_, rest, found := strings.Cut(set, "[:")
	return found && strings.Contains(rest, ":]")
}

// oneForAll reports whether the whole first set maps to one byte.
func oneForAll(first, second []byte, truncate bool) bool {
	long := len(second) > len(first) || truncate && len(second) < len(first)
	return !long && bytes.Count(second, second[:1]) == len(second)
}

// caseSets reports whether the two sets are the letters of opposite cases.
func caseSets(a, b string) bool {
	return a == "[:lower:]" && b == "[:upper:]" || a == "[:upper:]" && b == "[:lower:]"
}

func trOperands(c *native.Call, sets []string, del, squeeze bool) int {
	want := 2
	if del != squeeze {
		want = 1
	}
	switch {
	case len(sets) == 0:
		return c.UsageError(1, "missing operand")
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

func tr(c *native.Call, t *trRun) int {
	w := c.Buffered()
	buf := make([]byte, 32<<10)
	for {
		n, err := c.Stdin.Read(buf)
		w.Write(t.change(buf[:n]))
		if err == io.EOF {
			return c.Flush(w, 0)
		}
		if err != nil {
			c.Errorf("read error: %s", clib.Strerror(err))
			return c.Flush(w, 1)
		}
	}
}

// change applies the mapping to a text in place.
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

// expandTrSet expands the escapes, ranges and classes of a set.
func expandTrSet(text string) (set []byte, ok bool) {
	for text != "" {
		if strings.HasPrefix(text, "[:") {
			name, rest, closed := strings.Cut(text[2:], ":]")
			in := ascii.Class(name)
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

// cutTrByte cuts one byte, which may be escaped, off the front.
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
