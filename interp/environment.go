package interp

import (
	"slices"
	"strings"

	"overlayboot/interp/handover"
	"overlayboot/interp/text"
)

// An environment is what commands of a shell know by name, and the shell's options.
type environment struct {
	name    string   // $0
	params  []string // positional parameters
	vars    *varTable
	exports *exportList
	locals  []scope // one for each function being run
	funcs   table[*function]
	aliases table[string]
	hash    table[string] // command name to path
	getopts text.GetoptsState
	opts    options

	ifsBytes *separators // of IFS, once they were wanted
}

// fork returns the environment of a subshell.
func (e *environment) fork() environment {
	c := *e
	c.vars = e.vars.fork()
	c.params, c.locals = slices.Clone(e.params), slices.Clone(e.locals)
	c.funcs, c.aliases, c.hash = e.funcs.fork(), e.aliases.fork(), e.hash.fork()
	return c
}

// encode writes the environment for another process. Of the functions it writes those
// that reach has, or all where reach is nil. A function being run is written as no more
// than that there is one: what its local variables hide, no subshell gets back.
func (e *environment) encode(w *handover.Writer, reach map[string]bool) {
	w.Text(e.name)
	w.Texts(e.params)
	w.Number(int(e.opts))
	w.Number(e.getopts.Index)
	w.Number(e.getopts.Offset)
	w.Flag(len(e.locals) > 0)
	e.encodeVars(w)
	e.encodeFuncs(w, reach)
	encodeTable(w, &e.aliases)
	encodeTable(w, &e.hash)
}

func (e *environment) decode(r *handover.Reader) {
	e.name, e.params = r.Text(), r.Texts()
	e.opts = options(r.Number())
	e.getopts = text.GetoptsState{Index: r.Number(), Offset: r.Number()}
	if r.Flag() {
		e.locals = []scope{{}}
	}
	e.exports, e.ifsBytes = new(exportList), nil
	e.decodeVars(r)
	e.decodeFuncs(r)
	decodeTable(r, &e.aliases)
	decodeTable(r, &e.hash)
}

func (e *environment) encodeVars(w *handover.Writer) {
	count := 0
	for range e.vars.all() {
		count++
	}
	w.Number(count)
	for name, v := range e.vars.all() {
		w.Text(name)
		w.Text(v.value)
		w.Text(v.marks())
	}
}

func (e *environment) decodeVars(r *handover.Reader) {
	n := r.Count()
	e.vars = newVarTable(n)
	for ; n > 0; n-- {
		name, value, marks := r.Text(), r.Text(), r.Text()
		*e.vars.edit(name) = markedVariable(value, marks)
	}
}

// markedVariable is the variable whose marks are these.
func markedVariable(value, marks string) variable {
	return variable{value, strings.Contains(marks, "s"), strings.Contains(marks, "x"),
		strings.Contains(marks, "r")}
}

// marks are what a variable is beside its value.
func (v variable) marks() string {
	marks := ""
	for _, m := range [...]struct {
		on   bool
		mark string
	}{{v.set, "s"}, {v.export, "x"}, {v.readonly, "r"}} {
		if m.on {
			marks += m.mark
		}
	}
	return marks
}

func (e *environment) encodeFuncs(w *handover.Writer, reach map[string]bool) {
	names := make([]string, 0, len(reach))
	for name := range e.funcs.all() {
		if reach == nil || reach[name] {
			names = append(names, name)
		}
	}
	w.Number(len(names))
	for _, name := range names {
		f, _ := e.funcs.get(name)
		f.encode(w)
		w.Text(name)
	}
}

func (e *environment) decodeFuncs(r *handover.Reader) {
	e.funcs.clear()
	for n := r.Count(); n > 0; n-- {
		f := decodeFunction(r)
		e.funcs.set(r.Text(), f)
	}
}

func encodeTable(w *handover.Writer, t *table[string]) {
	w.Number(t.len())
	for name, value := range t.all() {
		w.Text(name)
		w.Text(value)
	}
}

func decodeTable(r *handover.Reader, t *table[string]) {
	t.clear()
	for n := r.Count(); n > 0; n-- {
		name := r.Text()
		t.set(name, r.Text())
	}
}
