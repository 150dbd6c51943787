package interp

import (
	"fmt"
	"slices"
	"strings"

	"overlayboot/interp/proc"
	"overlayboot/interp/text"
)

// keywords are the reserved words (XCU 2.4).
var keywords = [...]string{
	"!", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in",
	"then", "until", "while", "{", "}",
}

// runCommandBuiltin is command: it runs a name as no function, or says what it
// is with -v and -V.
func runCommandBuiltin(s *Shell, argv []string) int {
	given, operands, ok := s.options(argv, "pvV")
	if !ok {
		return 2
	}
	if len(operands) == 0 {
		return 0
	}
	if slices.Contains(given, "p") {
		old := s.vars.get("PATH")
		s.store("PATH", variable{value: defaultPath, set: true, export: old.export})
		clear(s.hash)
		defer func() { s.restore("PATH", old) }()
	}
	switch {
	case slices.Contains(given, "V"):
		return s.describe(operands[0])
	case slices.Contains(given, "v"):
		return s.nameOnly(operands[0])
	}
	if b := s.host.builtins.get(operands[0]); b != nil {
		s.keepFiles = b.name == "exec" && len(operands) == 1
		return s.runBuiltin(b, operands, false)
	}
	context := s.context
	s.context = ""
	defer func() { s.context = context }()
	return s.runProgram(operands, nil, foreground)
}

// nameOnly is command -v.
func (s *Shell) nameOnly(name string) int {
	out := s.files.writer(1)
	if value, ok := s.aliases[name]; ok {
		fmt.Fprintf(out, "alias %s=%s\n", name, text.SingleQuote(value))
		return 0
	}
	_, isFunc := s.funcs[name]
	isBuiltin := s.host.builtins.get(name) != nil
	if isFunc || isBuiltin || slices.Contains(keywords[:], name) {
		fmt.Fprintln(out, name)
		return 0
	}
	p := s.lookFor(name)
	if p.kind == denied && strings.Contains(name, "/") {
		p.kind = external // for dash it is enough that it exists
	}
	if p.kind == notFound || p.kind == denied {
		return 127
	}
	fmt.Fprintln(out, s.shownPath(p))
	return 0
}

func (s *Shell) lookFor(name string) program {
	return s.find(&proc.Spec{Argv: []string{name}, Env: []string{"PATH=" + s.getOr("PATH", "")}})
}

// shownPath is where a program is; for a native one the system's tool of that
// name where there is one.
func (s *Shell) shownPath(p program) string {
	if p.kind == native && (!strings.Contains(p.path, "/") || !isExecutable(s.dir, p.path)) {
		if tool, ok := systemTool(p.command.Name); ok {
			return tool
		}
		return p.command.Name
	}
	return p.path
}

func runType(s *Shell, argv []string) int {
	status := 0
	for _, name := range argv[1:] {
		if st := s.describe(name); st != 0 {
			status = st
		}
	}
	return status
}

// describe is type and command -V.
func (s *Shell) describe(name string) int {
	out := s.files.writer(1)
	b := s.host.builtins.get(name)
	isBuiltin := b != nil
	_, isFunc := s.funcs[name]
	switch {
	case slices.Contains(keywords[:], name):
		fmt.Fprintf(out, "%s is a shell keyword\n", name)
	case s.aliases[name] != "":
		fmt.Fprintf(out, "%s is an alias for %s\n", name, s.aliases[name])
	case isFunc:
		fmt.Fprintf(out, "%s is a shell function\n", name)
	case isBuiltin && b.special:
		fmt.Fprintf(out, "%s is a special shell builtin\n", name)
	case isBuiltin:
		fmt.Fprintf(out, "%s is a shell builtin\n", name)
	default:
		_, known := s.hash[name]
		p := s.lookFor(name)
		if p.kind == notFound || p.kind == denied && !strings.Contains(name, "/") {
			fmt.Fprintf(out, "%s: not found\n", name)
			return 127
		}
		is := "is"
		if known {
			is = "is a tracked alias for"
		}
		fmt.Fprintf(out, "%s %s %s\n", name, is, s.shownPath(p))
	}
	return 0
}

func runHash(s *Shell, argv []string) int {
	given, operands, ok := s.options(argv, "rv")
	if !ok {
		return 2
	}
	if len(given) > 0 {
		clear(s.hash)
		return 0
	}
	if len(operands) == 0 {
		for _, path := range s.hash {
			fmt.Fprintln(s.files.writer(1), path)
		}
		return 0
	}
	status := 0
	for _, name := range operands {
		if p := s.lookFor(name); p.kind == notFound || p.kind == denied {
			s.complain("%s: not found", name)
			status = 1
		}
	}
	return status
}

func runAlias(s *Shell, argv []string) int {
	if len(argv) == 1 {
		names := make([]string, 0, len(s.aliases))
		for name := range s.aliases {
			names = append(names, name)
		}
		slices.Sort(names)
		argv = append(argv[:1:1], names...)
	}
	status := 0
	for _, arg := range argv[1:] {
		name, value, assign := strings.Cut(arg, "=")
		if assign && name != "" {
			s.aliases[name] = value
			continue
		}
		value, ok := s.aliases[arg]
		if !ok {
			fmt.Fprintf(s.files.writer(2), "alias: %s not found\n", arg)
			status = 1
			continue
		}
		fmt.Fprintf(s.files.writer(1), "%s=%s\n", arg, text.SingleQuote(value))
	}
	return status
}

func runUnalias(s *Shell, argv []string) int {
	given, operands, ok := s.options(argv, "a")
	if !ok {
		return 2
	}
	if len(given) > 0 {
		clear(s.aliases)
	}
	status := 0
	for _, name := range operands {
		if _, ok := s.aliases[name]; !ok {
			fmt.Fprintf(s.files.writer(2), "unalias: %s not found\n", name)
			status = 1
		}
		delete(s.aliases, name)
	}
	return status
}
