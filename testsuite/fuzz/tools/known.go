package tools

import (
	"regexp"
	"strings"
)

// A known difference is one that stays: to be like the tool would be to be wrong as it is.
type known struct {
	tools, args string // the arguments, one a line
	reason      string
}

// knownDifferences are all of them.
func knownDifferences() []known {
	return []known{
		{"grep", `\^[^\n]*\)(\*|\+|\\\+|\\\?|\?|\\?\{)|\(\^\)|\\\(\^\\\)`,
			"grep's automaton lets ^ match behind another in a group that is repeated: (^a)+(^a), a"},
		{"grep", `\^[^\n]*\?[^\n]*\n.*[^\n]`,
			"and in a pattern with other ones"},
		{"awk", "[*+?][^/\n]*[?]|[*+?][*+?]",
			"mawk does not find the longest of a?.? or .*. ?, and not all of what is repeated twice"},
		{"awk", `\$[)^*?]`, "mawk lets ^ match behind $, and $* more than the end"},
		{"awk", `(?s)to(upp|low)er.*%c|%c.*to(upp|low)er`,
			"mawk copies up to a NUL only, and what its memory had before behind that"},
	}
}

// Known is the reason why the tools do not agree about a case, or "".
func (c Case) Known() string {
	args := strings.Join(c.Args, "\n")
	for _, k := range knownDifferences() {
		if k.tools == c.Tool && regexp.MustCompile(k.args).MatchString(args) {
			return k.reason
		}
	}
	return ""
}
