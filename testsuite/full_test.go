package testsuite

import (
	"strings"
	"testing"
)

// toFull are calls that print, after $BASE there are the configuration of a stopped subhost, and a
// backup of it.
const toFull = `overlay-list
overlay-list -q
overlay-list --json
overlay-map
overlay-map --dot
overlay-map --svg -
overlay-diff full
overlay-diff -0 full
overlay-diff -s full
overlay-diff -u full
overlay-diff --json full
overlay-reset -y full
overlay-reset -n full
overlay-reset -n --restore /tmp/b/kept full
overlay-boot --completion bash
overlay-boot --list-scripts
overlay-boot --help
overlay-boot --version
overlay-go --help
overlay-list --help
overlay-list --version
overlay-diff --help
overlay-check --version
overlay-sh --help
overlay-sh --version
overlay-sh --natives
`

// TestFull has tools print to a device that is full: they say it, and nothing is changed.
func TestFull(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("full", minimal)
		s.Write("root/gone", "x")
		h.autostart(s.Conf)
		h.run("overlay-reset", "-y", "--backup", bases+"/kept", s.Conf)
		s.Write("root/new", "x\n")
		for call := range strings.Lines(toFull) {
			call = strings.TrimSpace(call)
			out := h.sh("PATH=" + h.engine.Dir + ":$PATH; " + call + " 2>&1 >/dev/full || echo $?")
			if !strings.HasSuffix(out, "1\n") || !strings.Contains(strings.ToLower(out), "no space left") {
				h.t.Errorf("%s: %q", call, out)
			}
		}
		if got := s.Read("root/new"); got != "x\n" {
			h.t.Errorf("the file: %q", got)
		}
		h.autostart()
	})
}

// TestFullLog checks that a boot that fails says so where the log has no room for the reason, and
// names the reason where it has.
func TestFullLog(t *testing.T) {
	onEngines(t, func(h *host) {
		h.sh("mkdir -p " + bases + "/.log; mount -t tmpfs -o size=16k,mode=755 t " + bases + "/.log")
		h.snap()
		log := bases + "/.log/log"
		for _, r := range []struct{ lines, begins string }{
			{"INIT= /bin/false\n", "full could not be started\n"},
			{"READY= /bin/false\nREADY_TIMEOUT= 1\n", "full was not ready, and was stopped\n"},
		} {
			for _, state := range []string{"full", "room", "device"} {
				if h.engine.Name == "dash" && state != "room" && strings.HasPrefix(r.lines, "READY") {
					continue // cat, which copies to the log there, ends when it is full
				}
				config := "CABLES=\nSTART= none\nNAME=full\nLOG=" + log + "\n" + r.lines
				s := h.subhost("full", config)
				says := "The file system of " + log + " is full, so the log lacks"
				switch state {
				case "full":
					h.sh("head -c 99999 /dev/zero 2>/dev/null > " + bases + "/.log/fill || :")
				case "room":
					says = strings.TrimSuffix(r.begins, "\n") + "; " + log + " "
				case "device":
					h.sh("rm -f " + log + "; mknod " + log + " c 1 7")
					says = "LOG=" + log + " is no regular file"
				}
				got := h.run("overlay-boot", s.Conf)
				if got.Status != 1 || !strings.Contains(got.Stderr, says) ||
					state != "room" && !strings.Contains(got.Stderr, r.begins) ||
					state == "room" && strings.Contains(got.Stderr, "make room") {
					h.t.Errorf("%s: %v", state, got)
				}
				h.sh("rm -rf " + log + " " + bases + "/.log/fill " + s.Dir)
			}
		}
		h.sh("umount " + bases + "/.log; rmdir " + bases + "/.log")
		h.snap()
	})
}
