package interp

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/signals"
	"overlayboot/interp/utility"
)

// runTrap sets, resets or lists traps.
func runTrap(s *Shell, argv []string) int {
	given, args, ok := s.options(argv, "p")
	switch {
	case !ok:
		return 2
	case len(given) > 0:
		return s.showTraps(argv, args)
	case len(args) == 0:
		return s.listTraps(argv)
	}
	s.outerTraps = nil
	action, reset := args[0], args[0] == "-"
	if len(args) == 1 {
		reset = true
	} else if _, isNumber := strconv.Atoi(action); isNumber == nil {
		reset = true
	} else {
		args = args[1:]
	}
	for _, name := range args {
		sig, ok := utility.ParseSignal(name)
		if !ok {
			return s.badTrap(name)
		}
		if reset {
			s.clearTrap(int(sig))
		} else {
			s.setTrap(int(sig), action)
		}
	}
	return 0
}

// badTrap reports an unknown condition. As in dash, the message names no line, and the shell
// goes on.
func (s *Shell) badTrap(name string) int {
	s.files.writer(2).Write([]byte("trap: " + name + ": bad trap\n"))
	return 1
}

// listTraps writes the traps as commands.
func (s *Shell) listTraps(argv []string) int {
	traps := s.shownTraps()
	var b strings.Builder
	for n := range signals.Count {
		if _, ok := traps[n]; ok {
			b.WriteString(trapCommand(traps, n))
		}
	}
	return s.print(argv, b.String())
}

// showTraps is trap -p of the 2024 edition. It writes the commands that restore the actions of
// the given conditions, or of all conditions that can be trapped. A default action is shown as
// well.
func (s *Shell) showTraps(argv, conditions []string) int {
	traps := s.shownTraps()
	var b strings.Builder
	for _, name := range conditions {
		sig, ok := utility.ParseSignal(name)
		if !ok {
			return s.badTrap(name)
		}
		b.WriteString(trapCommand(traps, int(sig)))
	}
	for n := 0; n < signals.Count && len(conditions) == 0; n++ {
		if n != int(unix.SIGKILL) && n != int(unix.SIGSTOP) {
			b.WriteString(trapCommand(traps, n))
		}
	}
	return s.print(argv, b.String())
}

// shownTraps returns the traps of the shell. A subshell that has set no trap shows those of its
// parent.
func (s *Shell) shownTraps() map[int]string {
	traps := maps.Clone(s.traps)
	maps.Copy(traps, s.outerTraps)
	return traps
}

func trapCommand(traps map[int]string, n int) string {
	action, ok := traps[n]
	if action = utility.SingleQuote(action); !ok {
		action = "-"
	}
	return fmt.Sprintf("trap -- %s %s\n", action, signals.ShellName(n))
}
