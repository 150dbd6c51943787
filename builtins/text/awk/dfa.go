package awk

import (
	"math/bits"
	"slices"
	"strings"
)

// A dfa is a deterministic automaton that is built state by state, as texts need the states.
type dfa struct {
	prog   *nfa
	known  map[string]*state
	anchor [2]*state // the first states: at the beginning of the text, and elsewhere
	search bool      // a match may begin anywhere
	mark   []bool
}

// A state is a set of nodes. The next state for a byte is nil until it is needed.
type state struct {
	nodes  []int32
	next   [256]*state
	accept bool // a match ends here
	last   bool // a match ends here at the end of the text
	dead   bool
}

// maxStates is the number of states to keep. When there are more, all are dropped.
const maxStates = 2000

func newDFA(prog *nfa, search bool) *dfa {
	d := &dfa{prog: prog, search: search, mark: make([]bool, len(prog.nodes))}
	d.forget()
	return d
}

func (d *dfa) forget() {
	d.known = map[string]*state{}
	for i := range d.anchor {
		d.anchor[i] = d.state(d.close(nil, d.prog.start, i == 0))
		for i := range d.mark {
			d.mark[i] = false
		}
	}
}

// close adds a node and the nodes that it reaches without a byte.
func (d *dfa) close(list []int32, n int32, begin bool) []int32 {
	if n < 0 || d.mark[n] {
		return list
	}
	d.mark[n] = true
	switch node := &d.prog.nodes[n]; node.kind {
	case nSplit:
		list = d.close(list, node.a, begin)
		return d.close(list, node.b, begin)
	case nBegin:
		if begin {
			return d.close(list, node.a, begin)
		}
		return list
	}
	return append(list, n)
}

func (d *dfa) state(list []int32) *state {
	slices.Sort(list)
	var key strings.Builder
	for _, n := range list {
		key.WriteByte(byte(n))
		key.WriteByte(byte(n >> 8))
		key.WriteByte(byte(n >> 16))
	}
	if s := d.known[key.String()]; s != nil {
		return s
	}
	s := &state{nodes: list, dead: len(list) == 0}
	for _, n := range list {
		s.accept = s.accept || d.prog.nodes[n].kind == nAccept
		if d.prog.nodes[n].kind == nEnd {
			s.last = s.last || d.endsAt(n, map[int32]bool{})
		}
	}
	d.known[key.String()] = s
	return s
}

// endsAt reports whether a node reaches the end of the match at the end of the text.
func (d *dfa) endsAt(n int32, seen map[int32]bool) bool {
	if n < 0 || seen[n] {
		return false
	}
	seen[n] = true
	switch node := &d.prog.nodes[n]; node.kind {
	case nAccept:
		return true
	case nEnd:
		return d.endsAt(node.a, seen)
	case nSplit:
		return d.endsAt(node.a, seen) || d.endsAt(node.b, seen)
	}
	return false
}

// begins returns the bytes that a match may begin with, or nil if a match may be empty.
func (p *nfa) begins() *set {
	d := &dfa{prog: p, mark: make([]bool, len(p.nodes))}
	first := &set{}
	for _, n := range d.close(nil, p.start, true) {
		if p.nodes[n].kind != nSet {
			return nil
		}
		for i := range first {
			first[i] |= p.nodes[n].set[i]
		}
	}
	return first
}

// front returns the longest text that every match begins with.
func (p *nfa) front() string {
	var text []byte
	for n := p.start; n >= 0 && p.nodes[n].kind == nSet; n = p.nodes[n].a {
		c, ok := p.nodes[n].set.only()
		if !ok {
			break
		}
		text = append(text, c)
	}
	return string(text)
}

// only returns the byte of a set with exactly one byte.
func (s *set) only() (c byte, ok bool) {
	for i, word := range s {
		switch {
		case word == 0:
		case ok || word&(word-1) != 0:
			return 0, false
		default:
			c, ok = byte(i<<6+bits.TrailingZeros64(word)), true
		}
	}
	return c, ok
}

// candidate returns the next position from at on where a match may begin, or -1.
func (re *regex) candidate(s string, at int) int {
	switch {
	case re.front != "":
		if i := strings.Index(s[at:], re.front); i >= 0 {
			return at + i
		}
		return -1
	case re.begins == nil:
		return at
	}
	for ; at < len(s); at++ {
		if re.begins.has(s[at]) {
			return at
		}
	}
	return -1
}

// step returns the state after a byte.
func (d *dfa) step(s *state, c byte) *state {
	if len(d.known) > maxStates {
		d.forget()
	}
	var list []int32
	for _, n := range s.nodes {
		if node := &d.prog.nodes[n]; node.kind == nSet && node.set.has(c) {
			list = d.close(list, node.a, false)
		}
	}
	if d.search {
		list = d.close(list, d.prog.start, false)
	}
	for i := range d.mark {
		d.mark[i] = false
	}
	to := d.state(list)
	s.next[c] = to
	return to
}

func (d *dfa) first(begin bool) *state {
	if begin {
		return d.anchor[0]
	}
	return d.anchor[1]
}

// match reports whether s contains a match.
func (re *regex) match(s string) bool {
	if re.plain {
		return strings.Contains(s, re.literal)
	}
	if re.any == nil {
		re.any = newDFA(re.prog, true)
	}
	from := re.candidate(s, 0)
	if from < 0 {
		return false
	}
	st := re.any.first(from == 0)
	if st.accept {
		return true
	}
	for i := from; i < len(s); i++ {
		next := st.next[s[i]]
		if next == nil {
			next = re.any.step(st, s[i])
		}
		if next.accept || next.dead {
			return next.accept
		}
		st = next
	}
	return st.last
}

// longest returns the end of the longest match that begins at from, or -1.
func (re *regex) longest(s string, from int, begin bool) int {
	st, end := re.at.first(from == 0 && begin), -1
	for i := from; ; i++ {
		if st.accept {
			end = i
		}
		if i >= len(s) {
			break
		}
		next := st.next[s[i]]
		if next == nil {
			next = re.at.step(st, s[i])
		}
		if next.dead {
			return end
		}
		st = next
	}
	if st.last {
		end = len(s)
	}
	return end
}

// find returns the leftmost longest match from at on, or -1.
func (re *regex) find(s string, at int) (lo, hi int) { return re.findIn(s, at, true) }

// findIn is find in a text that may start in the middle of a larger one; ^ then does not match.
func (re *regex) findIn(s string, at int, begin bool) (lo, hi int) {
	if re.plain {
		i := strings.Index(s[min(at, len(s)):], re.literal)
		if i < 0 {
			return -1, -1
		}
		return at + i, at + i + len(re.literal)
	}
	if re.at == nil {
		re.at = newDFA(re.prog, false)
	}
	for ; at <= len(s); at++ {
		if at = re.candidate(s, at); at < 0 {
			break
		}
		if hi = re.longest(s, at, begin); hi >= 0 {
			return at, hi
		}
	}
	return -1, -1
}
