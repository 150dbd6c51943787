package builtins

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox/sandboxtest"
)

// TestMessagesByLocale gives every native operands that make it complain, in the C locale
// and in UTF-8, where quotes look otherwise and letters may be two bytes. What is left to the
// system's tool is right by itself.
func TestMessagesByLocale(t *testing.T) {
	r := row{setup: "echo f >f; mkdir d; echo g >d/g; touch -d @1000 f d/g"}
	r.template = r.fixture(t)
	for i, command := range Commands() {
		if command.Run == nil || command.Prefix != nil || command.IsShell || !hasMessages(command.Name) {
			continue
		}
		if _, err := exec.LookPath(command.Name); err != nil {
			continue // no oracle
		}
		for j, operands := range [...][]string{{}, {"nö"}, {`n"o't`}, {"a b:c"}, {"no/x y"},
			{"ä/ö ü"}, {"x", "y"}, {"x", "y", "z"}, {"f/x"}, {"f", "f"}, {"f", "d"}, {"d", "f"},
			{"d", "d"}, {"d"}, {"--", "-x"}, {"f", "é", "é"}, {"é\n"}, {"\xff"}, {"‘q’"}, {"$a", "*"}} {
			if !sandboxtest.InShare(i, j) {
				continue
			}
			for _, locale := range [...]string{"LC_ALL=C", "LC_ALL=C.UTF-8"} {
				argv := append([]string{command.Name}, operands...)
				t.Run(fmt.Sprintf("%s %q", locale, argv), func(t *testing.T) {
					r.env = []string{locale}
					r.sayAlike(t, argv)
				})
			}
		}
	}
}

// hasMessages leaves out what would change the machine, or show what changes by itself.
func hasMessages(name string) bool {
	switch name {
	case "hostname", "pivot_root", "dd", "kill", "pkill", "ps", "pgrep", "date", "df", "sync", "mktemp", "ls", "stat",
		"du", "id", "uname":
		return false
	}
	return !isOwn(name)
}

func isOwn(name string) bool { return len(name) > 8 && name[:8] == "overlay-" }

// sayAlike compares where ours does it itself.
func (r row) sayAlike(t *testing.T, argv []string) {
	if _, lacks := r.ours(t, argv); lacks == "" {
		r.compare(t, argv)
	}
}

// TestSpokenElsewhere checks that a native does nothing where its messages would be in a set
// of characters that it does not know, but for the scripts in the binary.
func TestSpokenElsewhere(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(dir+"/xx_XX.ISO-8859-1/LC_CTYPE", 0o755); err != nil {
		t.Fatal(err)
	}
	env := []string{"LC_ALL=xx_XX.ISO-8859-1", "LOCPATH=" + dir}
	for _, name := range []string{"cp", "mv", "mkdir", "rm", "chmod", "touch", "find", "umount"} {
		command, _ := Lookup(name)
		var out bytes.Buffer
		for _, embedded := range []bool{false, true} {
			c := &Call{Args: []string{name, dir + "/no/x", dir + "/no/y"}, Env: env, Dir: unix.AT_FDCWD,
				NetNS: -1, Stdin: &out, Stdout: &out, Stderr: &out, Embedded: embedded}
			status, _ := command.Perform(c)
			if (status == Unsupported) == embedded {
				t.Errorf("%s, embedded %v: status %d, lacks %q", name, embedded, status, c.Lacks)
			}
		}
	}
}
