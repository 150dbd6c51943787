package suites

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"sort"
	"strings"
)

// readExpected reads a list of expected failures, in lines of the form "TEST: REASON". A #
// begins a comment.
func readExpected(file string) (map[string]string, error) {
	list := map[string]string{}
	f, err := os.Open(file)
	if os.IsNotExist(err) {
		return list, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		name, reason, ok := strings.Cut(line, ": ")
		if !ok || strings.TrimSpace(reason) == "" {
			return nil, fmt.Errorf("%s: %q has no reason", file, line)
		}
		list[name] = reason
	}
	return list, lines.Err()
}

// A Summary is the result of both sides of a suite.
type Summary struct {
	System, Ours [3]int // by Outcome
	// Counted is the number of tests that the system's tool passes, Alike the number of
	// those that the native passes as well.
	Counted, Alike int
	// News are failures that are not in the list. Stale are entries of the list that pass
	// or that name no test.
	News, Stale []string
}

// Ratio is the share of the counted tests that the native passes.
func (s Summary) Ratio() float64 {
	if s.Counted == 0 {
		return 1
	}
	return float64(s.Alike) / float64(s.Counted)
}

// summarize compares two runs. A test that the system's own tool does not pass says nothing
// about the native. Entries of the list that name no test that ran are judged only if whole
// is set.
func summarize(system, ours map[string]result, expected map[string]string, whole bool) Summary {
	var s Summary
	names := maps.Clone(system)
	for name := range ours {
		if _, ok := names[name]; !ok && onlyWhenFailed(name) {
			names[name] = result{outcome: Passed}
		}
	}
	for name, r := range names {
		mine, ok := ours[name]
		if !ok && !onlyWhenFailed(name) {
			mine.outcome = Failed
		}
		s.System[r.outcome]++
		s.Ours[mine.outcome]++
		if r.outcome != Passed {
			continue
		}
		s.Counted++
		_, known := expected[name]
		switch {
		case mine.outcome == Passed && known:
			s.Alike++
			s.Stale = append(s.Stale, name)
		case mine.outcome == Passed:
			s.Alike++
		case !known:
			s.News = append(s.News, name)
		}
	}
	for name := range expected {
		if r, ok := names[name]; whole && (!ok || r.outcome != Passed) {
			s.Stale = append(s.Stale, name)
		}
	}
	sort.Strings(s.News)
	sort.Strings(s.Stale)
	return s
}

// onlyWhenFailed reports whether a result is of the kind that a test reports only as a
// failure.
func onlyWhenFailed(name string) bool { return strings.Contains(name, "/BAD") }
