package interp

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc"
)

// becomes shows the arguments of a program that takes the place of this shell in its process:
// others find a process by them. It reports false where they cannot be shown, and so the binary
// has to be executed with them. That is not worth while for a native, which ends soon.
func (s *Shell) becomes(spec *proc.Spec, p program, m mode) bool {
	switch {
	case !s.takesPlace(m), s.inside(), s.role == aCommand && p.kind != script && !p.command.IsShell:
		return true
	case p.kind == script:
		return s.process.show(p.shellArgv(spec.Argv[1:]), false)
	}
	return s.process.show(spec.Argv, !p.command.IsShell)
}

// runScript interprets a script inside this process in a new shell, which gets only the
// exported variables and the open files of this shell.
func (s *Shell) runScript(spec *proc.Spec, p program, m mode) int {
	c := s.successor(spec.Env, p.shellArgv(spec.Argv[1:]), m)
	c.name, c.params = p.path, spec.Argv[1:]
	c.applyFlags(p.options)
	text := p.text
	if !p.known {
		var err error
		if text, err = readAll(s.dir, p.path); err != nil {
			s.complain("%s: %s", p.path, clib.Strerror(err))
			return s.notRun(126, m)
		}
	}
	c.run(textSource(text))
	return s.afterNested(c, m)
}

// afterNested runs after a nested shell inside this process.
func (s *Shell) afterNested(c *Shell, m mode) int {
	status := c.leave()
	switch {
	case c.endedBy == 0:
	case s.isLast():
		s.endedBy = c.endedBy
	default:
		s.reportSignal(c.endedBy)
	}
	return s.afterNative(status, m)
}

// nestedShell runs the native sh inside this process.
func (s *Shell) nestedShell(spec *proc.Spec, m mode) int {
	c := s.successor(spec.Env, spec.Argv, m)
	c.Main(spec.Argv)
	return s.afterNested(c, m)
}

// becomeShell makes this process a new shell, after prefix commands that change nothing but the
// root directory.
func (s *Shell) becomeShell(spec *proc.Spec) int {
	if err := spec.Apply(); err != nil {
		return s.execFailed(spec, err, replace)
	}
	s.closeDir()
	s.dir = unix.AT_FDCWD
	s.traps, s.outerTraps = map[int]string{}, nil
	c := s.fresh(spec.Env)
	c.becomeRoot()
	c.Main(spec.Argv)
	return s.afterNative(c.leave(), replace)
}

// successor returns a new shell in this process, with argv as its arguments. Behind exec, and as
// the last command of a subshell, the new shell takes the place of this one, and its signals.
func (s *Shell) successor(env, argv []string, m mode) *Shell {
	c := s.fresh(env)
	c.argv = argv
	if !s.takesPlace(m) || s.inside() {
		c.merged = s.inside() && s.takesPlace(m)
		return c
	}
	for n, action := range s.traps {
		if n != 0 && action != "" {
			s.clearTrap(n)
		}
	}
	c.becomeRoot()
	return c
}

// becomeRoot makes a new shell the main shell of the process.
func (s *Shell) becomeRoot() {
	s.main, s.pid = nil, unix.Getpid()
	s.setParent(unix.Getppid())
}

// fresh returns a new shell in this process. It inherits only the open files, the directory and
// the ignored signals.
func (s *Shell) fresh(env []string) *Shell {
	base := s.sub()
	c := New(s.process, nil)
	c.place, c.main, c.pid, c.lineage = base.place, base.main, s.pid, base.lineage
	c.hardIgnored = base.ignored()
	c.vars = newVarTable(len(env) + 8)
	c.importEnv(env)
	// Its parent is this shell, not the parent of the process: scripts send signals to $PPID.
	c.setParent(s.pid)
	c.setDefault("PWD", s.pwd)
	return c
}

func readAll(dir int, name string) (string, error) {
	fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	defer unix.Close(fd)
	return newFile(fd).readAll()
}
