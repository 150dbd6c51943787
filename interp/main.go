package interp

import (
	"io"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins"
	"overlayboot/interp/signals"
)

// Run runs sh with the given arguments as this process's shell and returns the
// exit status. argv[0] is the name for messages.
func Run(host *Host, argv, env []string) int {
	signals.BeShell()
	s := New(host, env)
	s.takeProcess()
	s.Main(argv)
	return s.leave()
}

// RunCommand runs a command by its name, as the shell would, and returns the
// exit status.
func RunCommand(host *Host, argv, env []string) int {
	s := New(host, env)
	s.takeProcess()
	s.role = aCommand
	for n := 3; n < 10; n++ { // as the command may name them: /dev/fd/3
		if f := s.files.get(n); f != nil {
			_ = unix.Dup3(f.fd, n, unix.O_CLOEXEC)
		}
	}
	s.name = path.Base(argv[0]) // messages of the shell are those of the command
	return s.runProgram(argv, nil, replace)
}

// Main runs the commands that the arguments of sh name (sh(1)):
//
//	sh [-abCefhimnuvx] [-o option]... [command_file [argument...]]
//	sh -c [options] command_string [command_name [argument...]]
//	sh -s [options] [argument...]
func (s *Shell) Main(argv []string) {
	s.name = argv[0]
	args, command, hasCommand, ok := s.invocation(argv[1:])
	if !ok {
		return
	}
	fromStdin := !hasCommand && (s.opt(optStdin) || len(args) == 0)
	s.setOpt(optStdin, fromStdin || s.opt(optStdin))
	begin := func() {
		if s.isRoot() {
			s.beInteractive(fromStdin, argv)
			s.readProfile()
		}
	}
	switch {
	case hasCommand:
		if len(args) > 0 {
			s.name, args = args[0], args[1:]
		}
		s.params = args
		begin()
		s.run(textSource([]byte(command)))
	case fromStdin:
		s.params = args
		begin()
		s.runStdin()
	default:
		s.params = args[1:]
		s.runFile(args[0], begin)
	}
}

// invocation reads the options of sh.
func (s *Shell) invocation(args []string) (rest []string, command string, isCommand, ok bool) {
	dashC := false
	for len(args) > 0 && len(args[0]) > 1 && (args[0][0] == '-' || args[0][0] == '+') {
		if args[0] == "--" {
			break
		}
		arg := args[0]
		if strings.HasPrefix(arg, "-") && strings.Contains(arg, "c") {
			dashC = true
			arg = strings.ReplaceAll(arg, "c", "")
		}
		arg = strings.ReplaceAll(arg, "l", "") // a login shell has no profile here
		if len(arg) == 1 {
			args = args[1:]
			continue
		}
		takes := 1
		if strings.Contains(arg, "o") && len(args) > 1 {
			takes = 2
		}
		flags := append([]string{arg}, args[1:takes]...)
		if _, _, status := s.setFlags(flags); status == 2 {
			return nil, "", false, false
		}
		args = args[takes:]
	}
	if len(args) > 0 && (args[0] == "--" || args[0] == "-") {
		args = args[1:]
	}
	if !dashC {
		return args, "", false, true
	}
	if len(args) == 0 {
		s.fail(2, "-c requires an argument")
		return nil, "", false, false
	}
	return args[1:], args[0], true, true
}

// applyFlags sets the options of a script's first line.
func (s *Shell) applyFlags(flags []string) {
	if len(flags) > 0 {
		s.setFlags(flags)
	}
}

func (s *Shell) runStdin() {
	if in := s.files.get(0); in != nil {
		s.commands(fileSource(in))
	}
}

// runFile runs a script: one that the binary holds or a file. begin is called when
// it is there.
func (s *Shell) runFile(name string, begin func()) {
	if text, ok := s.host.script(s.absolute(name)); ok {
		s.name = name
		begin()
		s.commands(scriptSource(text))
		return
	}
	f, err := s.openScript(name)
	if err != nil {
		s.fail(2, "cannot open %s: %s", name, openError(err, false))
		return
	}
	s.name = name
	defer f.release()
	text, err := io.ReadAll(f)
	if err != nil { // such as a directory
		s.fail(2, "read error: %s", builtins.Strerror(err))
		return
	}
	begin()
	s.commands(scriptSource(text))
}

func (s *Shell) openScript(name string) (*openFile, error) {
	if f, _ := s.ownDescriptor(name); f != nil { // such as /dev/fd/3
		f.refs.Add(1)
		return f, nil
	}
	fd, err := unix.Openat(s.dir, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err == nil {
		fd, err = high(fd)
	}
	return newFile(fd), err
}
