package interp

import "iter"

// A varTable holds the variables of a shell. The table of a subshell inside the process starts
// empty, on top of the table of the waiting shell. A variable is copied when it changes.
type varTable struct {
	own   map[string]*variable
	under *varTable
	depth int
}

// deepest limits the number of tables on top of each other, and so the cost of a lookup.
const deepest = 6

func newVarTable(size int) *varTable {
	return &varTable{own: make(map[string]*variable, size)}
}

// fork returns the table for a subshell. t must not change while the subshell runs.
func (t *varTable) fork() *varTable {
	if t.depth < deepest {
		return &varTable{under: t, depth: t.depth + 1}
	}
	c := newVarTable(0)
	for name, v := range t.all() {
		*c.edit(name) = v
	}
	return c
}

// get returns a variable. A missing variable is unset and has no marks.
func (t *varTable) get(name string) variable {
	if v := t.own[name]; v != nil {
		return *v
	}
	return t.inherited(name)
}

// inherited returns a variable of the tables below, without changing them.
func (t *varTable) inherited(name string) variable {
	for t = t.under; t != nil; t = t.under {
		if v := t.own[name]; v != nil {
			return *v
		}
	}
	return variable{}
}

// edit returns a variable for a change.
func (t *varTable) edit(name string) *variable {
	v := t.own[name]
	if v == nil {
		inherited := t.inherited(name)
		v = &inherited
		if t.own == nil {
			t.own = map[string]*variable{}
		}
		t.own[name] = v
	}
	return v
}

func (t *varTable) remove(name string) {
	if t.under != nil {
		*t.edit(name) = variable{}
		return
	}
	delete(t.own, name)
}

// all yields the variables in no particular order.
func (t *varTable) all() iter.Seq2[string, variable] {
	return func(yield func(string, variable) bool) {
		for at := t; at != nil; at = at.under {
			for name, v := range at.own {
				if *v == (variable{}) || t.hides(at, name) {
					continue
				}
				if !yield(name, *v) {
					return
				}
			}
		}
	}
}

// hides reports whether a table on top of other has the name.
func (t *varTable) hides(other *varTable, name string) bool {
	for ; t != other; t = t.under {
		if t.own[name] != nil {
			return true
		}
	}
	return false
}
