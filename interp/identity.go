package interp

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/handover"
)

// A role says what a shell is to its process and to the user.
type role uint8

const (
	// aShell is a shell that was started as sh, by the user or by a command of another shell.
	// It is nested if it runs inside the process of that other shell.
	aShell role = iota
	// aSubshell runs a part of the commands of another shell (XCU 2.13).
	aSubshell
	// aCommand runs a single native command, by whose name the program was called.
	aCommand
)

// An identity says which process a shell has, and which role.
type identity struct {
	role role
	pid  int // $$
	// main is the main shell of the process, for a shell that runs inside it; nil for the main
	// shell itself.
	main *Shell
	// argv holds the arguments that a process shows when it takes the place of a nested shell.
	argv []string
	// detached says that the process runs a background list, and not a stage of a pipeline.
	detached bool
	// preloaded says that a shell of the system would have been started with a preloaded
	// library (standin.go). That library may change what test sees.
	preloaded bool
}

// fork returns the identity of a subshell of s inside the process.
func (id *identity) fork(s *Shell) identity {
	return identity{role: aSubshell, pid: id.pid, main: s.processShell(),
		preloaded: id.preloaded}
}

// inside reports whether the shell runs inside the process of another one.
func (id *identity) inside() bool { return id.main != nil }

// isRoot reports whether the shell is the main shell of the process, and no subshell.
func (id *identity) isRoot() bool { return id.role == aShell && id.main == nil }

// encode writes the identity for another process. A shell has its own $$ there, a subshell that
// of its parent.
func (id *identity) encode(w *handover.Writer) {
	w.Number(int(id.role))
	w.Number(id.pid)
	w.Flag(id.detached)
	w.Flag(id.preloaded)
}

func (id *identity) decode(r *handover.Reader) {
	id.role, id.pid, id.main = role(r.Number()), r.Number(), nil
	id.detached = r.Flag()
	id.preloaded = r.Flag()
	if id.role == aShell {
		id.pid = unix.Getpid()
	}
}

// processShell returns the main shell of the process.
func (s *Shell) processShell() *Shell {
	if s.main != nil {
		return s.main
	}
	return s
}
