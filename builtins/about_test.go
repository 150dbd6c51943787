package builtins

import (
	"sort"
	"testing"
)

// TestAbout: each command has its line, and the list is in order, by which it is searched.
func TestAbout(t *testing.T) {
	if !sort.SliceIsSorted(about[:], func(i, j int) bool { return about[i].name < about[j].name }) {
		t.Error("the list is not sorted")
	}
	for _, c := range Commands() {
		if text := About(c.Name); text == "" || len(text) > 76 {
			t.Errorf("%s: %q, want one line", c.Name, text)
		}
	}
	for _, a := range about {
		if _, ok := Lookup(a.name); !ok {
			t.Errorf("%s is no command", a.name)
		}
	}
}
