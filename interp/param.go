package interp

import (
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/parse"
)

// paramExp does parameter expansion (XCU 2.6.2).
func (b *fieldBuilder) paramExp(p *syntax.ParamExp, quoted bool) {
	s := b.s
	if p.Param == nil {
		s.fail(2, "Bad substitution")
		return
	}
	name := p.Param.Value
	if p.Length {
		b.length(name, quoted)
		return
	}
	value, set := "", true
	if name == "@" || name == "*" {
		if value = strings.Join(s.params, b.separator(name, quoted)); !usesWord(p, value) {
			if quoted && p.Exp != nil && len(s.params) == 0 {
				b.lit("", true)
			}
			b.positional(name, quoted, b.s.trimmer(p.Exp))
			return
		}
	} else {
		value, set = s.param(name)
	}
	if p.Exp == nil {
		b.plain(name, value, set, quoted)
		return
	}
	b.operator(p, value, set, quoted)
}

// plain adds the value of a parameter. With -u, an unset parameter is an error.
func (b *fieldBuilder) plain(name, value string, set, quoted bool) {
	if !set && b.s.opt(optNounset) {
		b.s.fail(2, "%s: parameter not set", name)
		return
	}
	b.value(value, quoted)
}

func (b *fieldBuilder) length(name string, quoted bool) {
	s := b.s
	if name == "@" || name == "*" {
		// The standard leaves this open. dash takes the length of the joined text.
		text := strings.Join(s.params, b.separator(name, quoted))
		b.value(strconv.Itoa(len(text)), quoted)
		return
	}
	value, set := s.param(name)
	if !set && s.opt(optNounset) {
		s.fail(2, "%s: parameter not set", name)
		return
	}
	b.value(strconv.Itoa(len(value)), quoted)
}

// usesWord reports whether the word of ${@-word} and the like replaces the parameters. $@ and
// $* count as set even without parameters.
func usesWord(p *syntax.ParamExp, value string) bool {
	if p.Exp == nil {
		return false
	}
	switch p.Exp.Op {
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		return true
	}
	return value == "" && isColon(p.Exp.Op)
}

func isColon(op syntax.ParExpOperator) bool {
	switch op {
	case syntax.AlternateUnsetOrNull, syntax.DefaultUnsetOrNull,
		syntax.ErrorUnsetOrNull, syntax.AssignUnsetOrNull:
		return true
	}
	return false
}

// operator applies -, =, ?, + and the trimming operators.
func (b *fieldBuilder) operator(p *syntax.ParamExp, value string, set, quoted bool) {
	s, name, word := b.s, p.Param.Value, p.Exp.Word
	if quoted {
		b.lit("", true) // at least an empty field
	}
	present := set && (value != "" || !isColon(p.Exp.Op))
	switch p.Exp.Op {
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		if present {
			b.operand(word, quoted)
		}
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull:
		if present {
			b.value(value, quoted)
		} else {
			b.operand(word, quoted)
		}
	case syntax.AssignUnset, syntax.AssignUnsetOrNull:
		if !present {
			if !parse.IsName(name) {
				s.fail(2, "%s: bad variable name", name)
				return
			}
			value = b.operandText(word, quoted)
			if s.stopped() || !s.set(name, value) {
				return
			}
		}
		b.value(value, quoted)
	case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		if !present {
			b.notSet(name, word, isColon(p.Exp.Op), quoted)
			return
		}
		b.value(value, quoted)
	default:
		if !set && s.opt(optNounset) {
			s.fail(2, "%s: parameter not set", name)
			return
		}
		if isTrim(p.Exp.Op) {
			value = s.trim(p.Exp, value)
		}
		b.value(value, quoted)
	}
}

// notSet reports the error of ${name?word}.
func (b *fieldBuilder) notSet(name string, word *syntax.Word, colon, quoted bool) {
	msg := "parameter not set"
	if colon {
		msg = "parameter not set or null"
	}
	if word != nil && len(word.Parts) > 0 {
		msg = b.operandText(word, quoted)
	}
	if !b.s.stopped() {
		b.s.fail(2, "%s: %s", name, msg)
	}
}

// operand expands the word of an operator in place.
func (b *fieldBuilder) operand(word *syntax.Word, quoted bool) {
	switch {
	case word == nil:
	case b.split && !quoted:
		// Unquoted blanks in the word itself separate fields, as blanks in values do.
		b.loose++
		b.wordParts(word, false)
		b.loose--
	default:
		b.wordParts(word, quoted)
	}
}

func (b *fieldBuilder) wordParts(word *syntax.Word, quoted bool) {
	b.braces++
	b.parts(word.Parts, quoted, true)
	b.braces--
}

func (b *fieldBuilder) operandText(word *syntax.Word, quoted bool) string {
	if word == nil {
		return ""
	}
	t := fieldBuilder{s: b.s, text: true}
	t.wordParts(word, quoted)
	return string(t.buf)
}

// isTrim reports whether an operator is #, ##, % or %%.
func isTrim(op syntax.ParExpOperator) bool {
	switch op {
	case syntax.RemSmallPrefix, syntax.RemLargePrefix,
		syntax.RemSmallSuffix, syntax.RemLargeSuffix:
		return true
	}
	return false
}

// positional expands $@ and $*. Without field splitting, $@ expands as $* does.
func (b *fieldBuilder) positional(name string, quoted bool, trim trimmer) {
	params, sep := b.s.params, b.separator(name, quoted)
	joined := sep != fieldSeparator
	if joined {
		params = []string{strings.Join(params, sep)}
	}
	if trim != nil && len(params) > 0 {
		params = trim(slices.Clone(params))
	}
	if joined {
		b.value(params[0], quoted)
		return
	}
	for i, p := range params {
		if i > 0 && (b.some || quoted) {
			b.some = true
			b.end()
		}
		b.value(p, quoted)
	}
}

// fieldSeparator separates parameters that become fields of their own. No parameter contains
// it.
const fieldSeparator = "\x00"

// separator returns the text between the parameters of $@ or $*. It is the first byte of IFS
// where the parameters are joined. They are also joined where IFS is unset and the text is
// split at blanks afterwards; only a pattern that trims the text can tell the difference.
func (b *fieldBuilder) separator(name string, quoted bool) string {
	if b.split && quoted && name == "@" {
		return fieldSeparator
	}
	if _, set := b.s.get("IFS"); b.split && !quoted && set {
		return fieldSeparator
	}
	ifs := b.s.ifs()
	return ifs[:min(1, len(ifs))]
}
