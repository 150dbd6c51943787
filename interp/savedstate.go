package interp

import (
	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins/base/handover"
	"overlayboot/builtins/base/signals"
)

// save writes the state of the shell that a fork would have copied, and the commands of a list,
// for another process. That process inherits the open files, the directory, the mask and the
// ignored signals.
func (s *Shell) save(list []*syntax.Stmt) []byte {
	body, line := s.src.Commands(list)
	return s.saveWith(&source{text: body, line: line, plain: true}, s.reachable(list))
}

// saveWith does the work of save for commands that come from a source. It includes the
// functions in reach, or all functions if reach is nil.
func (s *Shell) saveWith(src *source, reach map[string]bool) []byte {
	w := handover.NewWriter()
	s.encode(w, reach)
	w.Flag(false)
	src.encode(w)
	return w.Bytes()
}

// encode writes the values of the shell. Most of place is inherited: the descriptors and the
// directory of the process. console is set up anew, by the process group of the process.
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

// Resume runs the commands of a saved state in this process, which was started for them, and
// returns the exit status.
func Resume(process *Process, state []byte) (int, error) {
	r, err := handover.NewReader(state)
	if err != nil {
		return 2, err
	}
	signals.BeShell()
	s := New(process, nil)
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

// takeProcess adopts the mask and the files with which this process was started.
func (s *Shell) takeProcess() {
	s.adoptMask()
	s.adoptFiles()
}

// adoptFiles adopts the file descriptors with which the process was started.
func (s *Shell) adoptFiles() {
	for n := range 10 {
		flags, err := unix.FcntlInt(uintptr(n), unix.F_GETFD, 0)
		if err != nil || flags&unix.FD_CLOEXEC != 0 { // the program's own are close-on-exec
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
			s.process.standard[n] = f
		}
	}
}
