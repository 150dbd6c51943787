package testsuite

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"overlayboot/compat/sandbox"
)

// TestSharedMounts checks that a subhost goes without a trace, and without a complaint, where
// the mounts of the host are shared, as under systemd. The name of a network namespace is then
// mounted twice. The namespace of another subhost stays.
func TestSharedMounts(t *testing.T) {
	for _, engine := range []string{"ours", "dash"} {
		t.Run(engine, func(t *testing.T) {
			onHost(t, func(h *host) {
				h.onlyOurs()
				if engine == "dash" {
					h.needTools("dash", "unshare", "nsenter", "ip", "pgrep")
					h.export(bases + "/.engine")
					h.engine = withPath(sandbox.Engine{Name: "dash", Dir: bases + "/.engine"})
				}
				h.sh("mount --make-rshared /")
				s, other := h.subhost("shared", minimal), h.subhost("other", minimal)
				s.boot() // the first one makes /run/netns
				s.stop()
				s.endsWithoutTrace()
				other.boot()
				s.endsWithoutTrace()
				if h.sh("ip netns exec other ls /sys/class/net >&2; ip netns list") == "" {
					h.t.Error("the other network namespace is gone")
				}
				other.stop()
			})
		})
	}
}

// endsWithoutTrace boots the subhost and kills it, and checks that its supervisor removes all of
// it without a complaint.
func (s *subhost) endsWithoutTrace() {
	s.t.Helper()
	mounted := s.sh("cat /proc/self/mounts")
	tree := s.boot()
	s.kill("KILL", tree.Reaper.Pid)
	if !sandbox.Until(func() bool {
		_, err := os.Stat("/proc/" + strconv.Itoa(tree.Supervisor.Pid))
		return err != nil
	}) {
		s.t.Error("the supervisor goes on")
	}
	for _, name := range []string{"/run/netns/", "/run/overlay-boot/subhosts/"} {
		if _, err := os.Stat(name + s.Name); err == nil {
			s.t.Errorf("%s%s is left", name, s.Name)
		}
	}
	if now := s.sh("cat /proc/self/mounts"); now != mounted {
		s.t.Errorf("mounts before:\n%s\nand now:\n%s", mounted, now)
	}
	text := s.Read("log")
	if !strings.Contains(text, "\nExited ") || strings.Contains(text, "Cannot") {
		s.t.Errorf("log: %s", text)
	}
}
