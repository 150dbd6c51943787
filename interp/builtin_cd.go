package interp

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// runCd changes the working directory. It is a descriptor; where the shell is
// the process, the process's own follows.
func runCd(s *Shell, argv []string) int {
	given, operands, ok := s.options(argv, "LP")
	if !ok {
		return 2
	}
	physical := len(given) > 0 && given[len(given)-1] == "P"
	dest, show := s.cdOperand(operands)
	if dest == "" {
		dest = "."
	}
	for _, candidate := range s.cdPath(dest) {
		if s.changeTo(candidate.dir, physical) {
			if show || candidate.show {
				s.files.writer(1).Write([]byte(s.pwd + "\n"))
			}
			return 0
		}
	}
	return s.blame(argv, 2, "can't cd to %s", dest)
}

func (s *Shell) cdOperand(operands []string) (dest string, show bool) {
	if len(operands) == 0 {
		return s.getOr("HOME", ""), false
	}
	if operands[0] == "-" {
		return s.getOr("OLDPWD", ""), true
	}
	return operands[0], false
}

type cdCandidate struct {
	dir  string
	show bool
}

// cdPath lists where cd looks, by CDPATH.
func (s *Shell) cdPath(dest string) []cdCandidate {
	cdpath, ok := s.get("CDPATH")
	first, _, _ := strings.Cut(dest, "/")
	if !ok || first == "" || first == "." || first == ".." {
		return []cdCandidate{{dest, false}}
	}
	var list []cdCandidate
	for dir := range strings.SplitSeq(cdpath, ":") {
		if dir == "" {
			list = append(list, cdCandidate{dest, false})
		} else {
			list = append(list, cdCandidate{path.Join(dir, dest), true})
		}
	}
	return append(list, cdCandidate{dest, false})
}

func (s *Shell) changeTo(dest string, physical bool) bool {
	name := dest
	if !physical {
		name = s.absolute(dest)
	}
	fd, err := unix.Openat(s.dir, name, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil && !physical {
		// The logical name may be too long or unreadable where the given one works.
		fd, err = unix.Openat(s.dir, dest, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	}
	if err != nil {
		return false
	}
	if unix.Faccessat(fd, ".", unix.X_OK, unix.AT_EACCESS) != nil {
		unix.Close(fd)
		return false
	}
	if s.subshell {
		if fd, err = high(fd); err != nil {
			return false
		}
		s.closeDir()
		s.dir = fd
	} else {
		err = unix.Fchdir(fd)
		unix.Close(fd)
		if err != nil {
			return false
		}
	}
	if physical {
		name = s.physicalDir()
	}
	s.notePwd(name)
	return true
}

// physicalDir is the name of the working directory without symbolic links.
func (s *Shell) physicalDir() string {
	if s.dir == unix.AT_FDCWD {
		wd, _ := unix.Getwd()
		return wd
	}
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlink("/proc/self/fd/"+itoa(s.dir), buf)
	if err != nil {
		return s.pwd
	}
	return string(buf[:n])
}

func (s *Shell) notePwd(name string) {
	old := s.vars.get("OLDPWD")
	old.value, old.set, old.export = s.pwd, true, true
	s.store("OLDPWD", old)
	s.pwd = name
	v := s.vars.get("PWD")
	v.value, v.set, v.export = name, true, true
	s.store("PWD", v)
}

func runPwd(s *Shell, argv []string) int {
	given, _, ok := s.options(argv, "LP")
	if !ok {
		return 2
	}
	name := s.pwd
	if len(given) > 0 && given[len(given)-1] == "P" {
		name = s.physicalDir()
	}
	_, err := s.files.writer(1).Write([]byte(name + "\n"))
	return s.wrote(argv, err)
}
