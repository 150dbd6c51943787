package interp

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/parse"
)

// A need says how much of its own a subshell must have: nothing, a thread, or a process.
type need uint8

const (
	needNothing need = iota
	needThread       // a thread with its own file attributes
	needProcess
)

// A finding describes the effects of a body of commands, by its text alone. It leaves out the
// effects of subshells inside the body: these are analysed when they run.
type finding struct {
	need  need
	calls []string // names that may be those of functions
	// reach holds names that subshells of the body call and that may be functions. asked holds
	// names that the body only asks about, as `command -v` does.
	reach, asked []string
	// hidden holds the commands that are unknown until their words are expanded.
	hidden []hiddenCommand
	defs   []*syntax.FuncDecl // definitions have no effect until a call
	files  []*syntax.Word     // file names in redirections that contain an expansion

	assigns    map[string]bool // variables that the body may change
	assignsAny bool
	setsParams bool
	// isSelf says that the body uses $$ or PPID. Both have other values in a process of its
	// own.
	isSelf bool
	// signals says that the body, or a subshell inside it, may send a signal that ends the
	// shell's process. The shell's other subshells would have to go on then.
	signals    bool
	reachesAll bool // the body may call or look up any function
}

// A hiddenCommand is a command that is unknown until its words are expanded.
type hiddenCommand struct {
	words  []*syntax.Word
	inFunc bool // the command sees the positional parameters of a function, which are unknown
	// late says that a command before it may have written the file that it reads.
	late bool
}

// A finder walks over the commands of a body and collects the finding.
type finder struct {
	finding
	process *Process
	nested  int  // >0: inside a subshell of the body
	wrote   bool // a command may have written a file
	loops   int
}

// findIn returns the finding for a body of a text. The text keeps the finding.
func (p *Process) findIn(body syntax.Node, src *origin) *finding {
	if src != nil {
		if f, ok := src.findings.get(body); ok {
			return f
		}
	}
	f := &finder{process: p}
	f.node(body)
	if src != nil {
		src.findings.put(body, &f.finding)
	}
	return &f.finding
}

// node walks over the body of a subshell or function, or over a whole text.
func (f *finder) node(body syntax.Node) {
	switch n := body.(type) {
	case *syntax.Subshell:
		f.list(n.Stmts)
	case *syntax.CmdSubst:
		f.list(n.Stmts)
	case *syntax.File:
		f.list(n.Stmts)
	case *syntax.Stmt:
		f.stmt(n)
	}
}

func (f *finder) list(list []*syntax.Stmt) {
	for _, st := range list {
		f.stmt(st)
	}
}

// asks notes a need of the subshell. A need inside a nested subshell does not count.
func (f *finder) asks(n need) {
	if f.nested == 0 {
		f.need = max(f.need, n)
	}
}

// apart walks over commands that run in a subshell of the body.
func (f *finder) apart(list []*syntax.Stmt) {
	f.nested++
	f.list(list)
	f.nested--
	f.wrote = true
}

func (f *finder) stmt(st *syntax.Stmt) {
	for _, r := range st.Redirs {
		f.redirect(r)
	}
	if st.Background {
		f.asks(needProcess) // its processes must lose their parent when the subshell ends
		plain := *st
		plain.Background, plain.Redirs = false, nil
		f.apart([]*syntax.Stmt{&plain})
		return
	}
	f.command(st.Cmd)
}

func (f *finder) command(cmd syntax.Command) {
	switch c := cmd.(type) {
	case nil:
	case *syntax.CallExpr:
		f.simple(c)
	case *syntax.Subshell:
		f.apart(c.Stmts)
	case *syntax.Block:
		f.list(c.Stmts)
	case *syntax.BinaryCmd:
		if c.Op == syntax.Pipe {
			f.apart(flatten(c, nil))
			return
		}
		f.stmt(c.X)
		f.stmt(c.Y)
	case *syntax.FuncDecl:
		f.defs = append(f.defs, c)
	default:
		f.compound(cmd)
	}
}

func (f *finder) compound(cmd syntax.Command) {
	switch c := cmd.(type) {
	case *syntax.IfClause:
		for ; c != nil; c = c.Else {
			f.list(c.Cond)
			f.list(c.Then)
		}
	case *syntax.WhileClause:
		f.loop(c.Cond, c.Do)
	case *syntax.ForClause:
		iter := c.Loop.(*syntax.WordIter)
		f.words(iter.Items)
		f.assign(iter.Name.Value)
		f.loop(c.Do)
	case *syntax.CaseClause:
		f.word(c.Word)
		for _, item := range c.Items {
			f.words(item.Patterns)
			f.list(item.Stmts)
		}
	}
}

// loop walks over lists that repeat: an effect at the end may precede the beginning.
func (f *finder) loop(lists ...[]*syntax.Stmt) {
	f.loops++
	for _, list := range lists {
		f.list(list)
	}
	f.loops--
}

func (f *finder) assign(name string) {
	if f.nested == 0 {
		note(&f.assigns, name)
	}
}

func (f *finder) redirect(r *syntax.Redirect) {
	switch r.Op {
	case syntax.Hdoc, syntax.DashHdoc:
		if r.Hdoc != nil {
			f.word(r.Hdoc)
		}
		return
	case syntax.DplIn, syntax.DplOut:
		f.word(r.Word)
		return
	case syntax.RdrIn:
	default:
		f.wrote = true
	}
	f.word(r.Word)
	switch text, ok := plainWord(r.Word); {
	case !ok && f.nested == 0:
		f.files = append(f.files, r.Word)
	case isOwnEntry(text):
		f.asks(needProcess)
	}
}

func (f *finder) words(words []*syntax.Word) {
	for _, w := range words {
		f.word(w)
	}
}

// word looks for effects of the expansion of a word.
func (f *finder) word(w *syntax.Word) {
	if w != nil {
		f.parts(w.Parts)
	}
}

func (f *finder) parts(parts []syntax.WordPart) {
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.DblQuoted:
			f.parts(p.Parts)
		case *syntax.ParamExp:
			f.parameter(p)
		case *syntax.CmdSubst:
			f.apart(p.Stmts)
		case *syntax.ArithmExp:
			f.arithmetic(p)
		}
	}
}

func (f *finder) parameter(p *syntax.ParamExp) {
	if p.Param == nil {
		return
	}
	name := p.Param.Value
	f.isSelf = f.isSelf || name == "$" || name == "PPID"
	if p.Exp == nil {
		return
	}
	switch p.Exp.Op {
	case syntax.AssignUnset, syntax.AssignUnsetOrNull:
		f.assign(name)
	}
	f.word(p.Exp.Word)
}

// arithmetic looks at an expression. An expression with an equals sign or an expansion may
// assign to any variable.
func (f *finder) arithmetic(a *syntax.ArithmExp) {
	w := a.X.(*syntax.Word)
	f.word(w)
	text, ok := literalOf(w)
	f.isSelf = f.isSelf || !ok || strings.Contains(text, "PPID")
	if (!ok || strings.Contains(text, "=")) && f.nested == 0 {
		f.assignsAny = true
	}
}

// simple looks at a simple command.
func (f *finder) simple(c *syntax.CallExpr) {
	for _, a := range c.Assigns {
		f.assign(a.Name.Value)
		f.word(a.Value)
	}
	f.words(c.Args)
	if len(c.Args) == 0 {
		return
	}
	args := make([]argument, len(c.Args))
	for i, w := range c.Args {
		args[i].text, args[i].known = plainWord(w)
		if !args[i].known {
			args[i].text, args[i].hasPid = literalParts(w.Parts)
		}
	}
	if !f.known(args) {
		f.hide(c.Args)
	}
}

// literalParts returns the literal text of a word with expansions. hasPid says that the word
// contains $$.
func literalParts(parts []syntax.WordPart) (text string, hasPid bool) {
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			text += p.Value
		case *syntax.SglQuoted:
			text += parse.SingleQuoted(p)
		case *syntax.DblQuoted:
			inner, pid := literalParts(p.Parts)
			text, hasPid = text+inner, hasPid || pid
		case *syntax.ParamExp:
			hasPid = hasPid || p.Param != nil && p.Param.Value == "$"
		}
	}
	return text, hasPid
}

// hide notes a command that is unknown until its words are expanded.
func (f *finder) hide(words []*syntax.Word) {
	f.reachesAll = true
	if f.nested == 0 {
		f.hidden = append(f.hidden, hiddenCommand{words: words, late: f.wrote || f.loops > 0})
	}
}

// plainWord returns the text of a word that needs no expansion.
func plainWord(w *syntax.Word) (text string, ok bool) {
	if len(w.Parts) == 1 { // as most words have
		if lit, ok := w.Parts[0].(*syntax.Lit); ok {
			return lit.Value, isPlain(lit.Value)
		}
	}
	for _, part := range w.Parts {
		switch p := part.(type) {
		case *syntax.Lit:
			if text += p.Value; !isPlain(p.Value) {
				return "", false
			}
		case *syntax.SglQuoted:
			text += parse.SingleQuoted(p)
		case *syntax.DblQuoted:
			inner, ok := plainWord(&syntax.Word{Parts: p.Parts})
			if text += inner; !ok {
				return "", false
			}
		default:
			return "", false
		}
	}
	return text, true
}

// isOwnEntry reports whether a file name is an entry of /proc that depends on the process that
// opens it. A subshell in a process of its own would see another file than the shell. The
// namespaces and mounts of both are the same, and the shell itself resolves names in
// /proc/self/fd.
func isOwnEntry(name string) bool {
	for _, dir := range [...]string{"/proc/self/", "/proc/thread-self/"} {
		_, rest, ok := strings.Cut(name, dir)
		if ok && !hasAnyPrefix(rest, "fd", "mount", "ns/") {
			return true
		}
	}
	return false
}

func hasAnyPrefix(text string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(text, p) {
			return true
		}
	}
	return false
}
