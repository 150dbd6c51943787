package tools

import (
	"regexp"
	"strings"
)

// A known difference is one that stays: to agree with the tool would mean to copy its
// fault.
type known struct {
	tool   string
	args   *regexp.Regexp // for the arguments, one a line
	reason string
}

// knownDifferences are all known differences.
var knownDifferences = [...]known{
	{"grep", regexp.MustCompile(`\^[^\n]*\)(\*|\+|\\\+|\\\?|\?|\\?\{)|\(\^\)|\\\(\^\\\)`),
		"grep's automaton lets ^ match behind another in a group that is repeated: (^a)+(^a), a"},
	{"grep", regexp.MustCompile(`\^[^\n]*\?[^\n]*\n.*[^\n]`),
		"and in a pattern with other ones"},
	{"awk", regexp.MustCompile("[*+?][^/\n]*[?]|[*+?][*+?]"),
		"mawk does not find the longest of a?.? or .*. ?, and not all of what is repeated twice"},
	{"awk", regexp.MustCompile(`\$[)^*?]`), "mawk lets ^ match behind $, and $* more than the end"},
	{"awk", regexp.MustCompile(`(?s)to(upp|low)er.*%c|%c.*to(upp|low)er`),
		"mawk copies up to a NUL only, and what its memory had before behind that"},
}

// Known returns the reason why the tools disagree about a case, or "".
func (c Case) Known() string {
	args := strings.Join(c.Args, "\n")
	for _, k := range knownDifferences {
		if k.tool == c.Tool && k.args.MatchString(args) {
			return k.reason
		}
	}
	return ""
}
