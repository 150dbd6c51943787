package interp

import (
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/utility"
)

// number reads the optional numeric operand of a built-in.
func (s *Shell) number(argv []string, otherwise int) (n int, ok bool) {
	if len(argv) < 2 {
		return otherwise, true
	}
	n, err := utility.ParseInt(argv[1])
	if err != nil {
		s.blame(argv, 2, "%v", err)
		return 0, false
	}
	return n, true
}

func runBreak(s *Shell, argv []string) int {
	n, ok := s.number(argv, 1)
	if !ok {
		return 2
	}
	if n < 1 {
		return s.blame(argv, 2, "Illegal number: %s", argv[1])
	}
	if s.loopDepth == 0 {
		return 0
	}
	s.flow, s.flowCount = flowBreak, min(n, s.loopDepth)
	if argv[0] == "continue" {
		s.flow = flowContinue
	}
	return 0
}

func runReturn(s *Shell, argv []string) int {
	n, ok := s.number(argv, s.status)
	if !ok {
		return 2
	}
	s.flow, s.flowCount = flowReturn, len(argv[1:])
	if s.funcDepth == 0 && s.dotDepth == 0 {
		s.flow, s.returned = flowExit, true
	}
	return n
}

func runExit(s *Shell, argv []string) int {
	if s.stoppedJobs() {
		return 0
	}
	status := s.status
	if s.trapStatus != nil {
		status = *s.trapStatus
	}
	n, ok := s.number(argv, status)
	if !ok {
		return 2
	}
	s.flow, s.returned = flowExit, false
	return n & 0xff
}

func runEval(s *Shell, argv []string) int {
	if !s.run(textSource(strings.Join(argv[1:], " "))) {
		return 0
	}
	return s.status
}

// runDot runs the commands of a file. A name without a slash is searched for in PATH.
func runDot(s *Shell, argv []string) int {
	_, operands, ok := s.options(argv, "")
	if !ok {
		return 2
	}
	if len(operands) == 0 {
		return 0
	}
	name, ok := s.findDot(operands[0])
	if !ok {
		s.blame(argv, 2, "%s: not found", operands[0])
		return 2
	}
	src, done, ok := s.dotSource(argv, name)
	if !ok {
		return 2
	}
	defer done()
	line := s.line
	s.dotDepth++
	s.context = name
	if !s.run(src) {
		s.status = 0
	}
	s.dotDepth--
	s.line = line
	if s.flow == flowReturn {
		s.flow = flowNone
	}
	return s.status
}

// dotSource returns the script that dot names, or prints the error. The caller calls done after
// the script has run.
func (s *Shell) dotSource(argv []string, name string) (src *source, done func(), ok bool) {
	file := s.absolute(name)
	if text, ok := s.process.script(file); ok {
		return s.process.embedded(file, text), func() {}, true
	}
	f, ok := s.openFor(name, unix.O_RDONLY)
	if !ok {
		s.failSpecial(argv, 2)
		return nil, nil, false
	}
	if f.comesInPieces() { // the writer may wait until a line has run
		return fileSource(f), f.release, true
	}
	defer f.release()
	text, _ := f.readAll() // text that is unreadable, as of a directory, counts as empty
	return scriptSource(text), func() {}, true
}

// findDot searches PATH for a script of dot, which need not be executable. Messages give the
// name that it returns.
func (s *Shell) findDot(name string) (string, bool) {
	if strings.Contains(name, "/") {
		return name, true
	}
	in := s.searchPath()
	for dir := range strings.SplitSeq(in.dirs, ":") {
		if !in.set {
			break
		}
		file := inDir(dir, name)
		if _, ok := s.process.script(s.absolute(file)); ok {
			return file, true
		}
		if isRegular(s.dir, file) {
			return file, true
		}
	}
	return "", false
}

// runExec replaces the shell by a command. Without a command it does nothing: the caller keeps
// the redirections.
func runExec(s *Shell, argv []string) int {
	if len(argv) < 2 {
		return 0
	}
	s.setMonitor(false)
	status := s.runProgram(argv[1:], replace)
	s.flow = flowExit
	return status
}

func runShift(s *Shell, argv []string) int {
	n, ok := s.number(argv, 1)
	if !ok {
		return 2
	}
	if n > len(s.params) {
		return s.blame(argv, 2, "can't shift that many")
	}
	s.setParams(s.params[n:])
	return 0
}
