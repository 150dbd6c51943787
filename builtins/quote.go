package builtins

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A quoted is a name or word in a message, in one of the three ways that the GNU tools quote
// in. How it looks depends on the locale: Call.Errorf and Call.say know that, and anything
// else gets what the C locale has, where every byte from 0x80 up is unprintable.
type quoted struct {
	text string
	how  func(l locale, s string) string
}

func (q quoted) String() string { return q.how(locale{}, q.text) }

// quoteAlways quotes as ls --quoting-style=shell-escape-always does: 'a b'.
func quoteAlways(s string) quoted { return quoted{s, locale.quoteAlways} }

// quoteName leaves a plain name as it stands and quotes any other, a name with
// a colon included, since a colon follows it in the message.
func quoteName(s string) quoted { return quoted{s, locale.quoteName} }

// quoteText quotes words that are no file names, with C escapes: 'abc', and in UTF-8 ‘abc’.
func quoteText(s string) quoted { return quoted{s, locale.quoteText} }

// quoted is what q looks like in the call's locale.
func (c *Call) quoted(q quoted) string { return q.how(c.locale(), q.text) }

// message formats a message in the call's locale.
func (c *Call) message(format string, args []any) string {
	for i, a := range args {
		if q, ok := a.(quoted); ok {
			args[i] = c.quoted(q)
		}
	}
	return fmt.Sprintf(format, args...)
}

// say writes a message to standard output, as cp -v does.
func (c *Call) say(format string, args ...any) {
	fmt.Fprint(c.Stdout, c.message(format, args))
}

// quoteMarks are the marks of quoteText.
func (l locale) quoteMarks() (left, right string) {
	if l.utf8 {
		return "‘", "’"
	}
	return "'", "'"
}

func (l locale) quoteAlways(s string) string {
	if strings.Contains(s, "'") && l.doubleQuotable(s) {
		return `"` + s + `"`
	}
	var b strings.Builder
	b.WriteByte('\'')
	escaped := l.beginsEscaped(s) // inside $'...'
	l.eachEscaped(s, func(char, esc string) {
		switch {
		case esc != "" && char != `\`:
			if !escaped {
				b.WriteString("'$'")
			}
			escaped = true
			b.WriteString(esc)
			return
		case char == "'":
			// Leaves the quotes, whichever they are, and opens them again.
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

// beginsEscaped is whether gnulib believes at the begin that it is inside $'...', which is
// where a first pass over a text with a quote has ended.
func (l locale) beginsEscaped(s string) (escaped bool) {
	if !strings.Contains(s, "'") {
		return false
	}
	l.eachEscaped(s, func(char, esc string) { escaped = esc != "" && char != `\` })
	return escaped
}

// eachEscaped calls f with each character of s, and the escape of one that needs it.
func (l locale) eachEscaped(s string, f func(char, esc string)) {
	for s != "" {
		r, n, valid := l.char([]byte(s[:min(len(s), utf8.UTFMax)]))
		esc := ""
		if n == 1 {
			esc = escapeByte(s[0])
		} else if !valid || !isPrintRune(r) {
			for i := range n {
				esc += escapeByte(s[i])
			}
		}
		f(s[:n], esc)
		s = s[n:]
	}
}

func (l locale) quoteName(s string) string {
	plain := s != "" && !strings.ContainsAny(s, ": !\"$&()*;<=>[^`|'\\?") &&
		s[0] != '#' && s[0] != '~' && s != "{" && s != "}"
	l.eachEscaped(s, func(_, esc string) { plain = plain && esc == "" })
	if plain {
		return s
	}
	return l.quoteAlways(s)
}

func (l locale) quoteText(s string) string {
	left, right := l.quoteMarks()
	var b strings.Builder
	b.WriteString(left)
	l.eachEscaped(s, func(char, esc string) {
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

// doubleQuotable says whether s means the same between double quotes in C and
// in the shell.
func (l locale) doubleQuotable(s string) bool {
	same, at := true, 0
	l.eachEscaped(s, func(char, esc string) {
		c := char[0]
		switch {
		case len(char) > 1:
			same = same && esc == ""
		case isLetter(c), isDigit(c), strings.IndexByte("%+,-./:]_' @", c) >= 0:
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

// escapeByte returns the C escape of a byte that needs one, else "".
func escapeByte(c byte) string {
	if i := strings.IndexByte("\a\b\f\n\r\t\v\\", c); i >= 0 {
		return `\` + `abfnrtv\`[i:i+1]
	}
	if c < ' ' || c > '~' {
		return string([]byte{'\\', '0' + c>>6, '0' + c>>3&7, '0' + c&7})
	}
	return ""
}

// quoteWord quotes what is not plain, as ls --quoting-style=shell-escape does.
func (l locale) quoteWord(s string) string {
	plain := strings.ReplaceAll(s, ":", "x")
	if plain != "" && l.quoteName(plain) == plain {
		return s
	}
	return l.quoteAlways(s)
}
