package utility

import "strings"

// SingleQuote quotes a text so that a shell can read it again, as set, export -p, trap and
// alias do: in single quotes, with single quotes themselves in double quotes.
func SingleQuote(s string) string {
	if strings.IndexByte(s, '\'') < 0 {
		return "'" + s + "'"
	}
	out := make([]byte, 0, len(s)+16)
	for {
		n := span(s, "'")
		if n == 0 {
			at := strings.IndexByte(s, '\'')
			if at < 0 {
				at = len(s)
			}
			out = append(append(append(out, '\''), s[:at]...), '\'')
			s = s[at:]
			if n = span(s, "'"); n == 0 {
				return string(out)
			}
		} else {
			out = append(out, "''"...)
		}
		out = append(append(append(out, '"'), s[:n]...), '"')
		if s = s[n:]; s == "" {
			return string(out)
		}
	}
}
