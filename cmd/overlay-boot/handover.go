package main

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp"
)

// handover takes the descriptors that a process of ours passed on to this one
// out of the environment; -1 where there are none, and
// the signals to ignore. They are not for programs that this one starts.
func handover(env []string) (exe, state int, ignored string, rest []string) {
	exe, state = -1, -1
	for _, e := range env {
		value, ok := strings.CutPrefix(e, interp.HandoverVar+"=")
		if !ok {
			rest = append(rest, e)
			continue
		}
		value, ignored, _ = strings.Cut(value, ":")
		first, second, both := strings.Cut(value, ",")
		exe = descriptor(first)
		if both {
			state = descriptor(second)
		}
	}
	return exe, state, ignored, rest
}

func descriptor(text string) int {
	fd, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, unix.FD_CLOEXEC); err != nil {
		return -1
	}
	return fd
}
