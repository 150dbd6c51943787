package interp

import (
	"overlayboot/builtins/base/handover"
	"overlayboot/builtins/base/proc"
)

// timed records a command as a step of this shell (overlay-boot --timing). The caller calls end
// after the command.
func (s *Shell) timed(argv []string) (end func()) {
	outer := s.step
	step := s.process.Timing.Begin(outer, argv)
	s.step = step
	return func() {
		s.process.Timing.End(step)
		s.step = outer
	}
}

// timeStart records the open steps before a program starts in them, since they may last long.
func (s *Shell) timeStart() {
	if s.process.Timing != nil {
		s.process.Timing.Tell(s.step)
	}
}

// timeExec records that another program is about to replace this process.
func (s *Shell) timeExec(spec *proc.Spec) {
	if s.process.Timing != nil && len(spec.Pass) == 0 {
		s.process.Timing.Replace(spec.Argv)
	}
}

// passTiming lets the re-executed binary continue the records.
func (s *Shell) passTiming(spec *proc.Spec, m mode) {
	if s.process.Timing == nil {
		return
	}
	text, fd, ok := s.process.Timing.Child(s.step, m == background)
	if !ok {
		return
	}
	note, rest := handover.Take(spec.Env)
	note.Timing = text
	spec.Env = append(rest, note.String())
	spec.Pass = append(spec.Pass, fd)
}
