package regex

import (
	"slices"
	"unicode/utf8"
)

// maxInstructions bounds the size of nested repetitions.
const maxInstructions = 1 << 19

type assertion uint8

const (
	lineStart assertion = iota
	lineEnd
	textStart
	textEnd
	wordBoundary
	notBoundary
	wordStart
	wordEnd
	noWordBefore // of grep -w
	noWordAfter
)

// A context says what is on one side of a position, as far as assertions need it.
type context uint8

const (
	inLine      context = iota // any other character
	word                       // a word character
	wordByte                   // an invalid byte that is a word character to the C library
	newline                    // a newline that ends a line
	atEdge                     // the beginning or end of the text, which is also that of a line
	atEdgeNoBOL                // the beginning of the text, which is no beginning of a line
)

func (c context) inWord() bool { return c == word || c == wordByte }

func (a assertion) holds(before, after context) bool {
	switch a {
	case lineStart:
		return before == newline || before == atEdge
	case lineEnd:
		return after == newline || after == atEdge
	case textStart:
		return before == atEdge || before == atEdgeNoBOL
	case textEnd:
		return after == atEdge
	case wordBoundary:
		return before.inWord() != after.inWord()
	case notBoundary:
		return before.inWord() == after.inWord()
	case wordStart:
		return !before.inWord() && after.inWord()
	case wordEnd:
		return before.inWord() && !after.inWord()
	case noWordBefore:
		return before != word
	}
	return after != word
}

type instOp uint8

const (
	iNop instOp = iota
	iChar
	iSplit // out is preferred to other
	iLoop  // a split that is reached again after each iteration
	iAssert
	iOpen
	iClose
	iBackref
	iMatch
)

// An inst is a node of the automaton.
type inst struct {
	op         instOp
	optional   bool // of iClose: the group itself is repeated from 0 on
	assert     assertion
	out, other int32
	// arg is the number of a set, a group, a split or a loop.
	arg int32
}

// A program is an automaton that reads characters. Characters that the expression treats alike
// form a class.
type program struct {
	insts    []inst
	start    int32
	groups   int
	splits   int // number of iSplit and iLoop instructions
	utf8     bool
	lines    bool
	backrefs bool
	// soft says that ^ matches after, and $ before, a newline inside the match. The C library
	// does so even though newlines end no lines.
	soft bool
	// undoes says that an empty iteration of a repeated group restores the groups from before
	// it.
	undoes bool
	// refers are the groups that back-references refer to.
	refers []int
	fold   bool // back-references ignore case

	sets     []charset
	classes  int
	ofByte   [256]uint16 // class of a byte; wide for the first of several bytes
	bounds   []rune      // starts of the spans whose classes are in ofSpan
	ofSpan   []uint16
	members  [][]bool // by set and class
	context  []context
	cache    [256]cachedClass
	mayStart [256]bool
}

type cachedClass struct {
	r     rune
	class uint16
}

// wide marks a byte that starts a multibyte character, or that is invalid.
const wide = 0xffff

// A compiler compiles a tree into a program. It works from the end to the beginning: each part
// gets the instruction that follows it.
type compiler struct {
	syntax
	prog     *program
	groups   int
	backrefs bool
	byClass  map[string]int32 // sets by their text
	asserts  bool
	words    bool
	full     bool
}

func (c *compiler) compile(tree *node, f Flags) (*program, error) {
	c.prog = &program{groups: c.groups, utf8: c.utf8, lines: c.lines,
		backrefs: c.backrefs, fold: c.icase,
		soft: !c.lines && !c.backrefs && f&Grep == 0 && hasAnchor(tree)}
	c.byClass = map[string]int32{}
	at := c.add(inst{op: iMatch})
	if f&Word != 0 {
		at = c.assertion(noWordAfter, at)
	}
	if f&Line != 0 {
		at = c.assertion(lineEnd, at)
	}
	at = c.node(tree, at, plain)
	if f&Line != 0 {
		at = c.assertion(lineStart, at)
	}
	if f&Word != 0 {
		at = c.assertion(noWordBefore, at)
	}
	c.prog.start = at
	if c.full {
		return nil, ErrMemory
	}
	c.prog.undoes = slices.ContainsFunc(c.prog.insts, func(i inst) bool { return i.optional })
	c.prog.classify(c)
	c.prog.findStart()
	return c.prog, nil
}

// hasAnchor reports whether there is a ^ or $.
func hasAnchor(n *node) bool {
	return n.op == opAssert && n.assert <= lineEnd || slices.ContainsFunc(n.sub, hasAnchor)
}

func (c *compiler) add(i inst) int32 {
	if len(c.prog.insts) >= maxInstructions {
		c.full = true
		return 0
	}
	c.prog.insts = append(c.prog.insts, i)
	return int32(len(c.prog.insts) - 1)
}

func (c *compiler) assertion(a assertion, next int32) int32 {
	c.asserts = true
	c.words = c.words || a >= wordBoundary
	return c.add(inst{op: iAssert, assert: a, out: next})
}

// A mark is the role of a part in the repetition around it.
type mark uint8

const (
	plain    mark = iota
	optional      // repeated from 0 on: an empty iteration of a group restores the groups
	copied        // a copy, in which no group is optional
	copiedOptional
)

// node compiles n.
func (c *compiler) node(n *node, next int32, m mark) int32 {
	if c.full {
		return 0
	}
	switch n.op {
	case opChar:
		return c.add(inst{op: iChar, arg: c.set(n.set), out: next})
	case opAssert:
		return c.assertion(n.assert, next)
	case opGroup:
		undoes := (m == optional || m == copiedOptional) && nullable(n.sub[0])
		at := c.add(inst{op: iClose, arg: int32(n.index), optional: undoes, out: next})
		at = c.node(n.sub[0], at, m.inner())
		return c.add(inst{op: iOpen, arg: int32(n.index), out: at})
	case opBackref:
		if !slices.Contains(c.prog.refers, n.index) {
			c.prog.refers = append(c.prog.refers, n.index)
		}
		return c.add(inst{op: iBackref, arg: int32(n.index), out: next})
	case opCat:
		for _, sub := range slices.Backward(n.sub) {
			next = c.node(sub, next, m.inner())
		}
	case opAlt:
		return c.alternatives(n, next, m.inner())
	case opRepeat:
		return c.repeat(n, next, m.inner())
	}
	return next
}

// nullable reports whether n may match the empty text.
func nullable(n *node) bool {
	switch n.op {
	case opChar:
		return false
	case opGroup:
		return nullable(n.sub[0])
	case opRepeat:
		return n.min == 0 || nullable(n.sub[0])
	case opAlt:
		return slices.ContainsFunc(n.sub, nullable)
	case opCat:
		return !slices.ContainsFunc(n.sub, func(n *node) bool { return !nullable(n) })
	}
	return true
}

func (c *compiler) split(kind instOp, out, other int32) int32 {
	c.prog.splits++
	return c.add(inst{op: kind, out: out, other: other, arg: int32(c.prog.splits - 1)})
}

// inner returns the mark for the parts of a part.
func (m mark) inner() mark {
	if m == copied || m == copiedOptional {
		return copied
	}
	return plain
}

// alternatives compiles alternatives. It prefers the first one, unless that one is empty.
func (c *compiler) alternatives(n *node, next int32, m mark) int32 {
	if len(n.sub) == 0 {
		return c.add(inst{op: iChar, arg: c.set(nil), out: next}) // matches nothing
	}
	subs := slices.Clone(n.sub)
	if len(subs) > 1 && subs[0].op == opEmpty {
		subs[0], subs[1] = subs[1], subs[0]
	}
	at := c.node(subs[len(subs)-1], next, m)
	for _, sub := range slices.Backward(subs[:len(subs)-1]) {
		first := c.node(sub, next, m)
		at = c.split(iSplit, first, at)
	}
	return at
}

// repeat compiles x{2,4} as xx((x?)x)?, and x{2,} as xxx*. The first copy is the part itself.
// In the other copies no group is optional, except a group that is the whole copy and begins
// the optional part.
func (c *compiler) repeat(n *node, next int32, m mark) int32 {
	sub, first := n.sub[0], optional
	if m == copied {
		first = copied
	} else if n.min > 0 {
		first = copiedOptional
	}
	switch {
	case n.max < 0:
		loop := c.split(iLoop, 0, next)
		c.prog.insts[loop].out = c.node(sub, loop, first)
		next = loop
	case n.max > n.min:
		next = c.optional(sub, n.max-n.min, next, first)
	}
	for i := range n.min {
		if i == n.min-1 {
			next = c.node(sub, next, m)
		} else {
			next = c.node(sub, next, copied)
		}
	}
	return next
}

// optional compiles x{0,count} as ((x?)x)?. A match may skip all copies, or some of the first
// ones.
func (c *compiler) optional(sub *node, count int, next int32, first mark) int32 {
	copies := make([]int32, count+1)
	copies[count] = next
	for i := count - 1; i > 0; i-- {
		copies[i] = c.node(sub, copies[i+1], copied)
	}
	copies[0] = c.node(sub, copies[1], first)
	at := copies[0]
	for _, skip := range copies[1:] {
		at = c.split(iSplit, at, skip)
	}
	return at
}

// set returns the number of a set.
func (c *compiler) set(set charset) int32 {
	key := make([]byte, 0, 8*len(set))
	for _, s := range set {
		for _, r := range [...]rune{s.low, s.high} {
			key = append(key, byte(r>>16), byte(r>>8), byte(r))
		}
	}
	n, ok := c.byClass[string(key)]
	if !ok {
		n = int32(len(c.prog.sets))
		c.byClass[string(key)] = n
		c.prog.sets = append(c.prog.sets, set)
	}
	return n
}

// classify assigns all characters to classes.
func (p *program) classify(c *compiler) {
	sets := p.sets
	var wordSet charset
	if c.words {
		wordSet = c.beside()
		sets = append(sets, wordSet, charset{{invalidByte, invalidByte + 0xff}})
	}
	lineEnd := '\n'
	if c.zeroLines {
		lineEnd = 0
	}
	if c.asserts && (p.lines || p.soft) {
		sets = append(sets, charset{{lineEnd, lineEnd}})
	}
	p.bounds = boundaries(sets)
	byMembers := map[string]uint16{}
	p.members = make([][]bool, len(p.sets))
	for _, low := range p.bounds {
		key := make([]byte, len(sets))
		for i, s := range sets {
			if s.contains(low) {
				key[i] = 1
			}
		}
		class, ok := byMembers[string(key)]
		if !ok {
			class = uint16(len(byMembers))
			byMembers[string(key)] = class
			for i := range p.sets {
				p.members[i] = append(p.members[i], key[i] == 1)
			}
			ctx := inLine
			if c.words && wordSet.contains(low) {
				if ctx = word; isInvalid(low) {
					ctx = wordByte
				}
			} else if c.asserts && (p.lines || p.soft) && low == lineEnd {
				ctx = newline
			}
			p.context = append(p.context, ctx)
		}
		p.ofSpan = append(p.ofSpan, class)
	}
	p.classes = len(byMembers)
	p.bytes()
}

// beside returns the characters that count as word characters next to a position. There the C
// library takes a byte that is invalid in UTF-8 for the character of the same number.
func (c *compiler) beside() charset {
	set := c.escapedClass('w')
	for b := rune(utf8.RuneSelf); c.utf8 && b <= 0xff; b++ {
		if set.contains(b) {
			set = append(set, span{invalidByte + b, invalidByte + b})
		}
	}
	return set
}

// boundaries returns the characters at which a set begins or has just ended.
func boundaries(sets []charset) []rune {
	bounds := []rune{0}
	for _, set := range sets {
		for _, s := range set {
			bounds = append(bounds, s.low, s.high+1)
		}
	}
	slices.Sort(bounds)
	return slices.Compact(bounds)
}

func (p *program) bytes() {
	for i := range p.ofByte {
		p.ofByte[i] = wide
		if i < utf8.RuneSelf || !p.utf8 {
			p.ofByte[i] = p.lookup(rune(i))
		}
	}
	for i := range p.cache {
		p.cache[i].r = -1
	}
}

// lookup returns the class of a character.
func (p *program) lookup(r rune) uint16 {
	i, found := slices.BinarySearch(p.bounds, r)
	if !found {
		i--
	}
	return p.ofSpan[i]
}

// char reads the character at a position and returns its class and length.
func (p *program) char(line []byte, at int) (class uint16, width int) {
	if class = p.ofByte[line[at]]; class != wide {
		return class, 1
	}
	r, n := utf8.DecodeRune(line[at:])
	if r == utf8.RuneError && n == 1 {
		r = invalidByte + rune(line[at])
	}
	slot := &p.cache[r&0xff]
	if slot.r != r {
		*slot = cachedClass{r, p.lookup(r)}
	}
	return slot.class, n
}

// contextAt returns the context before a position.
func contextAt(p *program, line []byte, at int, notBOL bool) context {
	switch {
	case at == 0 && notBOL:
		return atEdgeNoBOL
	case at == 0:
		return atEdge
	}
	at--
	if p.utf8 && line[at] >= utf8.RuneSelf {
		_, n := utf8.DecodeLastRune(line[:at+1])
		at -= n - 1
	}
	class, _ := p.char(line, at)
	return p.outside(p.context[class])
}

// outside returns a context that is not part of a match.
func (p *program) outside(c context) context {
	if p.soft && c == newline {
		return inLine
	}
	return c
}

// behind returns the context after a position as an assertion sees it. For $, a newline is a
// line end only in an expression without groups.
func (p *program) behind(after context) context {
	if p.groups == 0 {
		return after
	}
	return p.outside(after)
}

// contextAfter returns the context after a position.
func (p *program) contextAfter(line []byte, at int) context {
	if at >= len(line) {
		return atEdge
	}
	class, _ := p.char(line, at)
	return p.context[class]
}

// findStart finds the bytes that a match may start with.
func (p *program) findStart() {
	seen := make([]bool, len(p.insts))
	work := []int32{p.start}
	classes := make([]bool, p.classes)
	all := false
	for len(work) > 0 && !all {
		pc := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		switch i := &p.insts[pc]; i.op {
		case iMatch, iBackref:
			all = true
		case iChar:
			for class, in := range p.members[i.arg] {
				classes[class] = classes[class] || in
			}
		case iSplit, iLoop:
			work = append(work, i.other, i.out)
		default:
			work = append(work, i.out)
		}
	}
	for b, class := range p.ofByte {
		p.mayStart[b] = all || class == wide || classes[class]
	}
}
