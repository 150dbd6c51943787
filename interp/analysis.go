package interp

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/parse"
)

// The analyser decides for each body of a subshell whether it runs inside the process of the
// shell, as a goroutine on a copy of the shell's values, or as a process. A body runs inside
// only if the analyser proves that nobody can tell the difference:
//
//   - Every command is a built-in utility that touches nothing of a process, a native
//     command, a program, or a function whose body passes the same test.
//   - A command name, the text of eval, the file of dot and the action of a trap are literal.
//     They may also be made of variables that have their values already and that nothing in the
//     body changes. The analyser expands these and analyses the result.
//   - A file for dot is read and analysed. No command before it may have written the file.
//
// Every other body is a process. The analyser looks at a command when the command is about to
// run: variables have their values then, functions are defined, and files exist. The table of
// built-in utilities says what each utility touches; analysis_rules.go has the rules for that.

// A bodyKind is the kind of a body.
type bodyKind uint8

const (
	aBody   bodyKind = iota // the body of a subshell
	aStage                  // a stage of a pipeline: the other stages may write files meanwhile
	aScript                 // the script of another shell, for which $$ has another value
)

// An analysis examines a body against the state of a shell.
type analysis struct {
	s    *Shell
	need need
	kind bodyKind
	// signals says that the body may end the shell by a signal, which must not end other
	// subshells.
	signals bool
	seen    map[any]bool       // functions and definitions that were analysed
	reached map[*function]bool // functions that subshells of the body reach
	called  map[string]bool
	defined map[string][]definition // functions that the body defines
	texts   int                     // the number of texts and files that were analysed
	hidden  []hiddenCommand
	assigns map[string]bool
	any     bool // the body may assign to variables that are not in assigns
	// seesValues says that the verdict depends on values of variables.
	seesValues bool
	params     bool // the body changes the positional parameters
	// used holds the variables on which a decision depends: nothing may change them. using
	// holds those of the command that is being uncovered; keep moves them to used.
	used, using map[string]bool
}

// maxTexts bounds the number of texts and files that are analysed for one body. A file may read
// itself by dot.
const maxTexts = 10

// needOf returns the need of a subshell with that body.
func (s *Shell) needOf(body syntax.Node) need { return s.analyse(body, s.src, aBody).need }

// isHarmless reports whether the commands of another shell's script may run inside the process
// of this one.
func (s *Shell) isHarmless(list []*syntax.Stmt, src *origin) bool {
	a := &analysis{s: s, kind: aScript}
	for _, st := range list {
		a.add(s.process.findIn(st, src), src, false)
	}
	return a.finish().need == needNothing
}

// A definition is a function that the body itself defines.
type definition struct {
	decl *syntax.FuncDecl
	src  *origin
}

// analyse analyses the body of a subshell or stage, and everything that it calls.
func (s *Shell) analyse(body syntax.Node, src *origin, kind bodyKind) *analysis {
	f := s.process.findIn(body, src)
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

// A verdict is the need of a body, where the need depends only on the text of the body and on
// the functions that are defined.
type verdict struct {
	funcs *int // the version of the table of functions
	need  need
}

// finish analyses the hidden commands.
func (a *analysis) finish() *analysis {
	for len(a.hidden) > 0 && a.need < needProcess {
		h := a.hidden[0]
		a.hidden = a.hidden[1:]
		a.uncover(h)
	}
	return a
}

// isSettled reports whether the finding alone decides: it has no hidden command and calls no
// function.
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

// add merges the finding of a text, and the findings of the functions that it calls.
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

// mustNot asks for a process if the condition holds.
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

// call merges the findings of the functions of a name: the function that the shell has, and
// those that the body defines.
func (a *analysis) call(name string) {
	note(&a.called, name)
	if f, ok := a.s.funcs.get(name); ok && a.isNew(f) {
		body, src := f.parsed()
		a.add(a.s.process.findIn(body, src), src, true)
	}
	for _, d := range a.defined[name] {
		if a.isNew(d.decl) {
			a.add(a.s.process.findIn(d.decl.Body, d.src), d.src, true)
		}
	}
}

// reachSignals reports whether a function sends signals, or a function that it calls does. A
// subshell of the body calls it.
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
	f := a.s.process.findIn(body, src)
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

// uncover expands the words of a hidden command and analyses the command that results.
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
	if h.late || h.inFunc { // the command may run again
		a.keep()
	}
	defer a.keep()
	for len(fields) > 1 && fields[0] == "command" && !isOption(fields[1]) {
		fields = fields[1:]
	}
	b := a.s.process.builtins.get(fields[0])
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

// keep marks the variables that were used last: nothing may change them.
func (a *analysis) keep() {
	for name := range a.using {
		note(&a.used, name)
	}
}

// fields analyses a command by the fields to which its words expand.
func (a *analysis) fields(fields []string, inFunc bool) {
	f := &finder{process: a.s.process}
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

// text analyses a text of commands, parsed as the shell will parse it.
func (a *analysis) text(text string, inFunc bool) {
	if a.texts++; a.texts > maxTexts {
		a.need = needProcess
		return
	}
	list, src, err := parse.All(text, a.s.grammar())
	if err != nil { // a syntax error ends the subshell: nothing behind it runs
		a.need = needProcess
		return
	}
	a.add(a.s.process.findIn(&syntax.File{Stmts: list}, nil), originOf(src), inFunc)
}

// file analyses the file that dot reads.
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

// expand expands the words of a hidden command. It reports false where the expansion has an
// effect, or may give another result when the command runs.
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

// isSteady reports whether the expansion of parts of a word has no effect, and gives the same
// result now and when the body runs.
func (a *analysis) isSteady(parts []syntax.WordPart, inFunc, quoted bool) bool {
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			if !quoted && isPattern(p.Value) { // the files that match may change
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

// mayNameOwnEntry reports whether a file name with expansions may name an entry in /proc of the
// process that opens it. It examines the literal parts and the values that variables have now.
// A name that the body itself assigns to a variable passes.
func (s *Shell) mayNameOwnEntry(parts []syntax.WordPart) bool {
	for _, part := range parts {
		text := ""
		switch p := part.(type) {
		case *syntax.Lit:
			text = p.Value
		case *syntax.SglQuoted:
			text = parse.SingleQuoted(p)
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

// reachable returns the names of the functions that commands or their subshells may call or
// look up. nil stands for all functions.
func (s *Shell) reachable(list []*syntax.Stmt) map[string]bool {
	if s.funcs.len() == 0 || s.opt(optXtrace) || s.hasActions() {
		return nil
	}
	r := reacher{s: s, names: map[string]bool{}}
	for _, st := range list {
		if !r.take(s.process.findIn(st, s.src)) {
			return nil
		}
	}
	return r.names
}

// hasActions reports whether a trap has an action, which may call functions.
func (s *Shell) hasActions() bool {
	for _, action := range s.traps {
		if action != "" {
			return true
		}
	}
	return false
}

// A reacher collects the names of functions that commands may reach.
type reacher struct {
	s     *Shell
	names map[string]bool
}

// take collects the names of a finding. It reports false where that may be any function.
func (r *reacher) take(f *finding) bool {
	if f.reachesAll {
		return false
	}
	for _, d := range f.defs {
		if !r.take(r.s.process.findIn(d.Body, nil)) {
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
			if !r.take(r.s.process.findIn(body, src)) {
				return false
			}
		}
	}
	return true
}

// peekDot returns the text of a file for dot. It reports false for a file that may not be
// readable twice, such as a pipe.
func (s *Shell) peekDot(name string) (text string, ok bool) {
	if name, ok = s.findDot(name); !ok {
		return "", false
	}
	if text, ok := s.process.script(s.absolute(name)); ok {
		return text, true
	}
	if !isRegular(s.dir, name) {
		return "", false
	}
	text, err := readAll(s.dir, name)
	return text, err == nil
}
