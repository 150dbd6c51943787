package interp

import (
	"cmp"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/text"
)

// number reads the optional numeric operand of a built-in.
func (s *Shell) number(argv []string, otherwise int) (n int, ok bool) {
	if len(argv) < 2 {
		return otherwise, true
	}
	n, err := text.ParseInt(argv[1])
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
	s.flow = flowReturn
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
	if len(argv) > 1 && argv[1] == "--" {
		argv = argv[1:]
	}
	s.status = 0
	s.run(textSource([]byte(strings.Join(argv[1:], " "))))
	return s.status
}

// runDot reads commands from a file, which is looked for in PATH where its name
// has no slash.
func runDot(s *Shell, argv []string) int {
	if len(argv) > 1 && argv[1] == "--" {
		argv = append([]string{argv[0]}, argv[2:]...)
	}
	if len(argv) < 2 {
		return 0
	}
	body, ok := s.readDot(argv[1])
	if !ok {
		if !strings.Contains(argv[1], "/") {
			return s.blame(argv, 2, "%s: not found", argv[1])
		}
		return s.blame(argv, 2, "cannot open %s: No such file", argv[1])
	}
	off, line := s.lineOffset, s.line
	s.dotDepth++
	s.lineOffset, s.context = 0, argv[1]
	s.status = 0
	s.run(textSource(body))
	s.dotDepth--
	s.lineOffset, s.line = off, line
	if s.flow == flowReturn {
		s.flow = flowNone
	}
	return s.status
}

func (s *Shell) readDot(name string) ([]byte, bool) {
	candidates := []string{name}
	if !strings.Contains(name, "/") {
		candidates = nil
		for dir := range strings.SplitSeq(s.getOr("PATH", ""), ":") {
			candidates = append(candidates, cmp.Or(dir, ".")+"/"+name)
		}
	}
	for _, c := range candidates {
		if s.host.Scripts != nil {
			if text, ok := s.host.Scripts.Script(s.absolute(c)); ok {
				return text, true
			}
		}
		var st unix.Stat_t
		if unix.Fstatat(s.dir, c, &st, 0) != nil || st.Mode&unix.S_IFMT == unix.S_IFDIR {
			continue
		}
		if text, err := readAll(s.dir, c); err == nil {
			return text, true
		}
	}
	return nil, false
}

// runExec replaces the shell by a command. Without one, its redirections have
// been kept by the caller.
func runExec(s *Shell, argv []string) int {
	if len(argv) > 1 && argv[1] == "--" {
		argv = argv[1:]
	}
	if len(argv) < 2 {
		return 0
	}
	status := s.runProgram(argv[1:], nil, replace)
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
	s.params = s.params[n:]
	return 0
}
