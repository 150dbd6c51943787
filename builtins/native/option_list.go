package native

import (
	"io"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/proc"
)

// optionProbe is an option name that no caller can give. A command answers it with a list of
// its options in Lacks.
const optionProbe = "\x00options"

// listed returns the answer of an option table to optionProbe.
func listed(spec []Option) string {
	var list []string
	for _, o := range spec {
		if o.Key == '!' { // known only by name; the tool handles it
			continue
		}
		letter, long := "", ""
		switch {
		case o.Key < LongOnly:
			letter = "-" + string(o.Key)
		case o.Key >= Bare:
			letter = string(o.Key - Bare)
		}
		if o.Long != "" {
			long = "--" + o.Long
		}
		list = append(list, strings.TrimPrefix(letter+","+long, ","))
	}
	return optionProbe + strings.Join(list, optionProbe)
}

// inertCall returns a Call for a command that is only asked about its options.
func inertCall(argv []string) *Call {
	return &Call{Args: argv, Dir: unix.AT_FDCWD, NetNS: -1, Own: true, Probe: true,
		Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard}
}

// edits has a prefix command edit a Spec, which is then discarded.
func (command Command) edits(c *Call) (supported bool) {
	if command.Prefix == nil {
		return false
	}
	spec := &proc.Spec{Argv: slices.Clone(c.Args), Exe: -1, Dir: c.Dir}
	defer spec.Release()
	status, done := command.Prefix(c, spec)
	return !done || status != Unsupported
}

// Takes reports whether a prefix command takes an option, with or without a value. It runs
// nothing. It returns false for any other command.
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

// Options lists the options in the command's own table, sorted, each as "-x", "--long",
// "-x,--long", or "x" for a letter without a dash. It returns nil for a command without such a
// table.
func (command Command) Options() (list []string) {
	before, all, _ := strings.Cut(command.Lacks("--"+optionProbe), optionProbe)
	if before != "" { // a message about an unknown option, not a list
		return nil
	}
	for _, o := range strings.Split(all, optionProbe) {
		if o = strings.TrimSuffix(o, ","); o != "" {
			list = append(list, o)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Lacks calls a command with arguments and returns what it reports as unsupported, "" if it
// takes them all. A prefix command edits a Spec, which is then discarded. Any other command
// does what the arguments say, so one of them must be an option that no command has.
func (command Command) Lacks(args ...string) string {
	c := inertCall(append([]string{command.Name}, args...))
	if command.Prefix == nil && command.Run != nil {
		_ = command.Run(c)
	} else {
		command.edits(c)
	}
	return c.Lacks
}
