package tools

import (
	"reflect"
	"strings"
	"testing"
)

// TestMinimise checks that the result has only what makes the difference.
func TestMinimise(t *testing.T) {
	c := Case{Tool: "x", Args: []string{"-a", "one", "two"}, Input: "some\nlines\n", Locale: "C.UTF-8"}
	small := Minimise(c, 1000, func(d Case) bool {
		return strings.Contains(strings.Join(d.Args, " "), "w") && strings.Contains(d.Input, "e")
	})
	want := Case{Tool: "x", Args: []string{"w"}, Input: "e", Locale: "C"}
	if !reflect.DeepEqual(small, want) {
		t.Errorf("%+v, want %+v", small, want)
	}
}

// TestSeed checks that a seed always makes the same case.
func TestSeed(t *testing.T) {
	for _, tool := range Names() {
		different := false
		for seed := range uint64(20) {
			if !reflect.DeepEqual(New(tool, seed), New(tool, seed)) {
				t.Errorf("%s: seed %d makes two cases", tool, seed)
			}
			different = different || !reflect.DeepEqual(New(tool, seed), New(tool, seed+1))
		}
		if !different {
			t.Errorf("%s: all seeds make the same case", tool)
		}
	}
}
