package interp

import "strings"

// dashWording says what the parser found in dash's words, where dash has some
// for it; otherwise in the parser's own.
func dashWording(text string) string {
	switch {
	case strings.HasPrefix(text, "reached EOF without closing quote \"`\""):
		return "EOF in backquote substitution"
	case strings.HasPrefix(text, "reached EOF without closing quote"):
		return "Unterminated quoted string"
	case strings.HasPrefix(text, "reached EOF without matching `${`"):
		return "Missing '}'"
	case strings.HasPrefix(text, "`for` must be followed by a literal"):
		return "Bad for loop variable"
	}
	for _, end := range [...]string{"with `", "must end with `"} {
		if _, word, found := strings.Cut(text, end); found && strings.HasSuffix(word, "`") {
			return `end of file unexpected (expecting "` + strings.TrimSuffix(word, "`") + `")`
		}
	}
	if _, word, found := strings.Cut(text, "encountered `"); found {
		return `"` + strings.TrimSuffix(word, "`") + `" unexpected`
	}
	if word, _, found := strings.Cut(text, "` can only be used "); found {
		return `"` + strings.TrimPrefix(word, "`") + `" unexpected`
	}
	return text
}
