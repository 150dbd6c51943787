package interp

import (
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/text"
)

// An activation is a function that is being run: what comes back when it returns, and
// where it was called.
type activation struct {
	function *function
	from     *syntax.CallExpr // the command that called it
	scopes   int              // how many there were before its own

	params    []string
	src       *origin
	loopDepth int
	getopts   text.GetoptsState
}

// enterFunction begins a function with args as its positional parameters.
func (s *Shell) enterFunction(f *function, src *origin, args []string) {
	s.calls = append(s.calls, activation{
		f, s.running, len(s.locals), s.params, s.src, s.loopDepth, s.getopts,
	})
	s.params, s.src, s.loopDepth = args, src, 0
	s.getopts = text.GetoptsState{Index: 1}
	s.locals = append(s.locals, scope{})
	s.funcDepth++
}

// leaveFunction comes back from the function that was entered last.
func (s *Shell) leaveFunction() {
	last := len(s.calls) - 1
	a := s.calls[last]
	s.calls[last] = activation{}
	s.calls = s.calls[:last]
	s.funcDepth--
	s.popScopes(a.scopes)
	s.params, s.src, s.loopDepth = a.params, a.src, a.loopDepth
	s.getopts = a.getopts
	if s.flow == flowReturn {
		s.flow = flowNone
	}
}

// A loop is one that is being run, as far as its commands do not say it.
type loop struct {
	items  []string // that are still to come, of for
	status int      // that of the last round
}

func (s *Shell) enterLoop() {
	s.loopDepth++
	s.loops = append(s.loops, loop{})
}

func (s *Shell) leaveLoop() {
	s.loopDepth--
	s.loops = s.loops[:len(s.loops)-1]
}

// inLoop is the innermost loop.
func (s *Shell) inLoop() *loop { return &s.loops[len(s.loops)-1] }

// A reading is the place in a script that a shell has reached: the commands that it runs
// begin at an offset of the text, in that line.
type reading struct {
	src      *source
	list     []*syntax.Stmt
	from, to int
	line     int
	fromFile bool // what follows the commands is to be read from standard input
}

// isAsGiven reports whether what follows in the text can be found in it: no alias was replaced
// before the place.
func (r *reading) isAsGiven() bool {
	switch {
	case r.src == nil:
		return false
	case r.src.in != nil || r.src.parser == nil:
		return true
	}
	return !r.src.parser.Text().Changed()
}

// reached notes the commands that are about to be run, where they are of the text that the
// shell was started with and not of one inside that.
func (s *Shell) reached(r reading) {
	if s.nested == 1 && !r.src.plain {
		s.reading = r
	}
}
