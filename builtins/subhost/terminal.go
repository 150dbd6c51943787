package subhost

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

// Terminal is "overlay-terminal [OPTION]... COMMAND [ARG]...": it runs a command that must not
// have access to the caller's terminal, as for a program in a subhost. Any process with access
// to a terminal can put characters into its input (TIOCSTI), and the caller's shell reads them
// after the command has ended (CVE-2016-10124, CVE-2017-5226).
//
// The command leads a new session. A new pseudo-terminal replaces those of its files 0, 1 and 2
// that are terminals, and is its controlling terminal. This process stays and copies between
// the two terminals. A file 0, 1 or 2 that is not a terminal stays as it is, and all other
// files are closed. With -t the pseudo-terminal belongs to the /dev/pts of the process PID, if
// possible, so that programs there find its name. With -o it belongs to that user, who could
// otherwise not open it by a name. With -s, what fails before the command runs is told in the name
// of overlay-go, and also that the subhost does not run, if the process PID has ended.
//
// The exit status is that of the command, or 128 plus the signal number. It is 1 if no
// pseudo-terminal is available, and 2 for a usage error.
func Terminal(c *native.Call) int {
	opts, command, problem := c.Options(terminalOptions, native.OperandsLast)
	if problem != "" {
		c.Errorf("%s is unknown; %s", problem, terminalUsage)
		return 2
	}
	if len(command) == 0 {
		c.Errorf("%s", terminalUsage)
		return 2
	}
	target, owner, name := "", -1, ""
	for _, o := range opts {
		n, err := strconv.ParseUint(o.Value, 10, 32)
		switch {
		case o.Key == 's':
			name = o.Value
		case o.Key == 'o' && err == nil && n < math.MaxUint32:
			owner = int(n)
		case o.Key == 'o':
			c.Errorf("%s is not a user id", native.QuoteText(o.Value))
			return 2
		case err != nil || n == 0 || n > math.MaxInt32:
			c.Errorf("%s is not a process id", native.QuoteText(o.Value))
			return 2
		default:
			target = o.Value
		}
	}
	r, err := newRelay(c, target, owner)
	if err != nil {
		c.Errorf("%s", err)
		return 1
	}
	r.subhost = name
	status := r.run(command)
	// a process of this binary that could not enter the namespaces has status 1, too
	pid, _ := strconv.Atoi(target)
	if name != "" && target != "" && (r.pid == 0 || status == 1) && hasEnded(pid) {
		fmt.Fprintf(c.Stderr, "%s is not running\n", name)
		return 1
	}
	return status
}

// hasEnded reports whether a process has ended, or is just ending.
func hasEnded(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, ok := bytes.Cut(stat, []byte(") "))
	return err != nil || ok && (rest[0] == 'Z' || rest[0] == 'X')
}

const terminalUsage = "usage: overlay-terminal [-t PID] [-o UID] [-s SUBHOST] COMMAND [ARG]..."

var terminalOptions = []native.Option{{Key: 't', Long: "target", Arg: native.NeedArg},
	{Key: 'o', Long: "owner", Arg: native.NeedArg},
	{Key: 's', Long: "subhost", Arg: native.NeedArg}}

// files returns the files 0 to 2 of the command: the slave side in the place of a terminal, -1
// for a file that the command may have as it is. first is the lowest replaced file, negative if
// there is none.
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
		s.Blame = proc.Blame{Text: r.c.Name() + ": cannot run %s: %s"}
		if r.subhost != "" {
			s.Late(func(s *proc.Spec) { s.Speak("overlay-go") })
		}
		if first < 0 {
			// A process that nsenter leaves outside is in the session, too. So signals are sent
			// to the process group, and it must not end before the command does.
			session(s)
			s.KeepersBlock(passedOn)
			return
		}
		// Run these steps after those of nsenter, so that the program inside leads the session:
		// ps in the subhost shows that.
		s.Late(func(s *proc.Spec) {
			session(s)
			s.CallOn(first, proc.Failure{Text: r.c.Name() + ": cannot set the terminal", Status: 1},
				proc.ChangesOther, unix.SYS_IOCTL, unix.TIOCSCTTY, 0)
		})
	})
}

// closeOnExec sets close-on-exec for all descriptors from a number on: the command must not
// have files that the caller has open.
func closeOnExec(from int) {
	if unix.CloseRange(uint(from), math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return // since Linux 5.11
	}
	var limit unix.Rlimit
	_ = unix.Getrlimit(unix.RLIMIT_NOFILE, &limit)
	for fd := from; fd < int(min(limit.Cur, 1<<20)); fd++ {
		unix.CloseOnExec(fd)
	}
}
