package suites

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestSummary checks what fails a run: a failure that is not in the list, and an entry of
// the list that passes.
func TestSummary(t *testing.T) {
	was := func(o ...Outcome) map[string]result {
		all := map[string]result{}
		for i, name := range [...]string{"a", "b", "c", "d", "e"} {
			all[name] = result{outcome: o[i]}
		}
		return all
	}
	system := was(Passed, Passed, Passed, Failed, NotApplicable)
	ours := was(Passed, Failed, NotApplicable, Passed, Passed)
	ours["t/BAD1"] = result{outcome: Failed} // the other side does not report it
	expected := map[string]string{"a": "passes", "b": "fails", "d": "says nothing", "z": "gone"}
	sum := summarize(system, ours, expected, true)
	if want := []string{"c", "t/BAD1"}; !slices.Equal(sum.News, want) {
		t.Errorf("news %q, want %q", sum.News, want)
	}
	if want := []string{"a", "d", "z"}; !slices.Equal(sum.Stale, want) {
		t.Errorf("stale %q, want %q", sum.Stale, want)
	}
	if sum.Counted != 4 || sum.Alike != 1 {
		t.Errorf("%d of %d", sum.Alike, sum.Counted)
	}
}

// TestExpectedReason checks that an entry without a reason is refused.
func TestExpectedReason(t *testing.T) {
	file := filepath.Join(t.TempDir(), "list")
	for text, good := range map[string]bool{"# no test\n\na: why\n": true, "a\n": false,
		"a: \n": false} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		list, err := readExpected(file)
		if (err == nil) != good || good && list["a"] != "why" {
			t.Errorf("%q: %v, %v", text, list, err)
		}
	}
}

// TestPatience checks that a test that takes long with the system's tools may take long
// with ours.
func TestPatience(t *testing.T) {
	system := map[string]result{"a": {took: time.Minute}, "b/1": {took: time.Second},
		"b/2": {took: 2 * time.Second}, "bb": {took: time.Hour}}
	limit := withOurs(20*time.Second, system)
	for name, want := range map[string]time.Duration{
		"a": 620 * time.Second, "b": 40 * time.Second, "new": 20 * time.Second,
	} {
		if got := limit(Test{Name: name}); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
