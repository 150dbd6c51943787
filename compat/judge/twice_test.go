package judge

import (
	"slices"
	"sync"
	"testing"
)

func TestSlower(t *testing.T) {
	for script, want := range map[string]string{
		"sleep .25 & sleep 1; sleep 0.1": "sleep 2 & sleep 8; sleep 0.8",
		"sleep 3; sleep 1000":            "sleep 3; sleep 1000",
		"sleep 1.x; asleep 1; echo 1":    "sleep 8.x; asleep 1; echo 1",
		"sleep $n; sleep":                "sleep $n; sleep",
	} {
		if got := Slower(script, 8); got != want {
			t.Errorf("%q: got %q, want %q", script, got, want)
		}
	}
}

// TestSame checks that a single deviation of ours is not excused, unless the time was too
// short.
func TestSame(t *testing.T) {
	fixed := func(answers ...string) func(string) string {
		var one sync.Mutex
		return func(string) (answer string) {
			one.Lock()
			defer one.Unlock()
			answer = answers[0]
			if len(answers) > 1 {
				answers = answers[1:]
			}
			return answer
		}
	}
	rarely := append(slices.Repeat([]string{"a"}, 40), "b", "a")
	for _, row := range []struct {
		script     string
		dash, ours func(string) string
		want       bool
		beside     bool
	}{
		{"echo", fixed("a"), fixed("a", "b"), true, false},
		{"echo", fixed("a"), fixed("b", "a"), false, false},
		{"echo", fixed("a"), fixed("a", "b"), true, true},
		{"echo", fixed("a"), fixed("b", "a"), false, true},
		{"echo", fixed("a", "a", "b", "a"), fixed("b"), true, false},
		{"echo", fixed(rarely...), fixed("b"), true, true},
		{"sleep 1", fixed("a"), fixed("b", "a"), true, true},
		{"sleep 1", fixed("a"), fixed("b"), false, false},
		{"sleep 5", fixed("a"), fixed("b", "a"), false, false},
	} {
		judge := Same[string]
		if row.beside {
			judge = SameBeside[string]
		}
		if _, _, got := judge(row.script, row.dash, row.ours); got != row.want {
			t.Errorf("%s, beside %v: got %v", row.script, row.beside, got)
		}
	}
}
