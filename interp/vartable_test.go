package interp

import (
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestVarTable changes tables and their forks at random, and compares them with copied maps.
func TestVarTable(t *testing.T) {
	names := []string{"a", "b", "i", "PATH", "sum", "sam", "longer_name", "x1", "x2"}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		table, model := newVarTable(0), map[string]variable{}
		for range 3 * deepest {
			for range 20 {
				name := names[r.IntN(len(names))]
				if r.IntN(3) == 0 {
					table.remove(name)
					delete(model, name)
					continue
				}
				v := variable{value: string(rune('0' + r.IntN(10))), set: true,
					export: r.IntN(2) == 0}
				*table.edit(name) = v
				model[name] = v
				if other := names[r.IntN(len(names))]; table.get(other) != model[other] {
					t.Fatalf("%s: got %v, want %v", other, table.get(other), model[other])
				}
			}
			got := maps.Collect(table.all())
			if d := cmp.Diff(model, got, cmp.AllowUnexported(variable{})); d != "" {
				t.Fatal(d)
			}
			below, before := table, maps.Clone(model)
			table = table.fork()
			*table.edit("a") = variable{value: "of the fork", set: true}
			table.remove("b")
			if below.get("a") != before["a"] || below.get("b") != before["b"] {
				t.Fatal("the fork has changed what it stands on")
			}
			model["a"] = variable{value: "of the fork", set: true}
			delete(model, "b")
		}
	}
}
