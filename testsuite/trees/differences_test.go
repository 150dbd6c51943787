package trees

// A difference between our trees and those of mvdan.cc/sh has a name, a reason, and a function
// that removes it from both trees. Differences are removed in the order of the table.
type difference struct {
	name, reason string
	apply        func(p *pair) bool
}

var differences = []difference{
	{"arithmetic as text", "the expression of $((…)) is expanded before it is parsed " +
		"(XCU 2.6.4), so that it is a word until then", arithmeticAsText},
	{"split literals", "mvdan.cc/sh begins a new literal behind a line continuation in quotes " +
		"and behind a dollar sign that expands nothing", joinLiterals},
	{"tabs of <<-", "dash drops them when it reads a line, and so the expansion need not " +
		"look for lines", dropTabs},
	{"$'…'", "the 2024 edition of POSIX has it, LangPOSIX does not", dollarQuotes},
	{"single quotes in a quoted ${…}", "they quote nothing there (XCU 2.6.2), and mvdan.cc/sh " +
		"takes them for quotes", quotesAsText},
	{"bad substitutions", "dash takes a ${…} without any sense until it is expanded",
		badSubstitutions},
}

// dashRefuses is the name of texts that mvdan.cc/sh accepts, and neither our parser nor dash.
const (
	dashRefuses       = "dash refuses"
	dashRefusesReason = "what is a program is what dash takes, where mvdan.cc/sh takes more"
)

// newer is the name of texts of the 2024 edition of POSIX, which our parser accepts, and
// neither mvdan.cc/sh nor dash.
const (
	newer       = ";& and $'…' of the 2024 edition"
	newerReason = "our parser has them; neither mvdan.cc/sh (LangPOSIX) nor dash does"
)

// A refusal is a reason for which dash accepts a text that mvdan.cc/sh refuses, with the
// messages of mvdan.cc/sh.
type refusal struct {
	name, reason string
	messages     []string
}

var refusals = []refusal{
	{"unclosed here-documents", "the end of the text ends them", []string{
		"unclosed here-document",
	}},
	{"arithmetic that is no expression", "an expression is parsed when it is evaluated", []string{
		"must follow a name", "must be followed by an expression",
		"not a valid arithmetic operator",
	}},
	{"bytes of no encoding", "a script is bytes", []string{"invalid UTF-8 encoding"}},
	{"senseless substitutions", "they are errors when they are expanded", []string{
		"cannot combine multiple parameter expansion operators", "invalid parameter name",
		"this expansion operator is a bash feature", "slicing is a bash",
		"search and replace is a bash", "is a zsh feature", "is a bash/mksh feature",
	}},
	{"operators on $#", "in ${##[ab]} the second # is an operator", []string{"arrays are a bash"}},
	{"delimiters with a dollar sign", "the delimiter of a here-document is not expanded", []string{
		"expansions not allowed in heredoc words",
	}},
	{"quotes that quote nothing", "a single quote in a quoted ${…} is a byte", []string{
		"reached EOF without closing quote",
	}},
	{"a # inside a word", "a # begins a comment only where a word could begin", []string{
		"reached EOF without matching `$(`",
	}},
}

// An exception is a reason not to compare the trees of texts with some bytes: mvdan.cc/sh
// parses them differently from dash.
type exception struct{ name, reason, bytes string }

var exceptions = []exception{
	{"a brace in single quotes in a quoted ${…}", "the quotes quote nothing there: it ends ${…}",
		`"${x-'}'}"`},
	{"a line continuation behind a dollar sign", "lines are joined before anything else",
		"$\\\n{"},
	{"a delimiter that begins unquoted", "quotes in any part of it quote the here-document",
		`<<E""F`},
}

// A name is a name of one of the tables, with the reason. The kind says what such texts are.
type name struct{ name, kind, reason string }

// named returns the names of all tables with their reasons.
func named() (list []name) {
	for _, d := range differences {
		list = append(list, name{d.name, "another tree", d.reason})
	}
	for _, r := range refusals {
		list = append(list, name{r.name, "mvdan refuses", r.reason})
	}
	for _, e := range exceptions {
		list = append(list, name{e.name, "not compared", e.reason})
	}
	return append(list, name{dashRefuses, "ours refuses", dashRefusesReason},
		name{newer, "mvdan refuses", newerReason})
}

// names returns the names in all tables.
func names() (list []string) {
	for _, n := range named() {
		list = append(list, n.name)
	}
	return list
}
