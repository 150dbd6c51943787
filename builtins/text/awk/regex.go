package awk

import (
	"errors"
	"strings"
)

// A regex is a compiled regular expression. It works on bytes and finds the leftmost longest
// match.
type regex struct {
	literal string // the text, if the expression is plain
	plain   bool
	prog    *nfa
	front   string // the text that every match begins with
	begins  *set   // the bytes that a match may begin with; nil if a match may be empty
	any     *dfa   // finds whether there is a match anywhere
	at      *dfa   // finds the length of the match that begins at a position
}

// A set is a set of bytes.
type set [4]uint64

func (s *set) add(c byte)      { s[c>>6] |= 1 << (c & 63) }
func (s *set) has(c byte) bool { return s[c>>6]>>(c&63)&1 != 0 }

func (s *set) addRange(low, high byte) {
	for c := int(low); c <= int(high); c++ {
		s.add(byte(c))
	}
}

func (s *set) invert() {
	for i := range s {
		s[i] = ^s[i]
	}
}

// Kinds of nodes of the automaton.
const (
	nSet byte = iota
	nSplit
	nBegin
	nEnd
	nAccept
)

type node struct {
	kind byte
	set  set
	a, b int32 // next nodes
}

type nfa struct {
	nodes []node
	start int32
}

// A reParser parses mawk's syntax, which is that of egrep without intervals.
type reParser struct {
	src   string
	pos   int
	nodes []node
	lit   []byte
	plain bool
}

// A piece is a part of the automaton with open ends.
type piece struct {
	start int32
	ends  []*int32Ref
}

type int32Ref struct {
	node  int32
	other bool
}

func (p *reParser) tie(ends []*int32Ref, to int32) {
	for _, e := range ends {
		if e.other {
			p.nodes[e.node].b = to
		} else {
			p.nodes[e.node].a = to
		}
	}
}

func (p *reParser) put(n node) int32 {
	p.nodes = append(p.nodes, n)
	return int32(len(p.nodes) - 1)
}

// IsSeparator reports whether a text of the command line is valid as FS.
func IsSeparator(text string) bool {
	if text = Unescape(text); len(text) < 2 {
		return true
	}
	_, err := compile(text)
	return err == nil
}

func compile(src string) (re *regex, err error) {
	p := &reParser{src: src, plain: true}
	whole := piece{}
	if src == "" {
		return &regex{plain: true}, nil
	}
	if whole, err = p.alternatives(0); err != nil {
		return nil, err
	}
	if p.plain {
		return &regex{plain: true, literal: string(p.lit)}, nil
	}
	accept := p.put(node{kind: nAccept})
	p.tie(whole.ends, accept)
	prog := &nfa{p.nodes, whole.start}
	return &regex{prog: prog, front: prog.front(), begins: prog.begins()}, nil
}

func (p *reParser) alternatives(depth int) (piece, error) {
	left, err := p.sequence(depth)
	for err == nil && p.pos < len(p.src) && p.src[p.pos] == '|' {
		p.plain = false
		p.pos++
		var right piece
		if right, err = p.sequence(depth); err == nil {
			n := p.put(node{kind: nSplit, a: left.start, b: right.start})
			left = piece{n, append(left.ends, right.ends...)}
		}
	}
	return left, err
}

var errOperand = errors.New("missing operand")

func (p *reParser) sequence(depth int) (whole piece, err error) {
	whole.start = -1
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		if c == '|' || c == ')' && depth > 0 {
			break
		}
		next, err := p.repeated(depth)
		if err != nil {
			return whole, err
		}
		if whole.start < 0 {
			whole = next
			continue
		}
		p.tie(whole.ends, next.start)
		whole.ends = next.ends
	}
	if whole.start < 0 {
		return whole, errOperand
	}
	return whole, nil
}

func (p *reParser) repeated(depth int) (piece, error) {
	c := p.src[p.pos]
	if c == '*' || c == '+' || c == '?' {
		return piece{}, errOperand
	}
	atom, err := p.atom(depth)
	for err == nil && p.pos < len(p.src) {
		c := p.src[p.pos]
		if c != '*' && c != '+' && c != '?' {
			break
		}
		if c != '?' && p.behindBegin(atom) {
			return piece{}, errors.New("syntax error ^* or ^+")
		}
		p.plain = false
		p.pos++
		n := p.put(node{kind: nSplit, a: atom.start})
		out := &int32Ref{n, true}
		switch c {
		case '*':
			p.tie(atom.ends, n)
			atom = piece{n, []*int32Ref{out}}
		case '+':
			p.tie(atom.ends, n)
			atom.ends = []*int32Ref{out}
		case '?':
			atom = piece{n, append(atom.ends, out)}
		}
	}
	return atom, err
}

// behindBegin reports whether an atom is ^, or a $ after ^. mawk cannot repeat these.
func (p *reParser) behindBegin(atom piece) bool {
	before := p.src[:p.pos]
	switch p.nodes[atom.start].kind {
	case nBegin:
		return strings.HasSuffix(before, "^")
	case nEnd:
		return strings.HasSuffix(before, "^$")
	}
	return false
}

func (p *reParser) atom(depth int) (piece, error) {
	c := p.src[p.pos]
	p.pos++
	switch c {
	case '(':
		p.plain = false
		if p.pos < len(p.src) && p.src[p.pos] == ')' {
			p.pos++
			n := p.put(node{kind: nSplit, a: -1, b: -1})
			return piece{n, []*int32Ref{{n, false}, {n, true}}}, nil
		}
		inner, err := p.alternatives(depth + 1)
		if err != nil && p.pos < len(p.src) {
			return inner, err
		}
		if p.pos >= len(p.src) {
			return inner, errors.New("missing ')'")
		}
		p.pos++
		return inner, nil
	case '[':
		p.plain = false
		s, err := p.class()
		return p.one(node{set: s}), err
	case '.':
		p.plain = false
		n := node{}
		n.set.invert()
		return p.one(n), nil
	case '^':
		p.plain = false
		return p.one(node{kind: nBegin}), nil
	case '$':
		p.plain = false
		return p.one(node{kind: nEnd}), nil
	case '\\':
		if p.pos < len(p.src) {
			c = p.escaped()
		}
	}
	n := node{}
	n.set.add(c)
	p.lit = append(p.lit, c)
	return p.one(n), nil
}

func (p *reParser) one(n node) piece {
	i := p.put(n)
	return piece{i, []*int32Ref{{i, false}}}
}

func (p *reParser) escaped() byte {
	c, n := escape(p.src[p.pos:])
	if n == 0 {
		c, n = p.src[p.pos], 1
	}
	p.pos += n
	return c
}

var errClass = errors.New("bad class -- [], [^] or [")

func (p *reParser) class() (s set, err error) {
	not := p.pos < len(p.src) && p.src[p.pos] == '^'
	if not {
		p.pos++
	}
	for first := true; ; first = false {
		if p.pos >= len(p.src) {
			return s, errClass
		}
		if p.src[p.pos] == ']' && !first {
			p.pos++
			break
		}
		if rest := p.src[p.pos:]; strings.HasPrefix(rest, "[:") {
			name, _, found := strings.Cut(rest[2:], ":]")
			if found {
				if !addClass(&s, name) {
					return s, errClass
				}
				p.pos += len(name) + 4
				continue
			}
		}
		low := p.classChar()
		rest := p.src[p.pos:]
		if len(rest) > 1 && rest[0] == '-' && rest[1] != ']' {
			p.pos++
			before := p.pos
			if high := p.classChar(); high >= low {
				s.addRange(low, high)
				continue
			}
			p.pos = before // no range: three characters
			s.add('-')
		}
		s.add(low)
	}
	if not {
		s.invert()
	}
	return s, nil
}

func (p *reParser) classChar() byte {
	c := p.src[p.pos]
	p.pos++
	if c == '\\' && p.pos < len(p.src) {
		return p.escaped()
	}
	return c
}

// addClass adds the members of [:name:] in the C locale.
func addClass(s *set, name string) bool {
	ranges := map[string]string{"alpha": "AZaz", "digit": "09", "alnum": "09AZaz", "upper": "AZ",
		"lower": "az", "space": "\t\r  ", "blank": "\t\t  ", "punct": "!/:@[`{~", "print": " ~",
		"graph": "!~", "cntrl": "\x00\x1f\x7f\x7f", "xdigit": "09AFaf"}[name]
	for i := 0; i < len(ranges); i += 2 {
		s.addRange(ranges[i], ranges[i+1])
	}
	return ranges != ""
}
