package interp

import (
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/signals"
	"overlayboot/builtins/native"
)

// endings are the signals that end a script together with its commands.
var endings = setOf(unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGHUP)

// endsBySignal reports whether a native command needs a process of its own, so that a signal to
// the process group ends the command while the shell, which has a trap, goes on. That is the
// case for a command that waits for input, and on a terminal for every command that may take
// long. The scripts of this program never wait for input in that way.
func (s *Shell) endsBySignal(spec *proc.Spec, p *program) bool {
	caught := sigset(signals.Caught()) & endings
	if caught == 0 || s.isEmbedded() {
		return false
	}
	if p.command.Reads && s.mayWaitForInput(spec.Argv[1:]) {
		return true
	}
	quick := p.command.Touches == native.TouchesNothing
	return caught&keyboard != 0 && !quick && s.process.signals.hasTerminal()
}

// mayWaitForInput reports whether a native that reads standard input, or the files of its
// arguments, may have to wait for a writer.
func (s *Shell) mayWaitForInput(args []string) bool {
	if in := s.files.get(0); in != nil {
		if in.comesInPieces() {
			return true
		}
		if _, here := in.peek(); in.inMemory() && !here {
			return true
		}
	}
	for _, arg := range args {
		var st unix.Stat_t
		if strings.HasPrefix(arg, "-") || unix.Fstatat(s.dir, arg, &st, 0) != nil {
			continue
		}
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFIFO, unix.S_IFSOCK:
			return true
		case unix.S_IFCHR:
			if st.Rdev != unix.Mkdev(1, 3) { // /dev/null
				return true
			}
		}
	}
	return false
}

// hasTerminal reports whether the process has a controlling terminal, since its keys send
// signals.
func (h *signalHub) hasTerminal() bool {
	h.terminal.Do(func() {
		fd, err := unix.Open("/dev/tty", unix.O_RDONLY|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
		if err == nil {
			h.onTerminal = true
			unix.Close(fd)
		}
	})
	return h.onTerminal
}
