package interp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"overlayboot/builtins"
	"overlayboot/interp/text"
)

func itoa(n int) string { return strconv.Itoa(n) }

func runWait(s *Shell, argv []string) int {
	if len(argv) == 1 {
		for _, j := range s.jobs {
			if status := s.waitJob(j, false); !j.done {
				return status // a trap ended it
			}
		}
		return 0
	}
	status := 0
	for _, arg := range argv[1:] {
		j, ok := s.jobOperand(arg)
		if !ok {
			return 2
		}
		status = 127
		if j != nil {
			status = s.waitJob(j, true)
		}
	}
	return status
}

// jobOperand finds the job that an operand of wait and the like names. An
// operand that cannot be one is an error; a process that is no job is nil.
func (s *Shell) jobOperand(arg string) (j *job, ok bool) {
	j = s.findJob(arg)
	if j == nil && strings.HasPrefix(arg, "%") {
		s.complain("No such job: %s", arg)
		return nil, false
	}
	if _, err := text.ParseInt(arg); j == nil && err != nil {
		s.complain("%v", err)
		return nil, false
	}
	return j, true
}

// findJob finds a job by %number or process id.
func (s *Shell) findJob(arg string) *job {
	if num, ok := strings.CutPrefix(arg, "%"); ok {
		n, err := strconv.Atoi(num)
		if num == "" || num == "%" || num == "+" {
			n, err = len(s.jobs), nil
		}
		if err != nil || n < 1 || n > len(s.jobs) {
			return nil
		}
		return s.jobs[n-1]
	}
	pid, err := strconv.Atoi(arg)
	if err != nil {
		return nil
	}
	i := slices.IndexFunc(s.jobs, func(j *job) bool { return j.pid == pid })
	if i < 0 {
		return nil
	}
	return s.jobs[i]
}

// runJobs lists the jobs that run; those that ended are not kept for it.
func runJobs(s *Shell, argv []string) int {
	_, operands, ok := s.options(argv, "lp")
	if !ok {
		return 2
	}
	for _, arg := range operands {
		if _, ok := s.jobOperand(arg); !ok {
			return 2
		}
	}
	s.reap()
	for i, j := range s.jobs {
		if !j.done {
			fmt.Fprintf(s.files.writer(1), "[%d] %c %-27s\n", i+1, '+', "Running")
		}
	}
	return 0
}

const killUsage = "Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\n" +
	"kill -l [exitstatus]"

func runKill(s *Shell, argv []string) int {
	args := argv[1:]
	sig := unix.SIGTERM
	if len(args) > 0 && args[0] == "-l" {
		return s.listSignals(argv, args[1:])
	}
	if len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && args[0] != "--" {
		name := args[0][1:]
		isOperand := name == "s"
		if isOperand {
			if len(args) < 2 {
				return s.blame(argv, 2, "No arg for -s option")
			}
			name, args = args[1], args[1:]
		}
		var ok bool
		if sig, ok = text.ParseKillSignal(name); !ok && isOperand {
			return s.blame(argv, 2, "invalid signal number or name: %s", name)
		} else if !ok {
			return s.blame(argv, 2, "Illegal option -%s", name[:1])
		}
		args = args[1:]
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return s.blame(argv, 2, killUsage)
	}
	status := 0
	for _, arg := range args {
		if done, ok := s.kill(arg, sig); !ok {
			return 2
		} else if !done {
			status = 1
		}
	}
	return status
}

// kill sends a signal to what an operand names. An operand that names nothing
// is an error, and the rest is not looked at.
func (s *Shell) kill(arg string, sig syscall.Signal) (done, ok bool) {
	j, ok := s.jobOperand(arg)
	if !ok {
		return false, false
	}
	pid, _ := strconv.Atoi(arg)
	if j != nil {
		pid = j.pid
	}
	err := error(nil)
	if pid == unix.Getpid() {
		action, trapped := s.mainTrap(int(sig))
		err = s.host.signals.sendSelf(sig, action, trapped)
	} else {
		err = s.signalProcess(pid, sig)
	}
	if err != nil {
		s.complain("%s\n", builtins.Strerror(err))
	}
	return err == nil, true
}

// signalProcess sends a signal to another process. One of the shell's own is not
// waited for: wait says how it ended.
func (s *Shell) signalProcess(pid int, sig unix.Signal) error {
	if slices.ContainsFunc(s.jobs, func(j *job) bool { return j.pid == pid }) {
		return unix.Kill(pid, sig)
	}
	return builtins.Signal(pid, sig)
}

// mainTrap is the action for a signal of the shell that the process is.
func (s *Shell) mainTrap(sig int) (action string, trapped bool) {
	if s.main != nil {
		s = s.main
	}
	action, trapped = s.traps[sig]
	return action, trapped
}

func (s *Shell) listSignals(argv, args []string) int {
	out := s.files.writer(1)
	if len(args) > 0 {
		name, err := text.SignalOfStatus(args[0])
		if err != nil {
			return s.blame(argv, 2, "%v", err)
		}
		fmt.Fprintln(out, name)
		return 0
	}
	var b strings.Builder
	b.WriteString("0\n")
	for n := 1; n < text.NSIG; n++ {
		b.WriteString(text.SignalName(n) + "\n")
	}
	out.Write([]byte(b.String()))
	return 0
}

func runUmask(s *Shell, argv []string) int {
	given, operands, ok := s.options(argv, "S")
	if !ok {
		return 2
	}
	current := unix.Umask(0)
	unix.Umask(current)
	if len(operands) > 0 {
		mask, err := text.Umask(operands[0], uint32(current))
		if err != nil {
			return s.blame(argv, 2, "%v", err)
		}
		if s.subshell && s.umask < 0 {
			s.umask = current
		}
		unix.Umask(int(mask))
		return 0
	}
	form := fmt.Sprintf("%04o\n", current)
	if len(given) > 0 {
		form = text.UmaskSymbolic(uint32(current)) + "\n"
	}
	return s.print(argv, form)
}

func runTimes(s *Shell, argv []string) int {
	var own, kids unix.Rusage
	unix.Getrusage(unix.RUSAGE_SELF, &own)
	unix.Getrusage(unix.RUSAGE_CHILDREN, &kids)
	form := func(t unix.Timeval) string {
		return fmt.Sprintf("%dm%d.%06ds", t.Sec/60, t.Sec%60, t.Usec)
	}
	return s.print(argv, fmt.Sprintf("%s %s\n%s %s\n",
		form(own.Utime), form(own.Stime), form(kids.Utime), form(kids.Stime)))
}

// runTrap sets, resets or lists traps.
func runTrap(s *Shell, argv []string) int {
	args := argv[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	} else if len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		return s.blame(argv, 2, "Illegal option -%c", args[0][1])
	}
	if len(args) == 0 {
		s.listTraps()
		return 0
	}
	action, reset := args[0], args[0] == "-"
	if len(args) == 1 {
		reset = true
	} else if _, isNumber := strconv.Atoi(action); isNumber == nil {
		reset = true
	} else {
		args = args[1:]
	}
	if reset && len(args) > 1 && args[0] == "-" {
		args = args[1:]
	}
	for _, name := range args {
		sig, ok := text.ParseSignal(name)
		if !ok {
			// dash names no line here, and goes on.
			s.files.writer(2).Write([]byte("trap: " + name + ": bad trap\n"))
			return 1
		}
		if reset {
			s.clearTrap(int(sig))
		} else {
			s.setTrap(int(sig), action)
		}
	}
	return 0
}

func (s *Shell) listTraps() {
	var b strings.Builder
	for n := range text.NSIG {
		if action, ok := s.traps[n]; ok {
			fmt.Fprintf(&b, "trap -- %s %s\n", text.SingleQuote(action), text.SignalName(n))
		}
	}
	s.files.writer(1).Write([]byte(b.String()))
}
