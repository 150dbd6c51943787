package builtins

import "strings"

// The GNU tools quote names in messages in three ways; here is what each
// gives in the C locale, where every byte from 0x80 up is unprintable.

// quoteAlways quotes as ls --quoting-style=shell-escape-always does: 'a b'.
func quoteAlways(s string) string {
	if strings.Contains(s, "'") && doubleQuotable(s) {
		return `"` + s + `"`
	}
	var b strings.Builder
	b.WriteByte('\'')
	escaped := false // inside $'...'
	for i := 0; i < len(s); i++ {
		if esc := escapeByte(s[i]); esc != "" && s[i] != '\\' {
			if !escaped {
				b.WriteString("'$'")
			}
			escaped = true
			b.WriteString(esc)
			continue
		}
		if s[i] == '\'' {
			// Leaves the quotes, whichever they are, and opens them again.
			b.WriteString(`'\''`)
			escaped = false
			continue
		}
		if escaped {
			b.WriteString("''")
			escaped = false
		}
		b.WriteByte(s[i])
	}
	b.WriteByte('\'')
	return b.String()
}

// quoteName leaves a plain name as it stands and quotes any other, a name with
// a colon included, since a colon follows it in the message.
func quoteName(s string) string {
	if s == "" || strings.ContainsAny(s, ": !\"$&()*;<=>[^`|'\\?") ||
		s[0] == '#' || s[0] == '~' || s == "{" || s == "}" {
		return quoteAlways(s)
	}
	for i := 0; i < len(s); i++ {
		if escapeByte(s[i]) != "" {
			return quoteAlways(s)
		}
	}
	return s
}

// quoteText quotes words that are no file names: 'abc', with C escapes.
func quoteText(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for i := 0; i < len(s); i++ {
		switch esc := escapeByte(s[i]); {
		case s[i] == '\'':
			b.WriteString(`\'`)
		case esc != "":
			b.WriteString(esc)
		default:
			b.WriteByte(s[i])
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// doubleQuotable says whether s means the same between double quotes in C and
// in the shell.
func doubleQuotable(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		plain := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		switch {
		case plain, strings.IndexByte("%+,-./:]_' ", c) >= 0:
		case (c == '#' || c == '~') && i == 0:
		case (c == '{' || c == '}') && len(s) == 1:
		case c == '@':
		default:
			return false
		}
	}
	return true
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
