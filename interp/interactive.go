package interp

import (
	"os"

	"golang.org/x/sys/unix"

	"overlayboot/interp/signals"
)

// interactive reports whether the shell takes its commands from a user: it goes on
// after an error.
func (s *Shell) interactive() bool { return s.isRoot() && s.opt(optInteractive) }

// beInteractive makes a shell that reads its commands from a terminal interactive,
// and gives one that is job control, unless its arguments have said otherwise.
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

// setPrompts gives the prompts their values (XCU 2.5.3).
func (s *Shell) setPrompts() {
	prompt := "$ "
	if os.Geteuid() == 0 {
		prompt = "# "
	}
	s.setDefault("PS1", prompt)
	s.setDefault("PS2", "> ")
}

// readProfiles runs the files that a shell begins with: those of a login shell, and the
// one that ENV names of an interactive shell (XCU sh).
func (s *Shell) readProfiles(login bool) {
	if login {
		s.readProfile("/etc/profile")
		s.readProfile("$HOME/.profile")
	}
	if name := s.getOr("ENV", ""); name != "" && s.interactive() {
		s.readProfile(name)
	}
}

// readProfile runs a file, whose name is expanded, in this environment as dot does; that
// it is not there is no error. An error in it ends a shell that is not interactive.
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

// prompt writes the prompt of the first line of a command, or of one that
// continues it.
func (s *Shell) prompt(first bool) {
	if !s.interactive() {
		return
	}
	name := "PS2"
	if first {
		s.warned = max(0, s.warned-1)
		name = "PS1"
		s.tellChanges()
	}
	s.files.writer(2).Write([]byte(s.expandPrompt(s.getOr(name, ""))))
}

// commands runs the commands of the shell's own input. An interactive shell goes on
// after an error (XCU 2.8.1) or an interrupt with the next line.
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
		if !s.goOn() || ended && !s.interactive() && !s.opt(optIgnoreeof) {
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

// inputWait is how read waits for input: a signal that the shell acts on ends it.
func (s *Shell) inputWait() func(fd int) bool {
	if s.main != nil || signals.Caught() == 0 {
		return nil
	}
	return func(fd int) bool {
		return signals.Await(fd, func() bool { return s.trapPending() != 0 })
	}
}

// forks reports whether subshells and native commands are to be processes: those that
// the user of an interactive shell may interrupt or stop.
func (s *Shell) forks() bool {
	root := s.processShell()
	return root.interactive() || root.jobControl
}

// maxEnds is how often the end of the input is taken for none, in case that it is
// for ever.
const maxEnds = 50

// goOn takes back the end of an interactive shell that an error has caused, unless -e
// wants that. It reports whether the shell goes on.
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
