package interp

import (
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// ownFiles returns the directory in which other processes see the file descriptors of this one.
func ownFiles() string { return "/proc/" + itoa(os.Getpid()) + "/fd" }

// fileDirs lists the names of that directory that are the same for every process.
var fileDirs = [...]string{"/proc/self/fd", "/proc/thread-self/fd", "/dev/fd"}

// amongFiles reports whether the working directory is that of the shell's file descriptors.
func (s *Shell) amongFiles() bool {
	if !hasAnyPrefix(s.pwd, "/proc/", "/dev/fd") {
		return false
	}
	return hasAnyPrefix(s.pwd, fileDirs[:]...) || strings.HasPrefix(s.pwd, ownFiles())
}

// showFiles makes the files 3 to 9 of the main shell visible in the process under these
// numbers, if a text names the directory of its file descriptors. A program finds the files
// there until the caller calls hide. The shell itself keeps its files at firstFile and above.
//
// A subshell in a process of its own does not show the files of the shell that $$ names.
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

// showFor does the work of showFiles for a pattern, which the shell itself expands.
func (s *Shell) showFor(pattern string) (hide func()) {
	if hasAnyPrefix(pattern, fileDirs[:]...) || pattern[0] != '/' && s.amongFiles() {
		return s.files.show()
	}
	if strings.HasPrefix(pattern, "/proc/") {
		return s.showFiles([]string{pattern})
	}
	return func() {}
}

// show takes only free numbers. It leaves alone the numbers that another stage of a pipeline
// shows or has just opened.
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

// mirrorFor turns mirroring on for good if a text of commands names the directory of file
// descriptors of some process. A child in the background may look there, or a program that
// learns the name by other means than an operand.
func (s *Shell) mirrorFor(text string) {
	i := strings.Index(text, "/proc/")
	if s.process.mirrors || s.inside() || i < 0 || !strings.Contains(text[i:], "/fd") {
		return
	}
	s.process.mirrors = true
	for n := range s.files {
		s.mirror(n)
	}
}

// mirror dups the file n of the main shell to the file descriptor n of the process.
func (s *Shell) mirror(n int) {
	if !s.process.mirrors || s.inside() || n < 3 || n >= firstFile {
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
	_ = unix.Dup3(fd, n, unix.O_CLOEXEC) // after an error the file is only invisible
}
