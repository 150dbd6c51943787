package compat

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func someResults() []*Result {
	s := &Scenario{Name: "first", Description: "what <it> is"}
	return []*Result{
		{Scenario: s, Facts: 7, Observed: []Group{{"boot: mounts", 7}},
			Normalised: []Fact{{"boot/pid", "<number>"}},
			Documented: []Difference{{Path: "boot/exe", Why: "documented"}},
			Unsteady:   []Difference{{Path: "stop/stderr", Original: "x", Ours: "y"}}},
		{Scenario: s, Variant: "boot=ours", Facts: 8, Differences: []Difference{
			{Path: "boot/status", Original: "0", Ours: "1"},
			{Path: "boot/stderr", Original: "a\nb\n", Ours: "a\n<script>c\n"},
			{Path: "boot/log", Original: "+ a\n", Ours: "+ b\n", In: 1, Of: 3,
				Lines: []edit{{'-', 1, "+ a"}, {'+', 1, "+ b"}}},
		}},
		{Scenario: &Scenario{Name: "second"}, Failure: "the machine has no ip"},
	}
}

// TestReportOrder checks that the results that decide the status come last: of a long
// output, people see the end.
func TestReportOrder(t *testing.T) {
	var b strings.Builder
	list := someResults()
	slices.Reverse(list)
	Report(&b, list, false)
	var heads []string
	for _, line := range strings.Split(b.String(), "\n") {
		if word, _, _ := strings.Cut(line, "  "); word != "" {
			heads = append(heads, word)
		}
	}
	heads = heads[:len(heads)-1]
	if want := []string{"identical", "different", "could not compare"}; !slices.Equal(heads, want) {
		t.Errorf("got %q, want %q", heads, want)
	}
}

func TestReport(t *testing.T) {
	var b strings.Builder
	Report(&b, someResults(), true)
	want := `identical          first: 7 facts, 1 normalised, 1 documented
  in some runs of ours only, by a race that is listed:
  stop/stderr
    - x
    + y
  normalised boot/pid: <number>
different          first boot=ours: 3 of 8 facts
  boot/status
    - 0
    + 1
  boot/stderr
    - 2: b
    + 2: <script>c
  boot/log (in 1 of 3 runs)
    - 1: + a
    + 1: + b
could not compare  second: the machine has no ip
2 scenarios in 3 variants, 15 facts: 3 differences; 1 documented, 1 normalised, 1 unsteady; ` +
		"1 could not be compared\n"
	if b.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", &b, want)
	}
	b.Reset()
	Report(&b, someResults(), false)
	if strings.Contains(b.String(), "boot/pid") {
		t.Errorf("what is normalised is there without being asked for:\n%s", &b)
	}
}

func TestReportJSON(t *testing.T) {
	var b strings.Builder
	if err := ReportJSON(&b, someResults()); err != nil {
		t.Fatal(err)
	}
	var list []struct {
		Name, Description, Variant, Failure string
		Facts                               int
		Documented                          []struct{ Why string }
		Differences                         []struct{ Lines []string }
		Normalised                          []Fact
	}
	if err := json.Unmarshal([]byte(b.String()), &list); err != nil {
		t.Fatalf("%v in:\n%s", err, &b)
	}
	if len(list) != 3 || list[0].Name != "first" || list[0].Description != "what <it> is" ||
		list[0].Normalised[0].Path != "boot/pid" || list[0].Documented[0].Why != "documented" ||
		list[1].Variant != "boot=ours" || list[1].Facts != 8 ||
		list[1].Differences[2].Lines[1] != "+ 1: + b" || list[2].Failure == "" {
		t.Errorf("got %+v", list)
	}
}

// TestReportHTML checks that the page loads nothing from elsewhere and escapes all text.
func TestReportHTML(t *testing.T) {
	var b strings.Builder
	if err := ReportHTML(&b, someResults()); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	outside := regexp.MustCompile(`(?i)(\b(src|href|action|srcset|data)\s*=|` +
		`@import|url\(|https?:)[^>]*`)
	if found := outside.FindString(page); found != "" {
		t.Errorf("the page refers to %s", found)
	}
	for _, want := range []string{"<html", "</html>", "first", "boot=ours", "boot/status",
		"&lt;script&gt;c", "the machine has no ip", "what &lt;it&gt; is",
		"boot: mounts<td class=\"num\">7 facts"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in the page", want)
		}
	}
}

// unsteadyResults returns results with more unsteady facts than the limit, by a number.
func unsteadyResults(more int) []*Result {
	row := unsteadyFacts.Rows[0]
	d := Difference{Path: "stop/stderr", rows: []*Row{row}}
	return []*Result{{Unsteady: slices.Repeat([]Difference{d}, row.Most+more)}}
}

func TestStatus(t *testing.T) {
	r := someResults()
	for _, row := range []struct {
		results []*Result
		want    int
	}{
		{nil, 0}, {r[:1], 0}, {unsteadyResults(0), 0}, {unsteadyResults(1), 1}, {r[1:2], 1},
		{r[:2], 1}, {r[2:], 2}, {r, 2},
	} {
		if got := Status(row.results); got != row.want {
			t.Errorf("%d results: status %d, want %d", len(row.results), got, row.want)
		}
	}
}
