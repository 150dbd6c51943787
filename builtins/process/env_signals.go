package process

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/signals"
	"overlayboot/builtins/native"
)

// A signalRequest holds the changes of signal handling that env(1) is asked for.
type signalRequest struct {
	chosen [65]rune // envDefault or envIgnore
	all    [65]bool // chosen by an option for all signals, whose failure does not matter
	block  uint64
}

// reserved reports whether the C library keeps a signal for itself. GNU env neither accepts nor
// changes these two. A parent in C can leave them ignored nevertheless: posix_spawn(3) of glibc
// does so if the parent has a handler for them, as after pthread_cancel(3).
func reserved(n int) bool { return signals.OfLibrary&signals.Bit(n) != 0 }

// add handles an option with a list of signals; without a list, the option means all signals.
// All signals with their default action are really all, so that nothing of the caller's reaches
// the command. bad is the first word that names no signal.
func (r *signalRequest) add(o native.GivenOption) (bad string) {
	if !o.Has {
		for n := 1; n < len(r.chosen); n++ {
			if !reserved(n) || o.Key == envDefault {
				r.set(o.Key, n, true)
			}
		}
		return ""
	}
	for name := range strings.SplitSeq(o.Value, ",") {
		if name == "" {
			continue
		}
		n, ok := envSignal(name)
		if !ok {
			return name
		}
		r.set(o.Key, n, false)
	}
	return ""
}

func (r *signalRequest) set(key rune, n int, all bool) {
	if key == envBlock {
		r.block |= 1 << (n - 1)
		return
	}
	r.chosen[n], r.all[n] = key, all
}

// envSignal reads a signal number or name, including the names of real-time signals.
func envSignal(name string) (int, bool) {
	upper := strings.TrimPrefix(strings.ToUpper(name), "SIG")
	for _, base := range [...]struct {
		name  string
		value int
	}{{"RTMIN", 34}, {"RTMAX", 64}} {
		rest, ok := strings.CutPrefix(upper, base.name)
		if !ok {
			continue
		}
		offset, err := 0, error(nil)
		if rest != "" {
			offset, err = strconv.Atoi(rest)
		}
		n := base.value + offset
		return n, err == nil && n >= 34 && n <= 64
	}
	n, ok := signals.Number(name)
	return n, ok && n > 0 && n <= 64 && !reserved(n)
}

// steps adds the steps that change the signals of the command. A signal that the system lets
// nobody change is an error only if an option names it.
func (r *signalRequest) steps(spec *proc.Spec) {
	for n, key := range r.chosen {
		if key == 0 {
			continue
		}
		text := "env: failed to set signal action for signal " + strconv.Itoa(n)
		failure := &proc.Failure{Text: text, Status: 125}
		if r.all[n] {
			failure = nil
		}
		spec.SetSignal(unix.Signal(n), key == envIgnore, failure)
	}
	if r.block != 0 {
		spec.BlockSignals(r.block)
	}
}
