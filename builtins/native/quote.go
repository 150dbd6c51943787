package native

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"overlayboot/builtins/base/ascii"
)

// A Quoted is a name or word in a message, quoted in one of the three ways of the GNU tools.
// Its look depends on the locale: Call.Errorf and Call.Say use that of the call. String uses
// the C locale, where every byte from 0x80 up is unprintable.
type Quoted struct {
	text string
	how  func(l Locale, s string) string
}

// String returns q as it looks in the C locale.
func (q Quoted) String() string { return q.how(Locale{}, q.text) }

// QuoteAlways quotes as ls --quoting-style=shell-escape-always does: 'a b'.
func QuoteAlways(s string) Quoted { return Quoted{s, Locale.quoteAlways} }

// QuoteName quotes a file name, and leaves a plain name as it is. A name with a colon is not
// plain, since a colon follows the name in the message.
func QuoteName(s string) Quoted { return Quoted{s, Locale.quoteName} }

// QuoteText quotes words other than file names, with C escapes: 'abc', and in UTF-8 ‘abc’.
func QuoteText(s string) Quoted { return Quoted{s, Locale.QuoteText} }

// Quoted returns q as it looks in the call's locale.
func (c *Call) Quoted(q Quoted) string { return q.how(c.Locale(), q.text) }

// message formats a message, with its Quoted arguments, in the call's locale.
func (c *Call) message(format string, args []any) string {
	for i, a := range args {
		if q, ok := a.(Quoted); ok {
			args[i] = c.Quoted(q)
		}
	}
	return fmt.Sprintf(format, args...)
}

// Say writes a message to standard output, as cp -v does.
func (c *Call) Say(format string, args ...any) {
	fmt.Fprint(c.Stdout, c.message(format, args))
}

// quoteMarks returns the marks that QuoteText uses.
func (l Locale) quoteMarks() (left, right string) {
	if l.UTF8 {
		return "‘", "’"
	}
	return "'", "'"
}

func (l Locale) quoteAlways(s string) string {
	if strings.Contains(s, "'") && l.doubleQuotable(s) {
		return `"` + s + `"`
	}
	var b strings.Builder
	b.WriteByte('\'')
	escaped := l.beginsEscaped(s) // whether $'...' is open
	l.EachEscaped(s, func(char, esc string) {
		switch {
		case esc != "" && char != `\`:
			if !escaped {
				b.WriteString("'$'")
			}
			escaped = true
			b.WriteString(esc)
			return
		case char == "'":
			// Close whichever quotes are open, and open plain ones again.
			b.WriteString(`'\''`)
			escaped = false
			return
		case escaped:
			b.WriteString("''")
			escaped = false
		}
		b.WriteString(char)
	})
	b.WriteByte('\'')
	return b.String()
}

// beginsEscaped reports whether gnulib assumes at the start of s that it is inside $'...'. For
// a text with a quote, gnulib keeps the state in which its first pass ended.
func (l Locale) beginsEscaped(s string) (escaped bool) {
	if !strings.Contains(s, "'") {
		return false
	}
	l.EachEscaped(s, func(char, esc string) { escaped = esc != "" && char != `\` })
	return escaped
}

// EachEscaped calls f for each character of s. esc is its escape, "" if it needs none.
func (l Locale) EachEscaped(s string, f func(char, esc string)) {
	for s != "" {
		r, n, valid := l.Char([]byte(s[:min(len(s), utf8.UTFMax)]))
		esc := ""
		if n == 1 {
			esc = EscapeByte(s[0])
		} else if !valid || !IsPrintRune(r) {
			for i := range n {
				esc += EscapeByte(s[i])
			}
		}
		f(s[:n], esc)
		s = s[n:]
	}
}

func (l Locale) quoteName(s string) string {
	plain := s != "" && !strings.ContainsAny(s, ": !\"$&()*;<=>[^`|'\\?") &&
		s[0] != '#' && s[0] != '~' && s != "{" && s != "}"
	l.EachEscaped(s, func(_, esc string) { plain = plain && esc == "" })
	if plain {
		return s
	}
	return l.quoteAlways(s)
}

// QuoteText quotes s with C escapes, between the marks of the locale.
func (l Locale) QuoteText(s string) string {
	left, right := l.quoteMarks()
	var b strings.Builder
	b.WriteString(left)
	l.EachEscaped(s, func(char, esc string) {
		switch {
		case char == right:
			b.WriteString(`\` + char)
		case esc != "":
			b.WriteString(esc)
		default:
			b.WriteString(char)
		}
	})
	b.WriteString(right)
	return b.String()
}

// doubleQuotable reports whether s means the same between double quotes in C and in the shell.
func (l Locale) doubleQuotable(s string) bool {
	same, at := true, 0
	l.EachEscaped(s, func(char, esc string) {
		c := char[0]
		switch {
		case len(char) > 1:
			same = same && esc == ""
		case ascii.IsLetter(c), ascii.IsDigit(c), strings.IndexByte("%+,-./:]_' @", c) >= 0:
		case c == '#' || c == '~':
			same = same && at == 0
		case (c == '{' || c == '}') && len(s) == 1:
		default:
			same = false
		}
		at += len(char)
	})
	return same
}

// EscapeByte returns the C escape of a byte, "" for one that needs none.
func EscapeByte(c byte) string {
	if i := strings.IndexByte("\a\b\f\n\r\t\v\\", c); i >= 0 {
		return `\` + `abfnrtv\`[i:i+1]
	}
	if c < ' ' || c > '~' {
		return string([]byte{'\\', '0' + c>>6, '0' + c>>3&7, '0' + c&7})
	}
	return ""
}

// QuoteWord quotes s unless it is plain, as ls --quoting-style=shell-escape does.
func (l Locale) QuoteWord(s string) string {
	plain := strings.ReplaceAll(s, ":", "x")
	if plain != "" && l.quoteName(plain) == plain {
		return s
	}
	return l.quoteAlways(s)
}
