package builtins

import (
	"io"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
)

// optionProbe is a name of an option that no caller can give. A command says then that it
// lacks it, by what it has.
const optionProbe = "\x00options"

// listed is what a table of options says to optionProbe.
func listed(spec []option) string {
	var list []string
	for _, o := range spec {
		if o.key == '!' { // known by name, to be left to the tool
			continue
		}
		letter, long := "", ""
		if o.key < longOnly {
			letter = "-" + string(o.key)
		}
		if o.long != "" {
			long = "--" + o.long
		}
		list = append(list, strings.TrimPrefix(letter+","+long, ","))
	}
	return optionProbe + strings.Join(list, optionProbe)
}

// inertCall is a call of a command that is only asked.
func inertCall(argv []string) *Call {
	return &Call{Args: argv, Dir: unix.AT_FDCWD, NetNS: -1, Own: true, Probe: true,
		Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard}
}

// edits has a command that runs another edit a Spec which is then forgotten.
func (command Command) edits(c *Call) (supported bool) {
	if command.Prefix == nil {
		return false
	}
	spec := &proc.Spec{Argv: slices.Clone(c.Args), Exe: -1, Dir: c.Dir}
	defer spec.Release()
	status, done := command.Prefix(c, spec)
	return !done || status != Unsupported
}

// Takes reports whether a command that runs another takes an option, alone or with some
// value. Nothing is run. It is false for a command that runs no other.
func (command Command) Takes(option string) bool {
	name, value := command.Name, "1"
	for _, argv := range [...][]string{{name, option, "true"}, {name, option, value, "true"},
		{name, option + "=" + value, "true"}, {name, option + value, "true"}} {
		if command.edits(inertCall(argv)) {
			return true
		}
	}
	return false
}

// Options lists the options that a command takes itself, each as "-x", "--long" or
// "-x,--long", in order: what its own table says. It is nil for a command that has none, or
// that reads its arguments in another way.
func (command Command) Options() (list []string) {
	c := inertCall([]string{command.Name, "--" + optionProbe})
	if command.Prefix == nil && command.Run != nil {
		_ = command.Run(c)
	} else {
		command.edits(c)
	}
	_, all, _ := strings.Cut(c.Lacks, optionProbe)
	for _, o := range strings.Split(all, optionProbe) {
		if o = strings.TrimSuffix(o, ","); strings.HasPrefix(o, "-") {
			list = append(list, o)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
