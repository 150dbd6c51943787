package interp

import (
	"errors"
	"sync"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/signals"
	"overlayboot/interp/timing"
)

// A lineage says which process a shell inside another shell's process would be, if it had one,
// and so which parent its programs see. A stand-in becomes that process as soon as it matters.
//
// In dash the last command of a subshell replaces the subshell, as if behind exec. A program
// there has the parent of the subshell, and a subshell there is the same process as the
// subshell around it.
type lineage struct {
	parent *Shell         // the shell of which it is a subshell, or that runs it as a script
	body   []*syntax.Stmt // its commands, of which the last takes its place
	merged bool           // it has taken the place of its parent
	stand  *standing
	// endedBy is set where a signal has ended the process that the shell stands for. The shell
	// that waits for it reports that.
	endedBy unix.WaitStatus
	// held delivers an interrupt that arrived while the last program ran. The shell that waits
	// for this one calls it.
	held func()
	step *timing.Step // its step in the timing records of this process, nil if none has begun
}

// standing is the stand-in of a shell. Subshells may ask for it at the same time.
type standing struct {
	mu     sync.Mutex
	in     *proc.StandIn
	failed bool // no stand-in is possible
}

func (l *lineage) fork(s *Shell) lineage {
	return lineage{parent: s, stand: new(standing), step: l.step}
}

// inPlace merges a subshell with its parent if the command that it runs is the parent's last:
// both are the same process then.
func (c *Shell) inPlace(cmd syntax.Command) {
	c.merged = c.parent.inside() && c.parent.isLastCommand(cmd)
}

// isLastCommand reports whether only this command is left of a subshell.
func (s *Shell) isLastCommand(cmd syntax.Command) bool {
	return s.role == aSubshell && !s.hasActions() && isLastOf(s.body, cmd)
}

// home returns the shell whose process s belongs to.
func (s *Shell) home() *Shell {
	for s.merged {
		s = s.parent
	}
	return s
}

// forker returns the shell whose process becomes the parent of the program that s is about to
// start.
func (s *Shell) forker(m mode) *Shell {
	home := s.home()
	if home.inside() && s.takesPlace(m) {
		return home.parent.home()
	}
	return home
}

// takesPlace reports whether the next program takes the place of the shell.
func (s *Shell) takesPlace(m mode) bool { return m == replace || s.isLast() }

// isLast reports whether the next command is the only one left.
func (s *Shell) isLast() bool {
	return s.running != nil && s.isLastCommand(s.running)
}

// executes reports whether this process itself executes the program of the next command.
func (s *Shell) executes() bool { return s.isLast() && !s.inside() }

// isLastOf reports whether a command is the last of a list, with which its shell ends.
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
	if len(st.Redirs) > 0 { // redirections are undone behind it
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

// isOnlyOf reports whether a command is the only one of a list, possibly in braces. For such a
// compound command in the background, dash treats its redirections as those of the list.
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

// standIn returns the stand-in of this shell, made at the first call. It returns nil if the
// shell is the main shell of a process, or if a stand-in is impossible.
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
	under *proc.StandIn // its parent; nil for a child of this process
}

// launch starts a program as a child of the process that the shell is, or stands for.
func (s *Shell) launch(spec *proc.Spec, m mode) (child, error) {
	if m != background { // only a main shell starts background programs
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

// waitFor waits for a child. ok is false if the child's parent, a stand-in, has been ended.
func (s *Shell) waitFor(c child) (status unix.WaitStatus, ok bool) {
	if c.under != nil {
		return c.under.Wait(c.pid)
	}
	return s.waitChild(c.pid)
}

// standKilled reports whether the process that the shell stands for has been killed. The shell
// then ends without its EXIT trap.
func (s *Shell) standKilled() bool {
	status, killed := s.home().standOutcome()
	if killed {
		s.endWith(status)
		s.flow, s.failed, s.exitDone = flowExit, false, true
	}
	return killed
}

// endWith ends the shell with the wait status of a process.
func (s *Shell) endWith(status unix.WaitStatus) {
	if s.status = proc.ExitStatus(status); status.Signaled() {
		s.endedBy = status
	}
}

// ended reports a signal that ended a subshell. If the subshell is the same process as the
// shell, the signal ends the shell.
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
		_ = signals.Kill(unix.Getpid(), int(unix.SIGINT)) // as the terminal does for a job
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
