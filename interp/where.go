package interp

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins"
	"overlayboot/interp/parse"
	"overlayboot/interp/proc"
	"overlayboot/interp/signals"
)

// where says where the program of a name runs.
type where uint8

const (
	here       where = iota // inside the process of the shell
	ourProcess              // in a process of our own binary
	itsProcess              // in a process that executes the program's file
)

// whereToRun is the one place that decides where the program of a name runs, in the
// foreground, the background, a pipeline, a substitution or another namespace:
//
//	a file of the system or the user     a process that executes it
//	a native command                     inside the process
//	a script for sh, and sh              inside the process as far as its commands may,
//	                                     see analysis.go; behind exec it is the process
//
// but each of the latter two in a process of our binary, where
//
//	it runs in the background, or the user may stop it (job control)
//	a prefix command before it has steps for a process: namespaces, a root, a session;
//	    to enter a network a native that can go there itself needs none, and behind exec
//	    sh can change its root itself
//	an argument names what a process of its own would have: /dev/fd/3, /proc/self/...
//	the native needs a process for itself
//
// Where an argument names what tells of the process itself, such as /proc/self/status or
// the list of its files, the native is the system's tool, if there is one: a process of
// ours has files, threads and memory of the shell's. A native that cannot be told from the
// system's tool is that tool where it needs a process: the tool takes less memory and time
// (sleep, true, false). An option that a native lacks is for the system's tool anywhere.
func (s *Shell) whereToRun(spec *proc.Spec, p *program, m mode) where {
	changed := spec.Changed()
	isShell := p.kind == script || p.command.IsShell
	switch {
	case p.kind == external:
		return itsProcess
	case p.anew:
		return ourProcess
	case p.kind == native && (asksItself(spec.Argv) || spec.CannotThread()) && s.takesTool(spec, p):
		return itsProcess
	case m == replace && !s.inside() && isShell &&
		(changed == 0 || changed == proc.ChangesRoot && p.command.IsShell):
		return here // exec of a shell by a process: it stays the same
	case m != background && changed == 0 && !s.forks() && s.mayRunHere(spec, p):
		return here
	case m != background && changed == proc.ChangesNet && p.command.InNetNS && !s.forks():
		return here
	case p.command.Same && s.takesTool(spec, p):
		return itsProcess
	}
	return ourProcess
}

// takesTool puts the system's tool in the place of a native, if there is one and the
// program does not run on other mounts.
func (s *Shell) takesTool(spec *proc.Spec, p *program) bool {
	if spec.Changed()&(proc.ChangesRoot|proc.ChangesMounts) != 0 {
		return false
	}
	tool, ok := s.host.systemTool(p.command.Name)
	if ok {
		spec.Paths = []string{tool}
	}
	return ok
}

// asksItself reports whether an argument may name something in /proc, or a list of
// descriptors, that tells of the process which looks at it, or the list of the shell's,
// among which a native that looks at it would be. A single descriptor, as in /dev/fd/3,
// is not such a thing: the file behind it is the same for each process.
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
		return false // a signal that the shell catches would end it
	case p.command.Alone:
		return s.role == aCommand && !s.inside()
	case s.role != aCommand && s.endsBySignal(spec, p):
		return false
	case s.role == aCommand, p.command.Touches == builtins.TouchesNothing:
		return true
	}
	for _, arg := range spec.Argv[1:] {
		if namesOwnFile(arg) || s.leadsToOwnFile(arg) {
			return false
		}
	}
	return true
}

// leadsToOwnFile reports whether a file is a link to one that namesOwnFile is about.
func (s *Shell) leadsToOwnFile(name string) bool {
	if name == "" || name[0] == '-' {
		return false
	}
	var target [64]byte
	n, err := unix.Readlinkat(s.dir, name, target[:])
	return err == nil && namesOwnFile(string(target[:n]))
}

// isMoment reports whether a command, sleep, is over before anybody can mean it by a
// signal: a script that looks again and again for something waits so in between.
func isMoment(argv []string) bool {
	if len(argv) != 2 {
		return false
	}
	seconds, err := strconv.ParseFloat(argv[1], 64)
	return err == nil && seconds >= 0 && seconds <= 0.02
}

// namesOwnFile reports whether an argument may be the name of a file which only a
// process of its own has, or which is another one for it.
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

// mayNest reports whether a script can begin inside this process. It reads the script;
// where that fails, running it will say why.
func (s *Shell) mayNest(p *program) bool {
	if !p.known {
		var err error
		p.text, err = readAll(s.dir, p.path)
		p.known = err == nil
	}
	return !usesSelf(s.host, p.text)
}

// usesSelf reports whether a text for a shell of its own uses $$ or PPID, which would
// change when a part of it is handed to a process.
func usesSelf(h *Host, text string) bool {
	if !strings.Contains(text, "$$") && !strings.Contains(text, "${$") &&
		!strings.Contains(text, "PPID") {
		return false
	}
	// It may be in a here-document for another shell, or in a comment.
	list, _, err := parse.All(text, parse.Config{})
	return err != nil || h.isSelf(&syntax.File{Stmts: list})
}

// isSelf reports whether a body, or a function that it defines, uses $$ or PPID.
func (h *Host) isSelf(body syntax.Node) bool {
	f := h.findIn(body, nil)
	return f.isSelf || slices.ContainsFunc(f.defs, func(d *syntax.FuncDecl) bool {
		return h.isSelf(d.Body)
	})
}

// mayNestShell is mayNest for the arguments of sh. Commands that it reads from its
// standard input are left to what they start: only a text that is in memory as a whole,
// a here-document, can be looked at.
func (s *Shell) mayNestShell(spec *proc.Spec) bool {
	probe := s.sub()
	defer probe.abandon()
	probe.quiet, probe.opts = true, 0
	probe.files.replace(1, nil) // where -o lists the options
	inv, ok := probe.invocation(spec.Argv)
	switch {
	case !ok:
		return true // to say what is wrong
	case inv.login, inv.said&(optInteractive|optMonitor) != 0:
		return false // the profiles may hold anything, and a terminal is the process's
	case inv.command != nil:
		return !probe.opt(optStdin) && !usesSelf(s.host, *inv.command)
	case len(inv.operands) > 0 && !probe.opt(optStdin):
		name := inv.operands[0]
		if !strings.HasPrefix(name, "/") {
			name = "./" + name
		}
		text, ok := s.peekDot(name)
		return ok && !usesSelf(s.host, text)
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
