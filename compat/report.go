package compat

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Report prints results for people: each scenario in a line, below it what
// differs, the original's lines marked with - and ours with +, those at the end that
// decide the status. With detail, what was normalised is printed, too.
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
			fmt.Fprintf(w, "  in some runs of ours only (not counted):\n")
		}
		for _, d := range r.Unsteady {
			printDifference(w, d)
		}
		if detail {
			printNormalised(w, r)
		}
	}
	fmt.Fprintln(w, Sum(results))
}

// Sum is one line about all results.
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

// Status is the exit status for results: 0 identical, 1 different, 2 not compared.
func Status(results []*Result) int {
	status := 0
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
		fmt.Fprintf(w, "  %s\n    - %s\n    + %s\n", d.Path, d.Original, d.Ours)
		return
	}
	fmt.Fprintf(w, "  %s\n", d.Path)
	if len(d.Lines) > 0 {
		for _, part := range d.Lines {
			printPart(w, part)
		}
		return
	}
	for _, e := range lineDiff(d.Original, d.Ours) {
		if e.mark != ' ' {
			fmt.Fprintf(w, "    %c %d: %s\n", e.mark, e.line, e.text)
		}
	}
}

// printPart prints one place of a text.
func printPart(w io.Writer, d Difference) {
	fmt.Fprintf(w, "    %s:\n", d.Path)
	for _, side := range []struct{ mark, text string }{{"-", d.Original}, {"+", d.Ours}} {
		if side.text == "" {
			continue
		}
		for _, line := range strings.Split(side.text, "\n") {
			fmt.Fprintf(w, "    %s %s\n", side.mark, line)
		}
	}
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

// An edit is a line of a difference of texts: ' ' in both, '-' in the first only,
// '+' in the second only.
type edit struct {
	mark rune
	line int
	text string
}

// lineDiff compares texts by lines: the common beginning and end are the same,
// and between them the longest common subsequence.
func lineDiff(a, b string) []edit {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	head := 0
	for head < len(x) && head < len(y) && x[head] == y[head] {
		head++
	}
	tail := 0
	for tail < len(x)-head && tail < len(y)-head && x[len(x)-1-tail] == y[len(y)-1-tail] {
		tail++
	}
	var list []edit
	for i := range head {
		list = append(list, edit{' ', i + 1, x[i]})
	}
	list = append(list, middle(x[head:len(x)-tail], y[head:len(y)-tail], head)...)
	for i := range tail {
		list = append(list, edit{' ', len(x) - tail + i + 1, x[len(x)-tail+i]})
	}
	return list
}

// middle is the part of lineDiff that needs the table of common lengths.
func middle(x, y []string, from int) []edit {
	common := make([][]int, len(x)+1)
	for i := range common {
		common[i] = make([]int, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var list []edit
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			list = append(list, edit{' ', from + i + 1, x[i]})
			i, j = i+1, j+1
		case j == len(y) || i < len(x) && common[i+1][j] >= common[i][j+1]:
			list = append(list, edit{'-', from + i + 1, x[i]})
			i++
		default:
			list = append(list, edit{'+', from + j + 1, y[j]})
			j++
		}
	}
	return list
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
