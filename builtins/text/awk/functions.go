package awk

import (
	"math"
	"strings"
	"time"
)

type (
	builtinExpr struct {
		name string
		args []expr
		f    func(m *machine, args []expr) value
	}
	lengthExpr struct {
		arg expr
		sym *symbol
	}
	splitExpr struct {
		text  expr
		array *symbol
		by    expr
	}
	subExpr struct {
		pattern, by expr
		target      lvalue
		all         bool
	}
)

func (e *builtinExpr) eval(m *machine) value { return e.f(m, e.args) }

func builtinFuncs(name string) func(m *machine, args []expr) value {
	return map[string]func(m *machine, args []expr) value{
		"index": index, "substr": substr, "match": match, "sprintf": sprintfCall,
		"sin": float(math.Sin), "cos": float(math.Cos), "exp": float(math.Exp),
		"log": float(logarithm), "sqrt": float(squareRoot), "int": float(integer),
		"atan2": atan2, "rand": random, "srand": seed, "close": closeCall, "system": system,
		"toupper": changeCase('a', 'z'), "tolower": changeCase('A', 'Z'), "fflush": flushCall,
		"systime": systime,
	}[name]
}

func float(f func(float64) float64) func(*machine, []expr) value {
	return func(m *machine, args []expr) value {
		n := args[0].eval(m).num()
		if math.IsNaN(n) {
			return num(n) // keeps the sign of the NaN
		}
		return num(f(n))
	}
}

func logarithm(n float64) float64 {
	if n < 0 {
		return negativeNaN()
	}
	return math.Log(n)
}

func squareRoot(n float64) float64 {
	if n < 0 {
		return negativeNaN()
	}
	return math.Sqrt(n)
}

func integer(n float64) float64 { return math.Trunc(n) }

func atan2(m *machine, args []expr) value {
	y := args[0].eval(m).num()
	x := args[1].eval(m).num()
	if math.IsNaN(x) || math.IsNaN(y) {
		return num(y + x)
	}
	return num(math.Atan2(y, x))
}

func (e *lengthExpr) eval(m *machine) value {
	switch {
	case e.arg == nil:
		m.needRecord()
		return num(float64(len(m.record)))
	case e.sym != nil && e.sym.use == arrayUse:
		return num(float64(m.array(e.sym).size))
	}
	return num(float64(len(m.str(e.arg.eval(m)))))
}

func index(m *machine, args []expr) value {
	s := m.str(args[0].eval(m))
	return num(float64(strings.Index(s, m.str(args[1].eval(m))) + 1))
}

func substr(m *machine, args []expr) value {
	s := m.str(args[0].eval(m))
	from, size := args[1].eval(m).num(), float64(len(s))
	if len(args) == 3 {
		size = args[2].eval(m).num()
	}
	lo, hi := part(len(s), from, size)
	return str(s[lo:hi])
}

func match(m *machine, args []expr) value {
	s := m.str(args[0].eval(m))
	lo, hi := m.regexOf(args[1]).find(s, 0)
	if lo < 0 {
		hi = lo - 1
	}
	m.vars[vRSTART].value, m.vars[vRLENGTH].value = num(float64(lo+1)), num(float64(hi-lo))
	return num(float64(lo + 1))
}

func sprintfCall(m *machine, args []expr) value {
	format := m.str(args[0].eval(m))
	var values []value
	for _, a := range args[1:] {
		values = append(values, a.eval(m))
	}
	b, problem := sprintf(nil, format, values, m.convfmt)
	if problem != "" {
		m.formatProblem(problem, "sprintf")
	}
	return str(string(b))
}

func (m *machine) formatProblem(text, name string) {
	m.failAt(strings.Replace(text, "NAME", name, 1))
}

func changeCase(from, to byte) func(*machine, []expr) value {
	return func(m *machine, args []expr) value {
		b := []byte(m.str(args[0].eval(m)))
		for i, c := range b {
			if from <= c && c <= to {
				b[i] ^= 0x20
			}
		}
		return str(string(b))
	}
}

func systime(*machine, []expr) value { return num(float64(time.Now().Unix())) }

func (e *splitExpr) eval(m *machine) value {
	s := m.str(e.text.eval(m))
	by := m.fs
	switch re := e.by.(type) {
	case nil:
	case *regexExpr:
		by = regexSeparator(re.re.regex)
	default:
		by = m.separator(m.str(e.by.eval(m)))
	}
	a := m.array(e.array)
	a.clear()
	parts := by.split(s, nil)
	for i, v := range parts {
		*a.at(key{number: i + 1, isNumber: true}) = v
	}
	return num(float64(len(parts)))
}

func (e *subExpr) eval(m *machine) value {
	re := m.regexOf(e.pattern)
	by := m.str(e.by.eval(m))
	target := m.pin(e.target)
	s := m.str(target.eval(m))
	changed, n := substitute(re, s, by, e.all)
	if n > 0 {
		target.assign(m, str(changed))
	}
	return num(float64(n))
}

// substitute replaces the first match, or all matches.
func substitute(re *regex, s, by string, all bool) (changed string, n int) {
	lo, hi := re.find(s, 0)
	if lo < 0 {
		return s, 0
	}
	var b strings.Builder
	b.Grow(len(s) + len(by) + 16)
	parts := replacement(by)
	start := 0
	for lo >= 0 {
		n++
		b.WriteString(s[start:lo])
		for i, p := range parts {
			if i > 0 {
				b.WriteString(s[lo:hi])
			}
			b.WriteString(p)
		}
		start = hi
		if !all || hi >= len(s) && lo < hi {
			break
		}
		at := hi
		if lo == hi {
			if at >= len(s) {
				break
			}
			b.WriteByte(s[at])
			at++
			start = at
			lo, hi = re.find(s, at)
			continue
		}
		// An empty match directly after a match does not count.
		if lo, hi = re.find(s, at); lo == hi && lo == at && lo >= 0 {
			if at >= len(s) {
				break
			}
			b.WriteByte(s[at])
			start = at + 1
			lo, hi = re.find(s, start)
		}
	}
	b.WriteString(s[start:])
	return b.String(), n
}

// replacement splits the second argument of sub at the places for the matched text.
func replacement(by string) []string {
	if strings.IndexByte(by, '&') < 0 && !strings.Contains(by, `\\`) {
		return []string{by}
	}
	var parts []string
	var b strings.Builder
	for i := 0; i < len(by); i++ {
		switch {
		case by[i] == '&':
			parts = append(parts, b.String())
			b.Reset()
			continue
		case by[i] == '\\' && i+1 < len(by) && (by[i+1] == '&' || by[i+1] == '\\'):
			i++
		}
		b.WriteByte(by[i])
	}
	return append(parts, b.String())
}

// A generator generates the random numbers of random(3).
type generator struct {
	state []int32
	at    int
	seed  value
}

func (g *generator) start(n uint32) {
	if n == 0 {
		n = 1
	}
	g.state = make([]int32, 34, 344)
	g.state[0] = int32(n)
	for i := 1; i < 31; i++ {
		word := int64(16807) * int64(g.state[i-1]) % math.MaxInt32
		if word < 0 {
			word += math.MaxInt32
		}
		g.state[i] = int32(word)
	}
	copy(g.state[31:], g.state[:3])
	for i := 34; i < 344; i++ {
		g.state = append(g.state, g.state[i-31]+g.state[i-3])
	}
	g.state = g.state[344-31:]
	g.at = 0
}

func (g *generator) next() uint32 {
	v := g.state[g.at] + g.state[(g.at+28)%31]
	g.state[g.at] = v
	g.at = (g.at + 1) % 31
	return uint32(v) >> 1
}

func (m *machine) seeded() *generator {
	if m.random.state == nil {
		now := time.Now().UnixNano()
		m.random.seed = num(float64(now / 1e9))
		m.random.start(uint32(now))
	}
	return &m.random
}

func random(m *machine, _ []expr) value {
	return num(float64(m.seeded().next()) / math.MaxInt32)
}

func seed(m *machine, args []expr) value {
	g := m.seeded()
	old := g.seed
	if len(args) == 0 {
		g.seed = num(float64(time.Now().Unix()))
	} else {
		g.seed = args[0].eval(m).settle()
	}
	n := g.seed.num()
	g.start(uint32(int64(n)))
	return old
}
