package main

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/handover"
	"overlayboot/interp/timing"
)

// takeNote removes from the environment the note that a process of this program left for
// this one. Programs that this process starts do not see it. The descriptors in the note
// become close-on-exec.
func takeNote(env []string) (handover.Note, []string) {
	n, rest := handover.Take(env)
	for _, fd := range [...]*int{&n.Exe, &n.State} {
		if *fd < 0 {
			continue
		}
		if _, err := unix.FcntlInt(uintptr(*fd), unix.F_SETFD, unix.FD_CLOEXEC); err != nil {
			unix.Close(*fd) // otherwise every program started later would inherit it
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
