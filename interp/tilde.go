package interp

import (
	"os"
	"strings"

	"overlayboot/builtins/native"
)

// homeOf returns the directory for ~name (XCU 2.6.1), by the user database. On some systems
// that database holds more than /etc/passwd.
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
	if !native.AsksElsewhere("passwd") {
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

// getent runs the system's getent(1) for a line of passwd or group, since only the C library
// knows all sources in nsswitch.conf(5). It skips a key that no user or group can have.
func (s *Shell) getent(database, key string) string {
	tool, ok := s.process.systemTool("getent")
	if !ok || strings.ContainsAny(key, ":*?[\n") {
		return ""
	}
	out, stdout := newCapture()
	none := openHere("")
	argv := []string{tool, database, "--", key}
	s.runAs(s.dir, s.environ(), argv, "", nil, [3]any{none, stdout, none})
	none.release()
	stdout.release()
	entry, _ := out.finish()
	return entry
}
