package interp

import (
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"
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

// needsProcess reports whether the body of a subshell uses what only a process
// of its own has: resource limits, the file mode mask, its own entry in /proc,
// children that outlive it.
// It looks at the words that are written, not at what they expand to, and
// takes the process when in doubt.
func needsProcess(node syntax.Node) bool {
	found := false
	// One command that is a program would be the process itself: its parent is ours.
	isParent := !isSimple(node)
	syntax.Walk(node, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Stmt:
			// What it leaves in the background must lose its parent at its end.
			found = found || n.Background
		case *syntax.CallExpr:
			if len(n.Args) > 0 {
				switch n.Args[0].Lit() {
				case "ulimit":
					found = true
				case "umask":
					found = found || len(n.Args) > 1
				case "trap":
					found = found || trapsSignal(n.Args[1:])
				}
			}
		case *syntax.Redirect:
			// The text of a here-document is for others.
			found = found || n.Word != nil && needsProcess(n.Word)
			return false
		case *syntax.Lit:
			found = found || isProcSelf(n.Value)
		case *syntax.SglQuoted:
			found = found || isProcSelf(n.Value) || isParent && strings.Contains(n.Value, "PPID")
		}
		return !found
	})
	return found
}

// isSimple reports whether a subshell is nothing but one simple command.
func isSimple(node syntax.Node) bool {
	var list []*syntax.Stmt
	switch n := node.(type) {
	case *syntax.Stmt:
		list = []*syntax.Stmt{n}
	case *syntax.Subshell:
		list = n.Stmts
	case *syntax.CmdSubst:
		list = n.Stmts
	}
	if len(list) != 1 {
		return false
	}
	_, ok := list[0].Cmd.(*syntax.CallExpr)
	return ok
}

// trapsSignal reports whether the operands of trap name a signal to catch.
func trapsSignal(operands []*syntax.Word) bool {
	if len(operands) < 2 || operands[0].Lit() == "-" {
		return false
	}
	for _, w := range operands[1:] {
		if name := w.Lit(); name != "EXIT" && name != "0" {
			return true
		}
	}
	return false
}

// isProcSelf leaves out what is the same for a subshell inside the process:
// its namespaces and mounts; and /proc/self/fd, which the shell answers itself.
func isProcSelf(text string) bool {
	for _, dir := range [...]string{"/proc/self/", "/proc/thread-self/"} {
		_, rest, ok := strings.Cut(text, dir)
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
