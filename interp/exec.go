package interp

import (
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins/base/signals"
	"overlayboot/interp/pattern"
)

func (s *Shell) stmts(list []*syntax.Stmt) {
	for _, st := range list {
		s.stmt(st)
		if s.stopped() {
			return
		}
	}
}

// stmt runs one command with its redirections, in the background or negated.
func (s *Shell) stmt(st *syntax.Stmt) {
	if s.stopped() || s.opt(optNoexec) {
		return
	}
	if s.runPendingTraps(); s.flow == flowExit {
		return
	}
	s.postpone()
	switch {
	case st.Background:
		s.setLine(st.Pos())
		s.background(st)
	case st.Negated:
		s.tested++
		s.command(st)
		s.negate()
	default:
		s.command(st)
	}
	s.afterStmt()
}

// negate inverts the status of a command.
func (s *Shell) negate() {
	s.tested--
	if s.runPendingTraps(); !s.stopped() {
		s.status = toStatus(s.status != 0)
	}
}

// afterStmt runs after each command.
func (s *Shell) afterStmt() {
	s.runPendingTraps()
	if stand := s.home().stand; stand != nil && stand.in != nil {
		s.standKilled()
	}
	if s.forked {
		s.forked = false
		s.reap()
	}
}

// postpone puts off a flow that a trap action has set right before a command. As in dash, one
// simple command still runs.
func (s *Shell) postpone() {
	if s.flow != flowNone {
		s.postponed, s.flow = s.flow, flowNone
	}
}

func (s *Shell) catchUp() {
	if s.flow == flowNone {
		s.flow = s.postponed
	}
	s.postponed = flowNone
}

// toStatus returns 0 for true and 1 for false.
func toStatus(ok bool) int {
	if ok {
		return 0
	}
	return 1
}

func (s *Shell) setLine(pos syntax.Pos) {
	if line := int(pos.Line()); line > 0 {
		s.line = line
	}
}

// command runs a command that is neither negated nor in the background.
func (s *Shell) command(st *syntax.Stmt) {
	switch cmd := st.Cmd.(type) {
	case nil:
		s.setLine(st.Pos())
		s.redirectionsOnly(st.Redirs)
		s.errexit()
	case *syntax.CallExpr:
		s.setLine(st.Pos())
		s.simpleCommand(cmd, st.Redirs)
		s.afterSimple()
	case *syntax.Subshell:
		s.setLine(st.Pos())
		s.subshellCommand(cmd, st.Redirs)
		s.errexit()
	case *syntax.FuncDecl:
		s.define(cmd)
	default:
		if len(st.Redirs) == 0 {
			s.compound(cmd)
			return
		}
		s.setLine(st.Pos())
		undo, ok := s.redirect(st.Redirs)
		if ok && s.detached && isOnlyOf(s.body, cmd) && s.keepsFor(cmd, undo) {
			undo = nil
		}
		if ok {
			s.redirected = append(s.redirected, undo)
			s.compound(cmd)
			s.redirected = s.redirected[:len(s.redirected)-1]
		} else {
			s.status = 2
			s.errexit()
		}
		s.undo(undo)
	}
}

// afterSimple runs after each simple command.
func (s *Shell) afterSimple() {
	s.errexit()
	if signals.Pending()&signals.Children != 0 {
		s.childrenChanged()
	}
	s.catchUp()
}

// errexit ends the shell after a failed command, with -e.
func (s *Shell) errexit() {
	if s.status != 0 && s.opt(optErrexit) && s.tested == 0 && !s.stopped() {
		s.flow = flowExit
	}
}

func (s *Shell) compound(cmd syntax.Command) {
	switch cmd := cmd.(type) {
	case *syntax.Block:
		s.stmts(cmd.Stmts)
	case *syntax.IfClause:
		s.ifClause(cmd)
	case *syntax.WhileClause:
		s.whileClause(cmd)
	case *syntax.ForClause:
		s.forClause(cmd)
	case *syntax.CaseClause:
		s.caseClause(cmd)
	case *syntax.BinaryCmd:
		s.binary(cmd)
	default:
		s.setLine(cmd.Pos())
		s.fail(2, "a command that no parser of ours makes")
	}
}

func (s *Shell) binary(cmd *syntax.BinaryCmd) {
	if cmd.Op == syntax.Pipe {
		s.setLine(cmd.Pos())
		s.pipeline(cmd)
		s.errexit()
		return
	}
	s.tested++
	s.stmt(cmd.X)
	s.afterFirst(cmd)
}

// afterFirst runs the second command of an AND-OR list, unless the first one short-circuits it.
func (s *Shell) afterFirst(cmd *syntax.BinaryCmd) {
	s.tested--
	if s.stopped() {
		return
	}
	if (s.status == 0) == (cmd.Op == syntax.AndStmt) {
		s.stmt(cmd.Y)
	}
}

// condition runs the commands of a condition, inside which -e does not act.
func (s *Shell) condition(list []*syntax.Stmt) bool {
	s.tested++
	s.stmts(list)
	s.tested--
	return s.status == 0
}

func (s *Shell) ifClause(c *syntax.IfClause) {
	for ; c != nil; c = c.Else {
		if len(c.Cond) == 0 { // else
			s.stmts(c.Then)
			return
		}
		yes := s.condition(c.Cond)
		if s.stopped() {
			return
		}
		if yes {
			s.stmts(c.Then)
			return
		}
	}
	s.status = 0
}

func (s *Shell) whileClause(c *syntax.WhileClause) {
	s.enterLoop()
	defer s.leaveLoop()
	s.whileRounds(c)
}

// whileRounds repeats the loop until the condition or a command ends it.
func (s *Shell) whileRounds(c *syntax.WhileClause) {
	for {
		s.runPendingTraps() // continue in the condition skips the other check
		if s.stopped() {
			return
		}
		s.condition(c.Cond)
		if s.afterCondition(c) {
			s.whileEnds()
			return
		}
	}
}

// afterCondition acts on the condition of a loop, and reports whether the loop ends.
func (s *Shell) afterCondition(c *syntax.WhileClause) (ends bool) {
	switch {
	case s.stopped():
		return s.loopFlow()
	case (s.status == 0) == c.Until:
		return true
	}
	s.stmts(c.Do)
	return s.afterRound()
}

// afterRound runs after the commands of a loop, and reports whether the loop ends.
func (s *Shell) afterRound() (ends bool) {
	s.inLoop().status = s.status
	return s.stopped() && s.loopFlow()
}

// whileEnds sets the status of a loop.
func (s *Shell) whileEnds() {
	if !s.stopped() {
		s.status = s.inLoop().status
	}
}

// loopFlow handles a break or continue for this loop. It reports whether the loop ends; control
// may have to leave more loops.
func (s *Shell) loopFlow() (end bool) {
	switch s.flow {
	case flowBreak, flowContinue:
		s.flowCount--
		if s.flowCount > 0 {
			return true
		}
		end = s.flow == flowBreak
		s.flow = flowNone
		return end
	}
	return true
}

func (s *Shell) forClause(c *syntax.ForClause) {
	iter := c.Loop.(*syntax.WordIter) // our parser makes no other kind of loop
	s.setLine(c.Pos())
	items := s.params
	if iter.InPos.IsValid() {
		items = s.expandFields(iter.Items)
		if s.stopped() {
			return
		}
	}
	if len(items) == 0 {
		s.status = 0
		return
	}
	s.enterLoop()
	defer s.leaveLoop()
	s.inLoop().items = items
	s.forRounds(c, iter.Name.Value)
}

// forRounds runs the loop for each word that is left.
func (s *Shell) forRounds(c *syntax.ForClause, name string) {
	for {
		left := &s.inLoop().items
		if len(*left) == 0 {
			return
		}
		item := (*left)[0]
		*left = (*left)[1:]
		if !s.set(name, item) {
			return
		}
		s.stmts(c.Do)
		if s.forEnds() {
			return
		}
	}
}

// forEnds runs after the commands of a for loop, and reports whether the loop ends.
func (s *Shell) forEnds() bool {
	if s.stopped() && s.loopFlow() {
		return true
	}
	s.runPendingTraps()
	return s.stopped()
}

func (s *Shell) caseClause(c *syntax.CaseClause) {
	s.setLine(c.Pos())
	word := s.expandText(c.Word)
	if s.stopped() {
		return
	}
	for i, item := range c.Items {
		if s.caseMatches(item, word) {
			s.caseItems(c.Items[i:])
			return
		}
		if s.stopped() {
			return
		}
	}
	s.status = 0
}

// caseItems runs the commands of an item, and of the next items as long as each one falls
// through.
func (s *Shell) caseItems(items []*syntax.CaseItem) {
	for _, item := range items {
		if len(item.Stmts) == 0 {
			s.status = 0
		}
		s.stmts(item.Stmts)
		if item.Op != syntax.Fallthrough || s.stopped() {
			return
		}
	}
}

func (s *Shell) caseMatches(item *syntax.CaseItem, word string) bool {
	for _, w := range item.Patterns {
		if pattern.Match(s.expandPattern(w), word) {
			return true
		}
		if s.stopped() {
			return false
		}
	}
	return false
}

func (s *Shell) define(d *syntax.FuncDecl) {
	s.funcs.set(d.Name.Value, newFunction(d.Body, s.src))
	s.status = 0
}

// call runs a function with args as its positional parameters.
func (s *Shell) call(f *function, args []string) {
	body, src := f.parsed()
	s.enterFunction(f, src, args)
	if s.funcDepth > maxDepth {
		s.fail(2, "Maximum function recursion depth (%d) reached", maxDepth)
	} else {
		s.stmt(body)
	}
	s.leaveFunction()
}

// maxDepth limits the nesting of functions, as in dash: endless recursion is an error.
const maxDepth = 1000
