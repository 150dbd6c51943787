package compat

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A Result is what came of comparing one variant of a scenario.
type Result struct {
	Scenario *Scenario `json:"-"`
	// Variant names the engines of an interoperation; empty otherwise.
	Variant string
	// Failure says why there was nothing to compare.
	Failure string
	// Facts is the number compared.
	Facts int
	// Observed says what they are about, in the order they were seen.
	Observed []Group
	// Differences are ours from the original's, in the order they were seen.
	Differences []Difference
	// Unsteady are those that a further run of our side did not show: which of two
	// processes was first, most often. They are printed, and do not count.
	Unsteady []Difference
	// Documented are those that the scenario announces.
	Documented []Difference
	// Normalised are facts in which runs of the original differ, with what they
	// have in common.
	Normalised []Fact
}

// A Group is the facts about one kind of thing at one moment, such as the mounts
// after the boot.
type Group struct {
	Name  string
	Facts int
}

// observe counts a fact.
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
	// Lines are the differing parts of a text that is compared line by line, with
	// the number of each part's first line in Path.
	Lines []Difference `json:",omitempty"`
	// Why is the documented reason, if there is one.
	Why string `json:",omitempty"`
}

// absent stands for the value of a fact that a side does not have.
const absent = "(not there)"

// compare judges our trace by those of the original.
func compare(s *Scenario, runs []*Trace, got *Trace, lines []pipeline) *Result {
	res := &Result{}
	tokens := regexp.MustCompile(tokenPattern)
	var maps []map[string]string
	for _, t := range runs {
		maps = append(maps, s.facts(t))
	}
	ours, used := s.facts(got), make([]bool, len(s.Differs))
	for _, path := range paths(append(slices.Clone(runs), got)...) {
		if len(s.Compare) > 0 && !match(s.Compare, path) {
			continue
		}
		res.observe(path)
		var values []string
		for _, m := range maps {
			values = append(values, value(m, path))
		}
		have := value(ours, path)
		n := learn(tokens, values, lines)
		if !n.steady {
			res.Normalised = append(res.Normalised, Fact{path, n.String()})
		}
		if !n.matches(have) {
			d := Difference{Path: path, Original: values[0], Ours: have}
			if isTrace(have) && values[0] != absent {
				d.Lines = n.traceHunks(have)
			}
			res.differ(s, used, d)
		}
	}
	for i, d := range s.Differs {
		if !used[i] {
			res.Differences = append(res.Differences, Difference{Path: d.Glob, Why: d.Why,
				Original: "(a documented difference)", Ours: absent})
		}
	}
	return res
}

// facts are those of a run, what the scenario calls unordered with its lines in order.
func (s *Scenario) facts(t *Trace) map[string]string {
	facts := t.byPath()
	for path, v := range facts {
		if len(s.Unordered) > 0 && match(s.Unordered, path) {
			facts[path] = inOrder(v)
		}
	}
	return facts
}

// inOrder sorts lines by what stands behind their number.
func inOrder(text string) string {
	lines := strings.Split(text, "\n")
	name := func(line string) string { return strings.TrimLeft(line, "0123456789: ") }
	slices.SortStableFunc(lines, func(a, b string) int { return cmp.Compare(name(a), name(b)) })
	return strings.Join(lines, "\n")
}

// settle keeps as differences those that the other result, of one more run, has too.
func (res *Result) settle(again *Result) {
	var steady []Difference
	for _, d := range res.Differences {
		same := func(other Difference) bool { return d.recursIn(other) }
		if slices.ContainsFunc(again.Differences, same) {
			steady = append(steady, d)
		} else {
			res.Unsteady = append(res.Unsteady, d)
		}
	}
	for _, d := range again.Differences {
		same := func(other Difference) bool { return d.Path == other.Path }
		if !slices.ContainsFunc(slices.Concat(res.Differences, res.Unsteady), same) {
			res.Unsteady = append(res.Unsteady, d)
		}
	}
	res.Differences = steady
}

// recursIn tells whether another run's difference is this one. Of a text that is
// compared by lines, one of the differing places has to be the same.
func (d Difference) recursIn(other Difference) bool {
	if d.Path != other.Path || len(d.Lines) == 0 || len(other.Lines) == 0 {
		return d.Path == other.Path
	}
	return slices.ContainsFunc(d.Lines, func(a Difference) bool {
		return slices.ContainsFunc(other.Lines, func(b Difference) bool {
			return numberless(a.Ours) == numberless(b.Ours) &&
				numberless(a.Original) == numberless(b.Original)
		})
	})
}

// differ files a difference where it belongs.
func (res *Result) differ(s *Scenario, used []bool, d Difference) {
	for i, known := range s.Differs {
		if matchOne(known.Glob, d.Path) {
			used[i], d.Why = true, known.Why
			res.Documented = append(res.Documented, d)
			return
		}
	}
	for _, known := range standing {
		if matchOne("*/"+known.Glob, standingPath(d.Path)) {
			d.Why = known.Why
			res.Documented = append(res.Documented, d)
			return
		}
	}
	res.Differences = append(res.Differences, d)
}

func value(m map[string]string, path string) string {
	if v, ok := m[path]; ok {
		return withoutRaces(path, v)
	}
	return absent
}

// texts are the scripts of a folder.
func texts(dir string) []string {
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	var list []string
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && isText(string(text)) {
			list = append(list, string(text))
		}
	}
	return list
}

// String is a line for people.
func (d Difference) String() string {
	return fmt.Sprintf("%s: %q, the original %q", d.Path, d.Ours, d.Original)
}

// label names the result's scenario and variant.
func (res *Result) label() string {
	return strings.TrimSpace(res.Scenario.Name + " " + res.Variant)
}
