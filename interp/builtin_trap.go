package interp

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"overlayboot/interp/text"
)

// runTrap sets, resets or lists traps.
func runTrap(s *Shell, argv []string) int {
	_, args, ok := s.options(argv, "")
	if !ok {
		return 2
	}
	if len(args) == 0 {
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

// listTraps writes the traps as commands; in a subshell that has set none those
// that its parent had.
func (s *Shell) listTraps(argv []string) int {
	traps := maps.Clone(s.traps)
	maps.Copy(traps, s.outerTraps)
	var b strings.Builder
	for n := range text.NSIG {
		if action, ok := traps[n]; ok {
			fmt.Fprintf(&b, "trap -- %s %s\n", text.SingleQuote(action), text.SignalName(n))
		}
	}
	return s.print(argv, b.String())
}
