package testsuite

import (
	"os"
	"strings"
	"testing"
)

// named is a subhost with all variables of names and addresses.
const named = `CABLES= br8= =
START= none
HOSTNAME= web.example.org
DNS= 10.77.0.1 fd77::53 search example.org sub.test
ADDRESS= 10.77.0.2/24 via 10.77.0.1 fd77::2/64 via fd77::1
ADDRESS= 10.88.0.2/24
`

// wantResolv is what DNS of named makes.
const wantResolv = "# Generated for net subhost\nnameserver 10.77.0.1\nnameserver fd77::53\n" +
	"search example.org sub.test\n"

// bridge makes br8, with the gateways of named.
func (h *host) bridge() {
	h.t.Helper()
	h.needTools("ip")
	h.sh(`ip link add br8 type bridge; ip link set br8 up
ip addr add 10.77.0.1/24 dev br8; ip -6 addr add fd77::1/64 dev br8 nodad`)
	h.snap()
}

// TestNames boots with a host name, name servers and addresses, and looks inside.
func TestNames(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		h.bridge()
		s := h.subhost("net", named)
		name := h.sh("hostname")
		s.boot()
		for script, want := range map[string]string{
			"hostname":                 "web.example.org",
			"cat /etc/hostname":        "web.example.org",
			"cat /etc/resolv.conf":     strings.TrimSpace(wantResolv),
			"stat -c %a /etc/hostname": "644",
			"ip -o addr show eth0 | grep -c -e '10.77.0.2/24 brd 10.77.0.255' -e 'fd77::2/64'": "2",
			"ip -o addr show eth1 | grep -c 10.88.0.2/24":                                      "1",
			"ip -o addr | grep 'fd77::2/64' | grep -c tentative":                               "0",
			"ip route | grep -c '^default via 10.77.0.1 dev eth0'":                             "1",
			"ip -6 route | grep -c '^default via fd77::1 dev eth0'":                            "1",
		} {
			if got := s.says(script); got != want {
				h.t.Errorf("%s: %q, want %q\n%s", script, got, want, s.Story())
			}
		}
		if got := h.sh("hostname"); got != name {
			h.t.Errorf("the host is called %q now, it was %q", got, name)
		}
		s.stop()
		s.gone()
	})
}

// TestNamesAreReached sends a byte in each direction, over IPv4 and IPv6, from a service that
// starts with the subhost: its address is there by then.
func TestNamesAreReached(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		h.needTools("perl")
		h.bridge()
		s := h.subhost("net", strings.Replace(named, "none", "/serve", 1))
		s.Script("root/serve", `[ "$1" = start ] || exit 0
exec perl -MIO::Socket::IP -e '
	for $at ("10.77.0.2", "fd77::2") {
		push @l, IO::Socket::IP->new(LocalHost => $at, LocalPort => 77, Listen => 1,
			ReuseAddr => 1) or die "$at: $@";
	}
	exit if fork;
	for $l (@l) { $c = $l->accept; print $c $c->peerhost, "\n"; close $c }'
`)
		s.boot()
		got := h.sh(`for at in 10.77.0.2 fd77::2; do
perl -MIO::Socket::IP -e '$c = IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => 77)
	or die $@; print <$c>' $at; done`)
		if got != "10.77.0.1\nfd77::1\n" {
			h.t.Errorf("the service says %q\n%s", got, s.Story())
		}
		h.run("overlay-stop", s.Conf)
		s.gone()
	})
}

// TestNamesReplaceLinks has links in the place of the files, and of their directory, which lead
// to files of the host.
func TestNamesReplaceLinks(t *testing.T) {
	for _, r := range []struct{ name, plant, etc string }{
		{"files", "mkdir root/etc; ln -s $PWD/out/kept root/etc/resolv.conf; " +
			"ln -s ../../out/kept root/etc/hostname", "etc"},
		{"new files", "mkdir root/etc; ln -s $PWD/out/kept root/etc/.overlay-hostname; " +
			"mkdir -p root/etc/.overlay-resolv.conf/full", "etc"},
		{"directory", "ln -s $PWD/out root/etc; mkdir -p root/$PWD/out", bases + "/net/out"},
		{"link inside", "mkdir -p root/etc root/run2; ln -s /run2/r root/etc/resolv.conf; " +
			"echo kept > root/run2/r", "etc"},
	} {
		t.Run(strings.ReplaceAll(r.name, " ", "_"), func(t *testing.T) {
			onHost(t, func(h *host) {
				h.onlyOurs() // another shell follows a link to a directory
				h.bridge()
				s := h.subhost("net", named)
				h.sh("cd " + s.Dir + "; mkdir out; echo kept > out/kept; " + r.plant)
				s.boot()
				s.stop()
				if got := s.Read("root/" + r.etc + "/resolv.conf"); got != wantResolv {
					h.t.Errorf("resolv.conf: %q", got)
				}
				if got := s.Read("root/" + r.etc + "/hostname"); got != "web.example.org\n" {
					h.t.Errorf("hostname: %q", got)
				}
				if got := h.sh("cd " + s.Dir + "; cat out/*; ls out; cat root/run2/r || :"); got !=
					"kept\nkept\n" && got != "kept\nkept\nkept\n" {
					h.t.Errorf("out: %q", got)
				}
			})
		})
	}
}

// TestNamesOfOtherRoots writes into a root that is no overlay.
func TestNamesOfOtherRoots(t *testing.T) {
	for _, r := range []struct{ name, config string }{
		{"LIVE is LOWER", "LIVE=tree\nLOWER=tree\n"},
		{"UPPER is LOWER", "UPPER=tree\nLOWER=tree\n"},
	} {
		t.Run(strings.ReplaceAll(r.name, " ", "_"), func(t *testing.T) {
			onHost(t, func(h *host) {
				h.notOriginal()
				h.bridge()
				s := h.subhost("net", named+r.config)
				s.smallRoot(s.Dir + "/tree")
				s.boot()
				s.checkSmall()
				s.stop()
				if got := s.Read("tree/etc/resolv.conf") + s.Read("tree/etc/hostname"); got !=
					wantResolv+"web.example.org\n" {
					h.t.Errorf("written: %q", got)
				}
			})
		})
	}
}

// TestNamesUnset checks that nothing is written or set without the variables, and that programs
// of the host have those of the caller.
func TestNamesUnset(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("bare", minimal+"LOWER=tree\nPREMOUNT=./pre\nENVIRONMENT= HOSTNAME DNS\n")
		s.smallRoot(s.Dir + "/tree")
		s.Script("pre", "echo $HOSTNAME $DNS $ADDRESS > "+s.Dir+"/saw")
		cmd := s.engine.Command("overlay-boot", s.Conf)
		cmd.Env = append(cmd.Env, "HOSTNAME=caller", "DNS=his", "ADDRESS=home")
		if r := h.exec(cmd); r.Status != 0 {
			h.t.Fatal(r, s.Story())
		}
		if got := s.Read("saw"); got != "caller his home\n" {
			h.t.Errorf("the hook saw %q", got)
		}
		if _, err := os.Stat(s.Dir + "/root/etc"); err == nil {
			h.t.Error("there is an etc in UPPER")
		}
		if got := h.sh("ip netns exec bare ip link show eth0"); !strings.Contains(got, "state DOWN") {
			h.t.Errorf("eth0 is not down: %s", got)
		}
		s.stop()
	})
}

// TestAddressWithIfupdown starts ifupdown inside, by the configuration that is made for it: it
// leaves the address as it is.
func TestAddressWithIfupdown(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		h.needTools("ifup", "ip")
		h.bridge()
		s := h.subhost("net", strings.Replace(named, "none", "/up", 1))
		s.Script("root/up", `case $1 in start) ifup -a ;; *) ifdown -a ;; esac
echo $1 $? >> /said; ip -o addr show eth0 >> /said`)
		s.boot()
		got := s.Read("root/said")
		if !strings.HasPrefix(got, "start 0\n") || !strings.Contains(got, "10.77.0.2/24") {
			h.t.Errorf("ifup: %s\n%s", got, s.Story())
		}
		s.stop()
		if got := s.Read("root/said"); !strings.Contains(got, "stop 0\n") {
			h.t.Errorf("ifdown: %s", got)
		}
	})
}
