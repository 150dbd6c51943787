package interp

import (
	"strings"
	"sync"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins/base/clib"
	"overlayboot/interp/parse"
)

// subshellCommand runs ( list ). The redirections belong to the subshell.
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

// becomeSubshell runs ( list ) as the last command of a process that is itself a subshell. The
// process becomes the new subshell.
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

// keepsFor makes the redirections of the last command of a subshell's process permanent. The
// process must not hold a replaced file open, such as a pipe or a lock.
func (s *Shell) keepsFor(cmd syntax.Command, list []undone) bool {
	if s.inside() || !s.isLastCommand(cmd) {
		return false
	}
	s.keep(list)
	return true
}

// runBody runs the commands of a subshell, inside this process as far as possible. The need of
// a command may become known only after the commands before it.
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

// stepwise examines each command when it is about to run. The first command that may not run
// inside this process, and all commands behind it, run in another.
func (c *Shell) stepwise(list []*syntax.Stmt) {
	for i, st := range list {
		switch c.needOf(st) {
		case needProcess:
			c.goOnIn(list[i:])
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

// commandSubstitution does $(…) (XCU 2.6.3): it returns the output without trailing newlines.
// As in dash, null bytes are dropped. Unlike dash, it fails on output that it cannot read: half
// of a text is worse than none.
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
		sub.goOnIn(c.Stmts)
	default:
		sub.runBody(c, c.Stmts)
	}
	s.substStatus = sub.leave()
	s.ended(sub)
	s.childEnded()
	text, err := out.finish()
	if err != nil {
		s.complain("cannot read a substitution: %s", clib.Strerror(err))
		s.substStatus = 2
	}
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", "")
	}
	return strings.TrimRight(text, "\n")
}

// pipeline runs a pipeline (XCU 2.9.2): each command in its own subshell, the last one on this
// goroutine. The status is that of the last command. With pipefail it is that of the last
// command that failed.
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

// hashStage looks up the program of a pipeline's command, so that this shell remembers it, and
// not only the subshell.
func (s *Shell) hashStage(st *syntax.Stmt) {
	c, ok := st.Cmd.(*syntax.CallExpr)
	if !ok || len(c.Args) == 0 {
		return
	}
	name := c.Args[0].Lit()
	isProgram := !s.funcs.has(name) && s.process.builtins.get(name) == nil
	if isProgram && parse.IsName(name) && !s.hash.has(name) {
		s.lookFor(name, s.searchPath())
	}
}

// stageNeeds returns the needs of the commands of a pipeline. If one of them may end the shell,
// all of them get a process, since the others must go on.
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

// stage runs a command of a pipeline, concurrently with the others.
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
		c.goOnIn(bodyOf(st))
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
