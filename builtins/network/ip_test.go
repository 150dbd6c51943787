package network_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/native"
	"overlayboot/builtins/native/nativetest"
	"overlayboot/builtins/network"
	"overlayboot/compat/judge"
	"overlayboot/compat/sandbox/sandboxtest"
)

func ipRow(setup, argv string) judge.BareRow {
	// MAC addresses chosen by the kernel differ. Those that the rows set begin with 02:00.
	const mac = `link/ether (0[013-9a-f]|[1-9a-f].|02:(0[1-9a-f]|[1-9a-f].)):[0-9a-f:]+`
	// The kernel reports carrier changes late.
	const carrier = `NO-CARRIER,|,LOWER_UP|state \S+|linkdown `
	return judge.BareRow{Row: judge.Row{Setup: setup, Argv: argv}, Mask: mac + "|" + carrier,
		// the kernel takes a moment to see that nobody else has an address of lo
		Probe: "i=0; while [ $i -lt 100 ] && ip addr show dev lo tentative | grep -q inet6; do " +
			"i=$((i+1)); sleep 0.01; done; ip netns; ip addr; ip route; " +
			"if [ -e /run/netns/t1 ]; then ip -n t1 addr; fi"}
}

// Commands that rows begin with.
const (
	setupNoIPv6 = "sysctl -qw net.ipv6.conf.default.disable_ipv6=1; "
	setupLo     = "ip link set lo up; "
	setupVeth   = setupLo + setupNoIPv6 + "ip netns add t1; ip netns exec t1 " + setupNoIPv6 +
		"ip link add t10 address 02:00:00:00:00:01 type veth " +
		"peer name eth0 address 02:00:00:00:00:02 netns t1; "
	setupBridge = setupVeth + "ip link add br0 address 02:00:00:00:00:03 type bridge; " +
		"ip link set br0 up; ip link set t10 master br0 up; " +
		"ip -n t1 link set eth0 up; ip addr add 10.0.0.1/24 brd + dev br0; "
)

var ipRows = [...]judge.BareRow{
	ipRow("", "ip netns"),
	ipRow("", "ip netns add t1"),
	ipRow("ip netns add t1", "ip netns add t1"),
	ipRow("ip netns add t1", "ip netns a t2"),
	ipRow("ip netns add t1", "ip netns list"),
	ipRow(setupVeth, "ip netns"),
	ipRow("ip netns add t1", "ip netns del t1"),
	ipRow("ip netns add t1", "ip netns delete t2"),
	ipRow("", "ip netns add"),
	ipRow("", "ip netns del"),
	ipRow("", "ip netns add a/b"),
	ipRow("mkdir /run/netns; mount -t tmpfs x /run/netns", "ip netns add t1"),

	// Making links, with the words in any order.
	ipRow("ip netns add t1", "ip link add t10 type veth peer name eth0 address "+
		"02:00:00:00:00:01 netns t1"),
	ipRow("ip netns add t1", "ip link add t10 type veth peer name eth0 netns t1"),
	ipRow(setupVeth, "ip link add t10 type veth peer name eth1 netns t1"),
	ipRow(setupVeth, "ip link add t11 type veth peer name eth0 netns t1"),
	ipRow("", "ip link add name v0 type veth peer name v1"),
	ipRow("", "ip link add dev v0 up type veth peer v1 up"),
	ipRow("", "ip link add type veth"),
	ipRow("", "ip l a v2 address 02:00:00:00:00:06 mtu 1300 type veth peer name v3 mtu 1300 "+
		"address 02:00:00:00:00:07"),
	ipRow("ip netns add t1", "ip link add v10 netns t1 type veth peer name v11"),
	ipRow("", "ip link add br0 address 02:00:00:00:00:05 type bridge"),
	ipRow("", "ip link add dev br1 mtu 1400 type bridge"),
	ipRow(setupVeth, "ip link add link t10 name t10.5 type vlan id 5"),
	ipRow(setupVeth, "ip link add link nx name t10.5 type vlan id 5"),
	ipRow(setupVeth, "ip link add link t10 name t10.5 type vlan id x"),
	ipRow("", "ip link add d0 type dummy"),
	ipRow("", "ip link add"),
	ipRow("", "ip link add v0"),
	ipRow("", "ip link add v0 type"),
	ipRow("", "ip link add v0 v1 type veth"),
	ipRow("", "ip link add v0 type veth foo"),
	ipRow("", "ip link add v0 type veth peer name"),
	ipRow("", "ip link add v0 type veth peer name v1 netns nx"),
	ipRow("", "ip link add name toolongname123456 type bridge"),
	ipRow("", "ip link add name 'a b' type bridge"),
	ipRow("", "ip link add v0 address 02:xx type bridge"),
	ipRow("", "ip link add v0 address 02:00:00:00:00:08:09 type bridge"),
	ipRow("", "ip link add v0 address 03:00:00:00:00:01 type bridge"),
	{Row: judge.Row{Argv: "ip link add v0 type vxlan id 5", Lacks: true}},

	// Changing links.
	ipRow("", "ip link set lo up"),
	ipRow(setupLo, "ip link set dev lo down"),
	ipRow(setupVeth, "ip link set t10 up mtu 1400 address 02:00:00:00:00:09"),
	ipRow(setupVeth, "ip link set t10 name abc"),
	ipRow(setupVeth, "ip link set t10 netns t1"),
	ipRow(setupVeth, "ip -n t1 link set eth0 netns 1 name out"),
	ipRow(setupVeth, "ip link set t10 arp off promisc on txqueuelen 50 alias hello"),
	ipRow(setupBridge, "ip link set t10 nomaster"),
	ipRow(setupVeth+"ip link add br0 address 02:00:00:00:00:03 type bridge",
		"ip link set dev t10 master br0"),
	ipRow(setupBridge, "ip -netns t1 link set lo up"),
	ipRow(setupVeth, "ip link set nx up"),
	ipRow(setupVeth, "ip link set t10 foo"),
	ipRow(setupVeth, "ip link set"),
	ipRow(setupVeth, "ip link set t10 arp foo"),
	ipRow(setupVeth, "ip link set t10 mtu x"),
	ipRow(setupVeth, "ip link set t10 mtu 10"),
	ipRow(setupVeth, "ip link set t10 master nx"),
	ipRow(setupVeth, "ip link set t10 netns nx"),
	ipRow(setupVeth, "ip link set t10 netns 99999"),
	ipRow(setupVeth, "ip link set t10 address 02:00"),
	ipRow(setupVeth, "ip link del dev t10"),
	ipRow(setupVeth, "ip link delete t10"),
	ipRow(setupVeth, "ip link del nx"),
	ipRow(setupVeth, "ip link del"),

	// Addresses.
	ipRow(setupBridge, "ip -n t1 addr add 10.0.0.2/24 dev eth0"),
	ipRow(setupBridge, "ip addr add 10.0.0.7/24 broadcast 10.0.0.255 dev br0 label br0:1"),
	ipRow(setupBridge, "ip addr add 10.9.9.9 peer 10.9.9.1/32 dev br0"),
	ipRow(setupBridge, "ip addr add 10.1/16 dev br0"),
	ipRow(setupBridge, "ip addr add 10.0.0.1/24 dev br0"),
	ipRow(setupBridge, "ip addr add fd00::1/64 dev lo"),
	ipRow(setupBridge, "ip addr del 10.0.0.1/24 dev br0"),
	ipRow(setupBridge, "ip addr del 10.0.0.9/24 dev br0"),
	ipRow(setupBridge, "ip addr add 10.0.0.1/24"),
	ipRow(setupBridge, "ip addr add 10.0.0.1/24 dev nx"),
	ipRow(setupBridge, "ip addr add foo dev br0"),
	ipRow(setupBridge, "ip addr add 10.0.0.1/33 dev br0"),
	// ifupdown and old scripts use netmasks.
	ipRow(setupBridge, "ip addr add 10.3.0.7/255.255.255.0 dev br0"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/255.0.255.0 dev br0"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/0.0.0.0 dev br0"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/255.255.255.255 dev br0"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/0x18 dev br0"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/030 dev br0"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/24x dev br0"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/255.255.255 dev br0"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/128.0.0.0 dev br0"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/256.0.0.0 dev br0"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/+24 dev br0"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/+-1 dev br0"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/-0 dev br0"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/-1 dev br0"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/99999999999 dev br0"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/32 dev br0"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/255.255.0.0/3 dev br0"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/ dev br0"),
	ipRow(setupBridge, "ip addr add fd03::7/ffff:: dev lo"),
	ipRow(setupBridge, "ip addr add fd03::7/129 dev lo"),
	ipRow(setupBridge, "ip -6 addr add fd03::7/0x40 dev lo nodad"),
	ipRow(setupBridge, "ip addr add fd03::7/255.255.255.0 nodad dev lo"),
	ipRow(setupBridge, "ip addr add fd03::7/128 nodad dev lo noprefixroute"),
	ipRow(setupBridge, "ip addr add fd03::7/64 noprefixroute dev lo nodad nodad"),
	ipRow(setupBridge, "ip addr add 10.3.0.7/24 dev br0 noprefixroute"),
	ipRow(setupBridge, "ip addr del 10.0.0.1/24 dev br0 noprefixroute"),
	ipRow(setupBridge, "ip route add 10.4.0.0/255.255.0.0 dev br0"),
	ipRow(setupBridge, "ip route add 10.4.0.0/16 dev br0 ip"),

	// Routes.
	ipRow(setupBridge, "ip route add default via 10.0.0.254"),
	ipRow(setupBridge, "ip route add default via 10.0.0.254 dev br0 metric 10 onlink"),
	ipRow(setupBridge+"ip route add default via 10.0.0.254", "ip route add default via 10.0.0.254"),
	ipRow(setupBridge+"ip route add default via 10.0.0.254", "ip route del default"),
	ipRow(setupBridge, "ip route add 10.5.0.0/16 dev br0 src 10.0.0.1"),
	ipRow(setupBridge, "ip route add 10.5.0.7 dev br0"),
	ipRow(setupBridge, "ip route add 10.5.0.0/16 via 10.9.0.254"),
	ipRow(setupBridge, "ip route add 10.5.0.0/16 dev nx"),
	ipRow(setupBridge, "ip route replace 10.0.0.0/24 dev lo"),
	ipRow(setupBridge, "ip route del 10.6.0.0/16"),
	ipRow(setupBridge, "ip route add fd01::/64 dev lo"),

	// ip itself.
	{Row: judge.Row{Argv: "ip address zzz"}}, {Row: judge.Row{Argv: "ip route zzz x"}},
	{Row: judge.Row{Argv: "ip link zzz"}}, {Row: judge.Row{Argv: "ip neigh zzz"}},
	{Row: judge.Row{Argv: "bridge link zzz"}}, {Row: judge.Row{Argv: "bridge fdb zzz"}},
	{Row: judge.Row{Argv: "ip", Lacks: true}},
	{Row: judge.Row{Argv: "ip -j link", Lacks: true}},
	{Row: judge.Row{Argv: "ip netns exec t1 true", Lacks: true}},
}

func TestIP(t *testing.T) { ours.BareRows(t, ipRows[:]) }

// TestIPShow compares listings. The judges share a sandbox, since nothing in it changes after
// the setup.
func TestIPShow(t *testing.T) {
	sandboxtest.TestBare(t, 2*time.Minute, insideShow)
}

// insideShow runs in the sandbox for TestIPShow.
func insideShow(t *testing.T) {
	nativetest.Shell(t, `ip link set lo up; ip netns add t1
		ip link add t10 type veth peer name eth0 netns t1
		ip link add br0 type bridge; ip link set t10 master br0; ip link set t10 up
		ip link set br0 up; ip -n t1 link set eth0 up; ip -n t1 link set lo up
		ip addr add 10.0.0.1/24 brd + dev br0; ip addr add 10.0.0.9/24 dev br0
		ip addr add 10.9.9.9 peer 10.9.9.1/32 dev br0 metric 50
		ip addr add fd00::1/64 dev br0 nodad; ip addr add fd00:0:0:1::/64 dev lo
		ip addr add 10.8.0.1/24 dev lo valid_lft 90000 preferred_lft 0
		ip link add v0 type veth peer name v1; ip link set v0 up alias x
		ip link property add dev v1 altname other
		ip route add default via 10.0.0.254; ip route add unreachable 10.7.0.0/16
		ip route add 10.5.0.0/16 dev br0 src 10.0.0.1 metric 7; ip route add 10.5.0.7 dev lo
		until ip link show br0 | grep -q 'state UP' && ip -n t1 link | grep -q 'state UP' &&
			! ip addr | grep -q tentative; do sleep 0.1; done`)
	for _, line := range []string{
		"ip link",
		"ip link show",
		"ip l",
		"ip -o link show dev t10",
		"ip -br link",
		"ip link show up",
		"ip link show type bridge",
		"ip link show master br0",
		"ip -n t1 link sh",
		"ip link show nx",
		"ip link foo",
		"ip -n nx link",
		"ip addr",
		"ip a show dev br0",
		"ip -4 a s",
		"ip -6 addr",
		"ip -o addr show",
		"ip -br -4 addr",
		"ip -br addr",
		"ip addr show nx",
		"ip route",
		"ip r show dev br0",
		"ip -6 route show",
		"ip route show default",
		"ip link show v0", "ip link show dev v1", "ip link show other", "ip addr show lo up",
		"ip -o -4 a show br0", "ip a s type bridge", "ip -6 -o a", "ip -br a show br0",
		"ip -n t1 -br link", "ip -n t1 a", "ip netns", "ip link show br0 t10", "ip addr foo bar",
		"ip -6 route show dev br0", "ip route show dev nx", "ip link show master nx",
	} {
		ours.Here(t, judge.BareRow{}, strings.Fields(line), judge.MachineTries)
	}
}

// TestIPInNetNS checks that ip acts in Call.NetNS.
func TestIPInNetNS(t *testing.T) {
	sandboxtest.TestBare(t, 2*time.Minute, insideNetNS)
}

// insideNetNS runs in the sandbox for TestIPInNetNS.
func insideNetNS(t *testing.T) {
	if err := network.NetnsAdd("t1"); err != nil {
		t.Fatal(err)
	}
	ns, err := unix.Open(network.NetnsPath("t1"), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(ns)
	var out, errs bytes.Buffer
	call := &native.Call{Args: []string{"ip", "link", "set", "lo", "up"}, Dir: unix.AT_FDCWD,
		NetNS:  ns,
		Stdout: &out, Stderr: &errs}
	if status := network.IP(call); status != 0 {
		t.Fatalf("status %d: %s", status, &errs)
	}
	call.Args = []string{"ip", "addr"}
	if status := network.IP(call); status != 0 {
		t.Fatalf("status %d: %s", status, &errs)
	}
	if want := nativetest.Shell(t, "ip -n t1 addr"); out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", &out, want)
	}
	if here := nativetest.Shell(t, "ip addr"); here == out.String() {
		t.Errorf("the process's own namespace changed:\n%s", here)
	}
}

// TestIPText covers the edge cases of formatting IPv6 addresses.
func TestIPText(t *testing.T) {
	for _, s := range []string{"::", "::1", "1::", "fe80::1", "1:0:0:2::3", "1:0:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8", "1::2:0:0:3", "10.0.0.1"} {
		if got, ok := network.PrefixText(s); !ok || got != s {
			t.Errorf("%s: read and written as %s, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "1:2", ":::", "1::2::3", "1:2:3:4:5:6:7:8:9", "g::", "1.2.3.4.5",
		"256", "1.2.3.4/33", "::/129", "::/x"} {
		if text, ok := network.PrefixText(s); ok {
			t.Errorf("%q: taken for %s", s, text)
		}
	}
}
