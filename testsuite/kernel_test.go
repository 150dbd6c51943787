package testsuite

import (
	"testing"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// TestCablesByTheKernel checks the cables through a netlink library, which shares no code
// with the commands that created them.
func TestCablesByTheKernel(t *testing.T) {
	onHost(t, func(h *host) {
		h.sh("ip link add br9 type bridge; ip link set br9 up")
		h.snap()
		s := h.subhost("wired", "CABLES= br9=02:00:00:00:09:09 =\nSTART= none\n")
		s.boot()

		bridge := link(t, nil, "br9")
		first, second := link(t, nil, "wired0"), link(t, nil, "wired1")
		if first.Type() != "veth" || second.Type() != "veth" {
			t.Errorf("cables are %s and %s", first.Type(), second.Type())
		}
		if got := first.Attrs().MasterIndex; got != bridge.Attrs().Index {
			t.Errorf("wired0 belongs to link %d, br9 is %d", got, bridge.Attrs().Index)
		}
		if got := second.Attrs().MasterIndex; got != 0 {
			t.Errorf("wired1 belongs to link %d", got)
		}

		ns, err := netns.GetFromName("wired")
		if err != nil {
			t.Fatal(err)
		}
		defer ns.Close()
		inside, err := netlink.NewHandleAt(ns)
		if err != nil {
			t.Fatal(err)
		}
		defer inside.Close()
		eth0, eth1 := link(t, inside, "eth0"), link(t, inside, "eth1")
		if got := eth0.Attrs().HardwareAddr.String(); got != "02:00:00:00:09:09" {
			t.Errorf("eth0 has the address %s", got)
		}
		if eth0.Attrs().ParentIndex != first.Attrs().Index {
			t.Errorf("eth0's other end is link %d, wired0 is %d", eth0.Attrs().ParentIndex,
				first.Attrs().Index)
		}
		if eth1.Attrs().ParentIndex != second.Attrs().Index {
			t.Errorf("eth1's other end is link %d, wired1 is %d", eth1.Attrs().ParentIndex,
				second.Attrs().Index)
		}
		s.stop()
		s.gone()
	})
}

// link returns an interface; if h is nil, one in this network namespace.
func link(t *testing.T, h *netlink.Handle, name string) netlink.Link {
	t.Helper()
	find := netlink.LinkByName
	if h != nil {
		find = h.LinkByName
	}
	l, err := find(name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return l
}
