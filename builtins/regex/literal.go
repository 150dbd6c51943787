package regex

import (
	"bytes"
	"unicode/utf8"
)

// A literal is a text that every match contains. Looking for it is quicker
// than anything else.
type literal struct {
	text  []byte // nil for none
	whole bool   // the text is all there is to match
}

// in says whether the text occurs in b.
func (l *literal) in(b []byte) bool { return l.text == nil || l.index(b) >= 0 }

func (l *literal) index(b []byte) int { return bytes.Index(b, l.text) }

// findLiteral finds the longest such text.
func findLiteral(tree *node, s syntax, f Flags) literal {
	l := &literalFinder{utf8: s.utf8, whole: true}
	l.walk(tree)
	if l.best == nil {
		return literal{}
	}
	whole := l.whole && f&(Word|Line) == 0 && !(s.utf8 && midCharacter(l.best))
	return literal{text: l.best, whole: whole}
}

// A literalFinder goes through an expression from left to right.
type literalFinder struct {
	utf8      bool
	whole     bool // all is one text
	best, now []byte
}

func (l *literalFinder) walk(n *node) {
	switch {
	case n.op == opChar && len(n.set) == 1 && n.set[0].low == n.set[0].high:
		l.now = appendChar(l.now, n.set[0].low, l.utf8)
		if len(l.now) > len(l.best) {
			l.best = bytes.Clone(l.now)
		}
		return
	case n.op == opGroup || n.op == opCat:
		for _, sub := range n.sub {
			l.walk(sub)
		}
		return
	case n.op == opEmpty:
		return
	case n.op == opRepeat && n.min > 0:
		l.now = nil
		l.walk(n.sub[0])
	}
	l.whole = false
	if n.op != opAssert { // which is of no length
		l.now = nil
	}
}

// midCharacter says whether a text may begin or end inside of a character.
func midCharacter(b []byte) bool { return !utf8.Valid(b) }

func appendChar(b []byte, c rune, utf bool) []byte {
	switch {
	case !utf:
		return append(b, byte(c))
	case c >= invalidByte:
		return append(b, byte(c-invalidByte))
	}
	return utf8.AppendRune(b, c)
}
