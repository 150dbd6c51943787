package main

import (
	"os"
	"path"
	"strings"
	"sync"

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
		if text, err := os.ReadFile(path.Join(overrideDir, name)); err == nil {
			s.overrides[name] = string(text)
		}
	}
}
