package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/posixre"
)

// sedFlags are the flags of the s command.
type sedFlags struct {
	global bool
	print  bool
	first  bool // print before e runs
	exec   bool
	nth    int
}

// A sedPart is a piece of a replacement: text, a group or a change of case.
type sedPart struct {
	text  string
	group int  // -1 for text
	fold  byte // one of U L u l E
}

const errWideDelimiter = "delimiter character is not a single-byte character"

// wide reports whether a delimiter is the first byte of a multibyte character.
func (p *sedParser) wide(delim int) bool { return p.utf8 && 0xc2 <= delim && delim <= 0xf4 }

const errUnterminatedS = "unterminated `s' command"

// substitute parses s/RE/replacement/flags.
func (p *sedParser) substitute(c *sedCommand) error {
	delim := p.next()
	if p.wide(delim) {
		return p.errorf(errWideDelimiter)
	}
	pattern, ok := p.until(delim, true)
	if !ok {
		return p.errorf(errUnterminatedS)
	}
	text, ok := p.until(delim, false)
	if !ok {
		return p.errorf(errUnterminatedS)
	}
	if err := p.recursive(text); err != nil {
		return err
	}
	c.repl = p.replacement(text)
	flags, err := p.sFlags(c)
	if err != nil {
		return err
	}
	if c.re, err = p.regexp(pattern, flags); err != nil || c.re == nil {
		return err
	}
	if n := badGroup(c); n > 0 && !p.correct {
		return p.errorf("invalid reference \\%d on `s' command's RHS", n)
	}
	return nil
}

// badGroup returns a group of the replacement that the expression does not have, or 0.
func badGroup(c *sedCommand) int { return groupBeyond(c.repl, c.re.Groups) }

func groupBeyond(parts []sedPart, groups int) (worst int) {
	for _, part := range parts {
		if part.group > groups {
			worst = max(worst, part.group)
		}
	}
	return worst
}

// sFlags parses the flags of s up to the end of the command.
func (p *sedParser) sFlags(c *sedCommand) (flags posixre.Flags, err error) {
	flags.Extended = p.extended
	for {
		ch := p.next()
		switch {
		case ch == sedEnd || ch == '\n' || ch == ';':
			return flags, nil
		case ch == '}' || ch == '#':
			p.back(ch)
			return flags, nil
		case isBlank(ch):
		case ch == 'w':
			if p.sandbox {
				return flags, p.errorf("e/r/w commands disabled in sandbox mode")
			}
			return flags, p.outName(c)
		case ch == '\r' && p.peek() == '\n':
		case (ch == 'i' || ch == 'I') && !p.posix:
			flags.IgnoreCase = true
		case (ch == 'm' || ch == 'M') && !p.posix:
			flags.Lines = true
		default:
			if err = p.sFlag(c, ch); err != nil {
				return flags, err
			}
		}
	}
}

// sFlag parses a flag that affects the use of the result.
func (p *sedParser) sFlag(c *sedCommand, ch int) error {
	f := &c.flags
	switch {
	case ch == 'g':
		if f.global {
			return p.errorf("multiple `g' options to `s' command")
		}
		f.global = true
	case ch == 'p':
		if f.print {
			return p.errorf("multiple `p' options to `s' command")
		}
		f.print, f.first = true, !f.exec
	case ch == 'e' && !p.posix:
		if p.sandbox {
			return p.errorf("e/r/w commands disabled in sandbox mode")
		}
		if !p.canRun {
			return errNoSed("flag e of s")
		}
		f.exec = true
	case digit(ch):
		if f.nth > 0 {
			return p.errorf("multiple number options to `s' command")
		}
		if f.nth = p.integer(ch); f.nth == 0 {
			return p.errorf("number option to `s' command may not be zero")
		}
	default:
		return p.errorf("unknown option to `s'")
	}
	return nil
}

// replacement splits the right side of s into its parts.
func (p *sedParser) replacement(s string) []sedPart {
	var parts []sedPart
	var text strings.Builder
	add := func(part sedPart) {
		if text.Len() > 0 {
			parts = append(parts, sedPart{text: text.String(), group: -1})
			text.Reset()
		}
		parts = append(parts, part)
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '&' {
			add(sedPart{group: 0})
			continue
		}
		if c != '\\' || i+1 == len(s) {
			text.WriteByte(c)
			continue
		}
		i++
		esc, n := sedEscape(s[i:])
		switch c = s[i]; {
		case ascii.IsDigit(c):
			add(sedPart{group: int(c - '0')})
		case strings.IndexByte("ULulE", c) >= 0 && !p.posix:
			add(sedPart{group: -1, fold: c})
		case n > 0:
			text.WriteByte(esc)
			i += n - 1
		case c == 'c': // \c at the end
			text.WriteByte('\\')
		default:
			text.WriteByte(c)
		}
	}
	if text.Len() > 0 {
		parts = append(parts, sedPart{text: text.String(), group: -1})
	}
	return parts
}

// matchRE matches the pattern space. nil stands for the last expression used.
func (s *sed) matchRE(re *sedRE) bool {
	if re = s.use(re); re == nil {
		return false
	}
	return re.Match(s.pattern)
}

func (s *sed) use(re *sedRE) *sedRE {
	if re != nil {
		s.lastRE = re
	} else if s.lastRE == nil && !s.quit {
		s.mistake("no previous regular expression")
	}
	return s.lastRE
}

// substitute runs s.
func (s *sed) substitute(c *sedCommand) {
	re := s.use(c.re)
	if re == nil {
		return
	}
	if n := groupBeyond(c.repl, re.Groups); n > 0 && re.Address && !s.posix {
		s.mistake("invalid reference \\%d on `s' command's RHS", n)
		return
	}
	re.Address = false
	first := max(c.flags.nth, 1)
	limit := first
	if c.flags.global {
		limit = -1
	}
	found := re.All(s.pattern, limit)
	if len(found) < first {
		return
	}
	b := sedBuilder{utf8: s.utf8, out: s.spare[:0]}
	at := 0
	for _, m := range found[first-1:] {
		b.out = append(b.out, s.pattern[at:m[0]]...)
		b.replace(c.repl, s.pattern, m)
		at = m[1]
	}
	s.pattern, s.spare = append(b.out, s.pattern[at:]...), s.pattern
	s.replaced = true
	s.substituted(c)
}

// substituted applies the flags of s to the result.
func (s *sed) substituted(c *sedCommand) {
	if c.flags.exec {
		if c.flags.print && c.flags.first {
			s.printSpace()
		}
		s.execSpace()
	}
	if c.flags.print && !(c.flags.exec && c.flags.first) {
		s.printSpace()
	}
	if c.file != nil {
		s.put(c.file, s.pattern, s.chomped)
	}
}

// A sedBuilder builds replacements and applies changes of case.
type sedBuilder struct {
	out       []byte
	utf8      bool
	fold, one byte // U or L until E; u or l for the next character
}

func (b *sedBuilder) replace(parts []sedPart, line []byte, m []int) {
	b.fold, b.one = 0, 0
	for i := range parts {
		p := &parts[i]
		switch {
		case p.fold == 'u' || p.fold == 'l':
			b.one = p.fold
		case p.fold != 0:
			b.fold, b.one = p.fold, 0
		case p.group < 0 && !b.folds():
			b.out = append(b.out, p.text...)
		case p.group < 0:
			b.add([]byte(p.text))
		case 2*p.group >= len(m): // POSIX allows a reference to a missing group
		case m[2*p.group] >= 0:
			b.add(line[m[2*p.group]:m[2*p.group+1]])
		}
	}
}

// folds reports whether the case of the next character changes.
func (b *sedBuilder) folds() bool { return b.one != 0 || b.fold != 0 && b.fold != 'E' }

func (b *sedBuilder) add(text []byte) {
	if !b.folds() {
		b.out = append(b.out, text...)
		return
	}
	for len(text) > 0 {
		how := b.fold
		if b.one != 0 {
			how, b.one = b.one, 0
		}
		n := 1
		if b.utf8 && text[0] >= utf8.RuneSelf {
			n = b.addRune(how, text)
		} else {
			b.out = append(b.out, b.foldByte(how, text[0]))
		}
		text = text[n:]
	}
}

// addRune appends the first character of a UTF-8 text and returns its length.
func (b *sedBuilder) addRune(how byte, text []byte) int {
	r, n := utf8.DecodeRune(text)
	switch {
	case r == utf8.RuneError && n == 1:
		b.out = append(b.out, text[0])
		return 1
	case how == 'U' || how == 'u':
		r = unicode.ToUpper(r)
	case how == 'L' || how == 'l':
		r = unicode.ToLower(r)
	}
	b.out = utf8.AppendRune(b.out, r)
	return n
}

// foldByte changes the case of a byte. In the C locale, sed turns a byte beyond ASCII into
// 0xff.
func (b *sedBuilder) foldByte(how, c byte) byte {
	switch {
	case how != 0 && how != 'E' && c >= utf8.RuneSelf:
		return 0xff
	case (how == 'U' || how == 'u') && 'a' <= c && c <= 'z':
		return c - 0x20
	case (how == 'L' || how == 'l') && 'A' <= c && c <= 'Z':
		return c + 0x20
	}
	return c
}
