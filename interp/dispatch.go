package interp

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/signals"
	"overlayboot/builtins/native"
	"overlayboot/interp/parse"
)

// where says in which process a program runs.
type where uint8

const (
	here       where = iota // inside the process of the shell
	ourProcess              // in a new process of this binary
	itsProcess              // in a process that executes the program's file
)

// whereToRun is the one place that decides where a program runs: in the foreground, in the
// background, in a pipeline, in a substitution or in another namespace.
//
//	a file of the system or the user     a process that executes it
//	a native command                     inside the process
//	a script for sh, and sh              inside the process as far as its commands may,
//	                                     see analysis.go; behind exec it is the process
//
// A native command or script gets a process of this binary instead, where
//
//	it runs in the background, or the user may stop it (job control)
//	a prefix command before it has steps for a process: namespaces, a root, a session;
//	    a native that can enter a network itself needs none for that, and behind exec
//	    sh can change its root itself
//	an argument names a file that depends on the process: /dev/fd/3, /proc/self/...
//	the native needs a process for itself
//	the process becomes the native behind exec, and must show its arguments
//
// The system's tool replaces a native, if it is installed, where an argument tells of the
// process itself, such as /proc/self/status or the list of its file descriptors. A process of
// this binary would show the files, threads and memory of the shell. The tool also replaces a
// native with exactly its behaviour that needs a process (sleep, true, false), since the tool
// takes less memory and time. An option that a native lacks always goes to the system's tool.
func (s *Shell) whereToRun(spec *proc.Spec, p *program, m mode) where {
	changed := spec.Changed()
	isShell := p.kind == script || p.command.IsShell
	switch {
	case p.kind == external:
		return itsProcess
	case p.anew, p.kind == script && !p.hasPlainOptions():
		return ourProcess
	case p.kind == nativeCommand && (asksItself(spec.Argv) || spec.CannotThread()) &&
		s.takesTool(spec, p):
		return itsProcess
	case m == replace && !s.inside() && isShell &&
		(changed == 0 || changed == proc.ChangesRoot && p.command.IsShell):
		return here // a process that executes a shell stays the same
	case !isShell && s.isReplaced(m):
		return s.ownProcess(spec, p)
	case m != background && changed == 0 && !s.forks() && s.mayRunHere(spec, p):
		return here
	case m != background && changed == proc.ChangesNet && p.command.InNetNS && !s.forks():
		return here
	}
	return s.ownProcess(spec, p)
}

// ownProcess gives a native command a process.
func (s *Shell) ownProcess(spec *proc.Spec, p *program) where {
	if p.command.Same && s.takesTool(spec, p) {
		return itsProcess
	}
	return ourProcess
}

// isReplaced reports whether a program takes the place of the shell's process, behind exec.
// The process then shows the arguments of the program: others find it by them.
func (s *Shell) isReplaced(m mode) bool {
	return m == replace && !s.inside() && s.role != aCommand
}

// takesTool replaces a native by the system's tool. It reports false where there is no such
// tool, or where the program runs on other mounts.
func (s *Shell) takesTool(spec *proc.Spec, p *program) bool {
	if spec.Changed()&(proc.ChangesRoot|proc.ChangesMounts) != 0 {
		return false
	}
	tool, ok := s.process.systemTool(p.command.Name)
	if ok {
		spec.Paths = []string{tool}
	}
	return ok
}

// asksItself reports whether an argument may name a file of /proc that depends on the process
// that opens it, or a list of file descriptors. A native that lists the descriptors of the
// shell would find its own among them. A single descriptor, as in /dev/fd/3, does not count:
// the file behind it is the same for each process.
func asksItself(argv []string) bool {
	return slices.ContainsFunc(argv[1:], func(arg string) bool {
		if !strings.Contains(arg, "/dev/fd") && !strings.Contains(arg, "/proc/") {
			return false
		}
		arg = strings.TrimRight(arg, "/.")
		return isOwnEntry(arg) || strings.HasSuffix(arg, "/proc/self") ||
			strings.HasSuffix(arg, ownFiles()) ||
			slices.ContainsFunc(fileDirs[:], func(dir string) bool {
				return strings.HasSuffix(arg, dir)
			})
	})
}

// mayRunHere reports whether a native command or script may run inside the process.
func (s *Shell) mayRunHere(spec *proc.Spec, p *program) bool {
	switch {
	case p.kind == script:
		return s.mayNest(p)
	case p.command.IsShell:
		return s.mayNestShell(spec)
	case p.command.Waits && signals.Caught() != 0 && !isMoment(spec.Argv):
		return false // a signal that the shell catches would end the command
	case p.command.Alone:
		return s.role == aCommand && !s.inside()
	case s.role != aCommand && s.endsBySignal(spec, p):
		return false
	case s.role == aCommand, p.command.Touches == native.TouchesNothing:
		return true
	}
	for _, arg := range spec.Argv[1:] {
		if namesOwnFile(arg) || s.leadsToOwnFile(arg) {
			return false
		}
	}
	return true
}

// leadsToOwnFile reports whether a file is a symbolic link to one that namesOwnFile accepts.
func (s *Shell) leadsToOwnFile(name string) bool {
	if name == "" || name[0] == '-' {
		return false
	}
	var target [64]byte
	n, err := unix.Readlinkat(s.dir, name, target[:])
	return err == nil && namesOwnFile(string(target[:n]))
}

// isMoment reports whether a sleep is too short to be the target of a signal. Scripts that poll
// sleep so between two looks.
func isMoment(argv []string) bool {
	if len(argv) != 2 {
		return false
	}
	seconds, err := strconv.ParseFloat(argv[1], 64)
	return err == nil && seconds >= 0 && seconds <= 0.02
}

// namesOwnFile reports whether an argument may name a file that only a separate process has, or
// that is another file for it.
func namesOwnFile(arg string) bool {
	if !strings.Contains(arg, "/dev/") && !strings.Contains(arg, "/proc/") {
		return false
	}
	for _, dir := range fileDirs {
		if strings.Contains(arg, dir) {
			return true
		}
	}
	return strings.Contains(arg, "/dev/std") || isOwnEntry(arg) || strings.HasSuffix(arg, "/proc/self")
}

// mayNest reports whether a script can begin inside this process. It reads the script. If the
// reading fails, running the script reports the error.
func (s *Shell) mayNest(p *program) bool {
	if !p.known {
		var err error
		p.text, err = readAll(s.dir, p.path)
		p.known = err == nil
	}
	return !usesSelf(s.process, p.text)
}

// usesSelf reports whether the text of another shell's script uses $$ or PPID. Both would
// change when a part of the text is handed to a process.
func usesSelf(h *Process, text string) bool {
	if !strings.Contains(text, "$$") && !strings.Contains(text, "${$") &&
		!strings.Contains(text, "PPID") {
		return false
	}
	// The match may be in a here-document for another shell, or in a comment.
	list, _, err := parse.All(text, parse.Config{})
	return err != nil || h.isSelf(&syntax.File{Stmts: list})
}

// isSelf reports whether a body, or a function that it defines, uses $$ or PPID.
func (p *Process) isSelf(body syntax.Node) bool {
	f := p.findIn(body, nil)
	return f.isSelf || slices.ContainsFunc(f.defs, func(d *syntax.FuncDecl) bool {
		return p.isSelf(d.Body)
	})
}

// mayNestShell does the work of mayNest for the arguments of sh. It can examine standard input
// only if that is in memory as a whole, as a here-document is; for other input it reports
// false.
func (s *Shell) mayNestShell(spec *proc.Spec) bool {
	probe := s.sub()
	defer probe.abandon()
	probe.quiet, probe.opts = true, 0
	probe.files.replace(1, nil) // -o would list the options there
	inv, ok := probe.invocation(spec.Argv)
	switch {
	case !ok:
		return true // sh reports the error
	case inv.login, inv.said&(optInteractive|optMonitor) != 0:
		return false // a profile may hold anything, and the terminal belongs to the process
	case inv.command != nil:
		return !probe.opt(optStdin) && !usesSelf(s.process, *inv.command)
	case len(inv.operands) > 0 && !probe.opt(optStdin):
		name := inv.operands[0]
		if !strings.HasPrefix(name, "/") {
			name = "./" + name
		}
		text, ok := s.peekDot(name)
		return ok && !usesSelf(s.process, text)
	}
	text, ok := s.files.get(0).peek()
	if !ok {
		return false
	}
	list, src, err := parse.All(string(text), parse.Config{})
	c := s.fresh(spec.Env)
	defer c.abandon()
	return err == nil && c.isHarmless(list, originOf(src))
}
