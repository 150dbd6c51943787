package interp

import (
	"strings"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc/limits"
	"overlayboot/interp/utility"
)

// runUlimit shows or sets resource limits.
func runUlimit(s *Shell, argv []string) int {
	letters := "HSa"
	for _, l := range utility.Limits {
		letters += string(rune(l.Option))
	}
	given, operands, ok := s.options(argv, letters)
	if !ok {
		return 2
	}
	which, hard, soft, all := byte('f'), true, true, false
	for _, g := range given {
		switch g {
		case "H":
			hard, soft = true, false
		case "S":
			hard, soft = false, true
		case "a":
			all = true
		default:
			which = g[0]
		}
	}
	switch {
	case len(operands) > 1 || all && len(operands) > 0:
		return s.blame(argv, 2, "too many arguments")
	case len(operands) > 0:
		return s.setLimit(argv, utility.FindLimit(which), operands[0], hard, soft)
	case !all:
		l := utility.FindLimit(which)
		return s.print(argv, l.Format(currentLimit(l, soft))+"\n")
	}
	var b strings.Builder
	for i := range utility.Limits {
		l := &utility.Limits[i]
		b.WriteString(l.Line(currentLimit(l, soft)) + "\n")
	}
	return s.print(argv, b.String())
}

func currentLimit(l *utility.Limit, soft bool) uint64 {
	r := limits.Get(l.Resource)
	if soft {
		return r.Cur
	}
	return r.Max
}

func (s *Shell) setLimit(argv []string, l *utility.Limit, arg string, hard, soft bool) int {
	value, err := l.Parse(arg)
	if err != nil {
		return s.blame(argv, 2, "%v", err)
	}
	r := limits.Get(l.Resource)
	if hard {
		r.Max = value
	}
	if soft {
		r.Cur = value
	}
	if err := limits.Set(l.Resource, r); err != nil {
		return s.blame(argv, 2, "error setting limit (%s)", clib.Strerror(err))
	}
	return 0
}
