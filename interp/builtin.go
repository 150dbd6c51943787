package interp

// A builtin is a built-in utility of the shell.
type builtin struct {
	name string
	run  func(s *Shell, argv []string) int
	// special marks the special built-ins (XCU 2.14): assignments before them
	// stay, and their errors end the shell.
	special bool
	// assigns marks those whose operands are expanded as assignments are.
	assigns bool
}

// A builtinTable finds built-ins by name: each command asks for its own. It is a hash
// table without deletion that is never more than a third full.
type builtinTable [128]*builtin

// slot is where a name is looked for first.
func (t *builtinTable) slot(name string) int {
	if name == "" {
		return 0
	}
	return nameHash(name) % len(t)
}

// get returns the built-in of that name, nil if there is none.
func (t *builtinTable) get(name string) *builtin {
	for i := t.slot(name); t[i] != nil; i = (i + 1) % len(t) {
		if t[i].name == name {
			return t[i]
		}
	}
	return nil
}

func (t *builtinTable) add(b *builtin) {
	i := t.slot(b.name)
	for t[i] != nil {
		i = (i + 1) % len(t)
	}
	t[i] = b
}

// newBuiltinTable lists all built-ins. It is made once for a Host.
func newBuiltinTable() *builtinTable {
	list := [...]builtin{
		{name: ".", run: runDot, special: true},
		{name: ":", run: runTrue, special: true},
		{name: "break", run: runBreak, special: true},
		{name: "continue", run: runBreak, special: true},
		{name: "eval", run: runEval, special: true},
		{name: "exec", run: runExec, special: true},
		{name: "exit", run: runExit, special: true},
		{name: "export", run: runExport, special: true, assigns: true},
		{name: "readonly", run: runExport, special: true, assigns: true},
		{name: "return", run: runReturn, special: true},
		{name: "set", run: runSet, special: true},
		{name: "shift", run: runShift, special: true},
		{name: "times", run: runTimes, special: true},
		{name: "trap", run: runTrap, special: true},
		{name: "unset", run: runUnset, special: true},
		{name: "[", run: runTest},
		{name: "alias", run: runAlias},
		{name: "bg", run: runForeground},
		{name: "cd", run: runCd},
		{name: "chdir", run: runCd},
		{name: "command", run: runCommandBuiltin},
		{name: "echo", run: runEcho},
		{name: "false", run: runFalse},
		{name: "fg", run: runForeground},
		{name: "getopts", run: runGetopts},
		{name: "hash", run: runHash},
		{name: "jobs", run: runJobs},
		{name: "kill", run: runKill},
		{name: "local", run: runLocal, special: true, assigns: true},
		{name: "printf", run: runPrintf},
		{name: "pwd", run: runPwd},
		{name: "read", run: runRead},
		{name: "test", run: runTest},
		{name: "true", run: runTrue},
		{name: "type", run: runType},
		{name: "ulimit", run: runUlimit},
		{name: "umask", run: runUmask},
		{name: "unalias", run: runUnalias},
		{name: "wait", run: runWait},
	}
	var table builtinTable
	for i := range list {
		table.add(&list[i])
	}
	return &table
}

// blame reports an error of a built-in; a special one ends the shell.
func (s *Shell) blame(argv []string, status int, format string, args ...any) int {
	s.complain(format, args...)
	s.failSpecial(argv, status)
	return status
}

// failSpecial ends the shell if it is a special built-in that failed.
func (s *Shell) failSpecial(argv []string, status int) {
	if s.host.isSpecial(argv[0]) {
		s.status = status
		s.flow, s.failed = flowExit, true
	}
}

// options reads the leading options of a built-in from a set of letters. The
// operands follow; ok is false when an error has been reported.
func (s *Shell) options(argv []string, known string) (given, operands []string, ok bool) {
	for i := 1; i < len(argv); i++ {
		arg := argv[i]
		if arg == "--" {
			return given, argv[i+1:], true
		}
		if len(arg) < 2 || arg[0] != '-' {
			return given, argv[i:], true
		}
		for j := 1; j < len(arg); j++ {
			if !containsByte(known, arg[j]) {
				s.blame(argv, 2, "Illegal option -%c", arg[j])
				return nil, nil, false
			}
			given = append(given, arg[j:j+1])
		}
	}
	return given, nil, true
}

func containsByte(text string, c byte) bool {
	for i := range len(text) {
		if text[i] == c {
			return true
		}
	}
	return false
}

func runTrue(*Shell, []string) int { return 0 }

func runFalse(*Shell, []string) int { return 1 }
