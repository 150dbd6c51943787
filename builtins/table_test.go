package builtins

import (
	"sort"
	"testing"
)

// TestTable: each command says in one line what it does, and the table is in the order by
// which it is searched.
func TestTable(t *testing.T) {
	if !sort.SliceIsSorted(table[:], func(i, j int) bool { return table[i].Name < table[j].Name }) {
		t.Error("the table is not sorted")
	}
	for _, c := range Commands() {
		if c.About == "" || len(c.About) > 76 {
			t.Errorf("%s: %q, want one line", c.Name, c.About)
		}
		if found, ok := Lookup(c.Name); !ok || found.Name != c.Name {
			t.Errorf("%s is not found", c.Name)
		}
	}
}
