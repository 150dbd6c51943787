package testsuite

import (
	"slices"
	"strings"
	"testing"

	"overlayboot/compat/sandbox"
)

func TestTwoCables(t *testing.T) {
	onHost(t, func(h *host) {
		h.needTools("ip")
		h.sh("ip link add br8 type bridge")
		h.snap()
		s := h.subhost("two", "CABLES= br8=02:00:00:00:88:01 =02:00:00:00:88:02\nSTART= none\n")
		s.boot()
		if got := s.links(); got != "eth0 eth1 lo" {
			h.t.Errorf("links inside: %q", got)
		}
		for link, mac := range map[string]string{
			"eth0": "02:00:00:00:88:01", "eth1": "02:00:00:00:88:02",
		} {
			if got := s.says("ip link show " + link); !strings.Contains(got, mac) {
				h.t.Errorf("%s inside has not %s: %s", link, mac, got)
			}
		}
		if ports := h.sh("ls /sys/class/net/br8/brif"); ports != "two0\n" {
			h.t.Errorf("ports of the bridge: %q", ports)
		}
		for _, link := range []string{"two0", "two1"} {
			if got := h.sh("ip link show " + link); !strings.Contains(got, ",UP") {
				h.t.Errorf("%s is not up: %s", link, got)
			}
		}
		s.stop()
		s.gone()
	})
}

// TestNoCables checks that a subhost without cables still has a network of its own.
func TestNoCables(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("alone", "CABLES=\nSTART= none\n")
		s.boot()
		if got := s.links(); got != "lo" {
			h.t.Errorf("links inside: %q", got)
		}
		s.stop()
	})
}

// TestVLAN has a cable =.302, the host's end of the preceding cable with a VLAN tag. The
// host's ifupdown configures it, and creates the link by its name. On a kernel without
// VLANs a bridge of that name exists; the test then only shows that ifupdown is asked, and
// for which name.
func TestVLAN(t *testing.T) {
	onHost(t, func(h *host) {
		h.needTools("ip", "ifup")
		h.sh(`printf 'iface tag0.302 inet static\n\taddress 10.88.0.1/24\n' >> /etc/network/interfaces
ip link add probe0 type bridge
ip link add link probe0 name probe1 type vlan id 2 || ip link add tag0.302 type bridge
ip link del probe0`)
		h.snap()
		s := h.subhost("tag", "CABLES= = =.302 =\nSTART= none\n")
		s.boot()
		if got := s.links(); got != "eth0 eth1 lo" {
			h.t.Errorf("links inside: %q", got)
		}
		for _, link := range []string{"tag0", "tag0.302", "tag1"} {
			if !slices.Contains(sandbox.Links(), link) {
				h.t.Errorf("no %s: %q\n%s", link, sandbox.Links(), s.Story())
			}
		}
		if got := h.sh("ip addr show tag0.302"); !strings.Contains(got, "10.88.0.1/24") {
			h.t.Errorf("tag0.302 was not configured by the host: %s", got)
		}
		s.stop()
		s.gone()
	})
}
