package interp

import (
	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/proc"
)

// background runs a command without waiting for it (XCU 2.9.3.1).
func (s *Shell) background(st *syntax.Stmt) {
	list := *st
	list.Background = false
	if !s.startDirectly(&list) {
		s.startInProcess(&list)
	}
	if !s.stopped() {
		s.status = 0
	}
}

// startDirectly starts a background command that is one program and needs no
// shell. It reports false, with nothing done, where it does need one: also where
// something is wrong with the command, which the process itself is to say.
func (s *Shell) startDirectly(st *syntax.Stmt) bool {
	c, ok := st.Cmd.(*syntax.CallExpr)
	if !ok || st.Negated || len(c.Args) == 0 || runsCommands(st) {
		return false
	}
	sub := s.sub()
	defer sub.abandon()
	sub.jobControl, sub.terminal, sub.quiet = s.jobControl, s.terminal, true
	argv := sub.expandCommand(c)
	if sub.stopped() || len(argv) == 0 {
		return false
	}
	traced := argv
	if argv[0] == "exec" && len(argv) > 1 {
		argv = argv[1:]
	}
	if !sub.startsProcess(argv[0]) || !sub.opensAtOnce(st.Redirs) {
		return false
	}
	sub.detach()
	trace := sub.files.get(2)
	if _, ok := sub.redirect(st.Redirs); !ok {
		return false
	}
	assigns, ok := sub.expandAssigns(c.Assigns)
	if !ok {
		return false
	}
	sub.quiet = false
	sub.traceCommand(trace, assigns, traced)
	sub.runProgram(argv, assigns, background)
	if len(sub.jobs.order) > 0 {
		j := sub.jobs.order[0]
		j.text = s.jobText(st)
		s.adopt(j)
	}
	return true
}

// abandon drops a subshell state without ending a shell.
func (c *Shell) abandon() {
	c.files.close()
	c.closeDir()
}

// runsCommands reports whether expanding the command would run others.
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

// startsProcess reports whether a command name is for a program that has a
// process of its own anyway.
func (s *Shell) startsProcess(name string) bool {
	if _, ok := s.funcs[name]; ok {
		return false
	}
	if s.host.builtins.get(name) != nil {
		return false
	}
	spec := &proc.Spec{Argv: []string{name}, Env: s.environ(), Exe: -1}
	p := s.find(spec, s.searchPath(nil))
	return p.kind == external || p.kind == script || p.kind == native
}

// opensAtOnce reports whether the files of redirections can be opened without
// waiting for another process, as a FIFO would need.
func (s *Shell) opensAtOnce(redirs []*syntax.Redirect) bool {
	for _, r := range redirs {
		switch r.Op {
		case syntax.Hdoc, syntax.DashHdoc, syntax.DplIn, syntax.DplOut:
			continue
		}
		var st unix.Stat_t
		name := s.expandText(r.Word)
		if unix.Fstatat(s.dir, name, &st, 0) == nil && st.Mode&unix.S_IFMT != unix.S_IFREG &&
			name != "/dev/null" {
			return false
		}
	}
	return true
}

// detach prepares a subshell for a background list: without job control its
// standard input is empty and it ignores the keyboard's signals.
func (s *Shell) detach() {
	if s.jobControl {
		return
	}
	fd, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err == nil {
		if fd, err = high(fd); err == nil {
			if old := s.files.put(0, newFile(fd)); old != nil {
				old.release()
			}
		}
	}
	s.hardIgnored |= keyboard
}

// startInProcess starts a list as a process: our binary with this shell's
// state.
func (s *Shell) startInProcess(st *syntax.Stmt) {
	sub := s.processOf()
	defer sub.abandon()
	sub.detach()
	if pid := sub.spawn(st, background); pid > 0 {
		s.adopt(&job{pid: pid, group: s.jobControl, text: s.jobText(st)})
	}
}

// processOf is the state of a subshell that is to be a process.
func (s *Shell) processOf() *Shell {
	sub := s.sub()
	sub.jobControl, sub.terminal = s.jobControl, s.terminal
	return sub
}

// inProcess runs a list as a process and waits for it.
func (s *Shell) inProcess(st *syntax.Stmt) int {
	sub := s.processOf()
	defer sub.abandon()
	pid := sub.spawn(st, foreground)
	if pid <= 0 {
		return sub.status
	}
	if s.jobControl {
		return s.foregroundJob(pid, s.jobText(st))
	}
	status, _ := proc.Wait(pid)
	s.settleSignals()
	s.childEnded()
	s.reportSignal(status)
	return proc.ExitStatus(status)
}

// spawn starts our binary with the state of s to run st; 0 when that fails.
func (s *Shell) spawn(st *syntax.Stmt, m mode) int {
	state, err := s.save(st)
	if err != nil {
		s.fail(2, "Cannot fork: %v", err)
		return 0
	}
	fd, err := unnamedFile(state)
	if err != nil {
		s.fail(2, "Cannot fork: %v", err)
		return 0
	}
	defer unix.Close(fd)
	spec := &proc.Spec{Argv: s.host.Argv, Exe: s.host.Exe, Dir: s.dir}
	spec.Env = append(s.environ(), s.host.handover(fd, s.hardIgnored.list()))
	spec.Pass = []int{s.host.Exe, fd}
	spec.Ignore, spec.Default = s.ignored(), s.unignored()
	s.inGroup(spec, m)
	if err := s.giveFiles(spec); err == nil {
		var pid int
		if pid, err = spec.Start(); err == nil {
			return pid
		}
		s.fail(2, "Cannot fork: %v", err)
	}
	return 0
}
