package interp

import (
	"errors"
	"sync"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/proc"
	"overlayboot/interp/signals"
	"overlayboot/interp/timing"
)

// A lineage says which process a shell that runs inside another's would be, had it one:
// the parent that its programs see. As soon as it matters, a stand-in is that process.
//
// In dash the last command of a subshell takes the place of the subshell, as if behind
// exec: such a program has the parent of the subshell, and a subshell there is the same
// process as the one around it.
type lineage struct {
	parent *Shell         // of which it is a subshell, or that runs it as a script
	body   []*syntax.Stmt // its commands, where the last takes its place
	merged bool           // it has taken the place of its parent
	stand  *standing
	// endedBy is set where a signal has ended the process that the shell is taken for.
	// Who waits for that says so.
	endedBy unix.WaitStatus
	// held lets an interrupt through that came while the last program ran: who waits for
	// the shell calls it.
	held func()
	step *timing.Step // of the records of this process, nil: none that has begun
}

// standing is the stand-in of a shell. Its subshells may ask for it at the same time.
type standing struct {
	mu     sync.Mutex
	in     *proc.StandIn
	failed bool // there can be none
}

func (l *lineage) fork(s *Shell) lineage {
	return lineage{parent: s, stand: new(standing), step: l.step}
}

// inPlace makes a subshell that runs a command of its parent the same process as that
// where the command is the parent's last.
func (c *Shell) inPlace(cmd syntax.Command) {
	c.merged = c.parent.inside() && c.parent.isLastCommand(cmd)
}

// isLastCommand reports whether a command is all that is left of a subshell.
func (s *Shell) isLastCommand(cmd syntax.Command) bool {
	return s.role == aSubshell && !s.hasActions() && isLastOf(s.body, cmd)
}

// home is the shell whose process a shell is.
func (s *Shell) home() *Shell {
	for s.merged {
		s = s.parent
	}
	return s
}

// forker is the shell whose process is the parent of the program that this one is about
// to start.
func (s *Shell) forker(m mode) *Shell {
	home := s.home()
	if home.inside() && s.takesPlace(m) {
		return home.parent.home()
	}
	return home
}

// takesPlace reports whether the program that the shell is about to run takes its place.
func (s *Shell) takesPlace(m mode) bool { return m == replace || s.isLast() }

// isLast reports whether the command that the shell is about to run is all that is left.
func (s *Shell) isLast() bool {
	return s.running != nil && s.isLastCommand(s.running)
}

// executes reports whether that program is to be executed by this process.
func (s *Shell) executes() bool { return s.isLast() && !s.inside() }

// isLastOf reports whether a command is the last of a list: that with which its shell
// ends.
func isLastOf(list []*syntax.Stmt, cmd syntax.Command) bool {
	if len(list) == 0 {
		return false
	}
	st := list[len(list)-1]
	if st.Negated || st.Background {
		return false
	}
	if st.Cmd == cmd {
		return true
	}
	if len(st.Redirs) > 0 { // they are undone behind it
		return false
	}
	switch c := st.Cmd.(type) {
	case *syntax.Block:
		return isLastOf(c.Stmts, cmd)
	case *syntax.BinaryCmd:
		return c.Op != syntax.Pipe && isLastOf([]*syntax.Stmt{c.Y}, cmd)
	case *syntax.IfClause:
		for ; c != nil; c = c.Else {
			if isLastOf(c.Then, cmd) {
				return true
			}
		}
	case *syntax.CaseClause:
		for _, item := range c.Items {
			if isLastOf(item.Stmts, cmd) {
				return true
			}
		}
	}
	return false
}

// isOnlyOf reports whether a command is all that a list has, be it in braces. In the
// background dash takes the redirections of such a compound command for those of the list.
func isOnlyOf(list []*syntax.Stmt, cmd syntax.Command) bool {
	if len(list) != 1 || list[0].Negated || list[0].Background {
		return false
	}
	if list[0].Cmd == cmd {
		return true
	}
	block, ok := list[0].Cmd.(*syntax.Block)
	return ok && len(list[0].Redirs) == 0 && isOnlyOf(block.Stmts, cmd)
}

// standIn is the stand-in for this shell, which is made when it is asked for; nil where
// the shell is a process, or there can be none.
func (s *Shell) standIn() *proc.StandIn {
	if !s.inside() {
		return nil
	}
	s.stand.mu.Lock()
	defer s.stand.mu.Unlock()
	if s.stand.in == nil && !s.stand.failed {
		var err error
		s.stand.in, err = proc.NewStandIn(proc.StandInSignals{
			Ignore: uint64(s.ignored()), Default: uint64(s.unignored()), Mask: signals.Mask(),
		})
		s.stand.failed = err != nil
	}
	return s.stand.in
}

// A child is a process that was started for a shell.
type child struct {
	pid   int
	under *proc.StandIn // whose child it is; nil: a child of this process
}

// launch starts a program as a child of the process that the shell is, or would be.
func (s *Shell) launch(spec *proc.Spec, m mode) (child, error) {
	if m != background { // only a shell that is a process has such
		if in := s.standIn(); in != nil {
			pid, err := spec.StartUnder(in)
			if !errors.Is(err, proc.ErrNoStandIn) {
				return child{pid, in}, err
			}
		}
	}
	pid, err := spec.Start()
	return child{pid, nil}, err
}

// waitFor waits for a child; false: the process whose child it is has been ended.
func (s *Shell) waitFor(c child) (status unix.WaitStatus, ok bool) {
	if c.under != nil {
		return c.under.Wait(c.pid)
	}
	return s.waitChild(c.pid)
}

// standKilled reports whether somebody has ended the process that the shell is taken for,
// and ends the shell then, without its EXIT trap.
func (s *Shell) standKilled() bool {
	status, killed := s.home().standOutcome()
	if killed {
		s.endWith(status)
		s.flow, s.failed, s.exitDone = flowExit, false, true
	}
	return killed
}

// endWith makes the end of a process that of the shell.
func (s *Shell) endWith(status unix.WaitStatus) {
	if s.status = proc.ExitStatus(status); status.Signaled() {
		s.endedBy = status
	}
}

// ended reports how a subshell has ended, where a signal has done that: as the end of the
// shell itself where that is the same process.
func (s *Shell) ended(c *Shell) {
	if c.merged {
		s.endedBy, s.held = c.endedBy, c.held
		return
	}
	if c.held != nil {
		defer c.held()
	}
	s.reportSignal(c.endedBy)
	if s.jobControl && c.endedBy.Signaled() && c.endedBy.Signal() == unix.SIGINT {
		_ = signals.Kill(unix.Getpid(), int(unix.SIGINT)) // as for a job
	}
}

func (s *Shell) standOutcome() (status unix.WaitStatus, killed bool) {
	if s.stand == nil {
		return 0, false
	}
	s.stand.mu.Lock()
	defer s.stand.mu.Unlock()
	if s.stand.in == nil {
		return 0, false
	}
	return s.stand.in.Killed()
}

// leaveStandIn ends the stand-in of a shell that has ended.
func (s *Shell) leaveStandIn() {
	if s.stand == nil || s.stand.in == nil {
		return
	}
	if status, killed := s.stand.in.End(); killed {
		s.endWith(status)
	}
}
