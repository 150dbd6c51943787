package interp

import (
	"maps"

	"golang.org/x/sys/unix"

	"overlayboot/interp/handover"
)

// Reactions are what a shell does on conditions: signals, and its own exit.
type reactions struct {
	traps map[int]string // 0 is EXIT; "" ignores
	// outerTraps are those of the parent environment, for trap to show.
	outerTraps  map[int]string
	hardIgnored sigset // were ignored when the shell started: they stay so
}

// fork returns the reactions of a subshell: traps are reset, but for signals that are
// ignored (XCU 2.12).
func (t *reactions) fork() reactions {
	c := reactions{map[int]string{}, t.outerTraps, t.hardIgnored}
	if len(t.traps) > 0 {
		c.outerTraps = maps.Clone(t.traps)
		maps.Copy(c.outerTraps, t.outerTraps)
	}
	for n, action := range t.traps {
		if action == "" && n != 0 {
			c.traps[n] = ""
		}
	}
	return c
}

// encode writes the traps for another process, which inherits the ignored signals: those
// that a trap ignores, and those that no trap can change.
func (t *reactions) encode(w *handover.Writer) {
	w.Number(int(t.hardIgnored))
	for _, traps := range [...]map[int]string{t.traps, t.outerTraps} {
		w.Number(len(traps))
		for n, action := range traps {
			w.Number(n)
			w.Text(action)
		}
	}
}

func (t *reactions) decode(r *handover.Reader) {
	t.hardIgnored = sigset(r.Number())
	for _, traps := range [...]*map[int]string{&t.traps, &t.outerTraps} {
		*traps = map[int]string{}
		for n := r.Count(); n > 0; n-- {
			sig := r.Number()
			(*traps)[sig] = r.Text()
		}
	}
}

// ignored are the signals that a new process is to ignore. Children of this shell, and
// of that which was started with it ignored, are told of the end of theirs.
func (t *reactions) ignored() sigset {
	set := t.hardIgnored
	for n, action := range t.traps {
		if action == "" && n != 0 {
			set |= setOf(unix.Signal(n))
		}
	}
	return set &^ setOf(unix.SIGCHLD)
}
