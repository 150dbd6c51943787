package interp

import "golang.org/x/sys/unix"

// A Shell is a shell execution environment (XCU 2.13). Each of its parts has a method fork, for
// a subshell, and methods encode and decode, for another process. TestFieldsFork and
// TestFieldsHandover fail for a field that is left out.
type Shell struct {
	process *Process
	environment
	place
	control
	identity
	lineage
	reactions
	children
	console
}

// New returns a shell with the given environment, and with the standard files, the directory
// and the process id of the process.
func New(process *Process, env []string) *Shell {
	s := &Shell{
		process:     process,
		environment: environment{vars: newVarTable(len(env) + 8), exports: new(exportList)},
		place:       place{dir: unix.AT_FDCWD},
		identity:    identity{pid: unix.Getpid()},
		reactions:   reactions{traps: map[int]string{}, hardIgnored: process.signals.inherited},
	}
	s.importEnv(env)
	return s
}

// sub returns a copy of the shell for a subshell inside this process (XCU 2.13).
func (s *Shell) sub() *Shell {
	return &Shell{
		process:     s.process,
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

// leave ends a shell and returns its status.
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

// stopped reports whether control leaves the running commands.
func (s *Shell) stopped() bool { return s.flow != flowNone }
