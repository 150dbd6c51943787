package main

import (
	"io"
	"os"
	"path"
	"strings"
	"sync"

	"overlayboot/interp"
	"overlayboot/scripts"
)

// overrideDir holds scripts of the administrator that replace embedded ones of
// the same name.
const overrideDir = "/etc/overlay-boot/scripts"

// scriptSet is the embedded scripts with the administrator's overrides. They
// appear in the directory scripts.Dir, whatever a file system has there.
type scriptSet struct {
	once      sync.Once
	overrides map[string]string
}

func newScriptSet() *scriptSet { return &scriptSet{} }

// Script returns the text of a script by its absolute path.
func (s *scriptSet) Script(file string) (string, bool) {
	name, ok := strings.CutPrefix(file, scripts.Dir+"/")
	if !ok {
		return "", false
	}
	// All at once, at the first use: a boot gives up the host's files later.
	s.once.Do(s.read)
	if text, ok := s.overrides[name]; ok {
		return text, true
	}
	return scripts.Text(name)
}

// IsOwn tells whether Script returns the text that is in this program.
func (s *scriptSet) IsOwn(file string) bool {
	_, ok := s.Script(file)
	_, replaced := s.overrides[path.Base(file)]
	return ok && !replaced
}

func (s *scriptSet) read() {
	if _, err := os.Lstat(overrideDir); err != nil {
		return
	}
	s.overrides = map[string]string{}
	for _, name := range scripts.Names() {
		file := path.Join(overrideDir, name)
		if text, err := os.ReadFile(file); err == nil {
			s.overrides[name] = forShell(file, string(text))
		}
	}
}

// forShell returns the text of a script for the shell: what is no script for that becomes
// one that calls it.
func forShell(file, text string) string {
	if call, ok := callOf(file, text); ok {
		return "#!/bin/sh\n" + call + "\n"
	}
	return text
}

// callOf returns the command of the shell that runs a file of that text, or of that
// beginning, where it is no script for the shell: one for another interpreter, which may lack
// the right to be executed as ours may, or a program.
func callOf(file, text string) (call string, ok bool) {
	line, _, _ := strings.Cut(text, "\n")
	words, isScript := interp.InterpreterLine(line)
	switch {
	case isScript && (len(words) == 0 || interp.IsShell(words[0])), !isScript && !isBinary(line):
		return "", false
	case len(words) > 1: // the kernel makes one argument of all that follows
		words = []string{words[0], strings.Join(words[1:], " ")}
	}
	call = "exec"
	for _, word := range append(words, file) {
		call += " '" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return call + ` "$@"`, true
}

// isBinary reports whether the first line is that of a program, not of a text.
func isBinary(line string) bool { return strings.IndexByte(line, 0) >= 0 }

// firstLine returns the beginning of a file, as far as the kernel looks at it.
func firstLine(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	buf := make([]byte, 256)
	n, _ := io.ReadFull(f, buf)
	line, _, _ := strings.Cut(string(buf[:n]), "\n")
	return line
}
