package main

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
)

// A handed is what a process of ours passed on to this one.
type handed struct {
	// exe and state are descriptors, -1 where there is none: the program, and a
	// saved shell to go on with.
	exe, state int
	// ignored are signals that were ignored, where this process cannot see that.
	ignored uint64
	// scripts is the directory of the script set, empty for the embedded one.
	scripts string
}

// handover takes it out of the environment: it is not for programs that this one
// starts.
func handover(env []string) (h handed, rest []string) {
	h = handed{exe: -1, state: -1}
	for _, e := range env {
		value, ok := strings.CutPrefix(e, proc.HandoverVar+"=")
		if !ok {
			rest = append(rest, e)
			continue
		}
		value, more, _ := strings.Cut(value, ":")
		ignored, scripts, _ := strings.Cut(more, ":")
		h.ignored, _ = strconv.ParseUint(ignored, 16, 64) // 0 where there are none
		h.scripts = scripts
		first, second, both := strings.Cut(value, ",")
		h.exe = descriptor(first)
		if both {
			h.state = descriptor(second)
		}
	}
	return h, rest
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
