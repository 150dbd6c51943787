package builtins

import (
	"math"
	"strconv"

	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
)

// runTerminal is "overlay-terminal [-t PID] COMMAND [ARG]...": it runs a command that is
// not to get at the terminal of its caller, as what runs in a subhost must not: whoever
// has a terminal can put characters into its input (TIOCSTI), which the caller's shell
// reads once the command has ended (CVE-2016-10124, CVE-2017-5226).
//
// The command leads a session of its own. Those of its files 0, 1 and 2 that are
// terminals are replaced by a new pseudo-terminal, its controlling one, and this process
// stays and copies between the two. All other files are closed, or where they are no
// terminals 0, 1 and 2 are as they were. With -t the pseudo-terminal is one that the
// process PID has in its /dev/pts, if possible: programs there find its name.
//
// The exit status is that of the command, 128 and its number for a signal; 1 where there
// is no pseudo-terminal to be had, 2 for a wrong use.
func runTerminal(c *Call) int {
	opts, command, problem := c.options(terminalOptions, operandsLast)
	if problem != "" {
		c.Errorf("%s is unknown; usage: overlay-terminal [-t PID] COMMAND [ARG]...", problem)
		return 2
	}
	if len(command) == 0 {
		c.Errorf("usage: overlay-terminal [-t PID] COMMAND [ARG]...")
		return 2
	}
	target := ""
	for _, o := range opts {
		if n, err := strconv.ParseUint(o.value, 10, 31); err != nil || n == 0 {
			c.Errorf("%s is not a process id", quoteText(o.value))
			return 2
		}
		target = o.value
	}
	r, err := newRelay(c, target)
	if err != nil {
		c.Errorf("%s", err)
		return 1
	}
	return r.run(command)
}

var terminalOptions = []option{{'t', "target", needArg}}

// files are those that the command gets: the slave side for terminals, -1 for all that it
// may have. first is the lowest of those replaced, negative without any.
func (r *relay) files() (files [3]int, first int) {
	first = -1
	for n := range files {
		files[n] = -1
		if r.terminals[n] {
			files[n] = r.pty.slave
			if first < 0 {
				first = n
			}
		}
	}
	return files, first
}

// start starts the command.
func (r *relay) start(command []string) (pid, status int) {
	files, first := r.files()
	session := func(s *proc.Spec) {
		s.Call(proc.Failure{Text: r.c.Name() + ": cannot make a session", Status: 1},
			proc.ChangesOther, unix.SYS_SETSID)
	}
	closeOnExec(3)
	return r.c.Start(command, files[:], func(s *proc.Spec) {
		s.Blame = r.c.Name() + ": cannot run %s: %s"
		if first < 0 {
			// A process that nsenter leaves outside is in the session, too: signals are
			// passed to the group.
			session(s)
			return
		}
		// Behind the steps of nsenter, so that the session is led by the program inside:
		// there ps shows it.
		s.Late(func(s *proc.Spec) {
			session(s)
			s.CallOn(first, proc.Failure{Text: r.c.Name() + ": cannot set the terminal", Status: 1},
				proc.ChangesOther, unix.SYS_IOCTL, unix.TIOCSCTTY, 0)
		})
	})
}

// closeOnExec keeps the descriptors from a number on out of what is executed: those that
// the caller had open are not for the command.
func closeOnExec(from int) {
	if unix.CloseRange(uint(from), math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return // Linux 5.11
	}
	var limit unix.Rlimit
	_ = unix.Getrlimit(unix.RLIMIT_NOFILE, &limit)
	for fd := from; fd < int(min(limit.Cur, 1<<20)); fd++ {
		unix.CloseOnExec(fd)
	}
}
