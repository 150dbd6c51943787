package interp

import (
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/parse"
)

// subshellCommand is ( list ).
func (s *Shell) subshellCommand(c *syntax.Subshell, redirs []*syntax.Redirect) {
	undo, ok := s.redirect(redirs)
	defer s.undo(undo)
	if s.stopped() {
		return
	}
	if !ok {
		s.status = 2
		return
	}
	if s.forks() {
		s.status = s.inProcess(&syntax.Stmt{Position: c.Pos(), Cmd: c})
		return
	}
	if s.needsProcess(c) {
		s.status = s.inProcess(blockOf(c.Stmts))
		return
	}
	s.willFork()
	sub := s.sub()
	sub.tested = s.tested
	sub.stmts(c.Stmts)
	s.status = sub.leave()
	s.childEnded()
}

// commandSubstitution is $(…) (XCU 2.6.3): the output without the newlines at
// its end. Zero bytes are dropped, as in dash.
func (s *Shell) commandSubstitution(c *syntax.CmdSubst) string {
	s.hadSubst = true
	s.willFork()
	out, file := newCapture()
	sub := s.sub()
	if old := sub.files.put(1, file); old != nil {
		old.release()
	}
	sub.tested = 0
	if c.Backquotes {
		sub.src = s.src.inner(c)
	}
	switch {
	case len(c.Stmts) == 0:
		sub.status = 0
	case s.forks() || s.needsProcess(c):
		sub.status = sub.inProcess(blockOf(c.Stmts))
	default:
		sub.stmts(c.Stmts)
	}
	s.substStatus = sub.leave()
	s.childEnded()
	text := out.finish()
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
	var last *Shell
	for i, st := range stages {
		s.hashStage(st)
		sub := s.sub()
		sub.tested = s.tested
		if in != nil {
			if old := sub.files.put(0, in); old != nil {
				old.release()
			}
			in = nil
		}
		if i == len(stages)-1 {
			last = sub
			break
		}
		r, w := newMemPipe()
		if old := sub.files.put(1, w); old != nil {
			old.release()
		}
		in = r
		wait.Add(1)
		go func() {
			defer wait.Done()
			sub.stage(st)
			statuses[i] = sub.leave()
		}()
	}
	pipefail := s.opt(optPipefail)
	last.stage(stages[len(stages)-1])
	s.status = last.leave()
	wait.Wait()
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
	if _, known := s.hash[name]; !known && parse.IsName(name) && s.funcs[name] == nil && s.host.builtins.get(name) == nil {
		s.lookFor(name, s.searchPath(nil))
	}
}

func (s *Shell) stage(st *syntax.Stmt) {
	if s.needsProcess(st) {
		s.status = s.inProcess(st)
		return
	}
	s.stmt(st)
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
