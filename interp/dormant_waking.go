package interp

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins/base/handover"
	"overlayboot/builtins/base/signals"
	"overlayboot/interp/parse"
)

// A waking continues a dormant shell (dormant.go), from the command that waited outwards. Each
// method handles one kind of command that the shell is in the middle of: it continues the part
// with the position, and then runs the rest.
type waking struct {
	*Shell
	mask, held uint64
	fromFile   bool // the rest of the script comes from standard input
	line       int  // the line number of that rest
	src        *source
	files      bundle
	numbers    []int // the number of the command in each text
	context    string

	level int           // the index of the current text
	path  []syntax.Node // the rest of the way to the command there
	met   int           // the number of redirections on the way so far
}

// wake continues a dormant shell in this process and returns the exit status.
func wake(s *Shell, r *handover.Reader) (int, error) {
	w := &waking{Shell: s}
	if err := w.decode(r); err != nil {
		return 2, err
	}
	w.takeProcess()
	w.takeBundle()
	for n := range s.traps {
		s.dispose(n)
	}
	if len(s.jobs.order) > 0 {
		signals.CatchChildren()
	}
	w.run()
	status := s.leave()
	if s.endedBy.Signaled() {
		dieAs(s.endedBy)
	}
	return status, nil
}

// decode reads what saveDormant wrote behind the state of the shell.
func (w *waking) decode(r *handover.Reader) error {
	s := w.Shell
	w.mask, w.held = uint64(r.Number()), uint64(r.Number())
	signals.Post(uint64(r.Number()))
	s.errand = errand{pid: r.Number(), argv: r.Texts()}
	w.context, s.line, s.inputLine = r.Text(), r.Number(), r.Number()
	s.jobs.decode(r)
	s.locals = decodeScopes(r)
	for n := r.Count(); n > 0; n-- {
		s.control.loops = append(s.control.loops, loop{r.Texts(), r.Number()})
	}
	w.files.decode(r)
	w.fromFile = r.Flag()
	w.src = decodeSource(r)
	w.numbers = append(w.numbers, r.Number())
	for n := r.Count(); n > 0; n-- {
		var a activation
		a.decode(r)
		s.calls = append(s.calls, a)
		w.numbers = append(w.numbers, r.Number())
	}
	return r.Err()
}

// takeBundle takes over the files that the dormant shell kept open.
func (w *waking) takeBundle() {
	for _, list := range w.files.redirected {
		w.control.redirected = append(w.control.redirected, undoing(list))
	}
	if w.files.script >= 0 {
		unix.CloseOnExec(w.files.script)
		w.script = newFile(w.files.script)
	}
}

// run continues the script, and runs the text behind it.
func (w *waking) run() {
	s := w.Shell
	s.nested = 1
	list, rest, ok := w.commands()
	if !ok {
		s.fail(2, "Syntax error: the script cannot be read again")
		return
	}
	if w.prepare(list) {
		w.stmts(list)
	}
	if !s.stopped() && rest != nil {
		s.parseAndRun(rest)
	}
	s.nested = 0
	switch {
	case s.stopped():
	case w.fromFile:
		s.runStdin(w.line)
	case s.script != nil:
		s.runAdded(s.script, rest)
	case s.opt(optStdin) && !w.src.plain: // with -c, too
		s.runStdin(1)
	}
}

// commands parses the commands that the shell is in the middle of. It also returns the text
// behind them.
func (w *waking) commands() (list []*syntax.Stmt, rest *source, ok bool) {
	s, src := w.Shell, w.src
	if src.plain {
		list, text, err := parse.All(src.text, parse.Config{FirstLine: src.line})
		if err != nil {
			return nil, nil, false
		}
		s.src, s.body = originOf(text), list
		s.reading = reading{src, list, 0, len(src.text), max(src.line, 1), false}
		return list, nil, true
	}
	p := s.begin(src)
	s.src = originOf(p.Text())
	for len(list) == 0 {
		var err error
		if list, err = p.Next(); err != nil {
			return nil, nil, false
		}
	}
	s.reading = reading{src, list, 0, p.Offset(), max(src.line, 1), w.fromFile}
	w.line = p.Line()
	if !w.fromFile {
		after := *src
		after.parser, after.text, after.line = nil, src.text[p.Offset():], p.Line()
		rest = &after
	}
	return list, rest, true
}

// prepare finds the way to the command in each text. It gives each running function the command
// that called it.
func (w *waking) prepare(list []*syntax.Stmt) bool {
	s := w.Shell
	root := list
	for i := range s.calls {
		path := pathTo(root, w.numbers[i])
		if path == nil {
			return false
		}
		a := &s.calls[i]
		a.from, _ = path[len(path)-1].(*syntax.CallExpr)
		a.src = s.src
		var body *syntax.Stmt
		body, s.src = a.function.parsed()
		root = []*syntax.Stmt{body}
	}
	w.path = pathTo(list, w.numbers[0])
	s.mirrorFor(w.src.text)
	return w.path != nil && pathTo(root, w.numbers[len(s.calls)]) != nil
}

// next takes the next node of the way.
func (w *waking) next() syntax.Node {
	node := w.path[0]
	w.path = w.path[1:]
	return node
}

// holds returns the index in a list of the next node of the way, or -1.
func (w *waking) holds(list []*syntax.Stmt) int {
	return slices.IndexFunc(list, func(st *syntax.Stmt) bool { return w.path[0] == syntax.Node(st) })
}

func (w *waking) stmts(list []*syntax.Stmt) {
	at := w.holds(list)
	w.stmt(list[at])
	if !w.stopped() {
		w.Shell.stmts(list[at+1:])
	}
}

func (w *waking) stmt(st *syntax.Stmt) {
	w.next()
	w.command(st)
	if st.Negated {
		w.negate()
	}
	w.afterStmt()
}

func (w *waking) command(st *syntax.Stmt) {
	var undo []undone
	at := w.met
	if len(st.Redirs) > 0 {
		undo = w.control.redirected[at]
		w.met++
	}
	cmd := w.next()
	if c, ok := cmd.(*syntax.CallExpr); ok {
		w.simple(c)
	} else {
		w.compound(cmd)
	}
	if len(st.Redirs) > 0 {
		w.control.redirected = w.control.redirected[:at]
		w.undo(undo)
	}
	if _, ok := cmd.(*syntax.CallExpr); ok {
		w.afterSimple()
	}
}

func (w *waking) compound(cmd syntax.Node) {
	switch c := cmd.(type) {
	case *syntax.Block:
		w.stmts(c.Stmts)
	case *syntax.IfClause:
		w.ifClause(c)
	case *syntax.WhileClause:
		w.whileClause(c)
	case *syntax.ForClause:
		w.forClause(c)
	case *syntax.CaseClause:
		w.caseClause(c)
	case *syntax.BinaryCmd:
		w.binary(c)
	}
}

func (w *waking) binary(c *syntax.BinaryCmd) {
	if w.path[0] == syntax.Node(c.Y) {
		w.stmt(c.Y)
		return
	}
	w.stmt(c.X)
	w.afterFirst(c)
}

func (w *waking) ifClause(c *syntax.IfClause) {
	if other, ok := w.path[0].(*syntax.IfClause); ok {
		w.next()
		w.ifClause(other)
		return
	}
	if w.holds(c.Then) >= 0 {
		w.stmts(c.Then)
		return
	}
	w.stmts(c.Cond)
	w.tested--
	switch {
	case w.stopped():
	case w.status == 0:
		w.Shell.stmts(c.Then)
	default:
		w.Shell.ifClause(c.Else)
	}
}

func (w *waking) whileClause(c *syntax.WhileClause) {
	defer w.leaveLoop()
	var ends bool
	if w.holds(c.Do) >= 0 {
		w.stmts(c.Do)
		ends = w.afterRound()
	} else {
		w.stmts(c.Cond)
		w.tested--
		ends = w.afterCondition(c)
	}
	if ends {
		w.whileEnds()
		return
	}
	w.whileRounds(c)
}

func (w *waking) forClause(c *syntax.ForClause) {
	iter := c.Loop.(*syntax.WordIter)
	defer w.leaveLoop()
	w.stmts(c.Do)
	if !w.forEnds() {
		w.forRounds(c, iter.Name.Value)
	}
}

func (w *waking) caseClause(c *syntax.CaseClause) {
	item := w.next().(*syntax.CaseItem)
	at := slices.Index(c.Items, item)
	w.stmts(item.Stmts)
	if item.Op == syntax.Fallthrough && !w.stopped() {
		w.caseItems(c.Items[at+1:])
	}
}

// simple continues a simple command: a running function, or the command that waited.
func (w *waking) simple(c *syntax.CallExpr) {
	w.running = c
	scopes := len(w.locals)
	if w.level < len(w.calls) {
		scopes = w.calls[w.level].scopes
		w.level++
		w.call()
	} else {
		w.finish()
	}
	if len(c.Assigns) > 0 {
		scopes--
	}
	w.popScopes(scopes)
}

// call continues the function of this level.
func (w *waking) call() {
	body, _ := w.calls[w.level-1].function.parsed()
	w.path = pathTo([]*syntax.Stmt{body}, w.numbers[w.level])
	w.stmt(body)
	w.leaveFunction()
}

// finish waits for the errand of the dormant shell.
func (w *waking) finish() {
	s := w.Shell
	release := signals.Wake(w.mask, w.held)
	e := s.errand
	s.collectOrphans(e.pid) // an orphan would wake each dormant program again
	if e.pid == 0 {
		release()
		s.context = w.context
		s.status = s.runBuiltin(s.process.builtins.get("wait"), e.argv, false)
		return
	}
	defer release()
	s.errand.allowed = true
	s.status = s.awaitProgram(child{pid: e.pid}, foreground)
	s.errand = errand{}
}

// runAdded runs text that was appended to a script while the shell was dormant.
func (s *Shell) runAdded(f *openFile, before *source) {
	s.script = f
	line := max(before.line, 1) + strings.Count(before.text, "\n")
	for !s.stopped() {
		text, err := f.readAll()
		if err != nil || text == "" {
			return // nothing was appended
		}
		s.commands(&source{text: text, script: true, line: line})
		line += strings.Count(text, "\n")
	}
}
