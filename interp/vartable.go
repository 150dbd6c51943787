package interp

import "iter"

// A varTable holds the variables of a shell. That of a subshell inside the process
// starts empty, on top of the one of the shell that waits for it: nothing is copied
// until it is changed.
type varTable struct {
	own   map[string]*variable
	under *varTable
	depth int
	// recent finds variables of own that were asked for, faster than the map. It
	// is for the shell of the table alone: its subshells may run at the same time.
	recent *[64]recentVariable
}

type recentVariable struct {
	name string
	v    *variable
}

// nameHash is quick, and different for names of one letter.
func nameHash(name string) int {
	n := len(name)
	return 11*n + 5*int(name[0]) + 2*int(name[n-1])
}

func (t *varTable) slot(name string) *recentVariable {
	return &t.recent[nameHash(name)%len(t.recent)]
}

// find returns a variable of own, nil if it has none of that name.
func (t *varTable) find(name string) *variable {
	if t.recent == nil || name == "" {
		return t.own[name]
	}
	slot := t.slot(name)
	if slot.name == name {
		return slot.v
	}
	v := t.own[name]
	if v != nil {
		*slot = recentVariable{name, v}
	}
	return v
}

// deepest is the number of tables in which a name is looked up at most.
const deepest = 6

func newVarTable(size int) *varTable {
	return &varTable{
		own: make(map[string]*variable, size), recent: new([64]recentVariable),
	}
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
	if v := t.find(name); v != nil {
		return *v
	}
	return t.inherited(name)
}

// inherited returns a variable of the tables below. It changes nothing there.
func (t *varTable) inherited(name string) variable {
	for t = t.under; t != nil; t = t.under {
		if v := t.own[name]; v != nil {
			return *v
		}
	}
	return variable{}
}

// edit returns a variable to be changed.
func (t *varTable) edit(name string) *variable {
	v := t.find(name)
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
	if name != "" {
		*t.slot(name) = recentVariable{}
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
