package hostile

import (
	"io/fs"
	"os"
	"strings"
	"testing"
)

// TestLogIsNotHandedIn checks that processes inside can write to the log, and nothing else:
// the log is a file of the host, and could become a program that runs as root.
func TestLogIsNotHandedIn(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("logged", "CABLES= =\nSTART= /service\n")
		s.Script("root/service", "[ \"$1\" = start ] || exit 0\necho a service says so\n"+
			"chmod 4755 /proc/self/fd/1 /proc/self/fd/2; sleep 1000 &")
		s.boot()
		before, err := os.Stat(s.Log())
		must(h.t, err)
		s.inside("for F in 1 2; do " +
			"chmod 4755 /proc/1/fd/$F; chown 1000 /proc/1/fd/$F; : > /proc/1/fd/$F; done &")
		s.inside("echo pid 1 says so > /proc/1/fd/1")
		s.stop()
		after, err := os.Stat(s.Log())
		must(h.t, err)
		if after.Mode() != before.Mode() || after.Mode()&fs.ModeSetuid != 0 {
			h.t.Errorf("the log's mode was %v and is %v", before.Mode(), after.Mode())
		}
		text := s.Read("log")
		for _, said := range []string{"Starting logged", "a service says so", "pid 1 says so", "Exited"} {
			if !strings.Contains(text, said) {
				h.t.Errorf("the log has lost %q:\n%s", said, text)
			}
		}
	})
}
