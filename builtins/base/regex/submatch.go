package regex

// A backtracker follows a program from one position, preferred ways first. It finds the groups
// of a match whose end is known, and, with back-references, the longest match. It does not
// repeat a way that failed.
//
// The C library finds the groups of the longest match in the same way. It does not follow the
// POSIX rule that each group must be as long as possible: (a|ab)(c|bcd)(d*) takes a and bcd of
// abcd.
type backtracker struct {
	prog *program
	jobs []job
	caps []int // beginning and end of each group, -1 for none
	// before are the groups at the last end of a group that was not empty.
	before, spare []int
	turn          []int // position at which the body of each loop was last entered
	seen          visited
}

type jobKind uint8

const (
	tryFrom  jobKind = iota // an instruction at a position
	resetCap                // changes that are undone on the way back
	resetTurn
	resetCaps
	resetBefore
)

type job struct {
	kind jobKind
	pc   int32
	at   int
	caps []int
}

func newBacktracker(p *program) *backtracker {
	return &backtracker{prog: p, caps: make([]int, 2*(p.groups+1)), turn: make([]int, p.splits)}
}

// submatches fills loc for the match from begin to end.
func (m *matching) submatches(begin, end int, loc []int) {
	for i := range loc {
		loc[i] = -1
	}
	if len(loc) > 2 && m.re.prog.groups > 0 {
		r := &run{backtracker: m.re.back, m: m, begin: begin, limit: end, target: end, budget: -1}
		if r.from() >= 0 {
			copy(loc, r.best)
		}
	}
	copy(loc, []int{begin, end})
}

// A run is one use of the backtracker.
type run struct {
	*backtracker
	m            *matching
	begin, limit int
	target       int  // the required end, -1 for the furthest one
	budget       int  // number of steps; negative for no limit
	any          bool // the first end found is enough
	end          int
	best         []int
}

// from tries all ways from begin. It returns the end of the match, or -1.
func (r *run) from() int {
	for i := range r.caps {
		r.caps[i] = -1
	}
	for i := range r.turn {
		r.turn[i] = -1
	}
	r.spare = append(r.spare[:0], r.caps...) // nothing that outlives a run refers to it
	r.before = r.spare
	r.seen.reset(r.prog, r.limit-r.begin)
	r.end = -1
	r.jobs = append(r.jobs[:0], job{pc: r.prog.start, at: r.begin})
	for len(r.jobs) > 0 && !r.done() {
		j := r.jobs[len(r.jobs)-1]
		r.jobs = r.jobs[:len(r.jobs)-1]
		switch j.kind {
		case tryFrom:
			r.try(j.pc, j.at)
		case resetCap:
			r.caps[j.pc] = j.at
		case resetTurn:
			r.turn[j.pc] = j.at
		case resetCaps:
			r.caps = j.caps
		case resetBefore:
			r.before = j.caps
		}
	}
	return r.end
}

// done reports whether no better match can be found.
func (r *run) done() bool {
	return r.end >= 0 && (r.any || r.end == r.target || r.end == r.limit) || r.budget == 0
}

// try follows one way until it fails or matches.
func (r *run) try(pc int32, at int) {
	for r.budget != 0 {
		r.budget--
		i := &r.prog.insts[pc]
		next := i.out
		switch i.op {
		case iMatch:
			r.matched(at)
			return
		case iChar:
			if at >= r.limit {
				return
			}
			class, width := r.prog.char(r.m.line, at)
			if !r.prog.members[i.arg][class] {
				return
			}
			at += width
		case iAssert:
			if !r.holds(i.assert, at) {
				return
			}
		case iSplit:
			if r.seen.before(r, i.arg, at, false) {
				return
			}
			r.jobs = append(r.jobs, job{pc: i.other, at: at})
		case iLoop:
			again := r.turn[i.arg] == at
			if r.seen.before(r, i.arg, at, again) {
				return
			}
			if again { // an empty iteration is the last one
				next = i.other
				break
			}
			r.jobs = append(r.jobs, job{pc: i.other, at: at},
				job{kind: resetTurn, pc: i.arg, at: r.turn[i.arg]})
			r.turn[i.arg] = at
		case iOpen:
			r.set(2*i.arg, at)
			r.set(2*i.arg+1, -1)
		case iClose:
			r.close(i, at)
		case iBackref:
			n := r.refer(int(i.arg), at)
			if n < 0 {
				return
			}
			at += n
		}
		pc = next
	}
}

// holds reports whether an assertion holds. Newlines inside the match are line ends if the C
// library treats them so.
func (r *run) holds(a assertion, at int) bool {
	before, after := r.m.context(at), r.prog.contextAfter(r.m.line, at)
	if r.prog.soft {
		if at > r.begin && r.m.line[at-1] == '\n' {
			before = newline
		}
		after = r.prog.behind(after)
	}
	return a.holds(before, after)
}

func (r *run) matched(at int) {
	if r.target >= 0 && at != r.target || at <= r.end {
		return
	}
	r.end = at
	r.best = append(r.best[:0], r.caps...)
}

func (r *run) set(slot int32, at int) {
	r.jobs = append(r.jobs, job{kind: resetCap, pc: slot, at: r.caps[slot]})
	r.caps[slot] = at
}

// close ends a group. If a repeated group has matched before, an empty last iteration restores
// that group and the groups inside it.
func (r *run) close(i *inst, at int) {
	begin := r.caps[2*i.arg]
	switch {
	case begin == at && i.optional && r.before[2*i.arg] >= 0:
		r.jobs = append(r.jobs, job{kind: resetCaps, caps: r.caps})
		r.caps = append([]int(nil), r.before...)
		return
	case begin < at && r.prog.undoes:
		r.set(2*i.arg+1, at)
		r.jobs = append(r.jobs, job{kind: resetBefore, caps: r.before})
		r.before = append([]int(nil), r.caps...)
		return
	}
	r.set(2*i.arg+1, at)
}

// visited are the ways that have been tried: splits at positions, together with the text of the
// referenced groups.
type visited struct {
	bits  []uint64
	width int
	sets  map[string]struct{} // used with back-references, or if there would be too many bits
	key   []byte
	// hashed says that sets is used.
	hashed bool
	count  int
}

// worthHashing is the number of tried ways from which remembering them is faster than trying
// some twice.
const worthHashing = 256

const maxBits = 1 << 28

func (v *visited) reset(p *program, length int) {
	v.width = length + 1
	v.bits, v.hashed = v.bits[:0], false
	v.count = 0
	if len(v.sets) > 0 {
		v.sets = nil
	}
	words := (2*p.splits*v.width + 63) / 64
	switch {
	case p.splits == 0:
	case p.backrefs || words > maxBits/64:
		v.hashed = true
	case words <= cap(v.bits):
		v.bits = v.bits[:words]
		clear(v.bits)
	default:
		v.bits = make([]uint64, words)
	}
}

// before reports whether a way was tried before, and marks it as tried.
func (v *visited) before(r *run, split int32, at int, again bool) bool {
	n := int(split) * 2
	if again {
		n++
	}
	n = n*v.width + at - r.begin
	if v.hashed {
		if v.count++; v.count < worthHashing {
			return false
		}
		return v.beforeIn(r, n)
	}
	word, bit := n/64, uint64(1)<<(n%64)
	tried := v.bits[word]&bit != 0
	v.bits[word] |= bit
	return tried
}
