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
	{"pipefail", 0, optPipefail}, // from the 2024 edition; missing in some versions of dash
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

// setLetter sets the option of a letter. It returns 0 if there is none.
func (s *Shell) setLetter(c byte, on bool) options {
	for _, o := range optionTable {
		if o.letter != c || c == 0 {
			continue
		}
		old := s.opts
		s.setOpt(o.bit, on)
		if editors := optVi | optEmacs; on && o.bit&editors != 0 { // one at a time
			s.setOpt(editors&^o.bit, false)
		}
		s.optionsChanged(old)
		return o.bit
	}
	return 0
}

// setNamed sets the option of a name. It returns 0 if there is none.
func (s *Shell) setNamed(name string, on bool) options {
	for _, o := range optionTable {
		if o.name == name {
			old := s.opts
			s.setOpt(o.bit, on)
			s.optionsChanged(old)
			return o.bit
		}
	}
	return 0
}

// An optionReader reads the leading options of set and of the shell itself.
type optionReader struct {
	// own, when set, handles the letters that only the caller knows.
	own func(letter byte) bool
	// args holds the unread words. After read these are the operands.
	args []string
	end  string  // the word that ended the options: "-", "--" or ""
	said options // the options that were set or unset
	// status is 2 after an unknown option, which ends the shell.
	status int
}

// read sets the options. The letter o takes the next unread word, whatever it is.
func (r *optionReader) read(s *Shell) {
	for len(r.args) > 0 && r.status != 2 {
		arg := r.args[0]
		if arg == "" || arg[0] != '-' && arg[0] != '+' {
			return
		}
		r.args = r.args[1:]
		if arg == "-" || arg == "--" {
			r.end = arg
			return
		}
		for i := 1; i < len(arg) && r.status != 2; i++ {
			r.letter(s, arg[i], arg[0] == '-')
		}
	}
}

// letter sets the option of a letter.
func (r *optionReader) letter(s *Shell, c byte, on bool) {
	switch {
	case r.own != nil && r.own(c):
	case c != 'o':
		bit := s.setLetter(c, on)
		if r.said |= bit; bit == 0 {
			s.fail(2, "Illegal option -%s", []byte{c})
			r.status = 2
		}
	case len(r.args) == 0:
		r.status |= s.listOptions(on)
	default:
		bit := s.setNamed(r.args[0], on)
		if r.said |= bit; bit == 0 {
			s.fail(2, "Illegal option -o %s", r.args[0])
			r.status = 2
			return
		}
		r.args = r.args[1:]
	}
}

// flags returns the value of $-.
func (s *Shell) flags() string {
	var b strings.Builder
	for _, o := range slices.Backward(optionTable[:]) {
		if o.letter != 0 && s.opt(o.bit) {
			b.WriteByte(o.letter)
		}
	}
	return b.String()
}
