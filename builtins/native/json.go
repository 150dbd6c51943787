package native

import (
	"strings"
	"unicode"
)

// IsShown reports whether a character of a text from elsewhere may be shown as it is. One that
// turns the direction of the text, or that nobody sees, may not: it could make a name look like
// another.
func IsShown(r rune) bool {
	return IsPrintRune(r) && !unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Co, r) &&
		(r == ' ' || !unicode.Is(unicode.Zs, r))
}

// JSONString returns a text as a string of JSON. All that IsShown forbids is escaped, since the
// output may be read on a terminal. Bytes that are no UTF-8 become U+FFFD: JSON has no other
// way. The package encoding/json would make each start of the program some 0.2 ms longer.
func JSONString(text string) string {
	const digits = "0123456789abcdef"
	var b strings.Builder
	unit := func(n rune) {
		b.WriteString(`\u`)
		for shift := 12; shift >= 0; shift -= 4 {
			b.WriteByte(digits[n>>shift&0xf])
		}
	}
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case IsShown(r):
			b.WriteRune(r)
		case r > 0xffff:
			unit(0xd800 + (r-0x10000)>>10)
			unit(0xdc00 + (r-0x10000)&0x3ff)
		default:
			unit(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
