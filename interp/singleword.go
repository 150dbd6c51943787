package interp

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/parse"
)

// Most words of a script are one literal or one parameter. Their expansion needs no
// fieldBuilder: the functions of this file do it, and leave all other words to a fieldBuilder.

// separators is the set of the bytes in IFS.
type separators struct{ set [256]bool }

// separators returns the bytes in the present IFS.
func (s *Shell) separators() *separators {
	if s.ifsBytes == nil {
		ifs := s.ifs()
		s.ifsBytes = new(separators)
		for i := range len(ifs) {
			s.ifsBytes.set[ifs[i]] = true
		}
	}
	return s.ifsBytes
}

// byteMarks maps each byte to its marks.
type byteMarks [256]uint8

const (
	specialUnquoted uint8 = 1 << iota // special in a pattern
	specialQuoted                     // special in a pattern unless behind a backslash
)

// patternBytes marks the bytes that are special in a pattern.
var patternBytes = byteMarks{
	'*': specialUnquoted | specialQuoted, '?': specialUnquoted | specialQuoted,
	'[': specialUnquoted | specialQuoted, '\\': specialUnquoted | specialQuoted,
	']': specialQuoted, '!': specialQuoted, '-': specialQuoted, '^': specialQuoted,
}

// any reports whether the text contains a byte with that mark.
func (m *byteMarks) any(text string, mark uint8) bool {
	for i := range len(text) {
		if m[text[i]]&mark != 0 {
			return true
		}
	}
	return false
}

// singleText expands a word without field splitting and pathname expansion. ok is false if the
// word needs a fieldBuilder.
func (s *Shell) singleText(w *syntax.Word) (text string, ok bool) {
	if len(w.Parts) != 1 {
		return "", false
	}
	switch p := w.Parts[0].(type) {
	case *syntax.Lit:
		return p.Value, isPlain(p.Value)
	case *syntax.DblQuoted:
		return s.doubleText(p)
	case *syntax.SglQuoted:
		return parse.SingleQuoted(p), true
	default:
		return s.partText(p)
	}
}

// doubleText expands a double-quoted text of one part.
func (s *Shell) doubleText(p *syntax.DblQuoted) (text string, ok bool) {
	if len(p.Parts) != 1 {
		return "", len(p.Parts) == 0
	}
	if lit, ok := p.Parts[0].(*syntax.Lit); ok {
		for i := range len(lit.Value) {
			if lit.Value[i] == '\\' {
				return "", false
			}
		}
		return lit.Value, true
	}
	return s.partText(p.Parts[0])
}

// singlePattern does the work of singleText for a pattern.
func (s *Shell) singlePattern(w *syntax.Word) (text string, ok bool) {
	if len(w.Parts) != 1 {
		return "", false
	}
	switch p := w.Parts[0].(type) {
	case *syntax.Lit:
		return p.Value, p.Value[0] != '~' && strings.IndexByte(p.Value, '\\') < 0
	case *syntax.SglQuoted:
		text = parse.SingleQuoted(p)
		return text, !patternBytes.any(text, specialQuoted)
	case *syntax.DblQuoted:
		return "", false
	default:
		return s.partText(p)
	}
}

// single expands a word of one part to its fields.
func (b *fieldBuilder) single(part syntax.WordPart) bool {
	var text string
	ok := false
	switch p := part.(type) {
	case *syntax.Lit:
		text, ok = p.Value, isPlain(p.Value)
	case *syntax.SglQuoted:
		text, ok = parse.SingleQuoted(p), true
	case *syntax.DblQuoted:
		text, ok = b.s.doubleText(p)
	default:
		if text, ok = b.s.partText(p); ok {
			b.splitText(text)
			return true
		}
	}
	if ok {
		b.fields = append(b.fields, text)
	}
	return ok
}

// splitText adds the fields of a word that is a single expansion.
func (b *fieldBuilder) splitText(text string) {
	for i := range len(text) {
		if b.ifs.set[text[i]] || patternBytes[text[i]]&specialUnquoted != 0 {
			b.value(text, false)
			b.end()
			return
		}
	}
	if text != "" {
		b.fields = append(b.fields, text)
	}
}

// partText expands a part of a word to its text before field splitting. ok is false if the text
// depends on the context.
func (s *Shell) partText(part syntax.WordPart) (text string, ok bool) {
	switch p := part.(type) {
	case *syntax.ParamExp:
		return s.paramText(p)
	case *syntax.ArithmExp:
		return s.arithmeticExpansion(p), true
	case *syntax.CmdSubst:
		return s.commandSubstitution(p), true
	}
	return "", false
}

// paramText expands a parameter: its value, its length, or its trimmed value. ok is false for
// other expansions, and for an unset parameter with -u.
func (s *Shell) paramText(p *syntax.ParamExp) (text string, ok bool) {
	if p.Param == nil {
		return "", false
	}
	name := p.Param.Value
	if name == "@" || name == "*" {
		return "", false
	}
	if p.Exp != nil && !isTrim(p.Exp.Op) {
		return "", false
	}
	value, set := s.param(name)
	switch {
	case !set && s.opt(optNounset):
		return "", false
	case p.Length:
		return strconv.Itoa(len(value)), true
	case p.Exp == nil:
		return value, true
	}
	return s.trim(p.Exp, value), true
}

// literalOf returns the text of a word that is one literal.
func literalOf(w *syntax.Word) (text string, ok bool) {
	if len(w.Parts) == 1 {
		if lit, ok := w.Parts[0].(*syntax.Lit); ok {
			return lit.Value, true
		}
	}
	return "", false
}
