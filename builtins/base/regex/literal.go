package regex

import (
	"bytes"
	"unicode/utf8"

	"overlayboot/builtins/base/ascii"
)

// A literal is a text that every match contains. Searching for it is faster than anything else.
type literal struct {
	text  []byte // nil for none
	whole bool   // the text is the whole expression
	// fold says that the text, which is in lowercase, matches in any case.
	fold *folding
}

// A folding finds a text in any case. far[b] is for a byte b at the position of the last byte
// of the text: it is the distance to the next possible position of the last byte, or 0 for this
// position.
type folding struct{ far [256]uint8 }

// shortFold is the length of the shortest text for which a folding is worthwhile.
const shortFold = 3

func newFolding(text []byte) *folding {
	f := &folding{}
	for c := range f.far {
		f.far[c] = uint8(min(len(text), 255))
	}
	for i, c := range text {
		far := uint8(min(len(text)-1-i, 255))
		f.far[c] = far
		if ascii.IsLetter(c) {
			f.far[c^0x20] = far
		}
	}
	return f
}

func (f *folding) index(b, text []byte) int {
	for last := len(text) - 1; last < len(b); {
		far := f.far[b[last]]
		if far > 0 {
			last += int(far)
			continue
		}
		at := last + 1 - len(text)
		if sameFolded(b[at:last+1], text) {
			return at
		}
		last++
	}
	return -1
}

// sameFolded compares b with a lowercase text.
func sameFolded(b, text []byte) bool {
	for i, c := range text {
		if b[i] != c && (!ascii.IsLetter(c) || b[i]|0x20 != c) {
			return false
		}
	}
	return true
}

// in reports whether the text occurs in b.
func (l *literal) in(b []byte) bool { return l.text == nil || l.index(b) >= 0 }

func (l *literal) index(b []byte) int {
	if l.fold != nil {
		return l.fold.index(b, l.text)
	}
	return bytes.Index(b, l.text)
}

// findLiteral finds the longest such text.
func findLiteral(tree *node, s syntax, f Flags) literal {
	l := &literalFinder{utf8: s.utf8, icase: s.icase, whole: true}
	l.walk(tree)
	if l.best == nil {
		return literal{}
	}
	var fold *folding
	isLetter := func(r rune) bool { return r < utf8.RuneSelf && ascii.IsLetter(byte(r)) }
	if s.icase && bytes.ContainsFunc(l.best, isLetter) {
		if len(l.best) < shortFold {
			return literal{}
		}
		fold = newFolding(l.best)
	}
	whole := l.whole && f&(Word|Line) == 0 && !(s.utf8 && midCharacter(l.best))
	return literal{text: l.best, whole: whole, fold: fold}
}

// A literalFinder walks through an expression from left to right.
type literalFinder struct {
	utf8      bool
	icase     bool
	whole     bool // the whole expression is one text
	best, now []byte
}

// one returns the character of a set with one member, or with both cases of one letter if case
// is ignored.
func (l *literalFinder) one(set charset) (c rune, ok bool) {
	if len(set) == 0 || set[0].low != set[0].high {
		return 0, false
	}
	c = set[0].low
	letter := l.icase && c < utf8.RuneSelf && ascii.IsLetter(byte(c))
	switch {
	case len(set) == 1:
		return c, !letter
	case len(set) == 2 && letter:
		return c | 0x20, set[1] == span{c ^ 0x20, c ^ 0x20}
	}
	return 0, false
}

func (l *literalFinder) walk(n *node) {
	c, one := l.one(n.set)
	switch {
	case n.op == opChar && one:
		l.now = appendChar(l.now, c, l.utf8)
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
	if n.op != opAssert { // an assertion has length 0
		l.now = nil
	}
}

// midCharacter reports whether a text may begin or end inside a character.
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
