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
