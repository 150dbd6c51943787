package interp

import (
	"errors"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/parse"
)

// simpleCommand runs assignments, redirections and a command (XCU 2.9.1).
func (s *Shell) simpleCommand(c *syntax.CallExpr, redirs []*syntax.Redirect) {
	s.running, s.hadSubst = c, false
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
	if len(argv) == 0 {
		s.assignOnly(c.Assigns, trace)
		s.undo(undo)
		return
	}
	scopes := len(s.locals)
	assigns, ok := s.placeAssigns(c.Assigns, argv)
	if ok {
		s.traceCommand(trace, assigns, argv)
		if len(redirs) > 0 {
			s.redirected = append(s.redirected, undo)
			s.runCommand(argv, undo)
			s.redirected = s.redirected[:len(s.redirected)-1]
		} else {
			s.runCommand(argv, undo)
		}
	} else {
		s.undo(undo)
	}
	s.popScopes(scopes)
}

// assignOnly runs a command without a name. Each value sees the assignments before it.
func (s *Shell) assignOnly(list []*syntax.Assign, trace *openFile) {
	var traced []assignment
	for _, a := range list {
		value := s.expandAssign(a.Value)
		if s.stopped() || !s.set(a.Name.Value, value) {
			return
		}
		if s.opt(optXtrace) {
			traced = append(traced, assignment{a.Name.Value, value})
		}
	}
	s.status = 0
	if s.hadSubst {
		s.status = s.substStatus
	}
	s.traceCommand(trace, traced, nil) // PS4 sees the assignments
}

// redirectFailed sets the status of a command whose redirection failed. It ends the shell for a
// special built-in.
func (s *Shell) redirectFailed(argv []string) {
	s.status = 2
	if len(argv) > 0 && s.process.isSpecial(argv[0]) {
		s.flow, s.failed = flowExit, true
	}
}

// expandCommand expands the words of a command. Operands of export, readonly and local that
// look like assignments are expanded as assignments. The name of the command may be known only
// after the expansion of the first words.
func (s *Shell) expandCommand(c *syntax.CallExpr) []string {
	if len(c.Args) < 2 {
		return s.expandFields(c.Args)
	}
	b := s.newFields(len(c.Args))
	assigns, known := false, false
	for _, w := range c.Args {
		if assigns && parse.IsAssignment(w) {
			b.fields = append(b.fields, s.expandOperand(w))
		} else {
			b.word(w)
		}
		if s.stopped() {
			return nil
		}
		if !known {
			assigns, known = s.takesAssignments(b.fields)
		}
	}
	return b.fields
}

// takesAssignments reports whether the operands of a command are expanded as assignments, and
// whether its words so far decide that.
func (s *Shell) takesAssignments(argv []string) (takes, known bool) {
	if len(argv) > 0 && argv[0] == "command" && s.funcs.has("command") {
		return false, true
	}
	for len(argv) > 0 {
		b := s.process.builtins.get(argv[0])
		switch {
		case b == nil:
			return false, true
		case b.assigns:
			return b.special || !s.funcs.has(b.name), true
		case b.name != "command":
			return false, true
		}
		argv = afterCommandOptions(argv[1:])
	}
	return false, false
}

// afterCommandOptions drops the options with which `command` runs a command.
func afterCommandOptions(args []string) []string {
	for len(args) > 0 && len(args[0]) > 1 && strings.Trim(args[0][1:], "p") == "" &&
		args[0][0] == '-' {
		args = args[1:]
	}
	return afterDashes(args)
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

// An assignment is NAME=value after expansion.
type assignment struct{ name, value string }

// placeAssigns makes the assignments before the command argv in order: each value, and each
// command in it, sees the assignments before it (XCU 2.9.1). Assignments before a special
// built-in stay. All others are exported, in a scope of the command. Those before exec with a
// command are exported too.
func (s *Shell) placeAssigns(list []*syntax.Assign, argv []string) (done []assignment, ok bool) {
	special := s.process.isSpecial(argv[0])
	if !special && len(list) > 0 {
		s.locals = append(s.locals, scope{})
	}
	export := !special || argv[0] == "exec" && len(argv) > 1
	for _, a := range list {
		name, value := a.Name.Value, s.expandAssign(a.Value)
		if s.stopped() {
			return nil, false
		}
		if !special {
			s.local(name)
		}
		if !s.set(name, value) {
			return nil, false
		}
		if v := s.vars.get(name); export && !v.export {
			v.export = true
			s.store(name, v)
		}
		done = append(done, assignment{name, value})
	}
	return done, true
}

// runCommand finds the meaning of a command name (XCU 2.9.1.4) and runs it.
func (s *Shell) runCommand(argv []string, undo []undone) {
	if s.process.Timing != nil {
		defer s.timed(argv)()
	}
	b := s.process.builtins.get(argv[0])
	if b != nil && b.special {
		s.special(b, argv, undo)
		return
	}
	f, _ := s.funcs.get(argv[0])
	in := searchPath{}
	if f == nil && (b == nil || b.name == "command") {
		argv, in = skipCommand(argv, s.searchPath())
		b = s.process.builtins.get(argv[0])
	}
	if f == nil && b == nil {
		s.errand.allowed = true
		s.status = s.runProgramIn(in, argv, foreground)
		s.errand = errand{}
	} else {
		s.runInside(f, b, argv)
	}
	if f == nil && b != nil && b.name == "exec" && len(argv) == 1 {
		s.keep(undo)
		return
	}
	s.undo(undo)
}

// runInside runs a function or, if that is nil, a built-in.
func (s *Shell) runInside(f *function, b *builtin, argv []string) {
	if f != nil {
		s.call(f, argv[1:])
		return
	}
	s.status = s.runBuiltin(b, argv, false)
}

// skipCommand drops the words "command [-p]" in front of a command, and returns the PATH for
// its search. With other options, such as -v, `command` itself stays.
func skipCommand(argv []string, in searchPath) ([]string, searchPath) {
	for argv[0] == "command" {
		i := 1
		for ; i < len(argv) && isOptionP(argv[i]); i++ {
			in = searchPath{defaultPath, true}
		}
		if i < len(argv) && argv[i] == "--" {
			i++
		} else if i < len(argv) && len(argv[i]) > 1 && argv[i][0] == '-' {
			break
		}
		if i == len(argv) {
			break
		}
		argv = argv[i:]
	}
	return argv, in
}

// isOptionP reports whether a word is -p, possibly with a repeated letter.
func isOptionP(word string) bool {
	return len(word) > 1 && word[0] == '-' && strings.Trim(word[1:], "p") == ""
}

// special runs a special built-in. exec without a command keeps its redirections.
func (s *Shell) special(b *builtin, argv []string, undo []undone) {
	if b.name == "exec" && len(argv) == 1 {
		s.keep(undo)
		s.status = 0
		return
	}
	s.status = s.runBuiltin(b, argv, true)
	s.undo(undo)
}

// runBuiltin runs a built-in. Errors inside one that is not special do not end the shell, not
// even errors of commands that it runs.
func (s *Shell) runBuiltin(b *builtin, argv []string, special bool) int {
	context, scopes := s.context, len(s.locals)
	s.context, s.outside = argv[0], context
	if !special && b.special { // behind `command`, dash makes a scope
		s.locals = append(s.locals, scope{})
	}
	status := b.run(s, argv)
	s.context = context
	if !special && s.survive() {
		status = 2
	}
	s.popScopes(scopes)
	return status
}

// traceCommand writes the trace of -x to the file that was standard error before the command's
// own redirections.
func (s *Shell) traceCommand(to *openFile, assigns []assignment, argv []string) {
	if to == nil {
		to = s.files.get(2) // since redirected
	}
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

// tracePrompt expands PS4, which sees the assignments of the command.
func (s *Shell) tracePrompt() string {
	s.tracing = true
	defer func() { s.tracing = false }()
	return s.expandPrompt(s.getOr("PS4", ""))
}

// complainOfPrompt reports a syntax error in a text that is expanded as a prompt is, with
// the number of the line in that text.
func (s *Shell) complainOfPrompt(err error) {
	line := s.line
	defer func() { s.line = line }()
	var failure *parse.Error
	if errors.As(err, &failure) {
		s.line = failure.Line
	}
	s.complain("Syntax error: %v", err)
}

// expandPrompt expands the value of PS1, PS2, PS4 or ENV.
func (s *Shell) expandPrompt(value string) string {
	if !strings.ContainsAny(value, "$`\\") {
		return value
	}
	word, text, err := parse.Document(value, s.grammar())
	if err != nil { // an error in a prompt ends nothing
		s.complainOfPrompt(err)
		return value
	}
	flow, failed, status, src := s.flow, s.failed, s.status, s.src
	s.src = originOf(text)
	prompt := s.expandDocument(word, "$`\\")
	if s.status = status; s.stopped() && flow == flowNone { // an error in a prompt ends nothing
		prompt = value
	}
	s.flow, s.failed, s.src = flow, failed, src
	return prompt
}
