package interp

import (
	"iter"
	"maps"
)

// A table maps names to values. Subshells share it until one of them changes it, so that a
// shell with thousands of functions makes subshells as fast as a shell without functions.
type table[V any] struct {
	entries map[string]V
	shared  bool // another table has the same map: copy before a change
	// version is a new pointer after each change. Tables with the same entries share it.
	version *int
}

// fork returns the table for a subshell.
func (t *table[V]) fork() table[V] {
	t.shared = true
	return *t
}

func (t *table[V]) get(name string) (v V, ok bool) {
	v, ok = t.entries[name]
	return v, ok
}

func (t *table[V]) has(name string) bool {
	_, ok := t.entries[name]
	return ok
}

func (t *table[V]) len() int { return len(t.entries) }

func (t *table[V]) all() iter.Seq2[string, V] { return maps.All(t.entries) }

// own prepares the map for a change, and copies it if it is shared.
func (t *table[V]) own() {
	t.version = new(int)
	if t.shared || t.entries == nil {
		entries := make(map[string]V, len(t.entries)+1)
		maps.Copy(entries, t.entries)
		t.entries, t.shared = entries, false
	}
}

func (t *table[V]) set(name string, v V) {
	t.own()
	t.entries[name] = v
}

func (t *table[V]) remove(name string) {
	if t.has(name) {
		t.own()
		delete(t.entries, name)
	}
}

func (t *table[V]) clear() { *t = table[V]{version: new(int)} }
