package compat

import (
	"slices"
	"strings"
	"testing"
)

// A raceRow compares runs of both sides, of which races have ended differently.
type raceRow struct {
	name                string
	s                   *Scenario
	runs, ours          []*Trace
	different, unsteady int
	mayRace             bool
}

func (row raceRow) check(t *testing.T, rules *Rules) {
	res := judge{runs: row.runs, documented: rules}.compare(row.s, row.ours)
	if len(res.Differences) != row.different || len(res.Unsteady) != row.unsteady {
		t.Errorf("%d differences, %d unsteady, want %d and %d: %+v", len(res.Differences),
			len(res.Unsteady), row.different, row.unsteady, res)
	}
	if got := len(res.Differences) > 0 && res.mayRace(); got != row.mayRace {
		t.Errorf("mayRace is %v", got)
	}
}

// TestRaces compares runs of both sides in which a race ends either way. A race may change
// the original; it may change ours only if the list of races names it.
func TestRaces(t *testing.T) {
	run := func(path, value string) *Trace { return &Trace{Facts: []Fact{{path, value}}} }
	link := func(lines ...string) *Trace {
		return run("boot/net host/link", strings.Join(lines, "\n"))
	}
	const gone = "/usr/sbin/overlay-stop: 40: kill: No such process\n"
	s, t0 := "2: s0: up", "3: t0: down"
	order, other := link(s, t0), link("6: t0: down", "7: s0: up")
	quiet, message := run("stop/stderr", "a\n"), run("stop/stderr", "a\n"+gone)
	blank, both := run("stop/stderr", "a\n"+gone+"\n"), run("stop/stderr", "b\n"+gone)
	init := &Scenario{Name: "action-init-script"}
	script := run("start/stderr", "+ realpath a\n")
	within := run("start/stderr", "+ realpath alogger: \nunknown facility name: boot\n")
	free := &Scenario{Unordered: []string{"*/net?host/link"}}
	rules, err := ParseRules("some", "original: a\nwhy: b\ndiffers: */stderr\n\t- a\n\t+ b\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []raceRow{
		{"never as the original", &Scenario{}, []*Trace{order, order},
			[]*Trace{other, other}, 1, 0, false},
		{"the original, too, at last", &Scenario{}, []*Trace{order, order, other},
			[]*Trace{other, other}, 0, 0, false},
		{"once in three runs", &Scenario{}, []*Trace{order, order},
			[]*Trace{order, order, other}, 1, 0, false},
		{"another order is free", free, []*Trace{order, link("4: s0: up", "5: t0: down")},
			[]*Trace{other}, 0, 0, false},
		{"another line is not", free, []*Trace{order, order},
			[]*Trace{link(s, "3: t0: up")}, 1, 0, false},
		{"a race that is listed", &Scenario{}, []*Trace{quiet, quiet},
			[]*Trace{quiet, message, quiet}, 0, 1, false},
		{"a race that ours always loses", &Scenario{}, []*Trace{quiet, quiet},
			[]*Trace{message, message, message}, 1, 0, true},
		{"a message within a line", init, []*Trace{script, script},
			[]*Trace{within, script, script}, 0, 1, false},
		{"more than the race", &Scenario{}, []*Trace{quiet, quiet},
			[]*Trace{quiet, run("stop/stderr", "c\n"+gone)}, 1, 0, false},
		{"elsewhere", &Scenario{}, []*Trace{run("stop/stdout", ""), run("stop/stdout", "")},
			[]*Trace{run("stop/stdout", ""), run("stop/stdout", gone)}, 1, 0, false},
		{"a race whose message ends with an empty line", &Scenario{}, []*Trace{quiet, quiet},
			[]*Trace{quiet, blank, quiet}, 0, 1, false},
		{"a race besides what is documented", &Scenario{}, []*Trace{quiet, quiet},
			[]*Trace{run("stop/stderr", "b\n"), both}, 0, 1, false},
		{"ours always loses besides", &Scenario{}, []*Trace{quiet, quiet},
			[]*Trace{both, both}, 1, 0, true},
	} {
		t.Run(row.name, func(t *testing.T) { row.check(t, rules) })
	}
}

// someRules has two rows. The second has one rule for a changed line, one for a line that
// is gone, and one for a new line.
const someRules = `
# a comment
original: it is a
here: it is b
    and c
why: d
scenarios: some two three

original: old
why: new
most: 3
differs: one/boot/log
	- size=*, number <number>
	+ size
differs: */log
	- gone
differs: some/log
	+ new
`

func TestRules(t *testing.T) {
	rules, err := ParseRules("rules", someRules)
	if err != nil {
		t.Fatal(err)
	}
	if first := rules.Rows[0]; len(rules.Rows) != 2 || first.Here != "it is b and c" ||
		rules.Rows[1].Most != 3 {
		t.Errorf("got %+v", rules.Rows)
	}
	if unused := rules.Unused(); len(unused) != 3 {
		t.Errorf("unused before any use: %q", unused)
	}
	for _, row := range []struct{ path, lines, rest string }{
		{"one/boot/log", "-size=x, number 12|+size", ""},
		{"one/boot/log", "-size=x, number 12", "-size=x, number 12"},
		{"one/boot/log", "+size", "+size"},
		{"one/boot/log", "-size=x, number y|+size", "-size=x, number y|+size"},
		{"one/boot/log", "-gone|+more", "+more"},
		{"one/boot/log", "-gone|-gone", ""},
		{"one/boot/log", "+gone", "+gone"},
		{"two/boot/log", "-size=x, number 12|+size", "-size=x, number 12|+size"},
		{"two/boot/log", "-gone", ""},
		{"two/log", "+new", ""},
		{"one/log", "+new", "+new"},
		{"two/boot/logs", "-gone", "-gone"},
	} {
		var lines []edit
		for i, text := range strings.Split(row.lines, "|") {
			lines = append(lines, edit{rune(text[0]), i + 1, text[1:]})
		}
		left, _ := rules.explain(row.path, lines)
		var rest []string
		for _, e := range left {
			rest = append(rest, string(e.mark)+e.text)
		}
		if got := strings.Join(rest, "|"); got != row.rest {
			t.Errorf("%s %s: %q is left, want %q", row.path, row.lines, got, row.rest)
		}
	}
	if unused := rules.Unused(); len(unused) != 0 {
		t.Errorf("unused after the use of each: %q", unused)
	}
}

func TestRulesErrors(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{"original: a\ndiffers: *\n\t- *\n", "has no reason"},
		{"original: a\nwhy: b\ndiffers: *\n", "begins with neither"},
		{"original: a\nwhy: b\ndiffers: *\n\tx\n", "begins with neither"},
		{"original: a\nbecause: b\n", "rules:2: not a directive"},
		{"original: a\nmost: some\n", "rules:2: "},
	} {
		_, err := ParseRules("rules", row.text)
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%q: %v, want %q", row.text, err, row.want)
		}
	}
}

func TestIsMixOf(t *testing.T) {
	for _, row := range []struct {
		original, ours string
		want           bool
	}{
		{"+ a b|+ c", "+ c|+ a b", true},
		{"+ + ac| b", "+ a b|+ c", true},
		{"+ + ca b|", "+ a b|+ c", true},
		{"+ a b", "+ a b|+ a b", false},
		{"+ a b|+ a b", "+ a b", false},
		{"+ + ab| c", "+ a b|+ c", false},
		{"+ + a c| b", "+ a b|+ c", false},
		{"+ ba", "+ ab", false},
		{"+ b a", "+ a b", false},
		{"+ a", "+ a|", false},
		{"out|+ a", "+ a|out", true},
		{"ou|t+ a", "+ a|out", false},
	} {
		got := isMixOf(strings.Split(row.original, "|"), strings.Split(row.ours, "|"))
		if got != row.want {
			t.Errorf("%q is made of %q: %v", row.original, row.ours, got)
		}
	}
}

// TestIsMixOfEnds has a text that can begin in a great many ways: the search must still
// end.
func TestIsMixOfEnds(t *testing.T) {
	ours := strings.Split(strings.Repeat("+ a a a a a a a a b|+ a a a a a a a a c|", 20), "|")
	original := append(slices.Repeat([]string{"+ a a a a a a a"}, 40), "+ d")
	if isMixOf(original, ours) {
		t.Error("a line of another text is taken for one of these")
	}
}
