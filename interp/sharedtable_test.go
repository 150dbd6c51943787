package interp

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
)

// TestSharedTable changes a table and its forks at random, and compares each with a separate
// map.
func TestSharedTable(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	tables, want := []*table[int]{{}}, []map[string]int{{}}
	for step := range 5000 {
		i, name := random.IntN(len(tables)), fmt.Sprint("n", random.IntN(9))
		before := tables[i].version
		changes := true
		switch random.IntN(12) {
		case 0, 1, 2, 3:
			tables[i].set(name, step)
			want[i][name] = step
		case 4, 5, 6:
			_, changes = want[i][name]
			tables[i].remove(name)
			delete(want[i], name)
		case 7:
			tables[i].clear()
			clear(want[i])
		default:
			if len(tables) < 20 {
				fork := tables[i].fork()
				tables, want = append(tables, &fork), append(want, maps.Clone(want[i]))
			}
			changes = false
		}
		if changed := tables[i].version != before; changed != changes {
			t.Fatalf("step %d: another version %v, want %v", step, changed, changes)
		}
		for k := range tables {
			if got := maps.Collect(tables[k].all()); !maps.Equal(got, want[k]) {
				t.Fatalf("step %d, table %d: %v, want %v", step, k, got, want[k])
			}
		}
	}
}
