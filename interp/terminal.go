package interp

import (
	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
	"overlayboot/interp/signals"
)

// terminal is the controlling terminal of a shell with job control.
type terminal struct {
	fd    int
	group int // the process group that had it before
	// ignored are the signals that stop jobs, were ignored when the shell started, and have
	// had no command by trap since: without job control they are ignored again. As in dash,
	// TTIN is not among them.
	ignored sigset
}

// optionsChanged makes job control and the signals follow the options.
func (s *Shell) optionsChanged(old options) {
	changed := old ^ s.opts
	if !s.isRoot() || changed&(optMonitor|optInteractive) == 0 {
		return
	}
	if s.opt(optMonitor) && !s.jobControl && !s.takeTerminal() {
		s.complain("can't access tty; job control turned off")
		s.setOpt(optMonitor, false)
	}
	if !s.opt(optMonitor) {
		s.leaveTerminal()
	}
	for _, sig := range [...]unix.Signal{
		unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU,
	} {
		s.dispose(int(sig))
	}
}

// setMonitor turns the option -m on or off.
func (s *Shell) setMonitor(on bool) {
	old := s.opts
	s.setOpt(optMonitor, on)
	s.optionsChanged(old)
}

// takeTerminal starts job control: the shell gets a process group of its own,
// which has the terminal. false: there is none.
func (s *Shell) takeTerminal() bool {
	fd, ok := openTerminal()
	if !ok {
		return false
	}
	for {
		group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
		if err != nil {
			unix.Close(fd)
			return false
		}
		if group == unix.Getpgrp() {
			s.terminal.fd, s.terminal.group = fd, group
			break
		}
		unix.Kill(0, unix.SIGTTIN) // until the shell is in the foreground
	}
	// Those that stop jobs are the shell's, also where they were ignored at its start.
	s.terminal.ignored = s.hardIgnored & setOf(unix.SIGTSTP, unix.SIGTTOU)
	s.hardIgnored &^= setOf(unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU)
	s.jobControl = true
	s.dispose(int(unix.SIGTSTP))
	s.dispose(int(unix.SIGTTOU))
	_ = unix.Setpgid(0, unix.Getpid())
	s.giveTerminal(unix.Getpid())
	return true
}

// openTerminal opens the controlling terminal or takes a standard file that is one.
func openTerminal() (fd int, ok bool) {
	fd, err := unix.Open("/dev/tty", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err == nil {
		fd, err = high(fd)
		return fd, err == nil
	}
	for n := 2; n >= 0; n-- {
		if _, err := unix.IoctlGetTermios(n, unix.TCGETS); err == nil {
			fd, err = unix.FcntlInt(uintptr(n), unix.F_DUPFD_CLOEXEC, firstFile)
			return fd, err == nil
		}
	}
	return -1, false
}

// leaveTerminal ends job control.
func (s *Shell) leaveTerminal() {
	if !s.jobControl || !s.isRoot() {
		return
	}
	s.giveTerminal(s.terminal.group)
	_ = unix.Setpgid(0, s.terminal.group)
	unix.Close(s.terminal.fd)
	s.hardIgnored |= s.terminal.ignored
	s.jobControl = false
}

// giveTerminal makes a process group the one in the foreground.
func (s *Shell) giveTerminal(group int) {
	// One that is not in the foreground would get SIGTTOU, and for a trap try again.
	defer signals.Hold(int(unix.SIGTTOU))()
	_ = unix.IoctlSetPointerInt(s.terminal.fd, unix.TIOCSPGRP, group)
}

// inGroup makes what a Spec starts a job: a process group, which has the terminal
// but for a background list.
func (s *Shell) inGroup(spec *proc.Spec, m mode) {
	if !s.jobControl {
		return
	}
	spec.Group, spec.Leader, spec.Terminal = true, s.groupOf, -1
	if m == foreground {
		spec.Terminal = s.terminal.fd
	}
}

// waitForeground waits for a job that has the terminal, and takes that back.
func (s *Shell) waitForeground(j *job) int {
	if len(s.jobs.order) == 1 {
		s.jobs.settle(j, j.wait(s.waitFlags()))
	} else {
		s.awaitAny(j, func() int { return 0 })
	}
	s.giveTerminal(unix.Getpid())
	if j.state == done {
		s.jobs.remove(j)
		for _, status := range j.ends {
			s.reportSignal(status)
		}
		if status := j.status; status.Signaled() && status.Signal() == unix.SIGINT {
			_ = signals.Kill(unix.Getpid(), int(unix.SIGINT)) // the terminal has sent it to the job only
		}
	}
	return j.exitStatus()
}

// foregroundJob waits for a process that was started in the foreground under job
// control.
func (s *Shell) foregroundJob(pid int, text []string) int {
	j := &job{pid: pid, group: true, text: text}
	s.jobs.add(j)
	signals.CatchChildren()
	return s.waitForeground(j)
}

// stoppedJobs warns, once, that there are jobs which have stopped.
func (s *Shell) stoppedJobs() bool {
	if s.warned > 0 || len(s.jobs.order) == 0 || s.jobs.order[0].state != stopped {
		return false
	}
	s.files.writer(2).Write([]byte("You have stopped jobs.\n"))
	s.warned = 2
	return true
}
