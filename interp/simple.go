package interp

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// simpleCommand runs assignments, redirections and a command (XCU 2.9.1).
func (s *Shell) simpleCommand(c *syntax.CallExpr, redirs []*syntax.Redirect) {
	s.hadSubst = false
	if s.jobControl {
		s.simple = &syntax.Stmt{Cmd: c, Redirs: redirs}
	}
	argv := s.expandCommand(c)
	if s.stopped() {
		return
	}
	trace := s.files.get(2)
	undo, ok := s.redirect(redirs)
	if s.stopped() {
		s.undo(undo)
		return
	}
	if !ok {
		s.undo(undo)
		s.redirectFailed(argv)
		return
	}
	assigns, ok := s.expandAssigns(c.Assigns)
	if !ok {
		s.undo(undo)
		return
	}
	if len(argv) == 0 {
		s.status = 0
		if s.hadSubst {
			s.status = s.substStatus
		}
		if s.assignAll(assigns) {
			s.traceCommand(trace, assigns, argv) // with PS4 as it is now
		}
		s.undo(undo)
		return
	}
	s.traceCommand(trace, assigns, argv)
	s.runCommand(argv, assigns, undo)
}

// redirectFailed gives the status of a command whose redirection failed; for a
// special built-in that ends the shell.
func (s *Shell) redirectFailed(argv []string) {
	s.status = 2
	if len(argv) > 0 && s.host.isSpecial(argv[0]) {
		s.flow, s.failed = flowExit, true
	}
}

// expandCommand expands the words of a command. Operands of export, readonly
// and local that look like assignments are expanded as such.
func (s *Shell) expandCommand(c *syntax.CallExpr) []string {
	if len(c.Args) == 0 {
		return nil
	}
	if b, ok := s.host.builtins[c.Args[0].Lit()]; !ok || !b.assigns {
		return s.expandFields(c.Args)
	}
	argv := []string{c.Args[0].Lit()}
	for i, w := range c.Args[1:] {
		if isAssignment(w) {
			argv = append(argv, s.expandOperand(w))
		} else {
			argv = append(argv, s.expandFields(c.Args[i+1:i+2])...)
		}
		if s.stopped() {
			return nil
		}
	}
	return argv
}

// expandOperand expands a word of the form NAME=value.
func (s *Shell) expandOperand(w *syntax.Word) string {
	lit := *w.Parts[0].(*syntax.Lit)
	name, value, _ := strings.Cut(lit.Value, "=")
	parts := w.Parts[1:]
	if value != "" {
		lit.Value = value
		parts = append([]syntax.WordPart{&lit}, parts...)
	}
	if len(parts) == 0 {
		return name + "="
	}
	return name + "=" + s.expandAssign(&syntax.Word{Parts: parts})
}

// isAssignment reports whether a word starts with NAME=.
func isAssignment(w *syntax.Word) bool {
	lit, ok := w.Parts[0].(*syntax.Lit)
	if !ok {
		return false
	}
	name, _, found := strings.Cut(lit.Value, "=")
	return found && isName(name)
}

// An assignment is NAME=value after expansion.
type assignment struct{ name, value string }

func (s *Shell) expandAssigns(list []*syntax.Assign) (done []assignment, ok bool) {
	for _, a := range list {
		value := s.expandAssign(a.Value)
		if s.stopped() {
			return nil, false
		}
		if s.vars[a.Name.Value].readonly {
			s.fail(2, "%s: is read only", a.Name.Value)
			return nil, false
		}
		done = append(done, assignment{a.Name.Value, value})
		// Later values see earlier ones, also where they are for one command.
		if len(list) > 1 {
			defer s.seeAssign(a.Name.Value, value)()
		}
	}
	return done, true
}

// seeAssign makes an assignment visible until the function that it returns is
// called.
func (s *Shell) seeAssign(name, value string) func() {
	old := s.vars[name]
	v := old
	if !v.readonly {
		v.value, v.set = value, true
		s.store(name, v)
	}
	return func() { s.restore(name, old) }
}

func (s *Shell) assignAll(list []assignment) bool {
	for _, a := range list {
		if !s.set(a.name, a.value) {
			return false
		}
	}
	return true
}

// withAssigns runs fn with exported variables that last as long as fn does.
func (s *Shell) withAssigns(list []assignment, fn func()) {
	saved := make([]variable, len(list))
	for i, a := range list {
		saved[i] = s.vars[a.name]
		if !s.set(a.name, a.value) {
			return
		}
		v := s.vars[a.name]
		v.export = true
		s.store(a.name, v)
	}
	fn()
	for i := len(list) - 1; i >= 0; i-- {
		s.restore(list[i].name, saved[i])
	}
}

// runCommand finds what a name runs (XCU 2.9.1.4) and runs it.
func (s *Shell) runCommand(argv []string, assigns []assignment, undo []undone) {
	name := argv[0]
	if b, ok := s.host.builtins[name]; ok && b.special {
		if s.assignAll(assigns) {
			s.special(b, argv, assigns, undo)
		}
		return
	}
	if f, ok := s.funcs[name]; ok {
		s.withAssigns(assigns, func() { s.call(f, argv[1:]) })
		s.undo(undo)
		return
	}
	if b, ok := s.host.builtins[name]; ok {
		s.withAssigns(assigns, func() { s.status = s.runBuiltin(b, argv, false) })
		if s.keepFiles {
			s.keepFiles = false
			s.keep(undo)
			return
		}
		s.undo(undo)
		return
	}
	s.status = s.runProgram(argv, assigns, foreground)
	s.undo(undo)
}

// special runs a special built-in. exec without a command keeps redirections.
func (s *Shell) special(b builtin, argv []string, assigns []assignment, undo []undone) {
	if b.name == "exec" {
		for _, a := range assigns { // they are for the command
			v := s.vars[a.name]
			v.export = true
			s.store(a.name, v)
		}
	}
	if b.name == "exec" && len(argv) == 1 {
		s.keep(undo)
		s.status = 0
		return
	}
	s.status = s.runBuiltin(b, argv, true)
	s.undo(undo)
}

// runBuiltin runs a built-in. Errors while one runs that is not special, also
// those of commands that it runs, do not end the shell.
func (s *Shell) runBuiltin(b builtin, argv []string, special bool) int {
	context := s.context
	s.context = argv[0]
	status := b.run(s, argv)
	s.context = context
	if !special && s.survive() {
		status = 2
	}
	return status
}

// traceCommand writes the trace of -x to what was standard error before the
// command's own redirections.
func (s *Shell) traceCommand(to *openFile, assigns []assignment, argv []string) {
	if !s.opt(optXtrace) || to == nil || s.tracing {
		return
	}
	var b strings.Builder
	b.WriteString(s.tracePrompt())
	sep := ""
	for _, a := range assigns {
		b.WriteString(sep + a.name + "=" + a.value)
		sep = " "
	}
	for _, arg := range argv {
		b.WriteString(sep + arg)
		sep = " "
	}
	b.WriteByte('\n')
	to.Write([]byte(b.String()))
}

// tracePrompt expands PS4.
func (s *Shell) tracePrompt() string {
	s.tracing = true
	defer func() { s.tracing = false }()
	return s.expandPrompt(s.getOr("PS4", ""))
}

// expandPrompt expands the value of PS1, PS2 or PS4.
func (s *Shell) expandPrompt(value string) string {
	if !strings.ContainsAny(value, "$`\\") {
		return value
	}
	p := syntax.NewParser(syntax.Variant(syntax.LangPOSIX))
	word, err := p.Document(strings.NewReader(value))
	if err != nil {
		return value
	}
	flow, failed, status := s.flow, s.failed, s.status
	text := s.expandPiece(value, word)
	if s.status = status; s.stopped() && flow == flowNone { // an error ends nothing here
		text = value
	}
	s.flow, s.failed = flow, failed
	return text
}
