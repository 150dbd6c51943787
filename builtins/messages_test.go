package builtins_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/builtins"
	"overlayboot/builtins/native"
	"overlayboot/compat/judge"
	"overlayboot/compat/kit"
)

// hasTool reports whether a native has a tool that it stands in for. It skips the test where
// the system lacks the tool. Debian 12 has no waitpid: it came with util-linux 2.39.
func hasTool(t *testing.T, name string) bool {
	t.Helper()
	if _, err := exec.LookPath(name); err == nil {
		return true
	}
	if !strings.HasPrefix(name, "overlay-") && name != "waitpid" {
		kit.Tools(t, name)
	}
	return false
}

// TestMessagesByLocale gives every native operands that make it complain, in the C locale and
// in UTF-8. In UTF-8 quotes look different, and a letter may take two bytes. A call that the
// native leaves to the system's tool needs no comparison.
func TestMessagesByLocale(t *testing.T) {
	r := judge.Row{Setup: "echo f >f; mkdir d; echo g >d/g; touch -d @1000 f d/g"}
	r.Template = r.Fixture(t)
	for i, command := range builtins.Commands() {
		if command.Run == nil || command.Prefix != nil || command.IsShell || !hasMessages(command.Name) {
			continue
		}
		if !hasTool(t, command.Name) {
			continue
		}
		for j, operands := range [...][]string{{}, {"nö"}, {`n"o't`}, {"a b:c"}, {"no/x y"},
			{"ä/ö ü"}, {"x", "y"}, {"x", "y", "z"}, {"f/x"}, {"f", "f"}, {"f", "d"}, {"d", "f"},
			{"d", "d"}, {"d"}, {"--", "-x"}, {"f", "é", "é"}, {"é\n"}, {"\xff"}, {"‘q’"}, {"$a", "*"}} {
			if !kit.InShare(i, j) {
				continue
			}
			for _, locale := range [...]string{"LC_ALL=C", "LC_ALL=C.UTF-8"} {
				argv := append([]string{command.Name}, operands...)
				t.Run(fmt.Sprintf("%s %q", locale, argv), func(t *testing.T) {
					r.Env = []string{locale}
					sayAlike(r, t, argv)
				})
			}
		}
	}
}

// hasMessages reports whether a command takes part in TestMessagesByLocale. It excludes
// commands that change the machine, and those whose output changes by itself.
func hasMessages(name string) bool {
	switch name {
	case "hostname", "pivot_root", "dd", "kill", "pkill", "ps", "pgrep", "date", "df", "sync",
		"mktemp", "ls", "stat",
		"du", "id", "uname":
		return false
	}
	return !isOwn(name)
}

func isOwn(name string) bool { return len(name) > 8 && name[:8] == "overlay-" }

// sayAlike compares the native with the tool, unless the native leaves the call to the tool.
func sayAlike(r judge.Row, t *testing.T, argv []string) {
	if _, lacks := ours.Run(t, r, argv); lacks == "" {
		ours.Compare(t, r, argv)
	}
}

// TestSpokenElsewhere checks that a native does nothing where its messages would need an
// unknown character set. A call from an embedded script works all the same.
func TestSpokenElsewhere(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(dir+"/xx_XX.ISO-8859-1/LC_CTYPE", 0o755); err != nil {
		t.Fatal(err)
	}
	env := []string{"LC_ALL=xx_XX.ISO-8859-1", "LOCPATH=" + dir}
	for _, name := range []string{"cp", "mv", "mkdir", "rm", "chmod", "touch", "find", "umount"} {
		command, _ := builtins.Lookup(name)
		var out bytes.Buffer
		for _, embedded := range []bool{false, true} {
			c := &native.Call{Args: []string{name, dir + "/no/x", dir + "/no/y"}, Env: env,
				Dir:   unix.AT_FDCWD,
				NetNS: -1, Stdin: &out, Stdout: &out, Stderr: &out, Embedded: embedded}
			status, _ := command.Perform(c)
			if (status == native.Unsupported) == embedded {
				t.Errorf("%s, embedded %v: status %d, lacks %q", name, embedded, status, c.Lacks)
			}
		}
	}
}
