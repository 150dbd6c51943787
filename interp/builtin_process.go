package interp

import (
	"fmt"

	"golang.org/x/sys/unix"

	"overlayboot/interp/utility"
)

func runUmask(s *Shell, argv []string) int {
	given, operands, ok := s.options(argv, "S")
	if !ok {
		return 2
	}
	current := s.mask
	if len(operands) > 0 {
		mask, err := utility.Umask(operands[0], uint32(current))
		if err != nil {
			return s.blame(argv, 2, "%v", err)
		}
		s.setMask(int(mask))
		return 0
	}
	form := fmt.Sprintf("%04o\n", current)
	if len(given) > 0 {
		form = utility.UmaskSymbolic(uint32(current)) + "\n"
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
