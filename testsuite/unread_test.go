package testsuite

import (
	"os"
	"strings"
	"testing"

	"overlayboot/compat/sandbox"
)

// unread runs a tool whose output nobody reads, and returns its status.
func (h *host) unread(tool string, args ...string) int {
	h.t.Helper()
	r, w, err := os.Pipe()
	must(h.t, err)
	must(h.t, r.Close())
	defer w.Close()
	cmd := h.engine.Command(tool, args...)
	cmd.Stdout, cmd.Stderr = w, w
	_ = cmd.Run() // the status is returned
	return statusOf(cmd)
}

// TestUnread checks that boots and stops are complete, and have the status that they have
// otherwise, where nobody reads what the tool and the services say.
func TestUnread(t *testing.T) {
	onEngines(t, func(h *host) {
		list := []*subhost{}
		for _, name := range []string{"a", "b", "c"} {
			s := h.subhost(name, "CABLES=\nSTART= /svc\n")
			s.Script("root/svc", "echo \"$1\"; echo \"$1\" >&2\n[ $1 = start ] || { > /told; exit; }\n"+
				"sleep 1000 &")
			list = append(list, s)
		}
		bad := h.subhost("bad", "CABLES=\nSTART= none\nLOWER=/nowhere\n")
		a := list[0].Conf
		h.configured([]string{a, list[1].Conf, list[2].Conf})
		for _, r := range []struct {
			call   string
			status int
			run    string
		}{
			{"overlay-boot " + a, 0, "a"},
			{"overlay-boot " + a, 1, "a"},
			{"overlay-stop " + a, 0, ""},
			{"overlay-stop " + a, 1, ""},
			{"overlay-boot " + bad.Conf, 1, ""},
			{"overlay-boot --all", 0, "a b c"},
			{"overlay-restart a b", 0, "a b c"},
			{"overlay-stop --all", 0, ""},
			{"overlay-boot " + a + " " + bad.Conf + " " + list[1].Conf, 1, "a b"},
			{"overlay-stop a b", 0, ""},
		} {
			words := strings.Fields(r.call)
			if got := h.unread(words[0], words[1:]...); got != r.status {
				h.t.Errorf("%s: status %d, want %d", r.call, got, r.status)
			}
			running := []string{}
			for _, s := range list {
				if _, runs := sandbox.Find(s.Name); runs {
					running = append(running, s.Name)
				}
			}
			if got := strings.Join(running, " "); got != r.run {
				h.t.Errorf("%s: %q run, want %q", r.call, got, r.run)
			}
			if _, err := os.Stat(list[0].Dir + "/root/told"); words[0] == "overlay-stop" && r.status == 0 &&
				err != nil {
				h.t.Errorf("%s: the service was not stopped", r.call)
			}
			_ = os.Remove(list[0].Dir + "/root/told")
			if r.run == "" {
				h.clean()
			}
		}
	})
}

// TestStopSaysAll checks that what services say comes out where it did: each on its descriptor.
func TestStopSaysAll(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("says", "CABLES=\nSTART= /svc\n")
		s.Script("root/svc", "[ $1 = stop ] || { sleep 1000 & exit; }\n"+
			"for i in $(seq 2000); do echo out $i; echo err $i >&2; done; sleep 1000 &")
		s.boot()
		got := h.sh(h.engine.Dir + "/overlay-stop says 2>" + s.Dir + "/err | cat")
		text := s.Read("err")
		if strings.Count(got, "out ") != 2000 || !strings.HasSuffix(got, "out 2000\n") ||
			!strings.HasSuffix(text, "err 2000\n") || strings.Count(text, "err ") != 2000 {
			h.t.Errorf("%d bytes and %d bytes", len(got), len(text))
		}
		s.boot()
		got = h.sh(h.engine.Dir + "/overlay-stop says 2>&1 | grep -v =")
		if !strings.HasPrefix(got, "out 1\nerr 1\nout 2\nerr 2\n") {
			h.t.Errorf("%.60q", got)
		}
		s.gone()
	})
}
