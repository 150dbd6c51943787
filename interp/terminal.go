package interp

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/signals"
)

// terminal is the controlling terminal of a shell with job control.
type terminal struct {
	fd    int
	group int // the process group that had the terminal before
	// ignored holds signals that stop jobs, that were ignored when the shell started, and for
	// which no trap has set an action since. They are ignored again when job control ends. As
	// in dash, TTIN is never one of them.
	ignored sigset
}

// optionsChanged adapts job control and the signals to changed options.
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

// takeTerminal starts job control: the shell moves to its own process group and gets the
// terminal. takeTerminal reports false if there is no terminal.
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
		unix.Kill(0, unix.SIGTTIN) // stops the shell while it is in the background
	}
	// The shell handles the signals that stop jobs, even those that were ignored at its start.
	s.terminal.ignored = s.hardIgnored & setOf(unix.SIGTSTP, unix.SIGTTOU)
	s.hardIgnored &^= setOf(unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU)
	s.jobControl = true
	s.dispose(int(unix.SIGTSTP))
	s.dispose(int(unix.SIGTTOU))
	_ = unix.Setpgid(0, unix.Getpid())
	s.giveTerminal(unix.Getpid())
	return true
}

// openTerminal opens the controlling terminal, or takes a standard file that is a terminal.
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

// giveTerminal moves a process group to the foreground.
func (s *Shell) giveTerminal(group int) {
	// A background process would get SIGTTOU, and with a trap would try again.
	defer signals.Hold(int(unix.SIGTTOU))()
	_ = unix.IoctlSetPointerInt(s.terminal.fd, unix.TIOCSPGRP, group)
}

// inGroup makes the process of a Spec a job: it gets a process group, which has the terminal
// unless the list is in the background.
func (s *Shell) inGroup(spec *proc.Spec, m mode) {
	if !s.jobControl {
		return
	}
	spec.Group, spec.Leader, spec.Terminal = true, s.groupOf, -1
	if m == foreground {
		spec.Terminal = s.terminal.fd
	}
}

// waitForeground waits for the job that has the terminal, and takes the terminal back.
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
			_ = signals.Kill(unix.Getpid(), int(unix.SIGINT)) // the terminal sent it to the job
		}
	}
	return j.exitStatus()
}

// foregroundJob waits for a process that was started in the foreground under job control.
func (s *Shell) foregroundJob(pid int, text []string) int {
	j := &job{pid: pid, group: true, text: text}
	s.jobs.add(j)
	signals.CatchChildren()
	return s.waitForeground(j)
}

// stoppedJobs warns of stopped jobs, once.
func (s *Shell) stoppedJobs() bool {
	if s.warned > 0 || len(s.jobs.order) == 0 || s.jobs.order[0].state != stopped {
		return false
	}
	s.files.writer(2).Write([]byte("You have stopped jobs.\n"))
	s.warned = 2
	return true
}
