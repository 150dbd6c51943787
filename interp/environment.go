package interp

import (
	"slices"
	"strings"

	"overlayboot/builtins/base/handover"
	"overlayboot/interp/utility"
)

// An environment holds the names that commands of a shell see, and the shell's options.
type environment struct {
	name    string   // $0
	params  []string // positional parameters
	vars    *varTable
	exports *exportList
	locals  []scope // one for each running function
	funcs   table[*function]
	aliases table[string]
	hash    table[string] // command name to path
	getopts utility.GetoptsState
	opts    options

	ifsBytes *separators // the bytes of IFS, computed on first use
}

// fork returns the environment of a subshell.
func (e *environment) fork() environment {
	c := *e
	c.vars = e.vars.fork()
	c.params, c.locals = slices.Clone(e.params), slices.Clone(e.locals)
	c.funcs, c.aliases, c.hash = e.funcs.fork(), e.aliases.fork(), e.hash.fork()
	return c
}

// encode writes the environment for another process. It writes the functions in reach, or all
// functions if reach is nil. Of running functions it only writes that there are some: no
// subshell restores the variables that their local variables hide.
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
	e.getopts = utility.GetoptsState{Index: r.Number(), Offset: r.Number()}
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

// markedVariable returns a variable with the given marks.
func markedVariable(value, marks string) variable {
	return variable{value, strings.Contains(marks, "s"), strings.Contains(marks, "x"),
		strings.Contains(marks, "r")}
}

// marks returns the attributes of a variable as letters.
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
