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

// overrideDir holds scripts of the administrator that replace embedded scripts of the same
// name.
const overrideDir = "/etc/overlay-boot/scripts"

// scriptSet is the embedded scripts with the administrator's overrides. They appear in the
// directory scripts.Dir, whatever the file system has there.
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
	// The first use reads all overrides at once: a boot gives up the host's files later.
	s.once.Do(s.read)
	if text, ok := s.overrides[name]; ok {
		return text, true
	}
	return scripts.Text(name)
}

// IsOwn reports whether Script returns the text that is embedded in this program.
func (s *scriptSet) IsOwn(file string) bool {
	name, ok := strings.CutPrefix(file, scripts.Dir+"/")
	if !ok || !scripts.Has(name) {
		return false
	}
	s.once.Do(s.read)
	_, replaced := s.overrides[name]
	return !replaced
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

// forShell returns the text of a script for the shell. A text that is no shell script
// becomes a script that executes the file.
func forShell(file, text string) string {
	if call, ok := callOf(file, text); ok {
		return "#!/bin/sh\n" + call + "\n"
	}
	return text
}

// callOf returns the shell command that runs a file if the file is no script for the shell;
// text is the file's content or its beginning. Such a file is a binary, or a script for
// another interpreter. That script may lack the permission to be executed, as a shell
// script may.
func callOf(file, text string) (call string, ok bool) {
	line, _, _ := strings.Cut(text, "\n")
	words, isScript := interp.InterpreterLine(text)
	if isScript && (len(words) == 0 || interp.IsShell(words[0])) || !isScript && !isBinary(line) {
		return "", false
	}
	call = "exec"
	for _, word := range append(words, file) {
		call += " '" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return call + ` "$@"`, true
}

// isBinary reports whether a first line is that of a binary, not of a text.
func isBinary(line string) bool { return strings.IndexByte(line, 0) >= 0 }

// beginning returns the 256 bytes of a file that the kernel looks at.
func beginning(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	buf := make([]byte, 256)
	n, _ := io.ReadFull(f, buf)
	return string(buf[:n])
}
