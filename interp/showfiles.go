package interp

import (
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// ownFiles is the directory in which other processes see the descriptors of this one.
func ownFiles() string { return "/proc/" + itoa(os.Getpid()) + "/fd" }

// fileDirs are the names of that directory which are the same for every process.
var fileDirs = [...]string{"/proc/self/fd", "/proc/thread-self/fd", "/dev/fd"}

// amongFiles reports whether the working directory is that of the shell's descriptors.
func (s *Shell) amongFiles() bool {
	if !hasAnyPrefix(s.pwd, "/proc/", "/dev/fd") {
		return false
	}
	return hasAnyPrefix(s.pwd, fileDirs[:]...) || strings.HasPrefix(s.pwd, ownFiles())
}

// showFiles gives the files 3 to 9 of the shell that the process is these numbers in the
// process too, where a text names the directory that shows them, so that a program finds
// them there until the function that is returned is called. The shell itself has its
// files at firstFile and above.
//
// A subshell that is a process of its own does not show those of the shell that $$ is.
func (s *Shell) showFiles(texts []string) (hide func()) {
	if s.amongFiles() {
		return s.files.show()
	}
	dir := ownFiles()
	if !slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, dir) }) {
		return func() {}
	}
	return s.processShell().files.show()
}

// showFor is showFiles for a pattern, which the shell itself looks for.
func (s *Shell) showFor(pattern string) (hide func()) {
	if hasAnyPrefix(pattern, fileDirs[:]...) || pattern[0] != '/' && s.amongFiles() {
		return s.files.show()
	}
	if strings.HasPrefix(pattern, "/proc/") {
		return s.showFiles([]string{pattern})
	}
	return func() {}
}

// show takes only numbers that are free: those that another stage of a pipeline shows,
// or has opened a moment ago, are left alone.
func (t fileTable) show() (hide func()) {
	var shown []int
	for n := 3; n < min(len(t), firstFile); n++ {
		fd := -1
		if f := t[n]; f != nil {
			fd = f.descriptor()
		}
		if fd < 0 {
			continue
		}
		got, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, n)
		switch {
		case err != nil:
		case got == n:
			shown = append(shown, n)
		default:
			unix.Close(got)
		}
	}
	return func() {
		for _, n := range shown {
			unix.Close(n)
		}
	}
}

// mirrorFor has the files mirrored from now on where a text of commands names the
// directory of descriptors of some process: what finds it there may be a program that is
// told in another way than by an operand, or a child in the background.
func (s *Shell) mirrorFor(text string) {
	i := strings.Index(text, "/proc/")
	if s.host.mirrors || s.inside() || i < 0 || !strings.Contains(text[i:], "/fd") {
		return
	}
	s.host.mirrors = true
	for n := range s.files {
		s.mirror(n)
	}
}

// mirror gives the file n of the shell that the process is that number in the process.
func (s *Shell) mirror(n int) {
	if !s.host.mirrors || s.inside() || n < 3 || n >= firstFile {
		return
	}
	fd := -1
	if f := s.files.get(n); f != nil {
		fd = f.descriptor()
	}
	if fd < 0 {
		unix.Close(n)
		return
	}
	_ = unix.Dup3(fd, n, unix.O_CLOEXEC) // else it is only not to be seen
}
