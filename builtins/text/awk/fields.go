package awk

import (
	"strconv"
	"strings"
)

// setRecord makes s the record.
func (m *machine) setRecord(s string) { m.setWhole(value{s: s, k: maybe}) }

func (m *machine) setWhole(v value) {
	m.whole = v
	m.record = v.str(m.convfmt)
	m.split, m.stale = false, false
}

func (m *machine) needFields() {
	if m.split {
		return
	}
	m.split = true
	m.fields = m.fs.split(m.record, m.fields[:0])
	m.nf = len(m.fields)
	m.vars[vNF].value = num(float64(m.nf))
}

// needRecord rebuilds $0 from the fields after one of them has changed.
func (m *machine) needRecord() {
	if !m.stale {
		return
	}
	m.stale = false
	b := m.joined[:0]
	for i, f := range m.fields[:m.nf] {
		if i > 0 {
			b = append(b, m.ofs...)
		}
		b = append(b, m.str(f)...)
	}
	m.joined = b
	m.record = string(b)
	m.whole = str(m.record) // to mawk this is no longer input
	if m.nf == 1 {
		m.whole = m.fields[0] // a single field keeps its value, which may be a number
	}
}

func (m *machine) field(n float64) value {
	i := m.fieldIndex(n)
	if i == 0 {
		m.needRecord()
		return m.whole
	}
	m.needFields()
	if i > m.nf {
		return value{k: text}
	}
	return m.fields[i-1]
}

func (m *machine) fieldIndex(n float64) int {
	i := toInt(n)
	if i < 0 {
		m.failAt("negative field index $" + strconv.Itoa(i))
	}
	return i
}

func (m *machine) setField(n float64, v value) {
	i := m.fieldIndex(n)
	if i == 0 {
		m.setWhole(v)
		return
	}
	m.needFields()
	if i > m.nf {
		m.resize(i)
	}
	m.fields[i-1] = v
	m.stale = true
}

func (m *machine) resize(n int) {
	for len(m.fields) < n {
		m.fields = append(m.fields, value{})
	}
	for i := m.nf; i < n; i++ {
		m.fields[i] = value{k: text}
	}
	m.fields = m.fields[:n]
	m.nf = n
	m.vars[vNF].value = num(float64(n))
}

func (m *machine) setNF(n float64) {
	i := toInt(n)
	if i < 0 {
		m.failAt("negative value assigned to NF")
	}
	m.needFields()
	m.resize(i)
	m.stale = true
}

// A separator splits records into fields.
type separator struct {
	// ' ' blanks, 'c' one character, '0' between all characters, 'r' regular expression
	mode byte
	char string // the character of mode 'c'
	re   *regex
}

// separator interprets a string as FS or as the third argument of split.
func (m *machine) separator(s string) separator {
	switch {
	case s == " ":
		return separator{mode: ' '}
	case s == "":
		return separator{mode: '0'}
	case len(s) == 1:
		return separator{mode: 'c', char: s}
	}
	return separator{mode: 'r', re: m.regex(s)}
}

// regexSeparator turns a regular expression into a separator. An empty one splits between all
// characters.
func regexSeparator(re *regex) separator {
	if re.plain && re.literal == "" {
		return separator{mode: '0'}
	}
	return separator{mode: 'r', re: re}
}

func (by separator) split(s string, out []value) []value {
	if s == "" {
		return out
	}
	switch by.mode {
	case ' ':
		return splitBlanks(s, out)
	case '0':
		for i := range len(s) {
			out = append(out, value{s: s[i : i+1], k: maybe})
		}
		return out
	case 'c':
		return splitByte(s, by.char[0], out)
	}
	return by.splitRegex(s, out)
}

func splitByte(s string, c byte, out []value) []value {
	for {
		i := strings.IndexByte(s, c)
		if i < 0 {
			return append(out, value{s: s, k: maybe})
		}
		out = append(out, value{s: s[:i], k: maybe})
		s = s[i+1:]
	}
}

func splitBlanks(s string, out []value) []value {
	for i := 0; ; {
		for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n') {
			i++
		}
		if i >= len(s) {
			return out
		}
		start := i
		for i < len(s) && s[i] != ' ' && s[i] != '\t' && s[i] != '\n' {
			i++
		}
		out = append(out, value{s: s[start:i], k: maybe})
	}
}

func (by separator) splitRegex(s string, out []value) []value {
	start := 0
	for at := 0; at < len(s); {
		lo, hi := by.re.find(s, at)
		if lo < 0 || lo >= len(s) {
			break
		}
		if hi == lo {
			// An empty match separates two characters.
			out = append(out, value{s: s[start : lo+1], k: maybe})
			start, at = lo+1, lo+1
			continue
		}
		out = append(out, value{s: s[start:lo], k: maybe})
		start, at = hi, hi
	}
	return append(out, value{s: s[start:], k: maybe})
}
