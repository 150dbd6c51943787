package interp

import (
	"os"
	"strings"
)

// homeOf returns the directory that ~name stands for (XCU 2.6.1): that of the user
// database, which on some systems holds more than /etc/passwd.
func (s *Shell) homeOf(name string) (string, bool) {
	if name == "" {
		return s.get("HOME")
	}
	text, err := os.ReadFile("/etc/passwd")
	if err == nil {
		if home, ok := homeIn(string(text), name); ok {
			return home, true
		}
	}
	return homeIn(s.getent(name), name)
}

// homeIn finds the home directory of a user in lines of passwd(5).
func homeIn(text, name string) (string, bool) {
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		if len(f) >= 6 && f[0] == name {
			return f[5], true
		}
	}
	return "", false
}

// getent asks the system's getent(1) for a user: only the C library knows all places
// that nsswitch.conf(5) names. What no user can be called is not asked for.
func (s *Shell) getent(name string) string {
	tool, ok := systemTool("getent")
	if !ok || strings.ContainsAny(name, ":*?[\n") {
		return ""
	}
	out, stdout := newCapture()
	none := openHere("")
	s.runFor([]string{tool, "passwd", "--", name}, none, stdout, none)
	none.release()
	stdout.release()
	entry, _ := out.finish()
	return entry
}
