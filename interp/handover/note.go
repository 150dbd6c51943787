package handover

import (
	"strconv"
	"strings"
)

// Variable names the environment variable that holds a Note. It is removed before
// anything else sees it.
const Variable = "OVERLAY_HANDOVER"

// A Note is what our binary is told when one of its own processes starts it anew.
type Note struct {
	// Exe and State are descriptors, -1 where there is none: the program itself, and a
	// saved shell to go on with.
	Exe, State int
	// Ignored are signals that were ignored, bit 0 being signal 1, where a process that is
	// started cannot see that itself.
	Ignored uint64
	// Closed are standard files that are not open, bit 0 being standard input, where a
	// process that is started cannot see that itself.
	Closed uint64
	// Origin says how it was found that the program is to run a native command.
	Origin Origin
	// Timing is what package timing tells a process that is to say what it does when, or
	// empty.
	Timing string
	// Limits are those that are kept for programs (package limits), as its text.
	Limits string
	// Scripts is the directory of a script set that replaces the embedded one, or empty.
	Scripts string
}

// An Origin is how it came that our binary runs a native command in a process of its own.
type Origin uint64

const (
	// Judged is for one that was looked for as everywhere, or called by its name.
	Judged Origin = iota
	// Unseen is for one of another root or other mounts, where only the process itself can
	// look whether the native may stand in.
	Unseen
	// Embedded is for one of a script inside the binary.
	Embedded
)

// String is the note as NAME=value for the environment.
func (n Note) String() string {
	fds := strconv.Itoa(n.Exe)
	if n.State >= 0 {
		fds += "," + strconv.Itoa(n.State)
	}
	return Variable + "=" + fds + ":" + strconv.FormatUint(n.Ignored, 16) + "," +
		strconv.FormatUint(n.Closed, 16) + "," + strconv.FormatUint(uint64(n.Origin), 16) + "," + n.Timing +
		":" + n.Limits + ":" + n.Scripts
}

// Take removes the note from an environment. Without one, both descriptors are -1.
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
	n.Ignored, _ = strconv.ParseUint(ignored, 16, 64) // 0 where there are none
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
