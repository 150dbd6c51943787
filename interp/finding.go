package interp

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// A need is what a subshell must have of its own to be run.
type need uint8

const (
	needNothing need = iota
	needThread       // with file attributes of its own
	needProcess
)

// A finding is what a body of commands was found to do, by its text alone. What it does
// in subshells of its own is not in it: they are looked at when they are run.
type finding struct {
	need  need
	calls []string // names that may be those of functions
	// reach are names that may be those of functions in subshells of the body, asked those
	// that it asks about.
	reach, asked []string
	// hidden are commands of which the words have to be expanded to know what they do.
	hidden []hiddenCommand
	defs   []*syntax.FuncDecl // which do nothing until they are called
	files  []*syntax.Word     // names in redirections that are not only literal

	assigns    map[string]bool // variables that may get other values
	assignsAny bool
	setsParams bool
	// isSelf: it uses $$ or PPID, which are other ones for a shell of its own process.
	isSelf bool
	// signals: it may end the shell that the process is, or a subshell of the body may.
	// Other subshells would go on then.
	signals    bool
	reachesAll bool // it may call or look at any function
}

// A hiddenCommand is one whose words have to be expanded.
type hiddenCommand struct {
	words  []*syntax.Word
	inFunc bool // with positional parameters that are not known
	// late: what was run before it may have written the file that it reads.
	late bool
}

// A finder walks over the commands of a body.
type finder struct {
	finding
	host   *Host
	nested int  // >0: in a subshell of the body
	wrote  bool // something may have written a file
	loops  int
}

// findIn returns the finding for a body of a text, which is looked at once.
func (h *Host) findIn(body syntax.Node, src *origin) *finding {
	if src != nil {
		if f, ok := src.findings.get(body); ok {
			return f
		}
	}
	f := &finder{host: h}
	f.node(body)
	if src != nil {
		src.findings.put(body, &f.finding)
	}
	return &f.finding
}

// node walks over the body of a subshell or function, or a whole text.
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

// asks notes a need of the subshell that the body is for.
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
		f.asks(needProcess) // what it leaves must lose its parent at its end
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
		if iter, ok := c.Loop.(*syntax.WordIter); ok {
			f.words(iter.Items)
			f.assign(iter.Name.Value)
		}
		f.loop(c.Do)
	case *syntax.CaseClause:
		f.word(c.Word)
		for _, item := range c.Items {
			f.words(item.Patterns)
			f.list(item.Stmts)
		}
	default:
		f.asks(needProcess)
	}
}

// loop walks over lists that run again and again: what comes last may come before.
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

// word looks for what expanding a word does.
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

// arithmetic looks at an expression: whatever has a sign of assignment in it, or an
// expansion, may assign to anything.
func (f *finder) arithmetic(a *syntax.ArithmExp) {
	w, ok := a.X.(*syntax.Word)
	if !ok {
		f.assignsAny = true
		return
	}
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

// literalParts are those of a word that is to be expanded; hasPid says that $$ is in it.
func literalParts(parts []syntax.WordPart) (text string, hasPid bool) {
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			text += p.Value
		case *syntax.SglQuoted:
			text += p.Value
		case *syntax.DblQuoted:
			inner, pid := literalParts(p.Parts)
			text, hasPid = text+inner, hasPid || pid
		case *syntax.ParamExp:
			hasPid = hasPid || p.Param != nil && p.Param.Value == "$"
		}
	}
	return text, hasPid
}

// hide notes a command whose words have to be expanded.
func (f *finder) hide(words []*syntax.Word) {
	f.reachesAll = true
	if f.nested == 0 {
		f.hidden = append(f.hidden, hiddenCommand{words: words, late: f.wrote || f.loops > 0})
	}
}

// plainWord is what a word stands for where that takes no expansion.
func plainWord(w *syntax.Word) (text string, ok bool) {
	if len(w.Parts) == 1 { // as most are
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
			if text += p.Value; p.Dollar {
				return "", false
			}
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

// isOwnEntry reports whether a file is one of the process that looks at it: another one
// than the shell's, where the shell is a subshell. Its namespaces and mounts are the
// same, and files of /proc/self/fd the shell finds itself.
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
