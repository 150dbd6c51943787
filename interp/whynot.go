package interp

import (
	"errors"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc"
)

// candidates returns the files that execvp(3) of the GNU C library tries for a command name, in
// that environment.
func candidates(name string, env []string) (files []string) {
	if strings.Contains(name, "/") || name == "" || len(name) > unix.NAME_MAX {
		return []string{name}
	}
	for dir := range strings.SplitSeq(lookupEnv(env, "PATH"), ":") {
		if len(dir) < unix.PathMax {
			files = append(files, inDir(dir, name))
		}
	}
	return files
}

// pathsFrom returns the files that a command is tried with if the shell has found that one. A
// prefix command goes on to the next directory of PATH.
func pathsFrom(found string, spec *proc.Spec) []string {
	if spec.Blame.Text != "" {
		list := candidates(spec.Argv[0], spec.Env)
		if i := slices.Index(list, found); i >= 0 {
			return list[i:]
		}
	}
	return []string{found}
}

// namesRelative reports whether a word of a command, or PATH, names a file or a directory that
// depends on the current directory.
func namesRelative(argv, env []string) bool {
	isRelative := func(word string) bool { return !strings.HasPrefix(word, "/") }
	return slices.ContainsFunc(argv, func(word string) bool {
		return strings.Contains(word, "/") && isRelative(word)
	}) || slices.ContainsFunc(strings.Split(lookupEnv(env, "PATH"), ":"), isRelative)
}

// inDir returns the name of a file in a directory of PATH.
func inDir(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// whyNot returns the error for a program that find has not found, or that may not be executed,
// as dash does.
func (s *Shell) whyNot(name string, in searchPath) unix.Errno {
	if strings.Contains(name, "/") {
		return s.whyNotFile(name)
	}
	why := unix.ENOENT
	for dir := range strings.SplitSeq(in.dirs, ":") {
		if errno := s.whyNotFile(inDir(dir, name)); in.set && !isAbsent(errno) {
			why = errno
		}
	}
	return why
}

// whyNotBehind is whyNot for a program behind a prefix command, which calls execvp(3).
func (s *Shell) whyNotBehind(name string, env []string) unix.Errno {
	why, denied := unix.ENOENT, false
	for _, file := range candidates(name, env) {
		if why = s.whyNotFile(file); !proc.GoesOn(why) {
			return why
		}
		denied = denied || why == unix.EACCES
	}
	if denied {
		return unix.EACCES
	}
	return why
}

// whyNotFile returns the error for a file that cannot be executed.
func (s *Shell) whyNotFile(name string) (why unix.Errno) {
	var st unix.Stat_t
	err := unix.Fstatat(s.dir, name, &st, 0)
	switch {
	case errors.As(err, &why):
		return why
	case st.Mode&unix.S_IFMT != unix.S_IFREG || !isExecutable(s.dir, name):
		return unix.EACCES
	}
	return unix.ENOENT // it has appeared just now
}

// isAbsent reports whether an error says that there is no such file.
func isAbsent(errno unix.Errno) bool { return errno == unix.ENOENT || errno == unix.ENOTDIR }

// notExecuted returns the exit status for a program that execve(2) refuses, in the words of
// dash.
func notExecuted(errno unix.Errno) (status int, text string) {
	switch errno {
	case unix.ENOENT, unix.ENOTDIR:
		return 127, "not found"
	case unix.ELOOP, unix.ENAMETOOLONG:
		status = 127
	default:
		status = 126
	}
	return status, clib.ErrnoText(errno)
}

// headLength is how much of a file dash looks at to tell a text from a binary.
const headLength = 128

// isBinary reports whether dash takes the beginning of a file for that of a binary: a control
// character in its first line, other than blanks, SO, SI and ESC.
func isBinary(head string) bool {
	line, _, _ := strings.Cut(head[:min(len(head), headLength)], "\n")
	return strings.ContainsFunc(line, func(c rune) bool {
		return c < '\t' || c >= 0x10 && c < ' ' && c != 0x1b || c == 0x7f
	})
}

// isBinaryFile is isBinary for a file.
func (s *Shell) isBinaryFile(name string) bool {
	return isBinary(s.head(name))
}

// head returns the beginning of a file, as much as the kernel looks at.
func (s *Shell) head(name string) string {
	fd, err := unix.Openat(s.dir, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return ""
	}
	defer unix.Close(fd)
	var buf [256]byte
	n, _ := unix.Read(fd, buf[:])
	return string(buf[:max(n, 0)])
}
