package interp

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/signals"
)

// Run runs sh with the given arguments as the main shell of this process, and returns the exit
// status. argv[0] is the name for messages.
func Run(process *Process, argv, env []string) int {
	signals.BeShell()
	s := New(process, env)
	s.takeProcess()
	s.Main(argv)
	return s.leave()
}

// RunCommand runs a command by its name, as the shell would, and returns the exit status.
func RunCommand(process *Process, argv, env []string) int {
	s := New(process, env)
	s.takeProcess()
	s.role = aCommand
	for n := 3; n < 10; n++ { // the command may name them: /dev/fd/3
		if f := s.files.get(n); f != nil {
			_ = unix.Dup3(f.fd, n, unix.O_CLOEXEC)
		}
	}
	s.name = path.Base(argv[0]) // messages of the shell carry the name of the command
	s.exports = new(exportList) // the environment as it came, in its own order
	s.exports.list.Store(&env)
	return s.runProgram(argv, replace)
}

// Main runs the commands that the arguments of sh name (sh(1)):
//
//	sh [-abCefilmnpuvx] [-o option]... [command_file [argument...]]
//	sh -c [options] command_string [command_name [argument...]]
//	sh -s [options] [argument...]
//
// An argv[0] that begins with - makes a login shell, as -l does. With both -c and -s
// the commands of standard input follow the string.
func (s *Shell) Main(argv []string) {
	s.name = argv[0]
	if s.pwd == "" {
		s.complain("getcwd() failed: %s", clib.ErrnoText(unix.ENOENT))
	}
	inv, ok := s.invocation(argv)
	if !ok {
		return
	}
	args := inv.operands
	fromStdin := inv.command == nil && (s.opt(optStdin) || len(args) == 0)
	s.setOpt(optStdin, fromStdin || s.opt(optStdin))
	begin := func() {
		if s.isRoot() {
			s.beInteractive(fromStdin, inv.said)
			s.beInit()
		}
		s.readProfiles(inv.login)
	}
	switch {
	case inv.command != nil:
		if len(args) > 0 {
			s.name, args = args[0], args[1:]
		}
		s.params = args
		if begin(); s.stopped() {
			return
		}
		s.run(textSource(*inv.command))
		if s.opt(optStdin) && !s.stopped() {
			s.runStdin(1)
		}
	case fromStdin:
		s.params = args
		if begin(); !s.stopped() {
			s.runStdin(1)
		}
	default:
		s.params = args[1:]
		s.runFile(args[0], begin)
	}
}

// An invocation holds the requests in the arguments of sh, beside the options of set.
type invocation struct {
	operands []string
	command  *string // the operand of -c
	login    bool
	said     options // the options that the arguments set or unset
}

// invocation reads the arguments of sh. The letters c and l have the same meaning behind +.
func (s *Shell) invocation(argv []string) (inv invocation, ok bool) {
	inv.login = strings.HasPrefix(argv[0], "-")
	hasCommand := false
	r := optionReader{args: argv[1:], own: func(letter byte) bool {
		hasCommand = hasCommand || letter == 'c'
		inv.login = inv.login || letter == 'l'
		return letter == 'c' || letter == 'l'
	}}
	if r.read(s); r.status == 2 {
		return inv, false
	}
	inv.operands, inv.said = r.args, r.said
	if !hasCommand {
		return inv, true
	}
	if len(r.args) == 0 {
		s.fail(2, "-c requires an argument")
		return inv, false
	}
	inv.command, inv.operands = &r.args[0], r.args[1:]
	return inv, true
}

// applyFlags sets the options in the first line of a script.
func (s *Shell) applyFlags(flags []string) {
	r := optionReader{args: flags}
	r.read(s)
}

// runStdin runs commands from standard input. line is the number of its next line.
func (s *Shell) runStdin(line int) {
	if in := s.files.get(0); in != nil {
		src := fileSource(in)
		src.line = line
		s.commands(src)
	}
}

// runFile runs a script, which is embedded or a file. It calls begin once it has found the
// script.
func (s *Shell) runFile(name string, begin func()) {
	if text, ok := s.process.script(s.absolute(name)); ok {
		s.name = name
		if begin(); !s.stopped() {
			s.commands(s.process.embedded(s.absolute(name), text))
		}
		return
	}
	f, err := s.openScript(name)
	if err != nil {
		s.fail(2, "cannot open %s: %s", name, openError(err, false))
		return
	}
	s.name = name
	defer f.release()
	if f.comesInPieces() {
		if begin(); !s.stopped() { // the writer may wait until a line has run
			s.commands(fileSource(f))
		}
		return
	}
	text, _ := f.readAll() // as in dash, an error, such as that of a directory, ends the script
	if begin(); s.stopped() {
		return
	}
	src := scriptSource(text)
	s.script = f
	s.commands(src)
	s.runAdded(f, src)
}

// beInit prepares a shell that is pid 1 for the duties of that process: it collects orphans,
// and an interrupt ends it.
func (s *Shell) beInit() {
	if isInit() {
		signals.CatchChildren()
		s.dispose(int(unix.SIGINT))
	}
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
