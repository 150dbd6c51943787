package interp

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins"
	"overlayboot/interp/signals"
)

// An undone is a descriptor to give back after a command.
type undone struct {
	n   int
	old *openFile
}

// redirect performs redirections from left to right (XCU 2.7). On failure it
// has said why; what was done so far is to be undone in either case.
func (s *Shell) redirect(redirs []*syntax.Redirect) (list []undone, ok bool) {
	for _, r := range redirs {
		n := 1
		switch r.Op {
		case syntax.RdrIn, syntax.RdrInOut, syntax.DplIn, syntax.Hdoc, syntax.DashHdoc:
			n = 0
		}
		if r.N != nil {
			n, _ = strconv.Atoi(r.N.Value)
		}
		f, ok := s.openRedirect(r, n)
		if !ok {
			if r.Hdoc != nil { // an error in its text is one of the redirection
				s.survive()
			}
			return list, false
		}
		list = append(list, undone{n, s.files.put(n, f)})
		s.mirror(n)
	}
	return list, true
}

func (s *Shell) undo(list []undone) {
	for i := len(list) - 1; i >= 0; i-- {
		n := list[i].n
		s.files.replace(n, list[i].old)
		if n <= 2 && !s.inside() && s.host.real[n].isClosed() {
			s.makeReal(n) // an exec inside has taken the descriptor over
		}
		s.mirror(n)
	}
}

// keep makes redirections permanent, as exec does. Where the shell is the
// process, its real descriptors 0 to 2 follow, so that what they referred to
// is let go.
func (s *Shell) keep(list []undone) {
	for _, u := range list {
		if u.old != nil {
			if !s.inside() && u.n <= 2 && u.old.fd == u.n {
				u.old.moveAway(1)
			}
			u.old.release()
		}
		if u.n <= 2 && !s.inside() {
			s.makeReal(u.n)
		}
	}
}

// isClosed reports whether nobody uses a file any more that was open.
func (f *openFile) isClosed() bool { return f != nil && f.refs.Load() <= 0 }

// moveAway gives a file another descriptor where more than so many still use it.
func (f *openFile) moveAway(users int32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refs.Load() <= users {
		return
	}
	if fd, err := unix.FcntlInt(uintptr(f.fd), unix.F_DUPFD_CLOEXEC, firstFile); err == nil {
		f.fd = fd
	}
}

// makeReal makes the process's descriptor n that of the shell's file n.
func (s *Shell) makeReal(n int) {
	f := s.files.get(n)
	// A redirection around this command may have put aside what is there.
	if was := s.host.real[n]; was != nil && was != f && was.Descriptor() == n {
		was.moveAway(0)
	}
	s.host.real[n] = nil
	if f == nil {
		unix.Close(n)
		return
	}
	fd, err := f.osFD()
	if err != nil || fd == n || unix.Dup3(fd, n, 0) != nil {
		return
	}
	s.host.real[n] = newFile(n)
	s.files.put(n, s.host.real[n])
	f.release()
}

func (s *Shell) redirectionsOnly(redirs []*syntax.Redirect) {
	trace := s.files.get(2)
	s.hadSubst = false
	undo, ok := s.redirect(redirs)
	if ok {
		s.traceCommand(trace, nil, nil)
	}
	s.undo(undo)
	switch {
	case s.stopped():
	case !ok:
		s.status = 2
	case s.hadSubst:
		s.status = s.substStatus
	default:
		s.status = 0
	}
}

// openRedirect opens what the redirection of file n names; nil closes.
func (s *Shell) openRedirect(r *syntax.Redirect, n int) (*openFile, bool) {
	switch r.Op {
	case syntax.Hdoc, syntax.DashHdoc:
		text := s.hereDocument(r)
		return openHere(text), !s.stopped()
	case syntax.DplIn, syntax.DplOut:
		word := s.expandText(r.Word)
		if s.stopped() {
			return nil, false
		}
		return s.duplicate(word, n)
	}
	name := s.expandText(r.Word)
	if s.stopped() {
		return nil, false
	}
	switch r.Op {
	case syntax.RdrIn:
		return s.openFor(name, unix.O_RDONLY)
	case syntax.RdrInOut:
		return s.openFor(name, unix.O_RDWR|unix.O_CREAT)
	case syntax.AppOut:
		return s.openFor(name, unix.O_WRONLY|unix.O_CREAT|unix.O_APPEND)
	case syntax.RdrOut:
		if s.opt(optNoclobber) {
			return s.openNoclobber(name)
		}
		fallthrough
	case syntax.RdrClob:
		return s.openFor(name, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC)
	}
	s.fail(2, "Syntax error: redirection %s is not in a POSIX shell", r.Op)
	return nil, false
}

// openNoclobber is > with -C: only what is no regular file may exist.
func (s *Shell) openNoclobber(name string) (*openFile, bool) {
	var st unix.Stat_t
	if unix.Fstatat(s.dir, name, &st, 0) != nil {
		return s.openFor(name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL)
	}
	if st.Mode&unix.S_IFMT == unix.S_IFREG {
		s.complain("cannot create %s: File exists", name)
		return nil, false
	}
	return s.openFor(name, unix.O_WRONLY)
}

func (s *Shell) openFor(name string, flags int) (*openFile, bool) {
	if f, _ := s.ownDescriptor(name); f != nil && f.inMemory() {
		f.refs.Add(1)
		return f, true
	}
	path := s.processPath(name)
	if flags == unix.O_RDONLY {
		if text, ok := s.host.script(s.absolute(name)); ok {
			return openHere(text), true
		}
	}
	for {
		fd, err := s.openat(path, flags|unix.O_CLOEXEC)
		switch err {
		case nil:
			if fd, err = high(fd); err == nil {
				return newFile(fd), true
			}
		case unix.EINTR:
			s.runPendingTraps()
			if s.stopped() {
				return nil, false
			}
			continue
		}
		action, create := "open", flags&unix.O_CREAT != 0
		if create {
			action = "create"
		}
		s.complain("cannot %s %s: %s", action, name, openError(err, create))
		return nil, false
	}
}

// openat opens a file. What waits for the other end of a FIFO, a signal that the shell
// acts on interrupts.
func (s *Shell) openat(path string, flags int) (fd int, err error) {
	open := func() { fd, err = unix.Openat(s.dir, path, flags, 0o666) }
	var st unix.Stat_t
	if signals.Caught() == 0 || s.main != nil || unix.Fstatat(s.dir, path, &st, 0) != nil ||
		st.Mode&unix.S_IFMT != unix.S_IFIFO {
		open()
	} else {
		signals.Interruptibly(open)
	}
	return fd, err
}

// ownDescriptor finds the file behind names such as /dev/stderr, /proc/self/fd/3 or
// /proc/$$/fd/3: the process's descriptors are not the shell's. isFile says that it is
// such a name, though nothing may be open there.
func (s *Shell) ownDescriptor(name string) (f *openFile, isFile bool) {
	if s.amongFiles() {
		name = s.absolute(name)
	}
	if !strings.HasPrefix(name, "/dev/") && !strings.HasPrefix(name, "/proc/") {
		return nil, false
	}
	switch name {
	case "/dev/stdin":
		return s.files.get(0), true
	case "/dev/stdout":
		return s.files.get(1), true
	case "/dev/stderr":
		return s.files.get(2), true
	}
	for _, dir := range fileDirs {
		if n, ok := descriptorIn(dir, name); ok {
			return s.files.get(n), true
		}
	}
	if n, ok := descriptorIn(ownFiles(), name); ok && n < firstFile {
		return s.processShell().files.get(n), true
	}
	return nil, false
}

// descriptorIn is the number that a name in a directory of descriptors stands for.
func descriptorIn(dir, name string) (n int, ok bool) {
	number, ok := strings.CutPrefix(name, dir+"/")
	if !ok {
		return 0, false
	}
	value, err := strconv.ParseUint(number, 10, 16)
	return int(value), err == nil
}

// processPath is the name by which this process finds what the shell calls name;
// it is of no file where that is not open.
func (s *Shell) processPath(name string) string {
	f, isFile := s.ownDescriptor(name)
	if !isFile {
		return name
	}
	fd := -1
	if f != nil {
		fd = f.descriptor()
	}
	return "/proc/self/fd/" + itoa(fd)
}

// openError is dash's text for a file that cannot be opened or created.
func openError(err error, create bool) string {
	if err == unix.ENOENT || err == unix.ENOTDIR {
		if create {
			return "Directory nonexistent"
		}
		return "No such file"
	}
	return builtins.Strerror(err)
}

// duplicate is <&word and >&word for file to. To itself it is always possible.
func (s *Shell) duplicate(word string, to int) (*openFile, bool) {
	if word == "-" {
		return nil, true
	}
	n, err := strconv.Atoi(word)
	if err != nil || len(word) != 1 {
		s.line = s.inputLine
		s.fail(2, "Syntax error: Bad fd number")
		return nil, false
	}
	f := s.files.get(n)
	if f == nil && n == to {
		return nil, true
	}
	if f == nil {
		s.complain("%d: Bad file descriptor", n)
		return nil, false
	}
	f.refs.Add(1)
	return f, true
}

// hereDocument returns the text of a here-document (XCU 2.7.4).
func (s *Shell) hereDocument(r *syntax.Redirect) string {
	if r.Hdoc == nil {
		return ""
	}
	if isQuoted(r.Word) {
		return r.Hdoc.Lit()
	}
	return s.expandDocument(r.Hdoc, "$`\\")
}

// isQuoted reports whether the delimiter of a here-document was quoted.
func isQuoted(w *syntax.Word) bool {
	_, quoted := w.Parts[0].(*syntax.SglQuoted)
	return quoted
}
