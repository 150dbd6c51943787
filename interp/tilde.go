package interp

import (
	"os"
	"strings"

	"overlayboot/builtins"
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
	if !builtins.AsksElsewhere("passwd") {
		return "", false
	}
	return homeIn(s.getent("passwd", name), name)
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

// getent asks the system's getent(1) for a line of passwd or group: only the C library
// knows all places that nsswitch.conf(5) names. What nobody can be called is not asked for.
func (s *Shell) getent(database, key string) string {
	tool, ok := s.host.systemTool("getent")
	if !ok || strings.ContainsAny(key, ":*?[\n") {
		return ""
	}
	out, stdout := newCapture()
	none := openHere("")
	s.runAs(s.dir, s.environ(), []string{tool, database, "--", key}, "", nil, [3]any{none, stdout, none})
	none.release()
	stdout.release()
	entry, _ := out.finish()
	return entry
}
