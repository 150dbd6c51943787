package interp

import (
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"overlayboot/interp/text"
)

// runUlimit shows or sets resource limits.
func runUlimit(s *Shell, argv []string) int {
	letters := "HSa"
	for _, l := range text.Limits {
		letters += string(rune(l.Option))
	}
	given, operands, ok := s.options(argv, letters)
	if !ok {
		return 2
	}
	hard, soft, which := false, false, byte('f')
	for _, g := range given {
		switch g {
		case "H":
			hard = true
		case "S":
			soft = true
		default:
			which = g[0]
		}
	}
	if which == 'a' {
		for _, l := range text.Limits {
			fmt.Fprintf(s.files.writer(1), "%-20s %s\n", l.Name, limitValue(l, hard && !soft))
		}
		return 0
	}
	l := text.FindLimit(which)
	if len(operands) == 0 {
		fmt.Fprintln(s.files.writer(1), limitValue(*l, hard && !soft))
		return 0
	}
	return s.setLimit(argv, *l, operands[0], hard, soft)
}

func limitValue(l text.Limit, hard bool) string {
	var r unix.Rlimit
	unix.Getrlimit(l.Resource, &r)
	value := r.Cur
	if hard {
		value = r.Max
	}
	if value == unix.RLIM_INFINITY {
		return "unlimited"
	}
	return strconv.FormatUint(value/l.Unit, 10)
}

func (s *Shell) setLimit(argv []string, l text.Limit, arg string, hard, soft bool) int {
	value := uint64(unix.RLIM_INFINITY)
	if arg != "unlimited" {
		n, err := strconv.ParseUint(arg, 10, 63)
		if err != nil {
			return s.blame(argv, 2, "bad number")
		}
		value = n * l.Unit
	}
	var r unix.Rlimit
	unix.Getrlimit(l.Resource, &r)
	if hard || !soft {
		r.Max = value
	}
	if soft || !hard {
		r.Cur = value
	}
	if err := unix.Setrlimit(l.Resource, &r); err != nil {
		return s.blame(argv, 2, "error setting limit (%v)", err)
	}
	return 0
}
