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
	"golang.org/x/sys/unix"

	"overlayboot/builtins"
	"overlayboot/interp/handover"
	"overlayboot/interp/timing"
)

// A Host is what a shell stands on: it is the same for a shell and all its
// subshells.
type Host struct {
	// Lookup finds a native command; nil means that there is none at all.
	Lookup func(name string) (builtins.Command, bool)
	// Scripts finds the boot scripts that are inside the binary. It may be nil.
	Scripts builtins.Scripts
	// Anew tells the scripts that are not run in a process which has done something else
	// before, where the binary's own are in use. It may be nil.
	Anew func(name string) bool
	// Exe is a descriptor of our own binary, for starting it anew; -1 where it was not
	// found, and why.
	Exe      int
	ExeError error
	// Origin is how it came that this process runs a native command.
	Origin handover.Origin
	// Argv is what this process shows as its arguments, and what one that is
	// started anew for a subshell shows.
	Argv []string
	// Environ is the environment that this process was started with, which is seen of it.
	Environ []string
	// Show, when set, changes what ps shows as the process's arguments.
	Show func(argv []string)
	// Timing takes the records of what is done when; nil where nobody asks.
	Timing *timing.Recorder
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
	searched searched
	buffers  builtins.Buffers
	builtins *builtinTable
	seen     sightings
}

// NewHost returns a Host without native commands. exe is a descriptor of the
// program's own binary, argv its arguments as they are to be shown.
func NewHost(exe int, argv []string) *Host {
	return &Host{Exe: exe, Argv: argv, signals: newSignalHub(), builtins: newBuiltinTable()}
}

// A Shell is a shell execution environment (XCU 2.13). Each of the values that it is
// made of says how a subshell gets its own, by fork, and how another process does, by
// encode and decode; a test sees to it that no field is left out.
type Shell struct {
	host *Host
	environment
	place
	control
	identity
	lineage
	reactions
	children
	console
}

// New returns a shell with the given environment and the process's own
// standard files, directory and process id.
func New(host *Host, env []string) *Shell {
	s := &Shell{
		host:        host,
		environment: environment{vars: newVarTable(len(env) + 8), exports: new(exportList)},
		place:       place{dir: unix.AT_FDCWD},
		identity:    identity{pid: unix.Getpid()},
		reactions:   reactions{traps: map[int]string{}, hardIgnored: host.signals.inherited},
	}
	s.importEnv(env)
	return s
}

// sub returns a copy for a subshell inside this process (XCU 2.13).
func (s *Shell) sub() *Shell {
	return &Shell{
		host:        s.host,
		environment: s.environment.fork(),
		place:       s.place.fork(),
		control:     s.control.fork(),
		identity:    s.identity.fork(s),
		lineage:     s.lineage.fork(s),
		reactions:   s.reactions.fork(),
		children:    s.children.fork(),
		console:     s.console.fork(),
	}
}

// leave ends a subshell made by sub and returns its status.
func (c *Shell) leave() int {
	if c.main == nil && (c.flow == flowNone || c.flow == flowExit) {
		flow := c.flow
		c.flow = flowNone
		if c.runPendingTraps(); c.flow == flowNone {
			c.flow = flow
		}
	}
	c.standKilled()
	c.runExitTrap()
	c.leaveStandIn()
	c.leaveTerminal()
	c.place.leave()
	return c.status
}

// stopped reports whether the commands being run are to be left.
func (s *Shell) stopped() bool { return s.flow != flowNone }
