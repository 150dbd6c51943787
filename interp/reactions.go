package interp

import (
	"maps"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/handover"
)

// Reactions are the actions of a shell on conditions: on signals, and on its own exit.
type reactions struct {
	traps map[int]string // 0 is EXIT; "" ignores
	// outerTraps holds the traps of the parent environment, which trap shows.
	outerTraps  map[int]string
	hardIgnored sigset // ignored when the shell started: they stay so
}

// fork returns the reactions of a subshell. Traps are reset, except for ignored signals (XCU
// 2.12).
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

// encode writes the traps for another process, which inherits two kinds of ignored signals:
// those that a trap ignores, and those that no trap can change.
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

// ignored returns the signals that a new process must ignore. SIGCHLD is never one of them:
// children of this shell learn of the end of their own children, even if this shell was started
// with SIGCHLD ignored.
func (t *reactions) ignored() sigset {
	set := t.hardIgnored
	for n, action := range t.traps {
		if action == "" && n != 0 {
			set |= setOf(unix.Signal(n))
		}
	}
	return set &^ setOf(unix.SIGCHLD)
}
