package compat

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Result is the outcome of comparing one variant of a scenario.
type Result struct {
	Scenario *Scenario `json:"-"`
	// Variant names the engines of an interoperation; it is empty otherwise.
	Variant string
	// Failure is the reason why there was nothing to compare.
	Failure string
	// Facts is the number of facts compared.
	Facts int
	// Observed groups the facts by subject, in the order of observation.
	Observed []Group
	// Differences are the facts in which our side differs from the original, in the order
	// of observation.
	Differences []Difference
	// Unsteady are differences that some run of our side does not show and that a race of
	// the original explains, according to the list of such races. Their number is limited.
	Unsteady []Difference
	// Documented are differences that a list of documented differences explains.
	Documented []Difference
	// Normalised are facts in which runs of the original differ, with what the values have
	// in common.
	Normalised []Fact
}

// A Group counts the facts about one kind of thing at one moment, such as the mounts after
// the boot.
type Group struct {
	Name  string
	Facts int
}

// observe counts a fact in its group.
func (r *Result) observe(path string) {
	r.Facts++
	parts := strings.SplitN(path, "/", 3)
	name := strings.Join(parts[:min(len(parts), 2)], ": ")
	i := slices.IndexFunc(r.Observed, func(g Group) bool { return g.Name == name })
	if i < 0 {
		i = len(r.Observed)
		r.Observed = append(r.Observed, Group{Name: name})
	}
	r.Observed[i].Facts++
}

// A Difference is a fact that the sides do not share.
type Difference struct {
	Path           string
	Original, Ours string
	// In is the number of our runs that show the difference, Of the number of all our runs.
	In, Of int `json:",omitempty"`
	// Lines are the differing lines that no documented difference explains.
	Lines []edit `json:",omitempty"`
	// Why is the documented reason, or empty.
	Why string `json:",omitempty"`
	// rows are the rows that contain the reason.
	rows []*Row
	// race is set if a race that is listed could explain the difference, but all of our runs
	// show it.
	race bool
}

// mayRace reports whether listed races could explain all differences.
func (r *Result) mayRace() bool {
	return !slices.ContainsFunc(r.Differences, func(d Difference) bool { return !d.race })
}

// absent stands for the value of a fact that a side does not have.
const absent = "(not there)"

// compare judges the runs of our side by those of the original. A fact differs if its value
// in one of our runs matches that of no run of the original.
func (j judge) compare(s *Scenario, ours []*Trace) *Result {
	res := &Result{Scenario: s}
	var traces []*Trace
	var originals, own []map[string]string
	for _, t := range j.runs {
		t = withProcesses(t)
		traces, originals = append(traces, t), append(originals, s.facts(t))
	}
	for _, t := range ours {
		if t = withProcesses(t); s.Scripts == Embedded {
			t = withSubhosts(t)
		}
		traces, own = append(traces, t), append(own, s.facts(t))
	}
	for _, path := range paths(traces...) {
		if len(s.Compare) > 0 && !match(s.Compare, path) || lonely(path, originals, own) {
			continue
		}
		res.observe(path)
		n := learn(values(originals, path), j.lines)
		if !n.steady {
			res.Normalised = append(res.Normalised, Fact{path, n.String()})
		}
		var wrong []string
		for _, have := range values(own, path) {
			if !n.matches(have) {
				wrong = append(wrong, have)
			}
		}
		if len(wrong) > 0 {
			res.differ(j, n, Difference{Path: path, In: len(wrong), Of: len(ours)}, wrong)
		}
	}
	for _, r := range s.Differs.Unused() {
		res.Differences = append(res.Differences, Difference{Path: r,
			Original: "(a documented difference)", Ours: absent})
	}
	return res
}

// values returns the values of a fact in several runs.
func values(runs []map[string]string, path string) (list []string) {
	for _, facts := range runs {
		v, ok := facts[path]
		if !ok {
			v = absent
		}
		list = append(list, v)
	}
	return list
}

// facts returns the facts of a run as a map. The lines of facts that the scenario calls
// unordered are sorted.
func (s *Scenario) facts(t *Trace) map[string]string {
	facts := t.byPath()
	for path, v := range facts {
		if len(s.Unordered) > 0 && match(s.Unordered, path) {
			facts[path] = inOrder(v)
		}
	}
	return facts
}

// inOrder sorts lines by the text after their number.
func inOrder(text string) string {
	lines := strings.Split(text, "\n")
	name := func(line string) string { return strings.TrimLeft(line, "0123456789: ") }
	slices.SortStableFunc(lines, func(a, b string) int { return cmp.Compare(name(a), name(b)) })
	return strings.Join(lines, "\n")
}

// differ files a difference under the right heading. It is documented, or unsteady, only if
// the lists explain the differing value of each of our runs.
func (res *Result) differ(j judge, n *normal, d Difference, wrong []string) {
	var documented, unsteady []*Row
	beyond := 0 // the runs that differ in more than is documented
	for _, have := range wrong {
		if rest, _, _ := j.explained(res.Scenario, n, d.Path, have, false); len(rest) > 0 {
			beyond++
		}
	}
	for _, have := range wrong {
		rest, known, races := j.explained(res.Scenario, n, d.Path, have, false)
		if len(rest) > 0 && beyond < d.Of {
			rest, known, races = j.explained(res.Scenario, n, d.Path, have, true)
		}
		documented, unsteady = append(documented, known...), append(unsteady, races...)
		if d.Original, d.Ours = n.values[0], have; len(rest) > 0 {
			d.Lines = rest
			d.race = beyond == d.Of && j.isRace(res.Scenario, n, d.Path, wrong)
			res.Differences = append(res.Differences, d)
			return
		}
	}
	switch {
	case len(unsteady) > 0:
		d.Why, d.rows = reasons(unsteady), unique(unsteady)
		res.Unsteady = append(res.Unsteady, d)
	case len(documented) > 0:
		d.Why, d.rows = reasons(documented), unique(documented)
		res.Documented = append(res.Documented, d)
	}
}

// isRace reports whether listed races explain the value of a fact in each of the runs.
func (j judge) isRace(s *Scenario, n *normal, path string, wrong []string) bool {
	return !slices.ContainsFunc(wrong, func(have string) bool {
		rest, _, _ := j.explained(s, n, path, have, true)
		return len(rest) > 0
	})
}

// explained returns the lines of a difference that no list explains, and the rows that
// explain the others. It compares with the run of the original that leaves the fewest such
// lines. A race may explain lines only if mayRace is set: it cannot explain what all of our
// runs show.
func (j judge) explained(s *Scenario, n *normal, path, have string, mayRace bool) (
	least []edit, documented, unsteady []*Row) {
	for i := range n.values {
		rest := n.edits(i, have)
		var known, more, races []*Row
		for _, list := range []*Rules{s.Differs, standing, j.documented} {
			rest, more = list.explain(s.path(list, path), rest)
			known = append(known, more...)
		}
		if mayRace {
			rest, races = unsteadyFacts.explain(s.Name+"/"+path, rest)
		}
		if i == 0 || len(rest) < len(least) {
			least, documented, unsteady = rest, known, races
		}
	}
	return least, documented, unsteady
}

// path returns the path of a fact in the form that the patterns of a list use.
func (s *Scenario) path(list *Rules, path string) string {
	if list == s.Differs {
		return path
	}
	return s.Name + "/" + standingPath(path)
}

// reasons joins the reasons of rows, each once.
func reasons(rows []*Row) string {
	var list []string
	for _, row := range unique(rows) {
		list = append(list, row.reason())
	}
	return strings.Join(list, "; ")
}

func unique(rows []*Row) (list []*Row) {
	for _, row := range rows {
		if !slices.Contains(list, row) {
			list = append(list, row)
		}
	}
	return list
}

// texts returns the scripts in a folder by their path.
func texts(dir string) map[string]string {
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	list := map[string]string{}
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && isText(string(text)) {
			list[f] = string(text)
		}
	}
	return list
}

// String returns the difference in one line for people.
func (d Difference) String() string {
	return fmt.Sprintf("%s: %q, the original %q", d.Path, d.Ours, d.Original)
}

// label returns the name of the result's scenario and variant.
func (res *Result) label() string {
	return strings.TrimSpace(res.Scenario.Name + " " + res.Variant)
}
