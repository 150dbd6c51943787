package interp

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"overlayboot/builtins/base/proc"
	"overlayboot/interp/utility"
)

// keywords are the reserved words (XCU 2.4).
var keywords = [...]string{
	"!", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in",
	"then", "until", "while", "{", "}",
}

// runCommandBuiltin is `command` with -v and -V, which describe names. runCommand handles
// `command` without these options.
func runCommandBuiltin(s *Shell, argv []string) int {
	given, operands, ok := s.options(argv, "pvV")
	if !ok {
		return 2
	}
	if len(operands) == 0 {
		return 0
	}
	in := s.searchPath()
	if slices.Contains(given, "p") {
		in = searchPath{defaultPath, true}
	}
	say := s.nameOnly
	if slices.Contains(given, "V") {
		say = s.describe
	}
	text, status := say(operands[0], in)
	return status | s.print(argv, text)
}

// nameOnly returns the output and status of command -v.
func (s *Shell) nameOnly(name string, in searchPath) (string, int) {
	if value, ok := s.aliases.get(name); ok {
		return "alias " + name + "=" + utility.SingleQuote(value) + "\n", 0
	}
	isFunc := s.funcs.has(name)
	isBuiltin := s.process.builtins.get(name) != nil
	if isFunc || isBuiltin || slices.Contains(keywords[:], name) {
		return name + "\n", 0
	}
	p := s.lookFor(name, in)
	if p.kind == denied && strings.Contains(name, "/") {
		p.kind = external // as in dash, a file that exists is enough
	}
	if p.kind == notFound || p.kind == denied {
		return "", 127
	}
	return s.shownPath(name, in, p) + "\n", 0
}

func (s *Shell) lookFor(name string, in searchPath) program {
	return s.find(&proc.Spec{Argv: []string{name}}, in)
}

// shownPath returns the path of a program as the shell shows it. For a native command that is
// the path of the system's tool of that name, if there is one. A file in a directory that PATH
// names by an empty entry is shown by its name alone.
func (s *Shell) shownPath(name string, in searchPath, p program) string {
	if p.kind == nativeCommand && (!strings.Contains(p.path, "/") || !isExecutable(s.dir, p.path)) {
		if tool, ok := s.process.systemTool(p.command.Name); ok {
			return tool
		}
		return p.command.Name
	}
	if p.path == "./"+name {
		for dir := range strings.SplitSeq(in.dirs, ":") {
			switch dir {
			case "":
				return name
			case ".":
				return p.path
			}
		}
	}
	return p.path
}

func runType(s *Shell, argv []string) int {
	status := 0
	for _, name := range argv[1:] {
		text, err := s.describe(name, s.searchPath())
		status |= err | s.print(argv, text)
	}
	return status
}

// describe returns the output and status of type and command -V.
func (s *Shell) describe(name string, in searchPath) (string, int) {
	b := s.process.builtins.get(name)
	isBuiltin := b != nil
	isFunc := s.funcs.has(name)
	alias, isAlias := s.aliases.get(name)
	switch {
	case slices.Contains(keywords[:], name):
		return name + " is a shell keyword\n", 0
	case isAlias:
		return name + " is an alias for " + alias + "\n", 0
	case isFunc:
		return name + " is a shell function\n", 0
	case isBuiltin && b.special:
		return name + " is a special shell builtin\n", 0
	case isBuiltin:
		return name + " is a shell builtin\n", 0
	}
	known := s.hash.has(name)
	p := s.lookFor(name, in)
	if p.kind == notFound || p.kind == denied && !strings.Contains(name, "/") {
		return name + ": not found\n", 127
	}
	is := " is "
	if known && in == s.searchPath() {
		is = " is a tracked alias for "
	}
	return name + is + s.shownPath(name, in, p) + "\n", 0
}

// runHash adds commands to the hash table, clears the table or lists it.
func runHash(s *Shell, argv []string) int {
	given, operands, ok := s.options(argv, "r")
	if !ok {
		return 2
	}
	if len(given) > 0 {
		s.hash.clear()
		return 0
	}
	if len(operands) == 0 {
		return s.print(argv, s.remembered())
	}
	status := 0
	for _, name := range operands {
		isFunc := s.funcs.has(name)
		isBuiltin := s.process.builtins.get(name) != nil
		if isFunc || isBuiltin || strings.Contains(name, "/") {
			continue
		}
		if p := s.lookFor(name, s.searchPath()); p.kind == notFound || p.kind == denied {
			s.complain("%s: not found", name)
			status = 1
		}
	}
	return status
}

// remembered lists the paths in the hash table in the order of dash.
func (s *Shell) remembered() string {
	names := slices.SortedFunc(maps.Keys(s.hash.entries), func(a, b string) int {
		return cmp.Or(cmp.Compare(hashBucket(a), hashBucket(b)), cmp.Compare(a, b))
	})
	var b strings.Builder
	for _, name := range names {
		known, _ := s.hash.get(name)
		if p := s.findPath(seeker{}, known); p.kind == nativeCommand {
			known = s.shownPath(name, searchPath{}, p)
		}
		b.WriteString(known + "\n")
	}
	return b.String()
}

// hashBucket returns the chain of a name in dash's hash table of commands, which has 31 chains.
func hashBucket(name string) int {
	if name == "" {
		return 0
	}
	sum := int(name[0]) << 4
	for i := range len(name) {
		sum += int(name[i])
	}
	return sum & 0x7fff % 31
}

func runAlias(s *Shell, argv []string) int {
	if len(argv) == 1 {
		names := make([]string, 0, s.aliases.len())
		for name := range s.aliases.all() {
			names = append(names, name)
		}
		slices.Sort(names)
		argv = append(argv[:1:1], names...)
	}
	status := 0
	var out strings.Builder
	for _, arg := range argv[1:] {
		name, value, assign := strings.Cut(arg, "=")
		if assign && name != "" {
			s.aliases.set(name, value)
			continue
		}
		value, ok := s.aliases.get(arg)
		if !ok {
			fmt.Fprintf(s.files.writer(2), "alias: %s not found\n", arg)
			status = 1
			continue
		}
		out.WriteString(arg + "=" + utility.SingleQuote(value) + "\n")
	}
	return max(status, s.print(argv, out.String()))
}

func runUnalias(s *Shell, argv []string) int {
	given, operands, ok := s.options(argv, "a")
	if !ok {
		return 2
	}
	if len(given) > 0 {
		s.aliases.clear()
	}
	status := 0
	for _, name := range operands {
		if !s.aliases.has(name) {
			fmt.Fprintf(s.files.writer(2), "unalias: %s not found\n", name)
			status = 1
		}
		s.aliases.remove(name)
	}
	return status
}
