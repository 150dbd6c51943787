package interp

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/signals"
	"overlayboot/interp/parse"
)

// An undone is a file that a redirection has replaced, to be restored after the command.
type undone struct {
	n   int
	old *openFile
}

// redirect performs redirections from left to right (XCU 2.7). It prints an error itself. In
// either case the caller undoes the redirections in the list.
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
			if r.Hdoc != nil { // an error in the text is an error of the redirection
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
		if n <= 2 && !s.inside() && s.process.standard[n].isClosed() {
			s.makeReal(n) // an exec inside has taken over the descriptor
		}
		s.mirror(n)
	}
}

// keep makes redirections permanent, as exec does. In the main shell, the process's descriptors
// 0 to 2 follow, so that the files behind them are closed.
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

// isClosed reports whether a file was open and has no users left.
func (f *openFile) isClosed() bool { return f != nil && f.refs.Load() <= 0 }

// moveAway gives a file another descriptor if more than so many users are left.
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

// makeReal makes the shell's file n the process's descriptor n.
func (s *Shell) makeReal(n int) {
	f := s.files.get(n)
	// A redirection around this command may have saved the present file.
	if was := s.process.standard[n]; was != nil && was != f && was.Descriptor() == n {
		was.moveAway(0)
	}
	s.process.standard[n] = nil
	if f == nil {
		unix.Close(n)
		return
	}
	fd, err := f.osFD()
	if err != nil || fd == n || unix.Dup3(fd, n, 0) != nil {
		return
	}
	s.process.standard[n] = newFile(n)
	s.files.put(n, s.process.standard[n])
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

// openRedirect opens the file for a redirection of file n. It returns nil to close n.
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

// openNoclobber is > with -C. An existing file must not be a regular file.
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
		if text, ok := s.process.script(s.absolute(name)); ok {
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

// openat opens a file. A signal on which the shell acts interrupts the wait for the other end
// of a FIFO.
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
// /proc/$$/fd/3, since the process's descriptors are not the shell's. isFile says that the name
// is of that kind, even if no file is open there.
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

// descriptorIn returns the number of a file descriptor by its name in dir.
func descriptorIn(dir, name string) (n int, ok bool) {
	number, ok := strings.CutPrefix(name, dir+"/")
	if !ok {
		return 0, false
	}
	value, err := strconv.ParseUint(number, 10, 16)
	return int(value), err == nil
}

// processPath returns the name under which this process opens the file that the shell calls
// name. For a closed file that is the name of no file.
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

// openError returns dash's text for a file that cannot be opened or created.
func openError(err error, create bool) string {
	if err == unix.ENOENT || err == unix.ENOTDIR {
		if create {
			return "Directory nonexistent"
		}
		return "No such file"
	}
	return clib.Strerror(err)
}

// duplicate is <&word and >&word for file to. A dup of a file to itself always succeeds.
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
	if parse.IsQuoted(r.Word) {
		return r.Hdoc.Lit()
	}
	return s.expandDocument(r.Hdoc, "$`\\")
}
