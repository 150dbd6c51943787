package interp

import (
	"io"
	"strconv"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins/base/handover"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

// background starts a command and does not wait for it (XCU 2.9.3.1).
func (s *Shell) background(st *syntax.Stmt) {
	list, before := *st, s.lastBg
	list.Background = false
	if stages := backgroundPipeline(&list); stages != nil {
		s.startPipeline(stages)
	} else if st := onlyCommand(&list); !s.startDirectly(st) {
		s.startInProcess(st)
	}
	if j := s.jobs.byPid(s.lastBg); j != nil && s.lastBg != before && len(j.rest) == 0 {
		j.text = s.jobText(&list) // jobText of the list includes the parentheses
	}
	if !s.stopped() {
		s.status = 0
	}
}

// onlyCommand unwraps a group or subshell of one command. That command then is the process of
// the job, and $! is its process id.
func onlyCommand(st *syntax.Stmt) *syntax.Stmt {
	var inner []*syntax.Stmt
	switch c := st.Cmd.(type) {
	case *syntax.Block:
		inner = c.Stmts
	case *syntax.Subshell:
		inner = c.Stmts
	}
	if len(inner) != 1 || inner[0].Background || inner[0].Negated || st.Negated ||
		len(st.Redirs) > 0 {
		return st
	}
	if _, ok := inner[0].Cmd.(*syntax.CallExpr); !ok {
		return st
	}
	return inner[0]
}

// backgroundPipeline returns the commands of a pipeline, and nil for another list.
func backgroundPipeline(st *syntax.Stmt) []*syntax.Stmt {
	c, ok := st.Cmd.(*syntax.BinaryCmd)
	if !ok || c.Op != syntax.Pipe || st.Negated || len(st.Redirs) > 0 {
		return nil
	}
	return flatten(c, nil)
}

// startPipeline starts each command of a pipeline as a process. The process id of the job is
// that of the last process. Under job control, its process group is that of the first.
func (s *Shell) startPipeline(stages []*syntax.Stmt) {
	j := &job{group: s.jobControl, pipefail: s.opt(optPipefail)}
	first := s.processOf()
	first.detach()
	stdin := first.files.get(0)
	if stdin != nil {
		stdin.refs.Add(1)
	}
	first.abandon()
	for i, st := range stages {
		sub := s.processOf()
		sub.files.replace(0, stdin)
		stdin = nil
		if i < len(stages)-1 {
			r, w, err := pipe()
			if err != nil {
				s.fail(2, "Pipe call failed: %v", err)
				sub.abandon()
				return
			}
			stdin = newFile(r)
			sub.files.replace(1, newFile(w))
		}
		sub.isStage, sub.groupOf = true, j.leader()
		if !sub.startDirectly(onlyCommand(st)) {
			sub.startInProcess(onlyCommand(st))
		}
		if sub.stopped() {
			s.failAs(sub)
		}
		if started := sub.jobs.order; len(started) > 0 {
			j.pid = started[0].pid
			j.rest = append(j.rest, &stage{pid: j.pid})
		}
		sub.abandon()
		j.text = append(j.text, s.jobText(st)...)
	}
	if n := len(j.rest); n > 0 {
		j.rest = j.rest[:n-1]
		s.adopt(j)
	}
}

// startDirectly starts a background command that is a single program, without a shell around
// it. It reports false and does nothing where the command needs a shell. A wrong command needs
// one too, since the message has to come from the process.
func (s *Shell) startDirectly(st *syntax.Stmt) bool {
	c, ok := st.Cmd.(*syntax.CallExpr)
	if !ok || st.Negated || len(c.Args) == 0 || runsCommands(st) {
		return false
	}
	sub := s.sub()
	defer sub.abandon()
	sub.jobControl, sub.terminal, sub.quiet = s.jobControl, s.terminal, true
	sub.isStage, sub.groupOf = s.isStage, s.groupOf
	argv := sub.expandCommand(c)
	if sub.stopped() || len(argv) == 0 {
		return false
	}
	traced := argv
	if argv[0] == "exec" && len(argv) > 1 {
		argv, sub.context = argv[1:], "exec"
	}
	if !sub.startsProcess(argv) || !sub.opensAtOnce(st.Redirs) {
		return false
	}
	sub.detach()
	trace := sub.files.get(2)
	replaced, ok := sub.redirect(st.Redirs)
	defer sub.undo(replaced) // the files before the redirections outlive the subshell
	if !ok {
		return false
	}
	assigns, ok := sub.placeAssigns(c.Assigns, argv)
	if !ok {
		return false
	}
	sub.quiet = false
	sub.traceCommand(trace, assigns, traced)
	status := sub.runProgram(argv, background)
	if len(sub.jobs.order) == 0 {
		s.startText(st, "exit "+strconv.Itoa(status)) // $! names it, wait returns the status
		return true
	}
	j := sub.jobs.order[0]
	j.text = s.jobText(st)
	s.adopt(j)
	return true
}

// abandon closes the files of a subshell state without ending a shell.
func (c *Shell) abandon() {
	c.files.close()
	c.closeDir()
}

// runsCommands reports whether the expansion of the command would run other commands.
func runsCommands(st *syntax.Stmt) bool {
	found := false
	syntax.Walk(st, func(n syntax.Node) bool {
		if _, ok := n.(*syntax.CmdSubst); ok {
			found = true
		}
		return !found
	})
	return found
}

// startsProcess reports whether a command is a program that gets a process of its own, also
// behind prefix commands. Messages of the prefix commands are discarded here.
func (s *Shell) startsProcess(argv []string) bool {
	if s.funcs.has(argv[0]) || s.process.builtins.get(argv[0]) != nil {
		return false
	}
	spec := &proc.Spec{Argv: argv, Env: s.environ(), Exe: -1, Dir: s.dir}
	defer spec.Release()
	p, _, status, done := s.throughPrefixes(spec, s.searchPath(), func(*proc.Spec) *native.Call {
		call := s.newCall(spec)
		call.Probe = true
		call.Stdin, call.Stdout, call.Stderr = closedFile{}, io.Discard, io.Discard
		return call
	})
	starts := p.kind == external || p.kind == script || p.kind == nativeCommand
	if done { // the process is that of the last prefix command
		return status == native.NeedsProcess
	}
	return starts || spec.Exe >= 0
}

// opensAtOnce reports whether the redirections can open their files without blocking. A FIFO
// blocks until another process opens it.
func (s *Shell) opensAtOnce(redirs []*syntax.Redirect) bool {
	for _, r := range redirs {
		switch r.Op {
		case syntax.Hdoc, syntax.DashHdoc, syntax.DplIn, syntax.DplOut:
			continue
		}
		var st unix.Stat_t
		name := s.expandText(r.Word)
		if unix.Fstatat(s.dir, name, &st, 0) == nil && st.Mode&unix.S_IFMT == unix.S_IFIFO {
			return false
		}
	}
	return true
}

// detach prepares a subshell for a background list. Without job control the list reads
// /dev/null as standard input and ignores SIGINT and SIGQUIT.
func (s *Shell) detach() {
	if s.jobControl {
		return
	}
	s.hardIgnored |= keyboard
	if s.isStage {
		return
	}
	fd, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err == nil {
		if fd, err = high(fd); err == nil {
			s.files.replace(0, newFile(fd))
		}
	}
}

// startInProcess starts a list as a process: this binary, with the state of this shell.
func (s *Shell) startInProcess(st *syntax.Stmt) {
	s.startSource(st, func(sub *Shell) []byte { return sub.save(bodyOf(st)) })
}

// startText starts a process that runs text and stands for the command in the list of jobs.
func (s *Shell) startText(st *syntax.Stmt, text string) {
	s.startSource(st, func(sub *Shell) []byte {
		return sub.saveWith(&source{text: text, line: 1, plain: true}, map[string]bool{})
	})
}

func (s *Shell) startSource(st *syntax.Stmt, state func(*Shell) []byte) {
	sub := s.processOf()
	defer sub.abandon()
	sub.isStage, sub.groupOf = s.isStage, s.groupOf
	sub.detached = !s.isStage
	sub.detach()
	sub.tested = 0
	c, ok := sub.spawn(s.process.Argv, state(sub), background)
	if !ok {
		s.failAs(sub)
		return
	}
	s.adopt(&job{pid: c.pid, group: s.jobControl, text: s.jobText(st)})
}

// failAs ends the shell where a process that was to be its subshell could not be started. The
// script must not go on without the effects of that subshell.
func (s *Shell) failAs(sub *Shell) {
	s.status, s.flow, s.failed = sub.status, sub.flow, sub.failed
}

// processOf returns the state for a subshell that becomes a process.
func (s *Shell) processOf() *Shell {
	sub := s.sub()
	sub.jobControl, sub.terminal = s.jobControl, s.terminal
	return sub
}

// inProcess runs a list as a process and waits for it.
func (s *Shell) inProcess(st *syntax.Stmt) int {
	sub := s.processOf()
	defer sub.abandon()
	defer s.holdInterrupt()()
	c, ok := sub.spawn(s.process.Argv, sub.save(bodyOf(st)), foreground)
	switch {
	case !ok:
		s.failAs(sub)
		return sub.status
	case s.jobControl:
		return s.foregroundJob(c.pid, s.jobText(st))
	}
	status, _ := s.waitFor(c)
	s.reportSignal(status)
	return proc.ExitStatus(status)
}

// bodyOf returns the list that the process of a subshell runs. For a plain subshell that is the
// list inside the parentheses, so that exec replaces the process of the subshell itself.
func bodyOf(st *syntax.Stmt) []*syntax.Stmt {
	c, ok := st.Cmd.(*syntax.Subshell)
	if !ok || st.Negated || len(st.Redirs) > 0 {
		return []*syntax.Stmt{st}
	}
	return c.Stmts
}

// goOnIn runs the commands of this subshell that are left in a new process, and waits for it.
func (s *Shell) goOnIn(list []*syntax.Stmt) { s.goOnWith(s.process.Argv, s.save(list)) }

// goOnWith does the work of goOnIn with a saved state. This shell ends with the status of the
// process.
func (s *Shell) goOnWith(argv []string, state []byte) {
	defer s.holdInterrupt()()
	if c, ok := s.spawn(argv, state, foreground); ok {
		status, _ := s.waitFor(c)
		s.endWith(status)
	}
}

// spawn starts this binary to continue this subshell from a saved state, with argv as its
// visible arguments. spawn prints the message where that fails.
func (s *Shell) spawn(argv []string, state []byte, m mode) (c child, ok bool) {
	if s.process.Exe < 0 {
		s.fail(2, "Cannot fork: %v", s.process.ExeError)
		return c, false
	}
	fd, err := unnamedFile(state)
	if err != nil {
		s.fail(2, "Cannot fork: %v", err)
		return c, false
	}
	defer unix.Close(fd)
	spec := &proc.Spec{Argv: argv, Exe: s.process.Exe, Dir: s.dir}
	note := s.process.note(s.process.Exe, fd, s.ignored(), s.files.closed(), handover.Judged)
	spec.Env = append(s.environ(), note)
	spec.Pass = []int{s.process.Exe, fd}
	s.passTiming(spec, m)
	spec.Ignore, spec.Default = uint64(s.ignored()), uint64(s.unignored())
	s.inGroup(spec, m)
	if err = s.giveFiles(spec); err == nil {
		c, err = s.home().parent.home().launch(spec, m)
	}
	if err != nil {
		s.fail(2, "Cannot fork: %v", err)
	}
	return c, err == nil
}
