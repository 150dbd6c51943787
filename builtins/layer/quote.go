package layer

import (
	"strings"
	"unicode/utf8"

	"overlayboot/builtins/native"
)

// quotePath returns a path on one line. A path with control characters, quotes, backslashes or
// bytes that are no UTF-8 is written between quotes with C escapes, as git and patch(1) do.
func quotePath(path string) string {
	if isPlain(path) {
		return path
	}
	return quoted(path)
}

// quoted returns a path between quotes.
func quoted(path string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range path {
		switch {
		case r == '"':
			b.WriteString(`\"`)
		case r == utf8.RuneError && !strings.HasPrefix(path[i:], "\uFFFD"):
			b.WriteString(native.EscapeByte(path[i]))
		case r < utf8.RuneSelf:
			if escape := native.EscapeByte(byte(r)); escape != "" {
				b.WriteString(escape)
				continue
			}
			b.WriteRune(r)
		case !native.IsPrintRune(r):
			for _, ch := range []byte(string(r)) {
				b.WriteString(native.EscapeByte(ch))
			}
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func isPlain(path string) bool {
	for i, r := range path {
		if r == '"' || r == '\\' || r < ' ' || !native.IsPrintRune(r) ||
			r == utf8.RuneError && !strings.HasPrefix(path[i:], "\uFFFD") {
			return false
		}
	}
	return true
}
