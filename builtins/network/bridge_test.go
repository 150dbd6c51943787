package network_test

import (
	"strings"
	"testing"
	"time"

	"overlayboot/builtins/native/nativetest"
	"overlayboot/compat/judge"
	"overlayboot/compat/sandbox/sandboxtest"
)

// kindRow returns a row about link types, which -d shows. Both judges report a link type that
// the kernel lacks.
func kindRow(setup, argv string) judge.BareRow {
	r := ipRow(setup, argv)
	r.Probe = "ip -d link; (ip neigh show nud all; bridge fdb) | sort; bridge vlan; bridge -d link"
	// The mask hides timers and names that contain addresses chosen by the kernel.
	r.Mask += `|(gc|hello)_timer +[0-9.]+|(33:33|01:00:5e|224\.0)[^\n]*\n|8000\.[0-9a-f:]+` +
		`|forward_delay_timer +[0-9.]+|mcast_querier_ipv.*?_timer +[0-9.]+`
	return r
}

const setupKinds = setupLo + setupNoIPv6 +
	"ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02; " +
	"ip link set v0 up; ip link set v1 up; "
const setupPort = setupKinds + "ip link add br0 address 02:00:00:00:00:03 type bridge; " +
	"ip link set br0 up; ip link set v0 master br0; "
const setupNeighbors = setupKinds + "ip addr add 10.0.0.1/24 dev v0; " +
	"ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:09 dev v0; " +
	"ip neigh add 10.0.0.3 lladdr 02:00:00:00:00:0a dev v0 nud stale; " +
	"ip neigh add 10.0.0.4 lladdr 02:00:00:00:00:0b dev v0 nud noarp; "

var kindRows = [...]judge.BareRow{
	kindRow(setupKinds, "ip link add link v0 name mv type macvlan"),
	kindRow(setupKinds, "ip link add link v0 name mv type macvlan mode bridge"),
	kindRow(setupKinds,
		"ip link add link v0 address 02:00:00:00:00:07 name mv type macvlan mode private bcqueuelen 7"),
	kindRow(setupKinds, "ip link add link v0 name mv type macvlan mode passthru nopromisc"),
	kindRow(setupKinds, "ip link add link v0 name mv type macvtap mode source"),
	kindRow(setupKinds, "ip link add link v0 name mv type macvlan mode x"),
	kindRow(setupKinds, "ip link add link v0 name mv type macvlan bcqueuelen x"),
	kindRow(setupKinds, "ip link add link v0 name mv type macvlan mode"),
	kindRow(setupKinds, "ip link add name mv type macvlan"),
	kindRow(setupKinds+"ip link add link v0 name mv address 02:00:00:00:00:07 type macvlan "+
		"mode private",
		"ip link set mv type macvlan mode bridge"),
	kindRow(setupKinds+"ip netns add t1; ip link add link v0 name mv netns t1 type macvlan "+
		"mode bridge",
		"ip -n t1 -d link"),
	kindRow(setupKinds, "ip link add link v0 name i type ipvlan"),
	kindRow(setupKinds, "ip link add link v0 name i type ipvlan mode l2"),
	kindRow(setupKinds, "ip link add link v0 name i type ipvlan mode l3s private"),
	kindRow(setupKinds, "ip link add link v0 name i type ipvlan mode l3 vepa"),
	kindRow(setupKinds, "ip link add link v0 name i type ipvlan mode x"),
	kindRow(setupKinds, "ip link add d0 address 02:00:00:00:00:08 type dummy"),
	kindRow(setupKinds, "ip link add address 02:00:00:00:00:08 type ifb"),
	kindRow(setupKinds, "ip link add link v0 name v0.5 type vlan id 5"),
	kindRow(setupKinds,
		"ip link add link v0 name v type vlan protocol 802.1ad id 5 reorder_hdr off gvrp on"),
	kindRow(setupKinds,
		"ip link add link v0 name v type vlan id 5 ingress-qos-map 1:2 3:4 egress-qos-map 5:6 "+
			"mvrp on loose_binding on bridge_binding on"),
	kindRow(setupKinds, "ip link add link v0 name v type vlan id 5 gvrp x"),
	{Row: judge.Row{Argv: "ip link add link v0 name v type vlan id 5 ingress-qos-map x", Lacks: true}},
	kindRow(setupKinds, "ip link add link v0 name v type vlan id 5 ingress-qos-map 1:x"),
	kindRow(setupKinds, "ip link add link v0 name v type vlan id 5000"),
	kindRow(setupKinds, "ip link add link v0 name v type vlan"),
	kindRow(setupKinds,
		"ip link add br1 address 02:00:00:00:00:05 type bridge stp_state 1 priority 7 "+
			"forward_delay 300 hello_time 150 max_age 700 ageing_time 1000"),
	kindRow(setupKinds, "ip link add br1 address 02:00:00:00:00:05 type bridge vlan_filtering 1"),
	kindRow(setupKinds, "ip link add br1 address 02:00:00:00:00:05 type bridge vlan_filtering 1 "+
		"vlan_default_pvid 7 vlan_protocol 802.1ad vlan_stats_enabled 1"),
	kindRow(setupKinds, "ip link add br1 address 02:00:00:00:00:05 type bridge mcast_snooping 0 "+
		"group_fwd_mask 0x8 no_linklocal_learn 1 mcast_querier 1 mcast_hash_max 512 "+
		"mcast_query_interval 500"),
	kindRow(setupKinds, "ip link add br1 type bridge stp_state x"),
	kindRow(setupKinds, "ip link add br1 type bridge priority 70000"),
	kindRow(setupKinds, "ip link add br1 type bridge group_address x"),
	kindRow(setupKinds, "ip link add br1 type bridge forward_delay"),
	kindRow(setupKinds,
		"ip link add br1 address 02:00:00:00:00:05 type bridge forward_delay 1 stp_state 1"),
	kindRow(setupPort, "ip link set br0 type bridge stp_state 1 group_address 01:80:c2:00:00:05"),
	kindRow(setupPort, "ip link set br0 type bridge vlan_filtering 1"),
	kindRow(setupPort,
		"ip link set v0 type bridge_slave cost 7 priority 3 hairpin on learning off flood off"),
	kindRow(setupPort,
		"ip link set v0 type bridge_slave state 0 guard on root_block on fastleave on isolated on "+
			"neigh_suppress on proxy_arp on mcast_router 0 group_fwd_mask 8"),
	kindRow(setupPort, "ip link set v0 type bridge_slave hairpin x"),
	kindRow(setupPort, "ip link set v0 type bridge_slave cost x"),
	kindRow(setupPort, "ip link set v0 type bridge_slave backup_port nx"),
	kindRow(setupPort, "ip link set v1 type bridge_slave cost 5"),
	kindRow(setupPort, "ip link set v1 type bridge stp_state 1"),

	kindRow(setupKinds+"ip link add link v0 name m type macvlan; ", "ip link set m type"),
	kindRow(setupPort, "ip link set v1 ma br0 al x t 7 ad 02:00:00:00:00:0d"),
	kindRow(setupPort, "ip link set v0 n"), kindRow(setupPort, "ip link add li v0 na mv ty macvlan"),
	kindRow(setupPort, "ip link add l v0 name mv ty macvlan"),
	kindRow(setupPort, "ip link set de v0 mtu 1300"),

	kindRow(setupNeighbors, "ip neigh add 10.0.0.5 lladdr 02:00:00:00:00:0c dev v0"),
	kindRow(setupNeighbors, "ip neigh add 10.0.0.5 dev v0 lladdr 02:00:00:00:00:0c nud reachable"),
	kindRow(setupNeighbors,
		"ip neigh add 10.0.0.5 dev v0 lladdr 02:00:00:00:00:0c nud permanent router extern_learn"),
	kindRow(setupNeighbors, "ip neigh add 10.0.0.2 dev v0 lladdr 02:00:00:00:00:0c"),
	kindRow(setupNeighbors, "ip neigh add proxy 10.0.0.9 dev v0"),
	kindRow(setupNeighbors, "ip neigh add to 10.0.0.5 dev v0 nud none"),
	kindRow(setupNeighbors, "ip neigh add 10.0.0.5 dev v0 nud failed"),
	kindRow(setupNeighbors, "ip neigh add 10.0.0.5 dev v0 nud incomplete"),
	kindRow(setupNeighbors, "ip neigh add 10.0.0.5 dev v0 nud foo"),
	kindRow(setupNeighbors, "ip neigh add 10.0.0.5 dev v0 lladdr xx"),
	kindRow(setupNeighbors, "ip neigh add 10.0.0.5 dev v0 lladdr 02:00:00"),
	kindRow(setupNeighbors, "ip neigh add 10.0.0.5 dev v0"),
	kindRow(setupNeighbors, "ip neigh add 10.0.0.5"), kindRow(setupNeighbors, "ip neigh add dev v0"),
	kindRow(setupNeighbors, "ip neigh add 10.0.0.5 dev nx"),
	kindRow(setupNeighbors, "ip neigh add foo dev v0"),
	kindRow(setupNeighbors, "ip neigh add 10.0.0.5/24 dev v0"),
	kindRow(setupNeighbors, "ip -6 neigh add 10.0.0.5 dev v0"),
	kindRow(setupNeighbors, "ip neigh add 10.0.0.5 10.0.0.6 dev v0"),
	kindRow(setupNeighbors, "ip neigh add 10.0.0.5 dev"),
	kindRow(setupNeighbors, "ip neigh change 10.0.0.2 dev v0 lladdr 02:00:00:00:00:0d"),
	kindRow(setupNeighbors, "ip neigh chg 10.0.0.9 dev v0 lladdr 02:00:00:00:00:0d"),
	kindRow(setupNeighbors, "ip neigh replace 10.0.0.2 dev v0 lladdr 02:00:00:00:00:0d"),
	kindRow(setupNeighbors, "ip neigh replace 10.0.0.9 dev v0 lladdr 02:00:00:00:00:0d nud stale"),
	kindRow(setupNeighbors, "ip neigh del 10.0.0.2 dev v0"),
	kindRow(setupNeighbors, "ip neigh del 10.0.0.99 dev v0"),
	kindRow(setupNeighbors, "ip neigh del 10.0.0.2 lladdr 02:00:00:00:00:09 nud stale dev v0"),
	kindRow(setupNeighbors, "ip neigh flush all"), kindRow(setupNeighbors, "ip neigh flush"),
	kindRow(setupNeighbors, "ip neigh flush dev v0"),
	kindRow(setupNeighbors, "ip neigh flush dev v0 nud permanent"),
	kindRow(setupNeighbors, "ip neigh flush 10.0.0.3"),
	kindRow(setupNeighbors, "ip neigh flush to 10.0.0.0/30 nud all"),
	kindRow(setupNeighbors, "ip -6 neigh flush all"), kindRow(setupNeighbors, "ip neigh flush dev nx"),
	kindRow(setupNeighbors, "ip neigh flush nud foo"), kindRow(setupNeighbors, "ip neigh foo"),
	{Row: judge.Row{Argv: "ip neigh get 10.0.0.1 dev lo", Lacks: true}},
	{Row: judge.Row{Argv: "ip -s link", Lacks: true}},
	{Row: judge.Row{Argv: "ip -d route", Lacks: true}},
	{Row: judge.Row{Argv: "ip link add br0 type bridge help", Lacks: true}},

	kindRow(setupPort, "bridge fdb add 02:00:00:00:00:11 dev v0 master"),
	kindRow(setupPort, "bridge fdb add 02:00:00:00:00:11 dev v0 master static"),
	kindRow(setupPort, "bridge fdb add to 02:00:00:00:00:11 dev v0 master dynamic"),
	kindRow(setupPort, "bridge fdb add 02:00:00:00:00:11 dev v0 master static sticky"),
	kindRow(setupPort, "bridge fdb add 02:00:00:00:00:11 dev v0 master static extern_learn"),
	kindRow(setupPort, "bridge fdb add 02:00:00:00:00:11 dev v0 local"),
	kindRow(setupPort, "bridge fdb add 02:00:00:00:00:11 dev br0 self"),
	kindRow(setupPort, "bridge fdb add 02:00:00:00:00:11 dev v0 master vlan 5"),
	kindRow(setupPort, "bridge fdb replace 02:00:00:00:00:11 dev v0 master static"),
	kindRow(setupPort, "bridge fdb append 01:00:5e:00:00:11 dev v0"),
	kindRow(setupPort+"bridge fdb add 02:00:00:00:00:11 dev v0 master; ",
		"bridge fdb del 02:00:00:00:00:11 dev v0 master"),
	kindRow(setupPort, "bridge fdb del 02:00:00:00:00:11 dev v0 master"),
	kindRow(setupPort, "bridge fdb add 02:00:00:00:00:11"),
	kindRow(setupPort, "bridge fdb add dev v0"),
	kindRow(setupPort, "bridge fdb add xx dev v0"),
	kindRow(setupPort, "bridge fdb add 02:00:00:00:00:11 dev nx"),
	kindRow(setupPort, "bridge fdb add 02:00:00:00:00:11:12 dev v0"),
	kindRow(setupPort, "bridge fdb add 02:00:00:00:00:111 dev v0"),
	kindRow(setupPort, "bridge fdb add 02:00:00:00:00:11 02:00:00:00:00:12 dev v0"),
	kindRow(setupPort, "bridge fdb foo"), kindRow(setupPort, "bridge fdb show br nx"),
	kindRow(setupPort, "bridge fdb show brport nx"),

	kindRow(setupPort, "bridge vlan add dev v0 vid 5"),
	kindRow(setupPort, "bridge vlan add dev v0 vid 5 pvid untagged"),
	kindRow(setupPort, "bridge vlan add vid 5-9 dev v0"),
	kindRow(setupPort, "bridge vlan add vid 5 dev br0 self"),
	kindRow(setupPort, "bridge vlan add vid 5-9 dev v0 pvid"),
	kindRow(setupPort, "bridge vlan add vid 9-5 dev v0"),
	kindRow(setupPort, "bridge vlan add vid 5-5 dev v0"),
	kindRow(setupPort, "bridge vlan add vid 5000 dev v0"),
	kindRow(setupPort, "bridge vlan add vid 5-5000 dev v0"),
	kindRow(setupPort, "bridge vlan add vid x dev v0"), kindRow(setupPort, "bridge vlan add vid 5"),
	kindRow(setupPort, "bridge vlan add dev v0"), kindRow(setupPort, "bridge vlan add dev nx vid 5"),
	kindRow(setupPort, "bridge vlan add dev v0 vid"),
	kindRow(setupPort, "bridge vlan del dev v0 vid 1"),
	kindRow(setupPort, "bridge vlan foo"), kindRow(setupPort, "bridge vlan del dev v0 vid 5 master"),
	kindRow(setupPort+"ip link set br0 type bridge vlan_filtering 1 || :; "+
		"bridge vlan add dev v0 vid 5-9 || :;",
		"bridge vlan del dev v0 vid 6-8"),
	kindRow(setupPort, "bridge link set dev v0 cost 9 priority 5"),
	kindRow(setupPort, "bridge link set dev v0 state disabled"),
	kindRow(setupPort, "bridge link set dev v0 hairpin on guard on learning off"),
	kindRow(setupPort, "bridge link set dev nx cost 9"),
	kindRow(setupPort, "bridge link set cost 9"),
	kindRow(setupPort, "bridge link set dev v0 hairpin x"),
	kindRow(setupPort, "bridge link set dev v1 cost 9"), kindRow(setupPort, "bridge link foo"),
	kindRow(setupPort, "bridge link show dev nx"),
	{Row: judge.Row{Argv: "bridge mdb", Lacks: true}}, {Row: judge.Row{Argv: "bridge", Lacks: true}},
	{Row: judge.Row{Argv: "bridge foo", Lacks: true}},
	{Row: judge.Row{Argv: "bridge -c vlan", Lacks: true}},
}

func TestIPKinds(t *testing.T) { ours.BareRows(t, kindRows[:]) }

// TestBridgeShow compares listings, as TestIPShow does.
func TestBridgeShow(t *testing.T) {
	sandboxtest.TestBare(t, 2*time.Minute, insideBridgeShow)
}

// insideBridgeShow runs in the sandbox for TestBridgeShow.
func insideBridgeShow(t *testing.T) {
	nativetest.Shell(t, setupNoIPv6+setupNeighbors+`ip netns add t1
		ip link add br0 type bridge; ip link set br0 up; ip link add v2 type veth peer name v3
		ip link set v2 master br0; ip link set v2 up; ip link set v3 up
		ip link add br1 type bridge stp_state 1; ip link add v4 type veth peer name v5 netns t1
		ip link set v4 master br1
		for k in macvlan macvtap ipvlan; do ip link add link v1 name $k type $k || :; done
		ip link add link v3 name vlan type vlan id 7 gvrp on ingress-qos-map 1:2 || :
		ip link add dummy type dummy || :
		ip link set br0 type bridge vlan_filtering 1 && bridge vlan add dev v2 vid 5-9 &&
			bridge vlan add dev v2 vid 11 pvid untagged && bridge vlan add dev br0 vid 20 self || :
		ip neigh add 10.0.0.6 dev v0 nud failed; ip neigh add proxy 10.0.0.7 dev v0
		ip neigh add fd00::5 lladdr 02:00:00:00:00:0f dev v0 router || :
		bridge fdb add 02:00:00:00:00:11 dev v2 master static
		bridge fdb add 02:00:00:00:00:12 dev v2 master
		sleep 1.5`)
	for _, line := range []string{
		"ip -d link", "ip -d link show v2", "ip -d -o link", "ip -d addr", "ip -details link show br0",
		"ip -d link show type macvlan", "ip -n t1 -d link", "ip -d link show master br0",
		"ip link show type macvlan", "ip link show type vlan", "ip link",
		"ip neigh", "ip n show dev v0", "ip neigh show nud stale",
		"ip neigh show nud permanent nud noarp", "ip neigh show nud all",
		"ip neigh show nud none", "ip neigh show 10.0.0.2", "ip neigh show to 10.0.0.0/29",
		"ip neigh show to 10.1.0.0/16", "ip neigh show proxy", "ip -4 neigh", "ip -6 neigh",
		"ip -s neigh", "ip -s -s neigh show dev v0", "ip -o neigh", "ip -br neigh",
		"ip -br neigh show dev v0", "ip neighbour list", "ip neighbor lst unused",
		"ip neigh show dev nx", "ip neigh show nud foo", "ip neigh show foo",
		"ip neigh show dev", "ip -d neigh", "ip -br neigh show nud all", "ip -n t1 neigh",
		"ip neigh show nud 0x80", "bridge link", "bridge link show dev v2", "bridge -d link",
		"bridge -o -d link", "bridge link list", "bridge -n t1 link",
		"bridge fdb", "bridge fdb show br br0", "bridge fdb show dev v2",
		"bridge fdb show brport v2", "bridge fdb show br br1",
		"bridge fdb show br br0 brport v2", "bridge -s fdb", "bridge -d fdb show br br0",
		"bridge fdb show dynamic", "bridge fdb show vlan 5", "bridge fdb show br v2",
		"bridge fdb show brport br0", "bridge -o fdb show br br0", "bridge vlan",
		"bridge vlan show", "bridge -compress vlan", "bridge vlan show dev v2",
		"bridge vlan show vid 6", "bridge -compressvlans vlan show vid 6", "bridge -o vlan",
		"bridge vlan list dev br0", "bridge vlan show dev nx",
		"bridge -statistics fdb show br br0", "bridge -n nx vlan",
	} {
		ours.Here(t, judge.BareRow{Mask: `_timer +[0-9.]+|used [0-9/]+`}, strings.Fields(line), 1)
	}
}
