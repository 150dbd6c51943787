// Package regex implements the basic and extended regular expressions of POSIX as the C
// library's regcomp(3) and GNU grep, sed and expr interpret them. It finds the leftmost longest
// match, and supports back-references and \w \b \< \` and the like.
//
// The time to match an expression without back-references grows only with the length of the
// text. A match with back-references is limited to a number of steps.
package regex

import (
	"bytes"
	"unicode/utf8"
)

// Flags say how an expression is read and matched.
type Flags uint16

// The dialects are Grep, Sed and Expr. Without one of them, the dialect is that of regcomp(3).
const (
	Extended    Flags = 1 << iota // ERE instead of BRE
	IgnoreCase                    // for ASCII; with UTF8 for all letters
	UTF8                          // characters are UTF-8 instead of bytes
	Newline                       // ^ and $ match at newlines too; . and [^] match no newline
	Escapes                       // \n, \t, \x41 and the like are characters (sed)
	Grep                          // as grep; a newline separates alternatives
	Sed                           // as sed
	Expr                          // as expr
	Word                          // only without a word character beside the match (grep -w)
	Line                          // only whole lines (grep -x)
	Strict                        // without GNU extensions: \+ \w \b and the like (sed --posix)
	LonelyParen                   // an unmatched ) is itself in an ERE (sed --posix)
	AnyBracket                    // [:space:] is no error in sed (POSIXLY_CORRECT)
	Library                       // with Grep: as the C library reads it, not grep's automaton
	ZeroLines                     // with Newline: lines end at NUL; . and [^] match neither

	dialects = Grep | Sed | Expr
)

// A Regexp is a compiled expression. Matching fills its caches, so several goroutines must not
// use it at the same time.
type Regexp struct {
	prog     *program
	search   *dfa // from any position: finds whether there is a match
	at       *dfa // from one position: finds where a match ends
	back     *backtracker
	warnings []string
	err      error
	fixed    literal
	// exact finds positions, if the expression that finds lines differs from it.
	exact *Regexp
	// first must match too: grep tries its automaton before the C library.
	first *Regexp
	// unbound is the expression without Word, for patterns that can match the empty text.
	unbound *Regexp
}

// CompileAny compiles one expression that matches what any of the patterns matches. Groups are
// numbered through all patterns. Back-references refer to groups of their own pattern.
func CompileAny(patterns []string, f Flags) (*Regexp, error) {
	s := f.syntax()
	read, err := s.read(patterns)
	if err != nil {
		return nil, err
	}
	if read.bytewise {
		return CompileAny(patterns, f&^UTF8|Library)
	}
	if f&Grep == 0 {
		return read.compile(s, f)
	}
	return compileGrep(patterns, read, s, f)
}

// compileGrep compiles patterns as GNU grep does. Its own automaton finds lines if it can. The
// C library finds the position in a line, and handles everything beyond the automaton.
func compileGrep(patterns []string, library *reading, s syntax, f Flags) (*Regexp, error) {
	s.automaton = true
	own, err := s.read(patterns)
	if err != nil {
		return nil, err
	}
	if own.beyond || f&Library != 0 || s.utf8 && f&(Word|Line) == Word {
		library.warnings = own.warnings
		re, err := library.compile(s, f)
		if err == nil && f&Word != 0 && nullable(library.tree) {
			re.unbound, err = library.compile(s, f&^Word)
		}
		if err == nil && own.differs {
			re.first, err = own.compile(s, f&^(Word|Line))
		}
		return re, err
	}
	re, err := own.compile(s, f)
	if err == nil && own.differs {
		re.exact, err = library.compile(s, f)
	}
	return re, err
}

// A reading is the result of parsing some patterns.
type reading struct {
	tree            *node
	groups          int
	backrefs        bool
	bytewise        bool
	warnings        []string
	beyond, differs bool
}

// read parses patterns as alternatives.
func (s syntax) read(patterns []string) (*reading, error) {
	r := &reading{tree: &node{op: opAlt}}
	for _, text := range patterns {
		p := &parser{syntax: s, in: s.decode(text), groups: r.groups, base: r.groups}
		n, err := p.parse()
		if err != nil {
			return nil, err
		}
		r.tree.sub = append(r.tree.sub, n)
		r.groups = p.groups
		r.backrefs = r.backrefs || p.backrefs != 0
		r.bytewise = r.bytewise || bytewise(n, p)
		r.beyond, r.differs = r.beyond || p.beyond, r.differs || p.differs
		r.warnings = append(r.warnings, p.warnings...)
	}
	if len(patterns) == 1 {
		r.tree = r.tree.sub[0]
	}
	return r, nil
}

func (r *reading) compile(s syntax, f Flags) (*Regexp, error) {
	re := &Regexp{warnings: r.warnings, fixed: findLiteral(r.tree, s, f)}
	c := &compiler{syntax: s, groups: r.groups, backrefs: r.backrefs}
	var err error
	if re.prog, err = c.compile(r.tree, f); err != nil {
		return nil, err
	}
	re.search, re.at = newDFA(re.prog, true), newDFA(re.prog, false)
	re.back = newBacktracker(re.prog)
	return re, nil
}

// Warnings returns grep's warnings about an expression that it still accepts.
func (re *Regexp) Warnings() []string { return re.warnings }

// NumGroups returns the number of parenthesized groups.
func (re *Regexp) NumGroups() int { return re.prog.groups }

// Err returns an error if a match was given up because it needed too many steps.
func (re *Regexp) Err() error { return re.err }

// Match reports whether the expression matches anywhere in line.
func (re *Regexp) Match(line []byte) bool {
	if !re.fixed.in(line) || re.first != nil && !re.first.Match(line) {
		return false
	}
	if re.fixed.whole {
		return true
	}
	if re.unbound != nil {
		var loc [2]int
		return re.Find(line, 0, false, loc[:])
	}
	if !re.search.match(line, 0, contextAt(re.prog, line, 0, false)) {
		return false
	}
	if !re.prog.backrefs {
		return true
	}
	var loc [2]int
	m := &matching{re: re, line: line, any: true}
	return m.each(0, loc[:])
}

// IndexLine returns the beginning and the end of the first matching line of buf without its
// newline, or -1. The last line needs no newline.
func (re *Regexp) IndexLine(buf []byte) (from, to int) {
	for at := 0; at < len(buf); at = to + 1 {
		i := 0
		if re.fixed.text != nil {
			i = re.fixed.index(buf[at:])
		} else {
			i = re.search.indexLine(buf[at:])
		}
		if i < 0 {
			break
		}
		from = at + bytes.LastIndexByte(buf[at:at+i], '\n') + 1
		to = len(buf)
		if n := bytes.IndexByte(buf[at+i:], '\n'); n >= 0 {
			to = at + i + n
		}
		if re.certain() || re.Match(buf[from:to]) {
			return from, to
		}
	}
	return -1, -1
}

// certain reports whether a line that IndexLine finds is sure to match.
func (re *Regexp) certain() bool {
	return re.first == nil && re.unbound == nil &&
		(re.fixed.whole || re.fixed.text == nil && !re.prog.backrefs)
}

// Find finds the leftmost longest match at or after from. The text before from counts for ^ and
// \<. notBOL says that the beginning of line is no beginning of a line. loc gets the offsets of
// the match and of as many groups as it has room for, two each, or -1 for a group that is not
// part of the match.
func (re *Regexp) Find(line []byte, from int, notBOL bool, loc []int) bool {
	if from > len(line) {
		return false
	}
	if re.exact != nil {
		return re.exact.Find(line, from, notBOL, loc)
	}
	if re.fixed.whole && len(loc) == 2 {
		i := re.fixed.index(line[from:])
		if i >= 0 {
			loc[0], loc[1] = from+i, from+i+len(re.fixed.text)
		}
		return i >= 0
	}
	if !re.fixed.in(line[from:]) {
		return false
	}
	m := &matching{re: re, line: line, notBOL: notBOL}
	for m.find(from, loc) {
		if !re.isShortened(line, notBOL, loc) {
			return true
		}
		if loc[0] == len(line) {
			return false
		}
		_, width := re.prog.char(line, loc[0])
		from = loc[0] + width
	}
	return false
}

// isShortened reports whether an empty match is the rest of a longer match that has a word
// character next to it. If the C library matches, GNU grep then tries shorter matches, but not
// the empty one. It accepts an empty match only if nothing longer matches.
func (re *Regexp) isShortened(line []byte, notBOL bool, loc []int) bool {
	if re.unbound == nil || loc[0] != loc[1] {
		return false
	}
	var longest [2]int
	return re.unbound.Find(line, loc[0], notBOL, longest[:]) && longest[0] == loc[0] &&
		longest[1] > loc[0]
}

// A matching is one call of Find.
type matching struct {
	re     *Regexp
	line   []byte
	notBOL bool
	steps  int  // steps left for a search with back-references
	any    bool // any match is enough, whatever its length
}

func (m *matching) context(at int) context {
	return contextAt(m.re.prog, m.line, at, m.notBOL)
}

func (m *matching) find(from int, loc []int) bool {
	re := m.re
	if !re.search.match(m.line, from, m.context(from)) {
		return false
	}
	return m.each(from, loc)
}

// each tries each position.
func (m *matching) each(from int, loc []int) bool {
	re := m.re
	// The loop tries each position, as long as that does not take many times the length of the
	// text.
	budget := 16*len(m.line) + 1<<12
	for at := from; at <= len(m.line); at += m.width(at) {
		if at < len(m.line) && !re.prog.mayStart[m.line[at]] {
			continue
		}
		if re.prog.backrefs {
			if m.backrefs(at, loc) {
				return true
			}
			if re.err != nil {
				return false
			}
			continue
		}
		end, seen := re.at.longest(m.line, at, m.context(at))
		if end >= 0 {
			m.submatches(at, end, loc)
			return true
		}
		if budget -= seen; budget < 0 && !re.prog.soft {
			at = re.prog.leftmost(m, at)
			end, _ = re.at.longest(m.line, at, m.context(at))
			m.submatches(at, end, loc)
			return true
		}
	}
	return false
}

// width returns the length of the character at a position, or 1 at the end.
func (m *matching) width(at int) int {
	if !m.re.prog.utf8 || at >= len(m.line) || m.line[at] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRune(m.line[at:])
	return n
}
