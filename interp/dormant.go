package interp

import (
	"runtime"
	"slices"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins/tiny"
	"overlayboot/interp/handover"
	"overlayboot/interp/proc"
	"overlayboot/interp/signals"
)

// A shell that waits for a process, and has nothing else to do, is dormant after a while:
// it is replaced, in the same process, by a tiny program that waits in its place
// (tiny.Sleeper). When a child ends or a signal comes that has a trap, that one executes
// our binary, the very same file, which goes on where the shell was (waking.go). What is
// seen of the process stays: pid, parent, arguments, name, session, open files, and what
// it does on signals.
//
// What the shell is has been written down by then: its state as for a subshell, and the
// place in its commands, which is the text of the script from the current line on, the
// bodies of the functions being run, and for each of these texts the number of the command
// in it. Where the commands are of a kind whose middle cannot be written down so, such as
// dot and eval, it stays awake.

// An errand is what a shell waits for: a program in the foreground, or the operands of
// wait. No other command that waits can be gone on with.
type errand struct {
	allowed bool
	pid     int      // of the program
	argv    []string // of wait
}

// mayDoze reports whether a shell could be dormant, if the place in its commands allows it:
// it is in the text that it was started with, and not in a profile or a trap, that of EXIT
// included.
func (s *Shell) mayDoze() bool {
	const awake = optVerbose | optInteractive | optMonitor
	return s.errand.allowed && s.trapStatus == nil && s.dotDepth == 0 && s.reading.isAsGiven() && s.main == nil && s.role != aCommand && s.nested == 1 &&
		!s.opt(awake) && s.aliases.len() == 0 && s.host.Exe >= 0 &&
		signals.Entered() && !isInit()
}

// dozeBeside waits for a moment until a child ends, and is dormant then.
func (s *Shell) dozeBeside(pid int) {
	s.errand.pid = pid
	if !proc.EndsWithin(pid, shortest) {
		s.doze()
	}
}

// doze makes the shell dormant. It returns where that cannot be, with the shell as it was.
func (s *Shell) doze() {
	defer func() { s.errand.allowed = false }()
	places, ok := s.places()
	if !ok {
		return
	}
	spec := &proc.Spec{Argv: s.host.Argv, Dir: s.dir}
	defer spec.Release()
	bundle, err := s.bundleFiles(spec, places[len(places)-1])
	if err != nil {
		return
	}
	held := signals.Held()
	defer signals.HoldAll()() // what comes from now on is for the next program
	state, err := proc.StateFile(handover.Pack(s.saveDormant(places, bundle, held)))
	if err != nil {
		return
	}
	spec.Own(state)
	if spec.Exe, err = s.sleeper(held); err != nil {
		return
	}
	spec.Own(spec.Exe)
	spec.Pass = append(spec.Pass, s.host.Exe, state)
	note := s.host.note(s.host.Exe, state, s.ignored(), s.files.closed(), handover.Judged)
	spec.Env = append(slices.Clone(s.host.Environ), note)
	spec.Ignore, spec.Default = uint64(s.ignored()), uint64(s.unignored())
	spec.BlockSignals(^uint64(0)) // until it has its handlers
	_ = spec.ExecOrStay()
	for n := range s.traps { // what it has done to signals is undone
		s.dispose(n)
	}
	if len(s.jobs.order) > 0 {
		signals.CatchChildren()
	}
}

// dozeAs is for a shell that waits for a child only to end as that does: after a moment
// it is a tiny program that does the same (tiny.Waiter). It returns where that cannot be, or the
// child has ended.
func (s *Shell) dozeAs(pid int) {
	if !signals.Entered() || isInit() || proc.EndsWithin(pid, shortest) {
		return
	}
	spec := &proc.Spec{Argv: s.host.Argv, Env: s.host.Environ, Dir: s.dir}
	defer spec.Release()
	if s.giveFiles(spec) != nil {
		return
	}
	var err error
	if spec.Exe, err = proc.WaiterProgram(proc.Comm(), pid); err != nil || spec.Exe < 0 {
		return
	}
	spec.Own(spec.Exe)
	spec.Ignore, spec.Default = uint64(s.ignored()), uint64(s.unignored())
	spec.BlockSignals(signals.Held())
	_ = spec.ExecOrStay()
}

// sleeper returns a descriptor of the program that waits in the place of this one.
func (s *Shell) sleeper(held uint64) (int, error) {
	name := proc.Comm()
	code, ok := tiny.Sleeper(runtime.GOARCH, tiny.SleeperParams{
		ExeFD: s.host.Exe, Catch: signals.Caught(), Mask: signals.Mask() | held, Comm: name,
	})
	if !ok {
		return -1, proc.ErrNotExecutable
	}
	return proc.Executable(name, code)
}

// A station is where a shell is in one text: the command with that number in it.
type station struct {
	number int
	path   []syntax.Node // that lead to the command
}

// places tells for each text that is being run, the outermost first, where the shell is in
// it; false where that cannot be told.
func (s *Shell) places() ([]station, bool) {
	var all []station
	for i := 0; i <= len(s.calls); i++ {
		root, at := s.reading.list, s.running
		if i > 0 {
			body, _ := s.calls[i-1].function.parsed()
			root = []*syntax.Stmt{body}
		}
		if i < len(s.calls) {
			at = s.calls[i].from
		}
		place := locate(root, func(n syntax.Node, _ int) bool { return n == syntax.Node(at) })
		if place.path == nil || !canGoOnIn(place.path) {
			return nil, false
		}
		all = append(all, place)
	}
	return all, s.accounted(all)
}

// accounted reports whether the loops and redirections around the command are those of the
// paths to it: others would be of something that the paths do not show.
func (s *Shell) accounted(all []station) bool {
	loops, redirected := 0, 0
	for _, p := range all {
		for _, node := range p.path {
			switch n := node.(type) {
			case *syntax.WhileClause, *syntax.ForClause:
				loops++
			case *syntax.Stmt:
				if len(n.Redirs) > 0 {
					redirected++
				}
			}
		}
	}
	return loops == len(s.loops) && redirected == len(s.redirected)
}

// pathTo returns the nodes from the top to that of a number, nil where there is none.
func pathTo(root []*syntax.Stmt, number int) []syntax.Node {
	return locate(root, func(_ syntax.Node, n int) bool { return n == number }).path
}

// locate looks for a node, by what it is or by its number: how many nodes are before it.
func locate(root []*syntax.Stmt, isIt func(n syntax.Node, number int) bool) (found station) {
	at := 0
	for _, st := range root {
		var path []syntax.Node
		syntax.Walk(st, func(n syntax.Node) bool {
			switch {
			case found.path != nil:
				return false
			case n == nil:
				path = path[:len(path)-1]
				return true
			}
			if path = append(path, n); isIt(n, at) {
				found = station{at, path}
			}
			at++
			return found.path == nil
		})
	}
	return found
}

// canGoOnIn reports whether a shell can go on in the middle of all these.
func canGoOnIn(path []syntax.Node) bool {
	for _, node := range path {
		switch n := node.(type) {
		case *syntax.Stmt:
			if n.Background {
				return false
			}
		case *syntax.BinaryCmd:
			if n.Op == syntax.Pipe {
				return false
			}
		case *syntax.ForClause:
			if _, ok := n.Loop.(*syntax.WordIter); !ok {
				return false
			}
		case *syntax.Block, *syntax.IfClause, *syntax.WhileClause, *syntax.CaseClause,
			*syntax.CaseItem, *syntax.CallExpr:
		default:
			return false
		}
	}
	_, ok := path[len(path)-1].(*syntax.CallExpr)
	return ok
}
