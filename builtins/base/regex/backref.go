package regex

import (
	"bytes"
	"encoding/binary"
	"unicode"
	"unicode/utf8"
)

// maxSteps bounds a search with back-references. Such a search may need time that grows as a
// power of the length of the text.
const maxSteps = 1 << 24

// backrefs finds the longest match at a position.
func (m *matching) backrefs(at int, loc []int) bool {
	// The dfa ignores what the back-references refer to, and so rules out most positions.
	if !m.re.at.match(m.line, at, m.context(at)) {
		return false
	}
	if m.steps == 0 {
		m.steps = maxSteps
	}
	r := &run{backtracker: m.re.back, m: m, begin: at, limit: len(m.line), target: -1,
		budget: m.steps, any: m.any}
	end := r.from()
	if m.steps = r.budget; m.steps == 0 {
		m.re.err = ErrWork
		return false
	}
	if end < 0 {
		return false
	}
	for i := range loc {
		loc[i] = -1
	}
	copy(loc, r.best)
	copy(loc, []int{at, end})
	return true
}

// refer returns the length of the text that a back-reference matches, or -1.
func (r *run) refer(group, at int) int {
	begin, end := r.caps[2*group], r.caps[2*group+1]
	if begin < 0 || end < begin {
		return -1
	}
	want, got := r.m.line[begin:end], r.m.line[at:r.limit]
	switch {
	case bytes.HasPrefix(got, want):
		return len(want)
	case !r.prog.fold:
		return -1
	}
	return foldedPrefix(got, want, r.prog.utf8)
}

// foldedPrefix returns the length of the prefix of s that equals want except for case, or -1.
func foldedPrefix(s, want []byte, utf bool) int {
	at := 0
	for len(want) > 0 {
		if at >= len(s) {
			return -1
		}
		a, n := foldable(want, utf)
		b, k := foldable(s[at:], utf)
		if a != b && !sameFold(a, b) {
			return -1
		}
		want, at = want[n:], at+k
	}
	return at
}

func foldable(s []byte, utf bool) (rune, int) {
	if s[0] < utf8.RuneSelf || !utf {
		if s[0] >= utf8.RuneSelf {
			return invalidByte + rune(s[0]), 1
		}
		return rune(s[0]), 1
	}
	r, n := utf8.DecodeRune(s)
	if r == utf8.RuneError && n == 1 {
		r = invalidByte + rune(s[0])
	}
	return r, n
}

func sameFold(a, b rune) bool {
	if a >= invalidByte || b >= invalidByte {
		return false
	}
	return unicode.ToUpper(a) == unicode.ToUpper(b)
}

// beforeIn is before for patterns in which the text of the referenced groups counts too.
func (v *visited) beforeIn(r *run, n int) bool {
	v.key = binary.AppendUvarint(v.key[:0], uint64(n))
	for _, g := range r.prog.refers {
		v.key = binary.AppendVarint(v.key, int64(r.caps[2*g]))
		v.key = binary.AppendVarint(v.key, int64(r.caps[2*g+1]))
	}
	if _, ok := v.sets[string(v.key)]; ok {
		return true
	}
	if v.sets == nil {
		v.sets = map[string]struct{}{}
	}
	v.sets[string(v.key)] = struct{}{}
	return false
}
