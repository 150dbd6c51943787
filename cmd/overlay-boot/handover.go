package main

import (
	"golang.org/x/sys/unix"

	"overlayboot/interp/handover"
	"overlayboot/interp/timing"
)

// takeNote takes what a process of ours passed on to this one out of the environment: it
// is not for programs that this one starts.
func takeNote(env []string) (handover.Note, []string) {
	n, rest := handover.Take(env)
	for _, fd := range [...]*int{&n.Exe, &n.State} {
		if *fd < 0 {
			continue
		}
		if _, err := unix.FcntlInt(uintptr(*fd), unix.F_SETFD, unix.FD_CLOEXEC); err != nil {
			unix.Close(*fd) // else whatever is started would have it
			*fd = -1
		}
	}
	if fd := timing.Descriptor(n.Timing); fd >= 0 {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, unix.FD_CLOEXEC); err != nil {
			n.Timing = ""
		}
	}
	return n, rest
}
