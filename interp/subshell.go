package interp

import (
	"strings"
	"sync"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins"
	"overlayboot/interp/parse"
)

// subshellCommand is ( list ), with redirections that are for the subshell.
func (s *Shell) subshellCommand(c *syntax.Subshell, redirs []*syntax.Redirect) {
	if s.forks() {
		s.status = s.inProcess(&syntax.Stmt{Position: c.Pos(), Cmd: c, Redirs: redirs})
		return
	}
	if !s.inside() && s.isLastCommand(c) {
		s.becomeSubshell(c, redirs)
		return
	}
	s.willFork()
	undo, ok := s.redirect(redirs)
	sub := s.sub()
	sub.tested = s.tested
	sub.inPlace(c)
	switch {
	case s.stopped():
		sub.abandon()
		s.undo(undo)
		return
	case ok:
		sub.runBody(c, c.Stmts)
	default:
		sub.status = 2
	}
	s.status = sub.leave()
	s.undo(undo)
	s.ended(sub)
	s.childEnded()
}

// becomeSubshell is ( list ) as the last command of a process that is a subshell itself:
// it is that one.
func (s *Shell) becomeSubshell(c *syntax.Subshell, redirs []*syntax.Redirect) {
	undo, ok := s.redirect(redirs)
	switch {
	case s.stopped():
	case !ok:
		s.status = 2
	default:
		if s.keepsFor(c, undo) {
			undo = nil
		}
		s.body = c.Stmts
		s.stmts(c.Stmts)
	}
	s.undo(undo)
}

// keepsFor makes the redirections of a command permanent where it is the last of a process
// that is a subshell: it is not to hold open what it has closed, a pipe or a lock.
func (s *Shell) keepsFor(cmd syntax.Command, list []undone) bool {
	if s.inside() || !s.isLastCommand(cmd) {
		return false
	}
	s.keep(list)
	return true
}

// runBody runs the commands of a subshell. They run inside this process as far as they may
// run there: what is not known before may be when the commands before it have run.
func (c *Shell) runBody(node syntax.Node, list []*syntax.Stmt) {
	c.body = list
	switch c.needOf(node) {
	case needNothing:
		c.stmts(list)
	case needThread:
		c.onThread(func() { c.stmts(list) })
	case needProcess:
		c.stepwise(list)
	}
}

// stepwise looks at each command when it is about to run. From the first on that may
// not run inside this process, they are for another.
func (c *Shell) stepwise(list []*syntax.Stmt) {
	for i, st := range list {
		switch c.needOf(st) {
		case needProcess:
			c.goOnIn(blockOf(list[i:]))
			c.flow, c.exitDone = flowExit, true
			return
		case needThread:
			c.onThread(func() {
				if c.stmt(st); !c.stopped() {
					c.stepwise(list[i+1:])
				}
			})
			return
		}
		if c.stmt(st); c.stopped() {
			return
		}
	}
}

// commandSubstitution is $(…) (XCU 2.6.3): the output without the newlines at
// its end. Zero bytes are dropped, as in dash. Unlike there an output that cannot be
// read is an error: half of a text is worse than none.
func (s *Shell) commandSubstitution(c *syntax.CmdSubst) string {
	s.hadSubst = true
	s.willFork()
	out, file := newCapture()
	sub := s.sub()
	sub.files.replace(1, file)
	sub.tested = 0
	if s.jobControl { // the shell ignores them, and a substitution is no job
		sub.hardIgnored |= setOf(unix.SIGTSTP, unix.SIGTTOU)
	}
	if c.Backquotes {
		sub.src = s.src.inner(c)
	}
	switch {
	case len(c.Stmts) == 0:
		sub.status = 0
	case s.forks():
		sub.goOnIn(blockOf(c.Stmts))
	default:
		sub.runBody(c, c.Stmts)
	}
	s.substStatus = sub.leave()
	s.ended(sub)
	s.childEnded()
	text, err := out.finish()
	if err != nil {
		s.complain("cannot read a substitution: %s", builtins.Strerror(err))
		s.substStatus = 2
	}
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", "")
	}
	return strings.TrimRight(text, "\n")
}

// blockOf makes one command of a list.
func blockOf(list []*syntax.Stmt) *syntax.Stmt {
	return &syntax.Stmt{Cmd: &syntax.Block{Stmts: list}}
}

// pipeline runs a pipeline (XCU 2.9.2): every command in a subshell of its own,
// the last one here, the status that of the last, or with pipefail of the last that
// failed.
func (s *Shell) pipeline(cmd *syntax.BinaryCmd) {
	s.willFork()
	if s.forks() {
		s.status = s.inProcess(&syntax.Stmt{Position: cmd.Pos(), Cmd: cmd})
		return
	}
	stages := flatten(cmd, nil)
	var wait sync.WaitGroup
	statuses := make([]int, len(stages))
	var in *openFile
	needs := s.stageNeeds(stages)
	subs := make([]*Shell, len(stages))
	for i, st := range stages {
		s.hashStage(st)
		sub := s.sub()
		subs[i] = sub
		sub.tested = s.tested
		if in != nil {
			sub.files.replace(0, in)
			in = nil
		}
		if i == len(stages)-1 {
			break
		}
		r, w := newMemPipe()
		sub.files.replace(1, w)
		in = r
		wait.Add(1)
		go func() {
			defer wait.Done()
			sub.stage(st, needs[i])
			statuses[i] = sub.leave()
		}()
	}
	pipefail := s.opt(optPipefail)
	last := subs[len(stages)-1]
	last.stage(stages[len(stages)-1], needs[len(stages)-1])
	s.status = last.leave()
	wait.Wait()
	for _, sub := range subs {
		s.ended(sub)
	}
	for i := len(stages) - 2; i >= 0 && pipefail && s.status == 0; i-- {
		s.status = statuses[i]
	}
	s.childEnded()
}

// hashStage looks up the program of a pipeline's command, so that this shell, and not
// only the subshell, knows where it is.
func (s *Shell) hashStage(st *syntax.Stmt) {
	c, ok := st.Cmd.(*syntax.CallExpr)
	if !ok || len(c.Args) == 0 {
		return
	}
	name := c.Args[0].Lit()
	isProgram := !s.funcs.has(name) && s.host.builtins.get(name) == nil
	if isProgram && parse.IsName(name) && !s.hash.has(name) {
		s.lookFor(name, s.searchPath())
	}
}

// stageNeeds looks at the commands of a pipeline. Where one may end the shell, none runs
// inside its process: they go on without it.
func (s *Shell) stageNeeds(stages []*syntax.Stmt) []need {
	needs, signals := make([]need, len(stages)), false
	for i, st := range stages {
		a := s.analyse(st, s.src, aStage)
		needs[i], signals = a.need, signals || a.signals
	}
	if signals {
		for i := range needs {
			needs[i] = needProcess
		}
	}
	return needs
}

// stage runs a command of a pipeline, beside the others.
func (c *Shell) stage(st *syntax.Stmt, need need) {
	c.body = []*syntax.Stmt{st}
	switch need {
	case needNothing:
		if !c.apart {
			c.stmt(st)
			return
		}
		fallthrough // this goroutine is not on the thread of the pipeline
	case needThread:
		c.onThread(func() { c.stmt(st) })
	case needProcess:
		c.goOnIn(st)
		c.flow, c.exitDone = flowExit, true
	}
}

// flatten lists the commands of a pipeline.
func flatten(cmd *syntax.BinaryCmd, list []*syntax.Stmt) []*syntax.Stmt {
	if left, ok := cmd.X.Cmd.(*syntax.BinaryCmd); ok && left.Op == syntax.Pipe &&
		!cmd.X.Negated && len(cmd.X.Redirs) == 0 {
		list = flatten(left, list)
	} else {
		list = append(list, cmd.X)
	}
	return append(list, cmd.Y)
}
