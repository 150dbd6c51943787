package network_test

import (
	"testing"

	"overlayboot/compat/judge"
)

func TestBrctl(t *testing.T) {
	const (
		one  = "ip link add b1 address 02:00:00:00:00:03 type bridge; "
		two  = one + "ip link add v0 type veth peer name v1; "
		port = two + "ip link set v0 master b1; "
	)
	var rows []judge.BareRow
	for _, r := range []struct{ setup, argv string }{
		{"", "brctl addbr b1"},
		{one, "brctl addbr b1"},
		{"", "brctl addbr toolongname123456789"},
		{"", "brctl addbr a/b"},
		{"", "brctl addbr"},
		{one, "brctl delbr b1"},
		{one + "ip link set b1 up", "brctl delbr b1"},
		{one, "brctl delbr b2"},
		{one, "brctl delbr lo"},
		{two, "brctl addif b1 v0"},
		{two, "brctl addif b1 v0 v1"},
		{port, "brctl addif b1 v0 v1"},
		{port, "brctl addif b1 nx"},
		{port, "brctl addif nx v1"},
		{port, "brctl addif lo v1"},
		{port, "brctl addif b1 b1"},
		{port, "brctl addif b1 lo"},
		{port, "brctl addif b1"},
		{port, "brctl delif b1 v0"},
		{port, "brctl delif b1 v1"},
		{port, "brctl delif b1 nx"},
		{port, "brctl delif nx v0"},
		{"", "brctl show"},
		{port, "brctl show"},
		{port + "brctl addif b1 v1; brctl addbr b0", "brctl show"},
		{port, "brctl show b1"},
		{port, "brctl show nx"},
	} {
		rows = append(rows, judge.BareRow{Row: judge.Row{Setup: r.setup, Argv: r.argv}, NoMounts: true,
			Probe: "for i in /sys/class/net/*; do echo $i $(readlink $i/master); done"})
	}
	rows = append(rows, judge.BareRow{Row: judge.Row{Argv: "brctl", Lacks: true}},
		judge.BareRow{Row: judge.Row{Argv: "brctl stp b1 on", Lacks: true}})
	ours.BareRows(t, rows)
}
