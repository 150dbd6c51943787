package interp

import (
	"os"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/signals"
)

// interactive reports whether the shell takes its commands from a user, and so goes on after an
// error.
func (s *Shell) interactive() bool { return s.isRoot() && s.opt(optInteractive) }

// beInteractive makes a shell interactive that reads its commands from a terminal. It gives an
// interactive shell job control. The arguments of sh may prevent both.
func (s *Shell) beInteractive(fromStdin bool, said options) {
	old := s.opts
	terminals := fromStdin && isTerminal(s.files.get(0)) && isTerminal(s.files.get(1))
	if terminals && said&optInteractive == 0 {
		s.setOpt(optInteractive, true)
	}
	if s.opt(optInteractive) && said&optMonitor == 0 {
		s.setOpt(optMonitor, true)
	}
	s.optionsChanged(old)
}

// setPrompts sets the prompts to their defaults (XCU 2.5.3).
func (s *Shell) setPrompts() {
	prompt := "$ "
	if os.Geteuid() == 0 {
		prompt = "# "
	}
	s.setDefault("PS1", prompt)
	s.setDefault("PS2", "> ")
}

// readProfiles runs the profiles: those of a login shell, and the file that ENV names of an
// interactive shell (XCU sh).
func (s *Shell) readProfiles(login bool) {
	if login {
		s.readProfile("/etc/profile")
		s.readProfile("$HOME/.profile")
	}
	if name := s.getOr("ENV", ""); name != "" && s.interactive() {
		s.readProfile(name)
	}
}

// readProfile expands the name of a file and runs the file as dot does. A missing file is no
// error. An error inside the file ends a shell that is not interactive.
func (s *Shell) readProfile(name string) {
	if s.stopped() {
		return
	}
	body, err := readAll(s.dir, s.expandPrompt(name))
	if err != nil {
		return
	}
	s.dotDepth++
	s.run(scriptSource(body))
	s.dotDepth--
	if s.flow == flowReturn {
		s.flow = flowNone
	}
	s.goOn()
}

// prompt writes the prompt of the first line of a command, or the prompt of a line that
// continues it.
func (s *Shell) prompt(first bool) {
	if !s.interactive() {
		return
	}
	name := "PS2"
	if first {
		s.warned = max(0, s.warned-1)
		name = "PS1"
	}
	s.files.writer(2).Write([]byte(s.expandPrompt(s.getOr(name, ""))))
}

// commands runs the commands of the shell's own input. An interactive shell goes on with the
// next line after an error (XCU 2.8.1) or an interrupt.
func (s *Shell) commands(src *source) {
	src.prompt = s.prompt
	if s.interactive() {
		src.wait = func(fd int) bool {
			return signals.Await(fd, s.isInterrupted)
		}
	}
	for ends := 0; ; {
		s.run(src)
		ended := !s.stopped()
		if !s.goOn() {
			return
		}
		if ended && !s.interactive() && !s.opt(optIgnoreeof) {
			s.stoppedJobs() // dash would read the end once more
			return
		}
		if !ended {
			ends = 0
		} else if ends++; ends > maxEnds || s.endOfInput() {
			return
		}
		src.parser.Drop()
	}
}

// isInterrupted reports whether the user has interrupted an interactive shell.
func (s *Shell) isInterrupted() bool {
	const n = int(unix.SIGINT)
	return s.interactive() && s.traps[n] == "" && sigset(signals.Pending()).has(n)
}

// inputWait returns the wait of read for input. A signal on which the shell acts ends it.
func (s *Shell) inputWait() func(fd int) bool {
	if s.main != nil || signals.Caught() == 0 {
		return nil
	}
	return func(fd int) bool {
		return signals.Await(fd, func() bool { return s.trapPending() != 0 })
	}
}

// forks reports whether subshells and native commands must be processes, since the user of an
// interactive shell may interrupt or stop them.
func (s *Shell) forks() bool {
	root := s.processShell()
	return root.interactive() || root.jobControl
}

// maxEnds bounds how often an interactive shell ignores the end of its input, which may be
// permanent.
const maxEnds = 50

// goOn cancels the exit of an interactive shell that an error caused, unless -e is set. It
// reports whether the shell goes on.
func (s *Shell) goOn() bool {
	if s.interactive() && !s.opt(optErrexit) && s.survive() {
		s.tested, s.context = 0, ""
		s.popScopes(0)
	}
	return !s.stopped()
}

// endOfInput reports whether the end of its input ends an interactive shell.
func (s *Shell) endOfInput() bool {
	if s.stoppedJobs() {
		return false
	}
	text := "\n"
	if s.opt(optIgnoreeof) {
		text = "\nUse \"exit\" to leave shell.\n"
	}
	s.files.writer(2).Write([]byte(text))
	return !s.opt(optIgnoreeof)
}
