package interp

import (
	"slices"
	"strings"
)

// options is a set of the shell options of set(1).
type options uint32

const (
	optAllexport options = 1 << iota
	optNotify
	optNoclobber
	optErrexit
	optNoglob
	optInteractive
	optMonitor
	optNoexec
	optStdin
	optNounset
	optVerbose
	optXtrace
	optIgnoreeof
	optNolog
	optPrivileged
	optVi
	optEmacs
	optDebug
	optPipefail
)

// optionTable lists the options in the order in which dash shows them.
var optionTable = [...]struct {
	name   string
	letter byte
	bit    options
}{
	{"errexit", 'e', optErrexit},
	{"noglob", 'f', optNoglob},
	{"ignoreeof", 'I', optIgnoreeof},
	{"interactive", 'i', optInteractive},
	{"monitor", 'm', optMonitor},
	{"noexec", 'n', optNoexec},
	{"stdin", 's', optStdin},
	{"xtrace", 'x', optXtrace},
	{"verbose", 'v', optVerbose},
	{"vi", 'V', optVi},
	{"emacs", 'E', optEmacs},
	{"noclobber", 'C', optNoclobber},
	{"allexport", 'a', optAllexport},
	{"notify", 'b', optNotify},
	{"nounset", 'u', optNounset},
	{"privileged", 'p', optPrivileged},
	{"nolog", 0, optNolog},
	{"pipefail", 0, optPipefail}, // of the 2024 edition; not in every dash
	{"debug", 0, optDebug},
}

func (s *Shell) opt(o options) bool { return s.opts&o != 0 }

func (s *Shell) setOpt(o options, on bool) {
	if on {
		s.opts |= o
	} else {
		s.opts &^= o
	}
}

// setLetter sets the option with that letter; false: there is none.
func (s *Shell) setLetter(c byte, on bool) bool {
	if c == 'h' { // commands are always remembered
		return true
	}
	for _, o := range optionTable {
		if o.letter == c && c != 0 {
			old := s.opts
			s.setOpt(o.bit, on)
			s.optionsChanged(old)
			return true
		}
	}
	return false
}

func (s *Shell) setNamed(name string, on bool) bool {
	for _, o := range optionTable {
		if o.name == name {
			old := s.opts
			s.setOpt(o.bit, on)
			s.optionsChanged(old)
			return true
		}
	}
	return false
}

// flags is the value of $-.
func (s *Shell) flags() string {
	var b strings.Builder
	for _, o := range slices.Backward(optionTable[:]) {
		if o.letter != 0 && s.opt(o.bit) {
			b.WriteByte(o.letter)
		}
	}
	return b.String()
}
