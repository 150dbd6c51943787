package regex

import (
	"encoding/binary"
	"slices"
)

// dfaBytes bounds the cache of states. A full cache is emptied.
const dfaBytes = 4 << 20

// A dfa is the deterministic automaton of a program, built state by state as texts need the
// states. An assertion looks at the next character, so a match is known only when that
// character, or the end of the text, is read.
type dfa struct {
	prog     *program
	anywhere bool // a match may begin at any position
	stride   int
	// next holds the entries by state and class. The last class is the end of the text.
	next   []entry
	states []*dfaState
	starts [atEdgeNoBOL + 1]entry
	index  map[string]uint32
	size   int

	// lineClass are the classes of bytes if a newline ends a text.
	lineClass *[256]uint16
	wait      waiting

	set   sparse
	stack []int32
	key   []byte
}

// An entry is the transition for a character. It holds the offset of the next state in
// dfa.next, shifted by entryShift, and flags in the low bits.
type entry uint64

const (
	entryKnown entry = 1 << iota
	entryMatch       // there is a match before the character
	entryDead        // nothing after the character can match
	entryShift = 3
)

func (e entry) state() int { return int(e >> entryShift) }

type dfaState struct {
	// kernel are the instructions after the last character, sorted.
	kernel []int32
	before context
}

// A sparse is a set of small numbers that can be emptied fast.
type sparse struct {
	dense, at []int32
}

func (s *sparse) clear() { s.dense = s.dense[:0] }

func (s *sparse) has(n int32) bool {
	i := s.at[n]
	return int(i) < len(s.dense) && s.dense[i] == n
}

func (s *sparse) add(n int32) bool {
	if s.has(n) {
		return false
	}
	s.at[n] = int32(len(s.dense))
	s.dense = append(s.dense, n)
	return true
}

func newDFA(p *program, anywhere bool) *dfa {
	return &dfa{prog: p, anywhere: anywhere, stride: p.classes + 1}
}

func (d *dfa) reset() {
	if d.set.at == nil {
		d.set.at = make([]int32, len(d.prog.insts))
	}
	d.next, d.states, d.size = d.next[:0], d.states[:0], 0
	d.index = map[string]uint32{}
	d.wait = waiting{state: -1}
	d.starts = [atEdgeNoBOL + 1]entry{}
}

// begin returns the state at a position where a match may begin.
func (d *dfa) begin(before context) int {
	if d.index == nil {
		d.reset()
	}
	if d.starts[before] == 0 {
		n := d.state([]int32{d.prog.start}, before)
		d.starts[before] = entry(int(n)*d.stride)<<entryShift | entryKnown
	}
	return d.starts[before].state()
}

// state returns the number of a state. kernel is sorted.
func (d *dfa) state(kernel []int32, before context) uint32 {
	d.key = append(d.key[:0], byte(before))
	for _, pc := range kernel {
		d.key = binary.AppendUvarint(d.key, uint64(pc))
	}
	if n, ok := d.index[string(d.key)]; ok {
		return n
	}
	size := 8*d.stride + 4*len(kernel) + 2*len(d.key) + 100
	if d.size += size; d.size > dfaBytes && len(d.states) > 1 {
		d.reset()
		d.size = size
	}
	n := uint32(len(d.states))
	d.states = append(d.states, &dfaState{slices.Clone(kernel), before})
	d.next = append(d.next, make([]entry, d.stride)...)
	d.index[string(d.key)] = n
	return n
}

// step makes the entry in next for a state and a class. The states may have moved afterwards.
func (d *dfa) step(state, class int) entry {
	n := state / d.stride
	p, s := d.prog, d.states[n]
	after := atEdge
	if class < p.classes {
		after = p.context[class]
	}
	matched := d.close(s, after)
	var kernel []int32
	if class < p.classes {
		for _, pc := range d.set.dense {
			switch i := &p.insts[pc]; {
			case i.op == iChar && p.members[i.arg][class]:
				kernel = append(kernel, i.out)
			case i.op == iBackref: // the dfa does not know the text of the group
				kernel = append(kernel, pc)
			}
		}
	}
	if d.anywhere {
		kernel = append(kernel, p.start)
	}
	slices.Sort(kernel)
	kernel = slices.Compact(kernel)
	count := len(d.states)
	e := entry(int(d.state(kernel, after))*d.stride)<<entryShift | entryKnown
	if matched {
		e |= entryMatch
	}
	if len(kernel) == 0 {
		e |= entryDead
	}
	if len(d.states) >= count { // otherwise the cache was emptied
		d.next[state+class] = e
	}
	return e
}

// close fills d.set with all instructions that the kernel reaches without a character.
func (d *dfa) close(s *dfaState, after context) (matched bool) {
	if !d.prog.soft {
		return d.reach(s, after)
	}
	// a newline after a match is not part of it, so it ends no line for the match
	matched = d.reach(s, d.prog.outside(after))
	if after == newline {
		d.reach(s, after)
	}
	return matched
}

func (d *dfa) reach(s *dfaState, after context) (matched bool) {
	d.set.clear()
	d.stack = d.stack[:0]
	if d.prog.soft && d.anywhere && s.before == newline {
		// A match that begins here has not read the newline. It is followed last: the matches
		// that have read the newline can pass assertions that this one cannot.
		matched = d.follow(s.kernelBut(d.prog.start), newline, after)
		return d.follow([]int32{d.prog.start}, inLine, after) || matched
	}
	return d.follow(s.kernel, s.before, after)
}

// kernelBut returns the kernel without one instruction.
func (s *dfaState) kernelBut(pc int32) (list []int32) {
	for _, k := range s.kernel {
		if k != pc {
			list = append(list, k)
		}
	}
	return list
}

// follow adds the instructions that can be reached from some instructions without a character.
func (d *dfa) follow(kernel []int32, before, after context) (matched bool) {
	d.stack = append(d.stack[:0], kernel...)
	for len(d.stack) > 0 {
		pc := d.stack[len(d.stack)-1]
		d.stack = d.stack[:len(d.stack)-1]
		if !d.set.add(pc) {
			continue
		}
		switch i := &d.prog.insts[pc]; i.op {
		case iMatch:
			matched = true
		case iAssert:
			if i.assert.holds(before, d.prog.behind(after)) {
				d.stack = append(d.stack, i.out)
			}
		case iSplit, iLoop:
			d.stack = append(d.stack, i.other, i.out)
		case iChar:
		default:
			d.stack = append(d.stack, i.out)
		}
	}
	return matched
}

// indexLine returns a position in the first matching line of buf, or -1. A newline counts as
// the end of a text. Its entry leads to the beginning of the next line, since the end of a text
// leads nowhere else.
func (d *dfa) indexLine(buf []byte) int {
	if d.lineClass == nil {
		classes := d.prog.ofByte
		classes['\n'] = uint16(d.prog.classes)
		d.lineClass = &classes
	}
	state := d.begin(atEdge)
	for at := 0; ; {
		at, state = d.skip(buf, at, state)
		if at >= len(buf) {
			if d.entry(state, d.prog.classes)&entryMatch != 0 {
				return len(buf)
			}
			return -1
		}
		class, width := d.lineClass[buf[at]], 1
		if class == wide {
			class, width = d.prog.char(buf, at)
		}
		e := d.entry(state, int(class))
		if e&entryMatch != 0 {
			return at
		}
		at, state = at+width, e.state()
	}
}

// skip skips known entries without a match.
func (d *dfa) skip(buf []byte, at, state int) (int, int) {
	next, classes := d.next, d.lineClass
	for ; at < len(buf); at++ {
		class := classes[buf[at]]
		if class == wide {
			break
		}
		e := next[state+int(class)]
		if e&(entryKnown|entryMatch) != entryKnown {
			break
		}
		if e.state() == state && at+8 < len(buf) {
			at += d.stay(buf[at+1:], state)
		}
		state = e.state()
	}
	return at, state
}

// A waiting describes a state that most characters lead back to, since no match has begun.
// stays are the bytes that do so.
type waiting struct {
	state int // -1 for none
	turns int // how often the state led to itself
	stays [256]bool
}

// worthWaiting is how often a state leads to itself before its bytes are collected.
const worthWaiting = 64

// stay returns the number of bytes that leave the state unchanged.
func (d *dfa) stay(buf []byte, state int) int {
	w := &d.wait
	if w.state != state {
		*w = waiting{state: state}
	}
	if w.turns < worthWaiting {
		if w.turns++; w.turns < worthWaiting {
			return 0
		}
		same := entry(state)<<entryShift | entryKnown
		for b, class := range d.lineClass {
			w.stays[b] = class != wide && d.next[state+int(class)] == same
		}
	}
	at := 0
	for ; at+4 <= len(buf); at += 4 {
		b := buf[at : at+4 : at+4]
		if !(w.stays[b[0]] && w.stays[b[1]] && w.stays[b[2]] && w.stays[b[3]]) {
			break
		}
	}
	for at < len(buf) && w.stays[buf[at]] {
		at++
	}
	return at
}

// read skips known entries without a match, and reads one more entry. It returns the position
// of that entry, and the entry.
func (d *dfa) read(line []byte, at, state int) (int, entry) {
	next, classes := d.next, &d.prog.ofByte
	for ; at < len(line); at++ {
		class := classes[line[at]]
		if class == wide {
			break
		}
		e := next[state+int(class)]
		if e&(entryKnown|entryMatch|entryDead) != entryKnown {
			break
		}
		state = e.state()
	}
	if at >= len(line) {
		return at, d.entry(state, d.prog.classes)
	}
	class, _ := d.prog.char(line, at)
	return at, d.entry(state, int(class))
}

func (d *dfa) entry(state, class int) entry {
	if e := d.next[state+class]; e != 0 {
		return e
	}
	return d.step(state, class)
}

// match reports whether there is a match from a position on.
func (d *dfa) match(line []byte, at int, before context) bool {
	end, _ := d.run(line, at, before, true)
	return end >= 0
}

// longest returns the end of the longest match that begins at a position, or -1, and the length
// of the text that it has read.
func (d *dfa) longest(line []byte, at int, before context) (end, seen int) {
	return d.run(line, at, before, false)
}

func (d *dfa) run(line []byte, from int, before context, first bool) (end, seen int) {
	state, at := d.begin(before), from
	end = -1
	for {
		var e entry
		at, e = d.read(line, at, state)
		if e&entryMatch != 0 {
			end = at
		}
		if at >= len(line) || e&entryDead != 0 || first && end >= 0 {
			return end, at - from
		}
		_, width := d.prog.char(line, at)
		at += width
		state = e.state()
	}
}

// leftmost returns the beginning of the leftmost match from a position on. There must be one.
// It reads the text once, and keeps for each instruction the first position from which it can
// be reached.
func (p *program) leftmost(m *matching, from int) int {
	s := &scan{program: p, begin: map[int32]int{}}
	best := -1
	for at := from; ; at += m.width(at) {
		if best < 0 {
			s.put(p.start, at)
		}
		if b := s.close(m.context(at), p.contextAfter(m.line, at)); b >= 0 && (best < 0 || b < best) {
			best = b
		}
		if at >= len(m.line) || best >= 0 && !s.before(best) {
			return best
		}
		class, _ := p.char(m.line, at)
		s.step(class)
	}
}

// A scan is the state of leftmost.
type scan struct {
	*program
	begin map[int32]int
}

func (s *scan) put(pc int32, begin int) bool {
	if old, ok := s.begin[pc]; ok && old <= begin {
		return false
	}
	s.begin[pc] = begin
	return true
}

// before reports whether a match may begin before best.
func (s *scan) before(best int) bool {
	for _, b := range s.begin {
		if b < best {
			return true
		}
	}
	return false
}

// close follows the instructions that need no character. It returns the beginning of a match,
// or -1.
func (s *scan) close(before, after context) int {
	work := make([]int32, 0, len(s.begin))
	for pc := range s.begin {
		work = append(work, pc)
	}
	match := -1
	for len(work) > 0 {
		pc := work[len(work)-1]
		work = work[:len(work)-1]
		i, begin := &s.insts[pc], s.begin[pc]
		switch {
		case i.op == iMatch:
			match = begin
		case i.op == iChar, i.op == iAssert && !i.assert.holds(before, after):
			continue
		case s.put(i.out, begin):
			work = append(work, i.out)
		}
		if (i.op == iSplit || i.op == iLoop) && s.put(i.other, begin) {
			work = append(work, i.other)
		}
	}
	return match
}

func (s *scan) step(class uint16) {
	next := make(map[int32]int, len(s.begin))
	for pc, begin := range s.begin {
		i := &s.insts[pc]
		if i.op == iChar && s.members[i.arg][class] {
			if old, ok := next[i.out]; !ok || begin < old {
				next[i.out] = begin
			}
		}
	}
	s.begin = next
}
