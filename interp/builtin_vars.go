package interp

import (
	"fmt"
	"slices"
	"strings"

	"overlayboot/interp/text"
)

// runExport is export and readonly.
func runExport(s *Shell, argv []string) int {
	given, operands, ok := s.options(argv, "p")
	if !ok {
		return 2
	}
	if len(operands) == 0 || len(given) > 0 {
		s.listMarked(argv[0])
		return 0
	}
	for _, arg := range operands {
		name, value, assign := strings.Cut(arg, "=")
		if !isName(name) {
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
func (s *Shell) listMarked(command string) {
	var b strings.Builder
	for _, name := range s.names() {
		v := s.vars.get(name)
		if command == "export" && !v.export || command == "readonly" && !v.readonly {
			continue
		}
		b.WriteString(command + " " + name)
		if v.set {
			b.WriteString("=" + text.SingleQuote(v.value))
		}
		b.WriteByte('\n')
	}
	s.files.writer(1).Write([]byte(b.String()))
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
		if !isName(name) {
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
			delete(s.funcs, name)
			continue
		}
		if !isName(name) {
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
		s.listAll()
		return 0
	}
	rest, given, ok := s.setFlags(argv[1:])
	if !ok {
		return 2
	}
	if given || len(rest) > 0 {
		s.params = slices.Clone(rest)
	}
	return 0
}

func (s *Shell) listAll() {
	var b strings.Builder
	for _, name := range s.names() {
		if v := s.vars.get(name); v.set {
			b.WriteString(name + "=" + text.SingleQuote(v.value) + "\n")
		}
	}
	s.files.writer(1).Write([]byte(b.String()))
}

// setFlags reads options as set and the shell itself take them. given says
// that "--" makes even no operand the new positional parameters.
func (s *Shell) setFlags(args []string) (rest []string, given, ok bool) {
	for len(args) > 0 {
		arg := args[0]
		if len(arg) < 1 || arg[0] != '-' && arg[0] != '+' {
			return args, false, true
		}
		if arg == "-" || arg == "--" {
			if arg == "-" {
				s.setOpt(optXtrace|optVerbose, false)
			}
			return args[1:], arg == "--" || len(args) > 1, true
		}
		if arg == "+" {
			return args, false, true
		}
		args = args[1:]
		for i := 1; i < len(arg); i++ {
			if arg[i] == 'o' {
				if len(args) == 0 {
					s.listOptions(arg[0] == '-')
					continue
				}
				if !s.setNamed(args[0], arg[0] == '-') {
					s.illegalOption("Illegal option -o " + args[0])
					return nil, false, false
				}
				args = args[1:]
				continue
			}
			if !s.setLetter(arg[i], arg[0] == '-') {
				s.illegalOption("Illegal option -" + arg[i:i+1])
				return nil, false, false
			}
		}
	}
	return nil, false, true
}

func (s *Shell) illegalOption(msg string) {
	s.fail(2, "%s", msg)
}

func (s *Shell) listOptions(readable bool) {
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
	s.files.writer(1).Write([]byte(b.String()))
}

func runGetopts(s *Shell, argv []string) int {
	if len(argv) < 3 {
		return s.blame(argv, 2, "Usage: getopts optstring var [arg...]")
	}
	args := s.params
	if len(argv) > 3 {
		args = argv[3:]
	}
	state := s.getopts
	name, optarg, status, message := text.Getopts(argv[1], args, &state)
	if message != "" {
		s.files.writer(2).Write([]byte(message + "\n"))
	}
	if !s.set("OPTIND", fmt.Sprint(state.Index)) || !s.set(argv[2], name) {
		return 2
	}
	s.getopts = state
	switch {
	case optarg != nil:
		s.set("OPTARG", *optarg)
	case status == 0:
		s.unset("OPTARG")
	}
	return status
}
