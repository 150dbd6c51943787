package handover

import (
	"strconv"
	"strings"
)

// Variable is the environment variable that holds a Note. The program removes it before any
// other code sees it.
const Variable = "OVERLAY_HANDOVER"

// A Note is what this binary is told when one of its own processes re-executes it.
type Note struct {
	// Exe and State are descriptors, -1 for none: the program itself, and a saved shell to
	// continue.
	Exe, State int
	// Ignored are the signals that were ignored, bit 0 being signal 1, for a process that
	// cannot see that itself.
	Ignored uint64
	// Closed are the standard files that are closed, bit 0 being standard input, for a process
	// that cannot see that itself.
	Closed uint64
	// Origin tells how the caller decided to run a native command.
	Origin Origin
	// Timing is the text of package timing for a process that has to record its times, or
	// empty.
	Timing string
	// Limits are the limits that are kept for programs, as a text of package limits.
	Limits string
	// Scripts is the directory of a script set that replaces the embedded one, or empty.
	Scripts string
}

// An Origin tells how the caller decided to run a native command in a process of its own.
type Origin uint64

const (
	// Judged is for a native that was looked up in the usual way, or called by its name.
	Judged Origin = iota
	// Unseen is for a native in another root or with other mounts. Only the process itself can
	// check there whether the native may stand in for the tool.
	Unseen
	// Embedded is for a native that a script inside the binary calls.
	Embedded
)

// String returns the note as NAME=value for the environment.
func (n Note) String() string {
	fds := strconv.Itoa(n.Exe)
	if n.State >= 0 {
		fds += "," + strconv.Itoa(n.State)
	}
	return Variable + "=" + fds + ":" + strconv.FormatUint(n.Ignored, 16) + "," +
		strconv.FormatUint(n.Closed, 16) + "," + strconv.FormatUint(uint64(n.Origin), 16) + "," +
		n.Timing +
		":" + n.Limits + ":" + n.Scripts
}

// Take removes the note from an environment. Without a note, both descriptors are -1.
func Take(env []string) (n Note, rest []string) {
	n = Note{Exe: -1, State: -1}
	for _, e := range env {
		if value, ok := strings.CutPrefix(e, Variable+"="); ok {
			n = parseNote(value)
		} else {
			rest = append(rest, e)
		}
	}
	return n, rest
}

func parseNote(value string) Note {
	fds, more, _ := strings.Cut(value, ":")
	ignored, more, _ := strings.Cut(more, ":")
	limits, scripts, _ := strings.Cut(more, ":")
	exe, state, _ := strings.Cut(fds, ",")
	n := Note{Exe: descriptor(exe), State: descriptor(state), Limits: limits, Scripts: scripts}
	ignored, closed, _ := strings.Cut(ignored, ",")
	n.Ignored, _ = strconv.ParseUint(ignored, 16, 64) // 0 if there are none
	closed, origin, _ := strings.Cut(closed, ",")
	n.Closed, _ = strconv.ParseUint(closed, 16, 64)
	origin, n.Timing, _ = strings.Cut(origin, ",")
	from, _ := strconv.ParseUint(origin, 16, 64)
	n.Origin = Origin(from)
	return n
}

func descriptor(text string) int {
	if fd, err := strconv.Atoi(text); err == nil && fd >= 0 {
		return fd
	}
	return -1
}
