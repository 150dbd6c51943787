package interp

import "iter"

// A varTable holds the variables of a shell. That of a subshell inside the process
// starts empty, on top of the one of the shell that waits for it: nothing is copied
// until it is changed.
type varTable struct {
	own   map[string]*variable
	under *varTable
	depth int
}

// deepest is the number of tables in which a name is looked up at most.
const deepest = 6

func newVarTable(size int) *varTable {
	return &varTable{own: make(map[string]*variable, size)}
}

// fork returns the table for a subshell. This one must not change meanwhile.
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

// get returns a variable; one that is not there has no marks and is not set.
func (t *varTable) get(name string) variable {
	for ; t != nil; t = t.under {
		if v := t.own[name]; v != nil {
			return *v
		}
	}
	return variable{}
}

// edit returns a variable to be changed.
func (t *varTable) edit(name string) *variable {
	v := t.own[name]
	if v == nil {
		v = new(variable)
		if t.under != nil {
			*v = t.under.get(name)
		}
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

// all yields the variables, in no order.
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

// hides reports whether a table on top of another one has the name.
func (t *varTable) hides(other *varTable, name string) bool {
	for ; t != other; t = t.under {
		if t.own[name] != nil {
			return true
		}
	}
	return false
}
