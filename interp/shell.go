// Package interp is a POSIX shell in dash's dialect, on the syntax trees of
// mvdan.cc/sh/v3/syntax that package parse makes. Its words are those of POSIX XCU
// chapter 2: field splitting, redirection, special built-in, here-document.
//
// Subshells that need no process of their own run inside the shell's process
// on a copy of its state; background lists, and subshells whose body touches
// what only a process has, run in a process: our own binary, executed anew
// with the state handed over on a descriptor.
package interp

import (
	"maps"
	"slices"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins"
	"overlayboot/interp/text"
)

// A Host is what a shell stands on: it is the same for a shell and all its
// subshells.
type Host struct {
	// Lookup finds a native command; nil means that there is none at all.
	Lookup func(name string) (builtins.Command, bool)
	// Scripts finds the boot scripts that are inside the binary. It may be nil.
	Scripts builtins.Scripts
	// Exe is a descriptor of our own binary, for starting it anew; -1 where it was not
	// found, and why.
	Exe      int
	ExeError error
	// Argv is what this process shows as its arguments, and what one that is
	// started anew for a subshell shows.
	Argv []string
	// Show, when set, changes what ps shows as the process's arguments.
	Show func(argv []string)
	// ScriptDir is the directory of the boot scripts: a command of the name of
	// one of them that is not in PATH runs that script.
	ScriptDir string

	// real are the files that the process's descriptors 0 to 2 are for the shell.
	real [3]*openFile
	// mirrors says that the files 3 to 9 of the shell that the process is have these
	// numbers in the process too.
	mirrors  bool
	signals  *signalHub
	parsed   parseCache
	builtins *builtinTable
}

// NewHost returns a Host without native commands. exe is a descriptor of the
// program's own binary, argv its arguments as they are to be shown.
func NewHost(exe int, argv []string) *Host {
	return &Host{Exe: exe, Argv: argv, signals: newSignalHub(), builtins: newBuiltinTable()}
}

// flow says how control leaves the commands being run.
type flow uint8

const (
	flowNone flow = iota
	flowBreak
	flowContinue
	flowReturn
	flowExit
)

// A Shell is a shell execution environment (XCU 2.13).
type Shell struct {
	host *Host

	name   string   // $0
	params []string // positional parameters
	vars   *varTable
	env    *environment
	locals []scope // one for each function being run
	funcs  map[string]*function
	opts   options
	files  fileTable
	forked bool    // something has run that dash waits for, and collects jobs meanwhile
	dir    int     // descriptor of the working directory
	pwd    string  // its name, as cd left it
	umask  int     // to restore on leaving an in-process subshell; -1: untouched
	limits []limit // and resource limits

	status  int // $?
	pid     int // $$
	lastBg  int // $!, 0: none
	jobs    jobTable
	aliases map[string]string
	hash    map[string]string // command name to path
	main    *Shell            // the shell that the process is, for its subshells
	traps   map[int]string    // 0 is EXIT; "" ignores
	// outerTraps are those of the parent environment, for trap to show.
	outerTraps  map[int]string
	hardIgnored sigset // were ignored when the shell started: they stay so
	root        bool   // neither a subshell nor one that another shell runs inside
	isCommand   bool   // the process is there for one native command
	jobControl  bool   // option -m is on and there is a terminal
	terminal    terminal
	isStage     bool         // of a pipeline in the background: standard input is set up
	groupOf     int          // process that leads the group which a stage joins, 0: none
	warned      int          // >0: the user knows of stopped jobs
	simple      *syntax.Stmt // the command being run, under job control
	getopts     text.GetoptsState

	context   string  // built-in or dot script that messages name
	src       *origin // of the commands being run
	line      int     // LINENO of the command being run
	inputLine int     // the line up to which commands have been read

	trapStatus *int // $? before the trap being run, for exit
	flow       flow
	flowCount  int // levels of break and continue left
	loopDepth  int
	funcDepth  int
	// nested counts the texts that are being run inside each other.
	nested      int
	dotDepth    int
	tested      int  // >0: the status is tested, errexit does not act
	subshell    bool // does not own the process
	exitDone    bool // the EXIT trap has been run
	returned    bool // return, and not exit, ends the shell
	failed      bool // an error, and not exit, ends the shell
	hadSubst    bool
	substStatus int // of the last command substitution
	ifsBytes    *separators
	tracing     bool // expanding PS4
	quiet       bool // errors are not to be written
}

// function is a function definition.
type function struct {
	body *syntax.Stmt
	src  *origin
}

// New returns a shell with the given environment and the process's own
// standard files, directory and process id.
func New(host *Host, env []string) *Shell {
	s := &Shell{
		host: host, dir: unix.AT_FDCWD, umask: -1, pid: unix.Getpid(),
		vars: newVarTable(len(env) + 8), env: new(environment), funcs: map[string]*function{},
		hash: map[string]string{}, traps: map[int]string{}, aliases: map[string]string{},
		hardIgnored: host.signals.inherited,
	}
	s.importEnv(env)
	return s
}

// sub returns a copy for a subshell inside this process (XCU 2.13): traps are
// reset, open files are shared.
func (s *Shell) sub() *Shell {
	c := *s
	c.vars = s.vars.fork()
	c.funcs = maps.Clone(s.funcs)
	c.hash = maps.Clone(s.hash)
	c.aliases = maps.Clone(s.aliases)
	c.params = slices.Clone(s.params)
	c.locals = slices.Clone(s.locals)
	c.files = s.files.share()
	c.jobs, c.root, c.jobControl = jobTable{}, false, false
	c.isStage, c.groupOf = false, 0
	c.traps = map[int]string{}
	c.outerTraps = s.outerTraps
	if len(s.traps) > 0 {
		c.outerTraps = maps.Clone(s.traps)
		maps.Copy(c.outerTraps, s.outerTraps)
	}
	for n, action := range s.traps {
		if action == "" && n != 0 {
			c.traps[n] = ""
		}
	}
	c.dir = s.dupDir()
	c.umask, c.limits, c.trapStatus = -1, nil, nil
	if c.subshell, c.exitDone = true, false; c.main == nil {
		c.main = s
	}
	c.flow = flowNone
	return &c
}

// leave ends a subshell made by sub and returns its status.
func (c *Shell) leave() int {
	if c.main == nil && (c.flow == flowNone || c.flow == flowExit) {
		flow := c.flow
		c.flow = flowNone
		c.settleSignals()
		if c.runPendingTraps(); c.flow == flowNone {
			c.flow = flow
		}
	}
	c.runExitTrap()
	c.leaveTerminal()
	c.files.close()
	c.closeDir()
	if c.umask >= 0 {
		unix.Umask(c.umask)
	}
	c.restoreLimits()
	return c.status
}

// dupDir returns a descriptor of the working directory of our own.
func (s *Shell) dupDir() int {
	if s.dir == unix.AT_FDCWD {
		return s.dir
	}
	fd, err := unix.FcntlInt(uintptr(s.dir), unix.F_DUPFD_CLOEXEC, firstFile)
	if err != nil {
		return s.dir
	}
	return fd
}

func (s *Shell) closeDir() {
	if s.dir != unix.AT_FDCWD {
		unix.Close(s.dir)
	}
}

// stopped reports whether the commands being run are to be left.
func (s *Shell) stopped() bool { return s.flow != flowNone }
