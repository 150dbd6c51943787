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
