package interp

import (
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc"
)

// runCd changes the working directory. The shell holds the directory as a file descriptor. The
// main shell of a process changes the directory of the process instead.
func runCd(s *Shell, argv []string) int {
	given, operands, ok := s.options(argv, "LPe")
	if !ok {
		return 2
	}
	physical, strict := false, false
	for _, option := range given {
		if option == "e" { // -e is of the 2024 edition, and acts with -P only
			strict = true
		} else {
			physical = option == "P"
		}
	}
	dest, show := s.cdOperand(operands)
	if dest == "" {
		dest = "."
	}
	for _, candidate := range s.cdPath(dest) {
		name, ok := s.changeTo(candidate.dir, physical)
		if !ok {
			continue
		}
		s.forgetRelative()
		if !s.notePwd(name) {
			return 2
		}
		if show || candidate.show {
			return s.print(argv, s.pwd+"\n")
		}
		if strict && physical && name == "" {
			return 1
		}
		return 0
	}
	return s.blame(argv, 2, "can't cd to %s", dest)
}

// forgetRelative clears the hash table if PATH has relative directories: these are others now.
func (s *Shell) forgetRelative() {
	dirs, _ := s.get("PATH")
	for dir := range strings.SplitSeq(dirs, ":") {
		if !strings.HasPrefix(dir, "/") {
			s.hash.clear()
			return
		}
	}
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

// cdPath lists the directories that cd tries, by CDPATH.
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
			list = append(list, cdCandidate{dir + "/" + dest, true})
		}
	}
	return append(list, cdCandidate{dest, false})
}

// changeTo changes to a directory and returns its name for PWD.
func (s *Shell) changeTo(dest string, physical bool) (name string, ok bool) {
	name = dest
	if s.pwd == "" && !strings.HasPrefix(dest, "/") {
		physical = true // the old directory has no name to append to
	}
	if !physical {
		name = s.logical(dest)
	}
	const flags = unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC
	fd, err := unix.Openat(s.dir, name, flags, 0)
	if err == unix.ENAMETOOLONG { // the name that was given may be short enough
		fd, err = unix.Openat(s.dir, dest, flags, 0)
	}
	if err != nil {
		return "", false
	}
	if unix.Faccessat(fd, ".", unix.X_OK, unix.AT_EACCESS) != nil {
		unix.Close(fd)
		return "", false
	}
	if !s.enter(fd) {
		return "", false
	}
	if physical {
		name, _ = s.physicalDir()
	}
	return name, true
}

// enter makes an open directory the working directory.
func (s *Shell) enter(fd int) bool {
	if !s.inside() {
		err := unix.Fchdir(fd)
		unix.Close(fd)
		return err == nil
	}
	fd, err := high(fd)
	if err != nil {
		return false
	}
	s.closeDir()
	s.dir = fd
	return true
}

// logical returns the absolute name of a directory without the components "." and "..". It
// removes these without regard to symbolic links. Two slashes at the start stay.
func (s *Shell) logical(dest string) string {
	name, from, root := dest, dest, "/"
	if !strings.HasPrefix(dest, "/") {
		name, from = s.pwd+"/"+dest, s.pwd
	}
	if strings.HasPrefix(from, "//") && !strings.HasPrefix(from, "///") {
		root = "//"
	}
	var parts []string
	for part := range strings.SplitSeq(name, "/") {
		switch part {
		case "", ".":
		case "..":
			parts = parts[:max(len(parts)-1, 0)]
		default:
			parts = append(parts, part)
		}
	}
	return root + strings.Join(parts, "/")
}

// physicalDir returns the name of the working directory without symbolic links. A removed
// directory has no name.
func (s *Shell) physicalDir() (string, error) {
	if s.dir == unix.AT_FDCWD {
		return unix.Getwd()
	}
	var st unix.Stat_t
	if unix.Fstat(s.dir, &st) == nil && st.Nlink == 0 {
		return "", unix.ENOENT
	}
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlink("/proc/self/fd/"+itoa(s.dir), buf)
	if err != nil {
		if name, err := proc.Getcwd(s.dir); err == nil {
			return name, nil
		}
		return s.pwd, nil
	}
	return string(buf[:n]), nil
}

// notePwd sets PWD and OLDPWD after a change to the directory name.
func (s *Shell) notePwd(name string) bool {
	for _, v := range [...]assignment{{"OLDPWD", s.pwd}, {"PWD", name}} {
		if !s.set(v.name, v.value) {
			return false
		}
		exported := s.vars.get(v.name)
		exported.export = true
		s.store(v.name, exported)
		s.pwd = v.value
	}
	return true
}

func runPwd(s *Shell, argv []string) int {
	given, _, ok := s.options(argv, "LP")
	if !ok {
		return 2
	}
	name := s.pwd
	if len(given) > 0 && given[len(given)-1] == "P" {
		var err error
		if name, err = s.physicalDir(); err != nil {
			s.complain("getcwd() failed: %s", clib.Strerror(err))
		}
	}
	return s.print(argv, name+"\n")
}
