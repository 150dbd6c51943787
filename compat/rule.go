package compat

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
)

// A Rule names one known difference. Its form in a list (see Rules) is
//
//	differs: GLOB
//		- LINE
//		+ LINE
//
// where GLOB matches SCENARIO/PATH of the fact, - LINE is a line that only the original
// has, and + LINE one that only ours has. In a LINE, * stands for any text, <number> for a
// number and <nul> for a zero byte. A side without the fact has the line (not there). The
// rule applies only if each of its lines occurs.
type Rule struct {
	Glob string
	// Row is the row that documents the difference.
	Row *Row
	// Original and Ours are the lines that only one side has.
	Original, Ours []*regexp.Regexp
	// scenarios are the scenarios that the rule applies to; empty means all that Glob
	// matches.
	scenarios []string
	// used is set when the rule first explains a difference.
	used atomic.Bool
}

// A Row describes one difference for people: the behaviour of the original, that of ours,
// and the reason.
type Row struct {
	Original, Here, Why string
	// Most is the number of differences that the row may excuse in one run of the
	// comparison; 0 means any number.
	Most  int
	Rules []*Rule
}

// Exceeded lists the rows of unsteady facts that excuse more differences than they may.
func Exceeded(results []*Result) (list []string) {
	count := map[*Row]int{}
	for _, r := range results {
		for _, d := range r.Unsteady {
			for _, row := range d.rows {
				count[row]++
			}
		}
	}
	for _, row := range unsteadyFacts.Rows {
		if row.Most > 0 && count[row] > row.Most {
			list = append(list, fmt.Sprintf("%d facts are unsteady, %d may be: %s", count[row],
				row.Most, row.Original))
		}
	}
	return list
}

// reason returns the text of the row in a report.
func (row *Row) reason() string {
	if row.Here == "" {
		return row.Why
	}
	return row.Original + ": " + row.Here + " (" + row.Why + ")"
}

// Rules is a list of known differences.
type Rules struct {
	Rows []*Row
	// groups maps a name to a group of scenarios.
	groups map[string][]string
}

// ParseRules reads a list. Each paragraph is a row: the lines original:, here: and why: for
// people, then the rules. A row has no rule if no scenario shows the difference. A line
// most: N bounds the differences that the row may excuse. A line scenarios: NAME LIST
// defines NAME as a group of scenarios, for rules whose GLOB begins with NAME.
func ParseRules(name, text string) (*Rules, error) {
	rules := &Rules{groups: map[string][]string{}}
	row := &Row{}
	for _, d := range directives(text) {
		if d.key == "original" {
			row = &Row{Original: oneLine(d.text)}
			rules.Rows = append(rules.Rows, row)
		}
		if err := rules.directive(row, d); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, d.line, err)
		}
	}
	for _, row := range rules.Rows {
		if row.Why == "" {
			return nil, fmt.Errorf("%s: %q has no reason", name, row.Original)
		}
	}
	return rules, nil
}

// directive adds one line to the list.
func (rules *Rules) directive(row *Row, d directive) (err error) {
	switch d.key {
	case "#", "original":
	case "here":
		row.Here = oneLine(d.text)
	case "why":
		row.Why = oneLine(d.text)
	case "most":
		_, err = fmt.Sscan(d.text, &row.Most)
	case "scenarios":
		f := strings.Fields(d.text)
		rules.groups[f[0]] = append(rules.groups[f[0]], f[1:]...)
	case "differs":
		return row.add(d.text, rules.groups)
	default:
		err = fmt.Errorf("not a directive: %q", d.key)
	}
	return err
}

// add parses a rule and adds it to the row.
func (row *Row) add(text string, groups map[string][]string) error {
	r, err := parseRule(text, groups)
	if err == nil {
		r.Row = row
		row.Rules = append(row.Rules, r)
	}
	return err
}

// oneLine joins the lines of a text.
func oneLine(text string) string { return strings.ReplaceAll(text, "\n", " ") }

func parseRule(text string, groups map[string][]string) (*Rule, error) {
	glob, rest, _ := strings.Cut(text, "\n")
	r := &Rule{Glob: glob}
	if name, path, _ := strings.Cut(glob, "/"); groups[name] != nil {
		r.Glob, r.scenarios = "*/"+path, groups[name]
	}
	for _, line := range strings.Split(rest, "\n") {
		sign, pattern, _ := strings.Cut(line, " ")
		switch sign {
		case "-":
			r.Original = append(r.Original, linePattern(pattern))
		case "+":
			r.Ours = append(r.Ours, linePattern(pattern))
		default:
			return nil, fmt.Errorf("differs: %q begins with neither - nor +", line)
		}
	}
	if glob == "" {
		return nil, errors.New("differs: wants a pattern of facts")
	}
	return r, nil
}

// linePattern compiles the pattern of a rule's line. A number that changes between runs of
// the original already reads <number> in the lines.
func linePattern(text string) *regexp.Regexp {
	text = regexp.QuoteMeta(text)
	text = strings.ReplaceAll(text, `\*`, `.*`)
	text = strings.ReplaceAll(text, "<number>", "(?:[0-9]+|<number>)")
	text = strings.ReplaceAll(text, "<nul>", `\x00`)
	return regexp.MustCompile("^(?s:" + text + ")$")
}

// all returns the rules of every row.
func (rules *Rules) all() (list []*Rule) {
	if rules == nil {
		return nil
	}
	for _, row := range rules.Rows {
		list = append(list, row.Rules...)
	}
	return list
}

// Unused lists the rules that have explained no difference.
func (rules *Rules) Unused() (list []string) {
	for _, r := range rules.all() {
		if !r.used.Load() {
			list = append(list, r.Glob+": "+r.Row.Original)
		}
	}
	return list
}

// explain removes the lines that the rule explains, and reports whether it applied.
func (r *Rule) explain(path string, lines []edit) (rest []edit, applied bool) {
	name, _, _ := strings.Cut(path, "/")
	if !matchOne(r.Glob, path) || r.scenarios != nil && !slices.Contains(r.scenarios, name) {
		return lines, false
	}
	patterns := map[rune][]*regexp.Regexp{'-': r.Original, '+': r.Ours}
	for sign, list := range patterns {
		for _, p := range list {
			found := func(e edit) bool { return e.mark == sign && p.MatchString(e.text) }
			if !slices.ContainsFunc(lines, found) {
				return lines, false
			}
		}
	}
	rest = slices.DeleteFunc(slices.Clone(lines), func(e edit) bool {
		return slices.ContainsFunc(patterns[e.mark], func(p *regexp.Regexp) bool {
			return p.MatchString(e.text)
		})
	})
	return rest, true
}

// explain applies every rule of the list. It returns the lines that no rule explains, and
// the rows of the rules that applied.
func (rules *Rules) explain(path string, lines []edit) (rest []edit, rows []*Row) {
	for _, r := range rules.all() {
		if len(lines) == 0 {
			break
		}
		var applied bool
		if lines, applied = r.explain(path, lines); applied {
			r.used.Store(true)
			rows = append(rows, r.Row)
		}
	}
	return lines, rows
}
