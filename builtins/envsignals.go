package builtins

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
)

// A signalRequest is what env(1) is to do about signals.
type signalRequest struct {
	chosen [65]rune // envDefault or envIgnore
	all    [65]bool // it was by an option for all signals: a failure does not matter
	block  uint64
}

// add takes an option with its list of signals; without one it is for all. What is no
// signal comes back as bad.
func (r *signalRequest) add(o parsedOption) (bad string) {
	if !o.has {
		for n := 1; n < len(r.chosen); n++ {
			if n != 32 && n != 33 { // which are the C library's
				r.set(o.key, n, true)
			}
		}
		return ""
	}
	for name := range strings.SplitSeq(o.value, ",") {
		if name == "" {
			continue
		}
		n, ok := envSignal(name)
		if !ok {
			return name
		}
		r.set(o.key, n, false)
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

// envSignal reads a signal by its number or name, those for real time among them.
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
	n, ok := signalNumber(name)
	return n, ok && n > 0 && n <= 64 && n != 32 && n != 33
}

// steps adds what changes the signals of the command. Signals that the system lets nobody
// change are an error only where they are named.
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
