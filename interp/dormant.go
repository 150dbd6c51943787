package interp

import (
	"runtime"
	"slices"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins/base/handover"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/signals"
	"overlayboot/builtins/base/tiny"
)

// A shell that waits for a process, and has nothing else to do, becomes dormant after a while.
// A tiny program replaces it in the same process and waits in its place (tiny.Sleeper). When a
// child ends, or a signal with a trap arrives, the tiny program executes this binary, from the
// same file. The binary continues where the shell was (dormant_waking.go). The visible
// properties of the process stay: pid, parent, arguments, name, session, open files, and the
// dispositions of signals.
//
// Before that, the shell writes down its state as for a subshell, and its position in its
// commands: the text of the script from the current line on, the bodies of the running
// functions, and for each of these texts the number of the command in it. A shell stays awake
// inside commands whose middle has no such number, such as dot and eval.

// An errand is the wait of a shell: for a program in the foreground, or for the operands of
// wait. A dormant shell can continue no other command.
type errand struct {
	allowed bool
	pid     int      // of the program
	argv    []string // of wait
}

// mayDoze reports whether a shell may become dormant, as far as its state decides; places
// examines its position. The shell must be in the text that it was started with. A profile and
// a trap, the EXIT trap included, keep it awake.
func (s *Shell) mayDoze() bool {
	const awake = optVerbose | optInteractive | optMonitor
	return s.errand.allowed && s.trapStatus == nil && s.dotDepth == 0 && s.reading.isAsGiven() &&
		s.main == nil && s.role != aCommand && s.nested == 1 &&
		!s.opt(awake) && s.aliases.len() == 0 && s.process.Exe >= 0 &&
		signals.Entered() && !isInit()
}

// dozeBeside waits a moment for a child. If the child still runs then, the shell becomes
// dormant.
func (s *Shell) dozeBeside(pid int) {
	s.errand.pid = pid
	if !proc.EndsWithin(pid, shortest) {
		s.doze()
	}
}

// doze makes the shell dormant. It returns, with the shell unchanged, where that is impossible.
func (s *Shell) doze() {
	defer func() { s.errand.allowed = false }()
	places, ok := s.places()
	if !ok {
		return
	}
	spec := &proc.Spec{Argv: s.process.Argv, Dir: s.dir}
	defer spec.Release()
	bundle, err := s.bundleFiles(spec, places[len(places)-1])
	if err != nil {
		return
	}
	held := signals.Held()
	defer signals.HoldAll()() // signals from now on are for the next program
	state, err := proc.StateFile(handover.Pack(s.saveDormant(places, bundle, held)))
	if err != nil {
		return
	}
	spec.Own(state)
	if spec.Exe, err = s.sleeper(held); err != nil {
		return
	}
	spec.Own(spec.Exe)
	spec.Pass = append(spec.Pass, s.process.Exe, state)
	note := s.process.note(s.process.Exe, state, s.ignored(), s.files.closed(), handover.Judged)
	spec.Env = append(slices.Clone(s.process.Environ), note)
	spec.Ignore, spec.Default = uint64(s.ignored()), uint64(s.unignored())
	spec.BlockSignals(^uint64(0)) // until that program has its handlers
	_ = spec.ExecOrStay()
	for n := range s.traps { // the exec failed: restore the signals
		s.dispose(n)
	}
	if len(s.jobs.order) > 0 {
		signals.CatchChildren()
	}
}

// dozeAs is for a shell that only waits for a child, to end as the child does. After a moment
// it executes a tiny program for that (tiny.Waiter). dozeAs returns where that is impossible,
// or when the child has ended.
func (s *Shell) dozeAs(pid int) {
	if !signals.Entered() || isInit() || proc.EndsWithin(pid, shortest) {
		return
	}
	spec := &proc.Spec{Argv: s.process.Argv, Env: s.process.Environ, Dir: s.dir}
	defer spec.Release()
	if s.giveFiles(spec) != nil {
		return
	}
	var err error
	keeper := proc.Keeper{Argv: []string{proc.Comm()}}
	if spec.Exe, err = proc.WaiterProgram(keeper, pid); err != nil || spec.Exe < 0 {
		return
	}
	spec.Own(spec.Exe)
	spec.Ignore, spec.Default = uint64(s.ignored()), uint64(s.unignored())
	spec.BlockSignals(signals.Held())
	_ = spec.ExecOrStay()
}

// sleeper returns a file descriptor of the program that waits in place of this one.
func (s *Shell) sleeper(held uint64) (int, error) {
	name := proc.Comm()
	code, ok := tiny.Sleeper(runtime.GOARCH, tiny.SleeperParams{
		ExeFD: s.process.Exe, Catch: signals.Caught(), Mask: signals.Mask() | held, Comm: name,
	})
	if !ok {
		return -1, proc.ErrNotExecutable
	}
	return proc.Executable(name, code)
}

// A station is the position of a shell in one text: the number of a command in it.
type station struct {
	number int
	path   []syntax.Node // the nodes that lead to the command
}

// places returns the position of the shell in each running text, the outermost first. It
// reports false where a position has no number.
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

// accounted reports whether the loops and redirections around the command are exactly those on
// the paths to it. Others would belong to commands that the paths do not show.
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

// pathTo returns the nodes from the top to the node of a number, or nil.
func pathTo(root []*syntax.Stmt, number int) []syntax.Node {
	return locate(root, func(_ syntax.Node, n int) bool { return n == number }).path
}

// locate finds a node by itself or by its number, which is the count of nodes before it.
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

// canGoOnIn reports whether a shell can continue in the middle of all these nodes.
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
		case *syntax.Block, *syntax.IfClause, *syntax.WhileClause, *syntax.ForClause,
			*syntax.CaseClause, *syntax.CaseItem, *syntax.CallExpr:
		default:
			return false
		}
	}
	_, ok := path[len(path)-1].(*syntax.CallExpr)
	return ok
}
