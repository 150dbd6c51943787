package interp

import (
	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/handover"
	"overlayboot/interp/signals"
)

// save writes what fork would have copied of the shell, and the commands of st, for a
// process of its own: open files, directory, mask and ignored signals are inherited.
func (s *Shell) save(st *syntax.Stmt) []byte {
	body, line := s.src.Commands(listOf(bodyOf(st)))
	return s.saveWith(&source{text: body, line: line, plain: true}, s.reachable(st))
}

// saveWith is save for what is to be read from a source. Of the functions it takes those
// that reach has, or all where that is nil.
func (s *Shell) saveWith(src *source, reach map[string]bool) []byte {
	w := handover.NewWriter()
	s.encode(w, reach)
	w.Flag(false)
	src.encode(w)
	return w.Bytes()
}

// encode writes the values of the shell. That of place is the descriptors and the
// directory of the process, and of console the process group that it is put into.
func (s *Shell) encode(w *handover.Writer, reach map[string]bool) {
	s.environment.encode(w, reach)
	s.place.encode(w)
	s.control.encode(w)
	s.identity.encode(w)
	s.reactions.encode(w)
	s.children.encode(w)
}

func (s *Shell) decode(r *handover.Reader) {
	s.environment.decode(r)
	s.place.decode(r)
	s.control.decode(r)
	s.identity.decode(r)
	s.reactions.decode(r)
	s.children.decode(r)
}

// listOf is the command itself, or the list that blockOf made one command of.
func listOf(st *syntax.Stmt) []*syntax.Stmt {
	if b, ok := st.Cmd.(*syntax.Block); ok && !b.Lbrace.IsValid() {
		return b.Stmts
	}
	return []*syntax.Stmt{st}
}

// Resume runs the commands of a saved state in this process, which was started for
// them, and returns the exit status.
func Resume(host *Host, state []byte) (int, error) {
	r, err := handover.NewReader(state)
	if err != nil {
		return 2, err
	}
	signals.BeShell()
	s := New(host, nil)
	s.decode(r)
	if r.Flag() {
		return wake(s, r)
	}
	src := decodeSource(r)
	if r.Err() != nil {
		return 2, r.Err()
	}
	s.takeProcess()
	if s.role == aShell {
		s.setParent(unix.Getppid())
	}
	for n := range s.traps {
		s.dispose(n)
	}
	if src.plain {
		s.runWhole(src)
	} else {
		s.run(src)
	}
	status := s.leave()
	if s.endedBy.Signaled() {
		dieAs(s.endedBy)
	}
	return status, nil
}

// takeProcess takes what this process was started with: the shell is what it is.
func (s *Shell) takeProcess() {
	s.adoptMask()
	s.adoptFiles()
}

// adoptFiles takes the descriptors that the process was started with.
func (s *Shell) adoptFiles() {
	for n := range 10 {
		flags, err := unix.FcntlInt(uintptr(n), unix.F_GETFD, 0)
		if err != nil || flags&unix.FD_CLOEXEC != 0 { // such are our own
			continue
		}
		fd := n
		if n > 2 {
			if fd, err = high(n); err != nil {
				continue
			}
		}
		f := newFile(fd)
		if s.files.put(n, f); n <= 2 {
			s.host.real[n] = f
		}
	}
}
