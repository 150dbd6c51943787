package interp

import (
	"io"
	"slices"
	"strings"
	"time"

	"overlayboot/builtins"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/signals"
	"overlayboot/builtins/native"
)

// mode says how to run a program.
type mode uint8

const (
	foreground mode = iota
	background      // start the program without waiting for it
	replace         // exec
)

// kind says what a command name stands for that is neither a function nor a built-in.
type kind uint8

const (
	notFound kind = iota
	external
	nativeCommand
	script // text for this shell
	denied // the file exists and is not executable
)

// program is the result of a search for a command name.
type program struct {
	kind    kind
	path    string
	text    string // of a script, if known is set
	known   bool
	options []string
	anew    bool // a script that must start in a new process: see Process.Anew
	command native.Command
}

// shellArgv returns the visible arguments of the shell that runs a script.
func (p *program) shellArgv(operands []string) []string {
	return slices.Concat([]string{"/bin/sh"}, p.options, []string{p.path}, operands)
}

// hasPlainOptions reports whether the first line of a script gives the shell no argument but
// letters of options that it has.
func (p *program) hasPlainOptions() bool {
	return !slices.ContainsFunc(p.options, func(word string) bool {
		letters, ok := strings.CutPrefix(word, "-")
		return !ok || letters == "" || strings.Trim(letters, "aCefnuvx") != ""
	})
}

// runProgram runs a program by the rules of the shell and returns its status. In the background
// the status is 0 and $! is set.
func (s *Shell) runProgram(argv []string, m mode) int {
	return s.runProgramIn(s.searchPath(), argv, m)
}

// runProgramIn does the work of runProgram, and searches a PATH that the program does not see.
func (s *Shell) runProgramIn(in searchPath, argv []string, m mode) int {
	if m != replace {
		s.willFork()
	}
	if m == foreground && !s.takesPlace(m) && s.role != aCommand {
		signals.ClearMask()
	}
	defer s.showFiles(argv)()
	spec := &proc.Spec{Argv: argv, Env: s.environ(), Exe: -1, Dir: s.dir}
	defer spec.Release()
	return s.runSpec(spec, in, m)
}

// runTool runs a tool of the system for a built-in utility.
func (s *Shell) runTool(tool string, argv []string) int {
	s.willFork()
	spec := &proc.Spec{Argv: argv, Paths: []string{tool}, Env: s.environ(), Exe: -1, Dir: s.dir}
	defer spec.Release()
	return s.start(spec, foreground)
}

// runSpec runs the program of a Spec.
func (s *Shell) runSpec(spec *proc.Spec, in searchPath, m mode) int {
	newCall := s.newCall
	if m == background { // a native that starts a program is not that program
		newCall = func(spec *proc.Spec) *native.Call {
			call := s.newCall(spec)
			call.Own = false
			return call
		}
	}
	p, call, status, done := s.throughPrefixes(spec, in, newCall)
	switch {
	case !done && spec.Exe >= 0: // a prefix command has set the file to execute
		return s.start(spec, m)
	case !done, status == native.Unsupported && p.command.Run != nil:
		return s.runFound(spec, p, in, m)
	case status == native.NeedsProcess && spec.CannotThread() && s.takesTool(spec, &p):
		return s.start(spec, m)
	case status == native.NeedsProcess:
		return s.startSelf(spec, m)
	case status == native.Unsupported:
		return s.fallBack(call, spec, m)
	}
	return s.afterNative(status, m)
}

// throughPrefixes lets the prefix commands at the front of a Spec edit it, and finds the
// program behind them. done says that there is no program to run: the last prefix command, with
// that call, has ended with the status.
func (s *Shell) throughPrefixes(spec *proc.Spec, in searchPath,
	newCall func(*proc.Spec) *native.Call) (p program, call *native.Call, status int, done bool) {
	for {
		p = s.find(spec, in)
		if p.kind != nativeCommand || p.command.Prefix == nil || spec.Unseen {
			return p, nil, 0, false
		}
		call = newCall(spec)
		if needsSteps(spec, p.command) {
			return p, call, native.NeedsProcess, true
		}
		status, done = performBehind(spec, p.command, call)
		if done || spec.Exe >= 0 {
			return p, call, status, done
		}
		in = searchPath{lookupEnv(spec.Env, "PATH"), true}
	}
}

// needsSteps reports whether a prefix command opens files, waits, or looks for its program, and
// has to do so in a process that has made the steps of the prefix commands in front of it.
func needsSteps(spec *proc.Spec, c native.Command) bool {
	changed := spec.Changed()
	return c.Locks && changed != 0 || changed&proc.ChangesUser != 0 ||
		changed&proc.ChangesDir != 0 && (c.Opens || namesRelative(spec.Argv, spec.Env))
}

// performBehind lets a prefix command edit a Spec. Where the command leads to no program, as
// with wrong arguments, it needs a process if there are steps in front of it, since those may
// fail first.
func performBehind(spec *proc.Spec, c native.Command, call *native.Call) (status int, done bool) {
	if spec.Next(); spec.Changed() == 0 || spec.CannotThread() {
		return builtins.PerformPrefix(c, call, spec)
	}
	behind := *call
	behind.Probe, behind.Stdout, behind.Stderr = true, io.Discard, io.Discard
	status, done = builtins.PerformPrefix(c, &behind, spec)
	if call.Lacks = behind.Lacks; done && status != native.Unsupported {
		return native.NeedsProcess, true
	}
	return status, done
}

// builtinProgram runs a built-in utility by sh, for a prefix command or exec, which need a
// program. It does so only for utilities for which other systems have a file and this one has
// none.
func (s *Shell) builtinProgram(spec *proc.Spec, p program) program {
	name := spec.Argv[0]
	switch name {
	case "[", "echo", "printf", "pwd", "test":
	default:
		return p
	}
	sh, ok := s.process.native("sh")
	if _, other := s.process.systemTool(name); other || !ok {
		return p
	}
	spec.Argv = append([]string{"sh", "-c", name + ` "$@"`, name}, spec.Argv[1:]...)
	return program{kind: nativeCommand, command: sh}
}

// runFound runs the program behind a chain of prefix commands.
func (s *Shell) runFound(spec *proc.Spec, p program, in searchPath, m mode) int {
	if p.kind == notFound {
		p = s.builtinProgram(spec, p)
	}
	if p.kind == notFound || p.kind == denied {
		return s.runMissing(spec, p, in, m)
	}
	at := s.whereToRun(spec, &p, m)
	if at == here && !s.becomes(spec, p, m) {
		at = ourProcess
	}
	switch at {
	case here:
		return s.runHere(spec, p, m)
	case ourProcess:
		if p.kind == script && !p.anew {
			spec.Argv = p.shellArgv(spec.Argv[1:])
		}
		return s.startSelf(spec, m)
	}
	if len(spec.Paths) == 0 {
		spec.Paths = pathsFrom(p.path, spec)
	}
	return s.start(spec, m)
}

// runMissing reports that there is no such program, or none that may be executed. A step of a
// prefix command may fail before the program is missed, or leave a trace.
func (s *Shell) runMissing(spec *proc.Spec, p program, in searchPath, m mode) int {
	name := spec.Argv[0]
	switch {
	case spec.Changed() != 0:
		spec.Paths = candidates(name, spec.Env)
		return s.start(spec, m)
	case spec.Blame.Text != "":
		return s.cannotExecute(spec, s.whyNotBehind(name, spec.Env), m)
	}
	why := s.whyNot(name, in)
	if m != replace && !strings.Contains(name, "/") &&
		(p.kind == notFound || isDirectory(s.dir, p.path)) {
		_, text := notExecuted(why)
		s.complain("%s: %s", name, text)
		return 127 // as dash does for whatever PATH does not lead to
	}
	return s.cannotExecute(spec, why, m)
}

// notRun returns the status of a program that did not start. Behind exec it ends the shell,
// with its EXIT trap.
func (s *Shell) notRun(status int, m mode) int {
	if m == replace {
		s.flow = flowExit
	}
	return status
}

// idleAfter is the time after which a waiting shell returns memory to the system. The
// supervisor waits as long as its subhost runs.
const idleAfter = time.Second
