package interp

import (
	"golang.org/x/sys/unix"

	"overlayboot/interp/handover"
)

// A role says what a shell is to its process and to the user.
type role uint8

const (
	// aShell was started as sh: by the user, or by a command of another shell. Where it
	// runs inside the process of that other shell, it is nested.
	aShell role = iota
	// aSubshell runs a part of the commands of another shell (XCU 2.13).
	aSubshell
	// aCommand is there for one native command, by whose name the program was called.
	aCommand
)

// An identity is who a shell is.
type identity struct {
	role role
	pid  int // $$
	// main is the shell that the process is, for those that run inside it; nil for
	// that shell itself.
	main *Shell
	// argv is what a process would show that takes the place of a nested shell.
	argv []string
	// detached says that the process is a list in the background, and no stage of a
	// pipeline.
	detached bool
	// preloaded says that a shell of the system would have been started with something
	// preloaded (standin.go), which test then saw.
	preloaded bool
}

// fork returns the identity of a subshell of s inside the process.
func (id *identity) fork(s *Shell) identity {
	return identity{role: aSubshell, pid: id.pid, main: s.processShell(),
		preloaded: id.preloaded}
}

// inside reports whether the shell runs inside the process of another one.
func (id *identity) inside() bool { return id.main != nil }

// isRoot reports whether the shell is what the process is, and no subshell.
func (id *identity) isRoot() bool { return id.role == aShell && id.main == nil }

// encode writes the identity for a process of its own: a shell has its own $$ there, a
// subshell that of its parent.
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

// processShell is the shell that the process is.
func (s *Shell) processShell() *Shell {
	if s.main != nil {
		return s.main
	}
	return s
}
