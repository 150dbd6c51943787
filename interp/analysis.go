package interp

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/parse"
)

// The analyser decides what runs inside the process of a shell, as a goroutine on a
// copy of its values, and what gets a process. Inside runs only what is proven to do
// nothing that another process could tell from a process of its own:
//
//   - every command is a built-in utility that touches nothing which only a process
//     has, a native command, a program, or a function of which the same is true;
//   - a command name, the text of eval, the file of dot and the action of a trap are
//     literal, or made of variables that have their values and that nothing in the body
//     changes: these are expanded, and what comes out is looked at in the same way;
//   - a file for dot is read and looked at, and nothing before may have written it.
//
// Everything else is a process. Commands are looked at when they are about to run: by
// then, variables have values, functions are defined and files are there. What a
// built-in utility touches is in its row of the table, the rules for that in rules.go.

// A bodyKind says what a body is of.
type bodyKind uint8

const (
	aBody   bodyKind = iota // of a subshell
	aStage                  // of a pipeline: others write files meanwhile
	aScript                 // of a shell of its own, which has another $$
)

// An analysis looks at a body with the state of a shell.
type analysis struct {
	s    *Shell
	need need
	kind bodyKind
	// signals: it may end the shell, and other subshells are to go on then.
	signals bool
	seen    map[any]bool       // functions and definitions
	reached map[*function]bool // by its subshells
	called  map[string]bool
	defined map[string][]definition // by the body
	texts   int                     // and files that were looked at
	hidden  []hiddenCommand
	assigns map[string]bool
	any     bool // assigns is not all
	// seesValues: the values of variables count.
	seesValues bool
	params     bool // the positional parameters change
	// used are variables by which something was decided: nothing may change them. Those
	// of the command that is being uncovered become so when it has been.
	used, using map[string]bool
}

// maxTexts bounds how many texts and files are looked at for one body: a file may read
// itself.
const maxTexts = 10

// needOf says what a subshell with that body must have of its own.
func (s *Shell) needOf(body syntax.Node) need { return s.analyse(body, s.src, aBody).need }

// isHarmless reports whether commands of a shell that runs inside the process of
// another may run there.
func (s *Shell) isHarmless(list []*syntax.Stmt, src *origin) bool {
	a := &analysis{s: s, kind: aScript}
	for _, st := range list {
		a.add(s.host.findIn(st, src), src, false)
	}
	return a.finish().need == needNothing
}

// A definition is a function that the body itself defines.
type definition struct {
	decl *syntax.FuncDecl
	src  *origin
}

// analyse looks at the body of a subshell or stage, and whatever it calls.
func (s *Shell) analyse(body syntax.Node, src *origin, kind bodyKind) *analysis {
	f := s.host.findIn(body, src)
	a := &analysis{s: s, kind: kind, need: f.need, signals: f.signals}
	a.mustNot(f.signals)
	if s.isSettled(f) {
		return a
	}
	keeps := kind == aBody && src != nil
	if keeps {
		if v, ok := src.verdicts.get(body); ok && v.funcs == s.funcs.version {
			a.need = v.need
			return a
		}
	}
	a.add(f, src, false)
	if keeps && len(a.hidden) == 0 && !a.seesValues {
		src.verdicts.put(body, verdict{s.funcs.version, a.need})
	}
	return a.finish()
}

// A verdict is what a body needs that depends on nothing but its text and the functions
// that there are.
type verdict struct {
	funcs *int // the version of their table
	need  need
}

// finish looks at what was found hidden.
func (a *analysis) finish() *analysis {
	for len(a.hidden) > 0 && a.need < needProcess {
		h := a.hidden[0]
		a.hidden = a.hidden[1:]
		a.uncover(h)
	}
	return a
}

// isSettled reports whether a finding is all that there is to say.
func (s *Shell) isSettled(f *finding) bool {
	if len(f.hidden) > 0 || len(f.files) > 0 || len(f.defs) > 0 {
		return false
	}
	if s.funcs.len() == 0 {
		return true
	}
	for _, names := range [...][]string{f.calls, f.reach} {
		for _, name := range names {
			if s.funcs.has(name) {
				return false
			}
		}
	}
	return true
}

// add takes a finding for a text, and those of the functions that it calls.
func (a *analysis) add(f *finding, src *origin, inFunc bool) {
	a.need = max(a.need, f.need)
	a.signals = a.signals || f.signals || slices.ContainsFunc(f.reach, a.reachSignals)
	a.mustNot(a.signals)
	if a.kind == aScript && f.isSelf {
		a.need = needProcess
	}
	if f.assignsAny {
		a.any = true
		a.mustNot(len(a.used) > 0)
	}
	a.params = a.params || f.setsParams && !inFunc
	for name := range f.assigns {
		note(&a.assigns, name)
		a.mustNot(a.used[name])
	}
	for _, h := range f.hidden {
		h.inFunc = h.inFunc || inFunc
		h.late = h.late || inFunc || a.kind == aStage
		a.hidden = append(a.hidden, h)
	}
	a.seesValues = a.seesValues || len(f.files) > 0
	for _, w := range f.files {
		if a.s.mayNameOwnEntry(w.Parts) {
			a.need = needProcess
		}
	}
	for _, d := range f.defs {
		a.define(definition{d, src})
	}
	for _, name := range f.calls {
		a.call(name)
	}
}

// mustNot asks for a process where something is so.
func (a *analysis) mustNot(is bool) {
	if is {
		a.need = needProcess
	}
}

func note(set *map[string]bool, name string) {
	if *set == nil {
		*set = map[string]bool{}
	}
	(*set)[name] = true
}

// call takes the finding of a function: the one that the shell has of that name, and
// any that the body defines.
func (a *analysis) call(name string) {
	note(&a.called, name)
	if f, ok := a.s.funcs.get(name); ok && a.isNew(f) {
		body, src := f.parsed()
		a.add(a.s.host.findIn(body, src), src, true)
	}
	for _, d := range a.defined[name] {
		if a.isNew(d.decl) {
			a.add(a.s.host.findIn(d.decl.Body, d.src), d.src, true)
		}
	}
}

// reachSignals reports whether a function that a subshell of the body calls sends
// signals, or one that it calls in turn.
func (a *analysis) reachSignals(name string) bool {
	fn, ok := a.s.funcs.get(name)
	if !ok || a.reached[fn] {
		return false
	}
	if a.reached == nil {
		a.reached = map[*function]bool{}
	}
	a.reached[fn] = true
	body, src := fn.parsed()
	f := a.s.host.findIn(body, src)
	return f.signals || slices.ContainsFunc(f.calls, a.reachSignals) ||
		slices.ContainsFunc(f.reach, a.reachSignals)
}

func (a *analysis) isNew(function any) bool {
	if a.seen[function] {
		return false
	}
	if a.seen == nil {
		a.seen = map[any]bool{}
	}
	a.seen[function] = true
	return true
}

func (a *analysis) define(d definition) {
	name := d.decl.Name.Value
	if a.defined == nil {
		a.defined = map[string][]definition{}
	}
	a.defined[name] = append(a.defined[name], d)
	if a.called[name] {
		a.call(name)
	}
}

// uncover expands the words of a command that has to be, and looks at what it does
// then.
func (a *analysis) uncover(h hiddenCommand) {
	a.using = nil
	fields, ok := a.expand(h)
	for name := range a.using {
		ok = ok && !a.any && !a.assigns[name]
	}
	if !ok || len(fields) == 0 {
		a.need = needProcess
		return
	}
	if h.late || h.inFunc { // it may be run again
		a.keep()
	}
	defer a.keep()
	for len(fields) > 1 && fields[0] == "command" && !isOption(fields[1]) {
		fields = fields[1:]
	}
	b := a.s.host.builtins.get(fields[0])
	switch {
	case b != nil && b.touches == runsText:
		a.text(strings.Join(fields[1:], " "), h.inFunc)
	case b != nil && b.touches == runsFile:
		a.file(fields[1:], h)
	case b != nil && b.touches == touchesTraps:
		a.text(trapAction(fields[1:]), h.inFunc)
	default:
		a.fields(fields, h.inFunc)
	}
}

// keep makes the variables that were used last such that nothing may change.
func (a *analysis) keep() {
	for name := range a.using {
		note(&a.used, name)
	}
}

// fields looks at a command by the fields that its words have become.
func (a *analysis) fields(fields []string, inFunc bool) {
	f := &finder{host: a.s.host}
	if !f.known(literals(fields...)) { // such as command eval
		f.asks(needProcess)
	}
	a.add(&f.finding, nil, inFunc)
}

func trapAction(args []string) string {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// text looks at a text of commands, read as the shell will.
func (a *analysis) text(text string, inFunc bool) {
	if a.texts++; a.texts > maxTexts {
		a.need = needProcess
		return
	}
	list, src, err := parse.All(text, a.s.grammar())
	if err != nil { // an error ends the subshell: nothing behind it is run
		a.need = needProcess
		return
	}
	a.add(a.s.host.findIn(&syntax.File{Stmts: list}, nil), originOf(src), inFunc)
}

// file looks at a file that dot reads.
func (a *analysis) file(operands []string, h hiddenCommand) {
	if len(operands) == 0 || h.late {
		a.need = needProcess
		return
	}
	note(&a.using, "PATH")
	a.mustNot(a.any || a.assigns["PATH"])
	text, ok := a.s.peekDot(operands[0])
	if !ok {
		a.need = needProcess
		return
	}
	a.text(text, h.inFunc)
}

// expand expands the words of a hidden command, if that does nothing and gives the
// same when it is run.
func (a *analysis) expand(h hiddenCommand) (fields []string, ok bool) {
	for _, w := range h.words {
		if !a.isSteady(w.Parts, h.inFunc, false) {
			return nil, false
		}
	}
	for _, name := range [...]string{"IFS", "HOME"} {
		note(&a.using, name)
	}
	sub := a.s.sub()
	defer sub.abandon()
	sub.quiet = true
	fields = sub.expandFields(h.words)
	return fields, !sub.stopped()
}

func isPattern(text string) bool { return strings.ContainsAny(text, "*?[") }

// isSteady reports whether expanding parts of a word does nothing, and gives now what
// it will give when the body runs.
func (a *analysis) isSteady(parts []syntax.WordPart, inFunc, quoted bool) bool {
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			if !quoted && isPattern(p.Value) { // which files there are may change
				return false
			}
		case *syntax.SglQuoted:
		case *syntax.DblQuoted:
			if !a.isSteady(p.Parts, inFunc, true) {
				return false
			}
		case *syntax.ParamExp:
			if !a.isSteadyParameter(p, inFunc, quoted) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func (a *analysis) isSteadyParameter(p *syntax.ParamExp, inFunc, quoted bool) bool {
	if p.Param == nil {
		return false
	}
	if value, _ := a.s.param(p.Param.Value); !quoted && isPattern(value) {
		return false
	}
	if c := p.Param.Value; !quoted && (c == "@" || c == "*") &&
		slices.ContainsFunc(a.s.params, isPattern) {
		return false
	}
	switch name := p.Param.Value; {
	case name == "LINENO":
		return false
	case parse.IsName(name):
		note(&a.using, name)
	case name == "?" || name == "!" || name == "-" || name == "$":
		return false
	case inFunc || a.params: // $1, $@, $#
		return false
	}
	if p.Exp == nil {
		return true
	}
	switch p.Exp.Op {
	case syntax.AssignUnset, syntax.AssignUnsetOrNull, syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		return false
	}
	return p.Exp.Word == nil || a.isSteady(p.Exp.Word.Parts, inFunc, quoted)
}

// mayNameOwnEntry reports whether a file name with expansions is of an entry in /proc
// for the process that looks: the values that variables have now, and the literal parts
// are looked at. A name that the body makes for itself passes.
func (s *Shell) mayNameOwnEntry(parts []syntax.WordPart) bool {
	for _, part := range parts {
		text := ""
		switch p := part.(type) {
		case *syntax.Lit:
			text = p.Value
		case *syntax.SglQuoted:
			text = p.Value
		case *syntax.DblQuoted:
			if s.mayNameOwnEntry(p.Parts) {
				return true
			}
		case *syntax.ParamExp:
			if p.Param != nil {
				text, _ = s.param(p.Param.Value)
			}
		}
		if strings.Contains(text, "/proc/self") || strings.Contains(text, "/proc/thread-self") {
			return !strings.Contains(text, "/fd") && isOwnEntry(text+"/")
		}
	}
	return false
}

// reachable are the names of the functions that commands may call or look at, in their
// subshells too; nil for all.
func (s *Shell) reachable(st *syntax.Stmt) map[string]bool {
	if s.funcs.len() == 0 || s.opt(optXtrace) || s.hasActions() {
		return nil
	}
	r := reacher{s: s, names: map[string]bool{}}
	for _, st := range listOf(st) {
		if !r.take(s.host.findIn(st, s.src)) {
			return nil
		}
	}
	return r.names
}

// hasActions reports whether there is a trap, whose action may call functions.
func (s *Shell) hasActions() bool {
	for _, action := range s.traps {
		if action != "" {
			return true
		}
	}
	return false
}

// A reacher collects the names of functions.
type reacher struct {
	s     *Shell
	names map[string]bool
}

// take collects those of a finding; false: it may be any.
func (r *reacher) take(f *finding) bool {
	if f.reachesAll {
		return false
	}
	for _, d := range f.defs {
		if !r.take(r.s.host.findIn(d.Body, nil)) {
			return false
		}
	}
	for _, names := range [...][]string{f.calls, f.reach, f.asked} {
		for _, name := range names {
			fn, ok := r.s.funcs.get(name)
			if !ok || r.names[name] {
				continue
			}
			r.names[name] = true
			body, src := fn.parsed()
			if !r.take(r.s.host.findIn(body, src)) {
				return false
			}
		}
	}
	return true
}

// peekDot is the text of a file for dot, if that can be read again.
func (s *Shell) peekDot(name string) (text string, ok bool) {
	if !strings.Contains(name, "/") {
		if name, ok = s.findDot(name); !ok {
			return "", false
		}
	}
	if text, ok := s.host.script(s.absolute(name)); ok {
		return text, true
	}
	if !isRegular(s.dir, name) {
		return "", false
	}
	text, err := readAll(s.dir, name)
	return text, err == nil
}
