package interp

import (
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/utility"
)

// An activation is a running function: the command that called it, and the state of the caller,
// which leaveFunction restores.
type activation struct {
	function *function
	from     *syntax.CallExpr // the command that called the function
	scopes   int              // the number of scopes of the caller

	params    []string
	src       *origin
	loopDepth int
	getopts   utility.GetoptsState
}

// enterFunction begins a function with args as its positional parameters.
func (s *Shell) enterFunction(f *function, src *origin, args []string) {
	s.calls = append(s.calls, activation{
		f, s.running, len(s.locals), s.params, s.src, s.loopDepth, s.getopts,
	})
	s.params, s.src, s.loopDepth = args, src, 0
	s.getopts = utility.GetoptsState{Index: 1}
	s.locals = append(s.locals, scope{})
	s.funcDepth++
}

// leaveFunction returns from the function that was entered last.
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

// A loop holds the state of a running loop that its syntax tree does not have.
type loop struct {
	items  []string // the words of for that are still to come
	status int      // the exit status of the last round
}

func (s *Shell) enterLoop() {
	s.loopDepth++
	s.loops = append(s.loops, loop{})
}

func (s *Shell) leaveLoop() {
	s.loopDepth--
	s.loops = s.loops[:len(s.loops)-1]
}

// inLoop returns the innermost loop.
func (s *Shell) inLoop() *loop { return &s.loops[len(s.loops)-1] }

// A reading is the place that a shell has reached in a script: the list of commands that it
// runs, their offsets in the text, and their line.
type reading struct {
	src      *source
	list     []*syntax.Stmt
	from, to int
	line     int
	fromFile bool // the shell reads the text behind the list from standard input
}

// isAsGiven reports whether the text of the script still holds all that comes behind the place.
// A replaced alias before the place changes the text.
func (r *reading) isAsGiven() bool {
	switch {
	case r.src == nil:
		return false
	case r.src.in != nil || r.src.parser == nil:
		return true
	}
	return !r.src.parser.Text().Changed()
}

// reached notes the commands that are about to run. Only commands of the text that the shell
// was started with count, not those of eval or dot.
func (s *Shell) reached(r reading) {
	if s.nested == 1 && !r.src.plain {
		s.reading = r
	}
}
