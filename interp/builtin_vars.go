package interp

import (
	"fmt"
	"slices"
	"strings"

	"overlayboot/interp/parse"
	"overlayboot/interp/utility"
)

// runExport is export and readonly.
func runExport(s *Shell, argv []string) int {
	if len(argv) > 1 && strings.HasPrefix(argv[1], "-p") { // as in dash, -p hides the rest
		return s.listMarked(argv)
	}
	_, operands, ok := s.options(argv, "")
	if !ok {
		return 2
	}
	if len(operands) == 0 {
		return s.listMarked(argv)
	}
	for _, arg := range operands {
		name, value, assign := strings.Cut(arg, "=")
		if !parse.IsName(name) {
			return s.blame(argv, 2, "%s: bad variable name", name)
		}
		if assign && !s.set(name, value) {
			return 2
		}
		v := s.vars.get(name)
		if argv[0] == "export" {
			v.export = true
		} else {
			v.readonly = true
		}
		s.store(name, v)
	}
	return 0
}

// listMarked prints the exported or the readonly variables as commands.
func (s *Shell) listMarked(argv []string) int {
	var b strings.Builder
	command := argv[0]
	for _, name := range s.names() {
		v := s.vars.get(name)
		if command == "export" && !v.export || command == "readonly" && !v.readonly {
			continue
		}
		b.WriteString(command + " " + name)
		if v.set {
			b.WriteString("=" + utility.SingleQuote(v.value))
		}
		b.WriteByte('\n')
	}
	return s.print(argv, b.String())
}

func (s *Shell) names() []string {
	var names []string
	for name := range s.vars.all() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func runLocal(s *Shell, argv []string) int {
	if len(s.locals) == 0 {
		s.fail(2, "not in a function")
		return 2
	}
	for _, arg := range argv[1:] {
		name, value, assign := strings.Cut(arg, "=")
		if name == "-" {
			if top := &s.locals[len(s.locals)-1]; top.opts == nil {
				opts := s.opts
				top.opts = &opts
			}
			continue
		}
		if !parse.IsName(name) {
			s.fail(2, "%s: bad variable name", name)
			return 2
		}
		s.local(name)
		if assign && !s.set(name, value) {
			return 2
		}
	}
	return 0
}

func runUnset(s *Shell, argv []string) int {
	given, operands, ok := s.options(argv, "vf")
	if !ok {
		return 2
	}
	functions := len(given) > 0 && given[len(given)-1] == "f"
	for _, name := range operands {
		if functions {
			s.funcs.remove(name)
			continue
		}
		name, _, _ := strings.Cut(name, "=") // dash drops the value as well
		if !parse.IsName(name) {
			return s.blame(argv, 2, "%s: bad variable name", name)
		}
		if !s.unset(name) {
			return 2
		}
	}
	return 0
}

func runSet(s *Shell, argv []string) int {
	if len(argv) == 1 {
		return s.listAll(argv)
	}
	r := optionReader{args: argv[1:]}
	if r.read(s); r.status == 2 {
		return r.status
	}
	if r.end == "-" {
		s.setOpt(optXtrace|optVerbose, false)
	}
	if r.end == "--" || len(r.args) > 0 {
		s.setParams(slices.Clone(r.args))
	}
	return r.status
}

// setParams changes the positional parameters, and resets getopts.
func (s *Shell) setParams(params []string) {
	s.params = params
	s.getopts = utility.GetoptsState{Index: 1}
}

func (s *Shell) listAll(argv []string) int {
	var b strings.Builder
	for _, name := range s.names() {
		if v := s.vars.get(name); v.set {
			b.WriteString(name + "=" + utility.SingleQuote(v.value) + "\n")
		}
	}
	return s.print(argv, b.String())
}

func (s *Shell) listOptions(readable bool) int {
	var b strings.Builder
	if readable {
		b.WriteString("Current option settings\n")
	}
	for _, o := range optionTable {
		on := s.opt(o.bit)
		switch {
		case readable && on:
			fmt.Fprintf(&b, "%-15s on\n", o.name)
		case readable:
			fmt.Fprintf(&b, "%-15s off\n", o.name)
		case on:
			fmt.Fprintf(&b, "set -o %s\n", o.name)
		default:
			fmt.Fprintf(&b, "set +o %s\n", o.name)
		}
	}
	return s.print([]string{"set"}, b.String())
}

func runGetopts(s *Shell, argv []string) int {
	operands := afterDashes(argv[1:])
	if len(operands) < 2 {
		return s.blame(argv, 2, "Usage: getopts optstring var [arg...]")
	}
	letters, variable, args := operands[0], operands[1], s.params
	if len(operands) > 2 {
		args = operands[2:]
	}
	state := s.getopts
	name, optarg, status, message := utility.Getopts(letters, args, &state)
	if message != "" {
		s.files.writer(2).Write([]byte(message + "\n"))
	}
	ok := false
	if optarg == nil {
		ok = s.unset("OPTARG")
	} else {
		ok = s.set("OPTARG", *optarg)
	}
	if !ok || !s.set("OPTIND", itoa(state.Index)) {
		return 2
	}
	s.getopts = state
	if !parse.IsName(variable) {
		return s.blame(argv, 2, "%s: bad variable name", variable)
	}
	if !s.set(variable, name) {
		return 2
	}
	return status
}
