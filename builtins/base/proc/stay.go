package proc

import "golang.org/x/sys/unix"

// ExecOrStay is Exec for a process that goes on after a failure: its descriptors and their
// close-on-exec flags are then as before. The caller has to restore the signals.
func (s *Spec) ExecOrStay() error {
	used := max(3, len(s.Files))
	var before []int
	for n := range used {
		fd, err := unix.FcntlInt(uintptr(n), unix.F_DUPFD_CLOEXEC, minFile)
		if err != nil {
			fd = -1
		}
		before = append(before, fd)
	}
	marks := closeOnExec(used)
	err := s.Exec()
	for n, fd := range before {
		if fd < 0 {
			unix.Close(n)
			continue
		}
		_ = unix.Dup3(fd, n, marks[n])
		unix.Close(fd)
	}
	for _, fd := range s.Pass {
		unix.CloseOnExec(fd)
	}
	return err
}

// closeOnExec returns the close-on-exec flags of the first descriptors, as a flag of dup3(2).
func closeOnExec(used int) (marks []int) {
	for n := range used {
		mark := 0
		flags, err := unix.FcntlInt(uintptr(n), unix.F_GETFD, 0)
		if err == nil && flags&unix.FD_CLOEXEC != 0 {
			mark = unix.O_CLOEXEC
		}
		marks = append(marks, mark)
	}
	return marks
}
