package compat

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSettle(t *testing.T) {
	line := func(number, original, ours string) Difference {
		return Difference{Path: "line " + number, Original: original, Ours: ours}
	}
	status := Difference{Path: "boot/status", Original: "0", Ours: "1"}
	race := Difference{Path: "stop/stderr", Original: "", Ours: "gone"}
	other := Difference{Path: "stop/status", Original: "0", Ours: "1"}
	log := Difference{Path: "boot/log", Lines: []Difference{line("3", "pid 7", "pid x")}}
	logAgain := Difference{Path: "boot/log", Lines: []Difference{line("4", "pid 9", "pid x")}}
	logElse := Difference{Path: "boot/log", Lines: []Difference{line("9", "a", "b")}}
	for _, row := range []struct {
		name                           string
		first, second, steady, neither []Difference
	}{
		{"nothing again", []Difference{race}, nil, nil, []Difference{race}},
		{"the same again", []Difference{status, race}, []Difference{status},
			[]Difference{status}, []Difference{race}},
		{"another one", []Difference{race}, []Difference{other}, nil, []Difference{race, other}},
		{"the same place of a log", []Difference{log}, []Difference{logAgain},
			[]Difference{log}, nil},
		{"another place of a log", []Difference{log}, []Difference{logElse}, nil,
			[]Difference{log}},
	} {
		t.Run(row.name, func(t *testing.T) {
			res := &Result{Differences: row.first}
			res.settle(&Result{Differences: row.second})
			if d := cmp.Diff(row.steady, res.Differences); d != "" {
				t.Errorf("differences (-want +got):\n%s", d)
			}
			if d := cmp.Diff(row.neither, res.Unsteady); d != "" {
				t.Errorf("unsteady (-want +got):\n%s", d)
			}
		})
	}
}

// TestSettled has runs of both sides in which a race goes either way.
func TestSettled(t *testing.T) {
	run := func(first, second string) *Trace {
		return &Trace{Facts: []Fact{{"boot/net host/link", first + "\n" + second}}}
	}
	s, t2 := "2: s0: up", "3: t0: down"
	order, other := run(s, t2), run("6: t0: down", "7: s0: up")
	free := &Scenario{Unordered: []string{"*/net?host/link"}}
	for _, row := range []struct {
		name       string
		s          *Scenario
		runs, ours []*Trace
		want       int
	}{
		{"never as the original", &Scenario{}, []*Trace{order, order}, []*Trace{other, other}, 1},
		{"the original, too, at last", &Scenario{}, []*Trace{order, order, other},
			[]*Trace{other, other}, 0},
		{"not always", &Scenario{}, []*Trace{order, order}, []*Trace{other, order}, 0},
		{"another order is free", free, []*Trace{order, run("4: s0: up", "5: t0: down")},
			[]*Trace{other}, 0},
		{"another line is not", free, []*Trace{order, order}, []*Trace{run(s, "3: t0: up")}, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			res := judge{runs: row.runs}.settled(row.s, row.ours)
			if len(res.Differences) != row.want {
				t.Errorf("%d differences, want %d: %v", len(res.Differences), row.want, res)
			}
		})
	}
}
