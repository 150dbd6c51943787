package interp

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/parse"
	"overlayboot/interp/pattern"
)

// A fieldBuilder collects the result of the word expansions (XCU 2.6): the text and its fields.
// For pathname expansion it also collects the text as a pattern with escaped quoted characters.
type fieldBuilder struct {
	s      *Shell
	fields []string
	buf    []byte
	pat    []byte // nil while the text has no byte that is special in patterns
	meta   bool   // the text has an unquoted *, ? or [
	some   bool   // a field has begun, which may be empty
	afterW bool   // the last field ended at IFS white space

	assign bool // the value of an assignment: a tilde-prefix may also follow a colon
	braces int  // >0: in the word of ${…}
	loose  int  // >0: in the word of an unquoted ${…}, whose literal text is split

	split bool // field splitting
	glob  bool // pathname expansion
	text  bool // only the text is needed, never the pattern
	ifs   *separators
}

func (s *Shell) newFields(n int) fieldBuilder {
	glob := !s.opt(optNoglob)
	return fieldBuilder{
		s: s, split: true, glob: glob, text: !glob, ifs: s.separators(),
		fields: make([]string, 0, n),
	}
}

// expandFields expands words to the fields of a command line.
func (s *Shell) expandFields(words []*syntax.Word) []string {
	b := s.newFields(len(words))
	for _, w := range words {
		b.word(w)
		if s.stopped() {
			return nil
		}
	}
	return b.fields
}

// word expands one word to any number of fields.
func (b *fieldBuilder) word(w *syntax.Word) {
	if len(w.Parts) == 1 && b.single(w.Parts[0]) {
		return
	}
	b.parts(w.Parts, false, true)
	b.end()
}

// isPlain reports whether a literal that is a whole word expands to itself in every context.
// The command name [ does.
func isPlain(text string) bool {
	for i := range len(text) {
		switch text[i] {
		case '\\', '*', '?', '~':
			return false
		case '[':
			return len(text) == 1
		}
	}
	return true
}

// expandText expands a word without field splitting and pathname expansion, as in an
// assignment, a redirection or the word of a case.
func (s *Shell) expandText(w *syntax.Word) string {
	if w == nil {
		return ""
	}
	if text, ok := s.singleText(w); ok {
		return text
	}
	b := fieldBuilder{s: s, text: true}
	b.parts(w.Parts, false, true)
	return string(b.buf)
}

// expandAssign expands the value of an assignment. A tilde-prefix may also follow a colon.
func (s *Shell) expandAssign(w *syntax.Word) string {
	if w == nil {
		return ""
	}
	if text, ok := s.singleText(w); ok {
		return text
	}
	b := fieldBuilder{s: s, text: true, assign: true}
	b.parts(w.Parts, false, true)
	return string(b.buf)
}

func (b *fieldBuilder) assignLit(text string, first, last bool) {
	pieces := strings.Split(text, ":")
	for i, piece := range pieces {
		if i > 0 {
			b.lit(":", false)
		}
		// A name without an end before an expansion is no tilde-prefix.
		whole := strings.Contains(piece, "/") || i < len(pieces)-1 || last
		if (i > 0 || first) && whole {
			piece = b.tilde(piece)
		}
		b.unquoted(piece)
	}
}

// expandPattern expands a word to a pattern in which quoted characters are escaped.
func (s *Shell) expandPattern(w *syntax.Word) string {
	if w == nil {
		return ""
	}
	if text, ok := s.singlePattern(w); ok {
		return text
	}
	b := fieldBuilder{s: s}
	b.parts(w.Parts, false, true)
	return b.pattern()
}

// pattern returns the collected text as a pattern.
func (b *fieldBuilder) pattern() string {
	if b.pat != nil {
		return string(b.pat)
	}
	return string(b.buf)
}

// parts expands the parts of a word. start says that a tilde-prefix may come first.
func (b *fieldBuilder) parts(parts []syntax.WordPart, quoted, start bool) {
	for i, part := range parts {
		lit, ok := part.(*syntax.Lit)
		if !ok || quoted || !start || !strings.Contains(lit.Value, "~") {
			b.part(part, quoted)
		} else if b.assign {
			b.assignLit(lit.Value, i == 0, i == len(parts)-1)
		} else if i == 0 && lit.Value[0] == '~' &&
			(len(parts) == 1 || strings.Contains(lit.Value, "/")) {
			b.unquoted(b.tilde(lit.Value))
		} else {
			b.part(part, quoted)
		}
		if b.s.stopped() {
			return
		}
	}
}

func (b *fieldBuilder) part(part syntax.WordPart, quoted bool) {
	switch p := part.(type) {
	case *syntax.Lit:
		if quoted {
			b.inQuotes(p.Value, b.quotable())
		} else {
			b.unquoted(p.Value)
		}
	case *syntax.SglQuoted:
		b.lit(parse.SingleQuoted(p), true)
	case *syntax.DblQuoted:
		b.double(p)
	case *syntax.ParamExp:
		b.paramExp(p, quoted)
	case *syntax.CmdSubst:
		b.value(b.s.commandSubstitution(p), quoted)
	case *syntax.ArithmExp:
		b.value(b.s.arithmeticExpansion(p), quoted)
	default:
		b.s.fail(2, "Bad substitution")
	}
}

func (b *fieldBuilder) double(p *syntax.DblQuoted) {
	if len(p.Parts) == 0 {
		b.lit("", true)
	}
	b.parts(p.Parts, true, false)
}

// tilde adds the expansion of a tilde-prefix (XCU 2.6.1), which is not expanded further, and
// returns the rest of the text.
func (b *fieldBuilder) tilde(text string) string {
	if !strings.HasPrefix(text, "~") {
		return text
	}
	name, rest, slash := strings.Cut(text[1:], "/")
	if strings.ContainsAny(name, "\\") {
		return text
	}
	home, ok := b.s.homeOf(name)
	if !ok {
		return text
	}
	if home != "" {
		b.lit(home, true)
	}
	if !slash {
		return ""
	}
	return "/" + rest
}

// unquoted adds literal text outside quotes: a backslash quotes the next byte.
func (b *fieldBuilder) unquoted(text string) {
	for {
		i := strings.IndexByte(text, '\\')
		if i < 0 || i == len(text)-1 {
			b.bare(text)
			return
		}
		b.bare(text[:i])
		n := i + 2
		b.lit(text[i+1:n], true)
		text = text[n:]
	}
}

// bare adds literal text without quotes and backslashes.
func (b *fieldBuilder) bare(text string) {
	switch {
	case text == "":
	case b.loose > 0:
		b.value(text, false)
	default:
		b.lit(text, false)
	}
}

// quotable returns the characters that a backslash quotes inside double quotes. In the word of
// "${…}" the closing brace is one of them.
func (b *fieldBuilder) quotable() string {
	if b.braces > 0 {
		return "$`\"\\}"
	}
	return "$`\"\\"
}

// inQuotes adds literal text inside double quotes or a here-document. A backslash there quotes
// only the characters of special.
func (b *fieldBuilder) inQuotes(text, special string) {
	for {
		i := strings.IndexByte(text, '\\')
		if i < 0 || i == len(text)-1 {
			b.lit(text, true)
			return
		}
		if strings.IndexByte(special, text[i+1]) >= 0 {
			b.lit(text[:i], true)
		} else {
			b.lit(text[:i+1], true)
		}
		b.lit(text[i+1:i+2], true)
		text = text[i+2:]
	}
}

// lit adds text that field splitting leaves alone.
func (b *fieldBuilder) lit(text string, quoted bool) {
	b.some = true
	b.afterW = false
	b.add(text, quoted)
}

func (b *fieldBuilder) add(text string, quoted bool) {
	mark := specialUnquoted
	if quoted {
		mark = specialQuoted
	}
	if b.pat == nil && !b.text && patternBytes.any(text, mark) {
		b.pat = append(make([]byte, 0, len(b.buf)+len(text)+8), b.buf...)
	}
	b.buf = append(b.buf, text...)
	if b.pat == nil {
		return
	}
	for i := range len(text) {
		if quoted && patternBytes[text[i]]&mark != 0 {
			b.pat = append(b.pat, '\\')
		}
		b.meta = b.meta || !quoted && text[i] != '\\' && patternBytes[text[i]]&mark != 0
		b.pat = append(b.pat, text[i])
	}
}

// value adds the result of an expansion. Outside quotes, field splitting applies.
func (b *fieldBuilder) value(text string, quoted bool) {
	if quoted || !b.split {
		if text != "" || quoted {
			b.lit(text, quoted)
		}
		return
	}
	start := 0
	for i := range len(text) {
		c := text[i]
		if !b.ifs.set[c] {
			continue
		}
		if start < i {
			b.lit(text[start:i], false)
		}
		start = i + 1
		b.delimiter(c)
	}
	if start < len(text) {
		b.lit(text[start:], false)
	}
}

// delimiter handles a separator between fields (XCU 2.6.5).
func (b *fieldBuilder) delimiter(c byte) {
	white := c == ' ' || c == '\t' || c == '\n'
	switch {
	case white && b.some:
		b.end()
		b.afterW = true
	case white:
	case b.afterW:
		b.afterW = false
	default:
		b.some = true
		b.end()
	}
}

// end ends the current field, if there is one.
func (b *fieldBuilder) end() {
	if !b.some {
		return
	}
	if b.glob && b.meta {
		b.fields = append(b.fields, b.pathnames()...)
	} else {
		b.fields = append(b.fields, string(b.buf))
	}
	b.buf, b.pat = b.buf[:0], nil
	b.meta, b.some, b.afterW = false, false, false
}

// pathnames does pathname expansion (XCU 2.6.6). Without a match the text stays.
func (b *fieldBuilder) pathnames() []string {
	hide := b.s.showFor(string(b.pat))
	found := pattern.Glob(b.s.dir, string(b.pat))
	if hide(); len(found) > 0 {
		return found
	}
	return []string{string(b.buf)}
}
