package interp

import (
	"os"
	"strings"
)

// homeOf returns the directory that ~name stands for.
func (s *Shell) homeOf(name string) (string, bool) {
	if name == "" {
		return s.get("HOME")
	}
	text, err := os.ReadFile("/etc/passwd")
	if err != nil {
		return "", false
	}
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		if len(f) >= 6 && f[0] == name {
			return f[5], true
		}
	}
	return "", false
}
