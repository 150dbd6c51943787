package compat

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Report prints results for people: a line for each scenario, and below it the differences,
// the original's lines marked with - and ours with +. The results that decide the status
// come last. With detail, it also prints the facts that were normalised.
func Report(w io.Writer, results []*Result, detail bool) {
	results = slices.Clone(results)
	slices.SortStableFunc(results, func(a, b *Result) int {
		return cmp.Compare(Status([]*Result{a}), Status([]*Result{b}))
	})
	for _, r := range results {
		switch {
		case r.Failure != "":
			fmt.Fprintf(w, "could not compare  %s: %s\n", r.label(), r.Failure)
		case len(r.Differences) > 0:
			fmt.Fprintf(w, "different          %s: %d of %d facts\n", r.label(),
				len(r.Differences), r.Facts)
		default:
			fmt.Fprintf(w, "identical          %s: %d facts, %d normalised, %d documented\n",
				r.label(), r.Facts, len(r.Normalised), len(r.Documented))
		}
		for _, d := range r.Differences {
			printDifference(w, d)
		}
		if len(r.Unsteady) > 0 {
			fmt.Fprintf(w, "  in some runs of ours only, by a race that is listed:\n")
		}
		for _, d := range r.Unsteady {
			printDifference(w, d)
		}
		if detail {
			printNormalised(w, r)
		}
	}
	for _, line := range Exceeded(results) {
		fmt.Fprintln(w, "too unsteady      ", line)
	}
	fmt.Fprintln(w, Sum(results))
}

// Sum returns one line about all results.
func Sum(results []*Result) string {
	scenarios := map[*Scenario]bool{}
	var facts, differences, documented, normalised, unsteady, failures int
	for _, r := range results {
		scenarios[r.Scenario] = true
		facts += r.Facts
		differences += len(r.Differences)
		documented += len(r.Documented)
		normalised += len(r.Normalised)
		unsteady += len(r.Unsteady)
		if r.Failure != "" {
			failures++
		}
	}
	return fmt.Sprintf("%d scenarios in %d variants, %d facts: %d differences; %d documented, "+
		"%d normalised, %d unsteady; %d could not be compared", len(scenarios), len(results),
		facts, differences, documented, normalised, unsteady, failures)
}

// Status returns the exit status for results: 0 identical, 1 different, 2 not compared.
func Status(results []*Result) int {
	status := min(len(Exceeded(results)), 1)
	for _, r := range results {
		switch {
		case r.Failure != "":
			return 2
		case len(r.Differences) > 0:
			status = 1
		}
	}
	return status
}

func printDifference(w io.Writer, d Difference) {
	if !strings.Contains(d.Original+d.Ours, "\n") {
		fmt.Fprintf(w, "  %s%s\n    - %s\n    + %s\n", d.Path, d.frequency(), d.Original, d.Ours)
		return
	}
	fmt.Fprintf(w, "  %s%s\n", d.Path, d.frequency())
	lines := d.Lines
	if len(lines) == 0 {
		lines = lineDiff(d.Original, d.Ours)
	}
	for _, e := range changed(lines) {
		fmt.Fprintf(w, "    %c %d: %s\n", e.mark, e.line, e.text)
	}
}

// frequency returns in how many of our runs a difference appears, or "" for all.
func (d Difference) frequency() string {
	if d.In == d.Of {
		return ""
	}
	return fmt.Sprintf(" (in %d of %d runs)", d.In, d.Of)
}

func printNormalised(w io.Writer, r *Result) {
	for _, f := range r.Normalised {
		for _, line := range strings.Split(f.Value, "\n") {
			if strings.ContainsAny(line, "<(") {
				fmt.Fprintf(w, "  normalised %s: %s\n", f.Path, line)
			}
		}
	}
}

// ReportJSON writes results as one JSON array of objects with the members Name,
// Variant, Failure, Facts, Observed, Differences, Unsteady, Documented and Normalised.
func ReportJSON(w io.Writer, results []*Result) error {
	type named struct {
		Name, Description string
		*Result
	}
	list := make([]named, len(results))
	for i, r := range results {
		list[i] = named{r.Scenario.Name, r.Scenario.Description, r}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(list)
}
