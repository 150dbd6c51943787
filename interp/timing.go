package interp

import (
	"overlayboot/interp/handover"
	"overlayboot/interp/proc"
)

// timed notes a command as a step of this shell, where somebody asks (overlay-boot
// --timing). The caller calls end behind it.
func (s *Shell) timed(argv []string) (end func()) {
	outer := s.step
	step := s.host.Timing.Begin(outer, argv)
	s.step = step
	return func() {
		s.host.Timing.End(step)
		s.step = outer
	}
}

// timeStart notes the steps that are to be known before a program is started in them: it
// may be long until they end.
func (s *Shell) timeStart() {
	if s.host.Timing != nil {
		s.host.Timing.Tell(s.step)
	}
}

// timeExec notes that a program of others is about to take the place of this process.
func (s *Shell) timeExec(spec *proc.Spec) {
	if s.host.Timing != nil && len(spec.Pass) == 0 {
		s.host.Timing.Replace(spec.Argv)
	}
}

// passTiming has our binary, started anew, go on with the records.
func (s *Shell) passTiming(spec *proc.Spec, m mode) {
	if s.host.Timing == nil {
		return
	}
	text, fd, ok := s.host.Timing.Child(s.step, m == background)
	if !ok {
		return
	}
	note, rest := handover.Take(spec.Env)
	note.Timing = text
	spec.Env = append(rest, note.String())
	spec.Pass = append(spec.Pass, fd)
}
