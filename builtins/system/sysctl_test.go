package system_test

import (
	"testing"

	"overlayboot/compat/judge"
)

// TestSysctl compares sysctl with that of procps.
func TestSysctl(t *testing.T) {
	var rows []judge.BareRow
	for _, argv := range []string{
		"sysctl kernel.ostype", "sysctl -n kernel.ostype kernel.osrelease",
		"sysctl kernel/ostype", "sysctl nosuch.x", "sysctl -e nosuch.x",
		"sysctl -N kernel.ostype", "sysctl -b kernel.ostype", "sysctl kernel.ostype=",
		"sysctl -w kernel.ostype=x", "sysctl -q kernel.ostype", "sysctl net.ipv4.conf.lo/0.forwarding",
		"sysctl -ne kernel.sem", "sysctl kernel.printk net.ipv4.ip_local_port_range", "sysctl -w x.y=1",
		"sysctl -w 'kernel.ostype = z'", "sysctl -n net.ipv4.route.flush", "sysctl net.ipv4.route.flush",
		"sysctl -w kernel.hostname=abc", "sysctl kernel.hostname=d", "sysctl -q kernel.hostname=e",
		"sysctl -n kernel.hostname=f", "sysctl -w 'kernel.hostname = g h'", "sysctl -N kernel.hostname=i",
		"sysctl -b kernel.hostname=j", "sysctl -w kernel/hostname=k",
		"sysctl -w net.ipv4.conf.lo.forwarding=1", "sysctl net/ipv4/conf/lo/forwarding",
		"sysctl -w net.ipv4.ip_forward=x", "sysctl -w net.ipv4.ip_forward=",
		"sysctl net.ipv4.ip_forward=1 net.nosuch=1 kernel.hostname=z", "sysctl -e -w net.nosuch=1",
		"sysctl -qw net.nosuch=1", "sysctl kernel.hostname=",
		"sysctl kernel.hostname nosuch.x kernel.ostype", "sysctl -w kernel.hostname=a=b",
		"sysctl -w ' kernel.hostname=a '", "sysctl -n kernel.ostype nosuch.x",
		"sysctl kernel.core_modes", "sysctl -n kernel.core_modes",
		"sysctl -b kernel.core_modes", "sysctl nosuch", "sysctl -ew nosuch=1",
		"sysctl -q k.a k.b k.c=1", "sysctl -q k.c=1 k.a k.b",
		"sysctl -q k.a k.b k.d=1 k.c k.d=1", "sysctl -q k.c=1 k.d=1",
		"sysctl -nq kernel.hostname=q", "sysctl kernel.core_pattern",
		"sysctl net.ipv6.conf.all.stable_secret", "sysctl kernel.nosuch net.ipv6.conf.lo",
		"sysctl kernel.panic_sys_info", "sysctl --values kernel.ostype",
		"sysctl --names --values kernel.ostype", "sysctl net.ipv4.conf.lo.tag",
		"sysctl -bN kernel.ostype", "sysctl net.ipv4.tcp_rmem='1 2 3'",
		"sysctl net.ipv4.tcp_rmem", "sysctl -ox kernel.ostype",
	} {
		rows = append(rows, judge.BareRow{Row: judge.Row{Argv: argv}, NoMounts: true,
			Probe: "cat /proc/sys/kernel/hostname /proc/sys/net/ipv4/ip_forward " +
				"/proc/sys/net/ipv4/conf/lo/forwarding"})
	}
	for _, argv := range []string{"sysctl", "sysctl kernel=1",
		"sysctl -r host kernel.hostname=xx", "sysctl -a -r [", "sysctl -ap", "sysctl -r a -p",
		"sysctl --deprecated -a", "sysctl -p x", "sysctl -p -", "sysctl -w kernel.ostype",
		"sysctl -Z", "sysctl ''", "sysctl --dry-run kernel.hostname=x", "sysctl ../x",
		"sysctl .x", "sysctl kernel..ostype", "sysctl -w =3"} {
		rows = append(rows, judge.BareRow{Row: judge.Row{Argv: argv, Lacks: true}, NoMounts: true})
	}
	ours.BareRows(t, rows)
}

// TestSysctlLoad compares the settings made from files with those of procps.
func TestSysctlLoad(t *testing.T) {
	const setup = `printf '%b\n' '# c\n; d\n\nkernel.hostname = aa' \
			'kernel.nosuch = 1\nnet.ipv4.ip_forward=1' >a
		printf 'kernel/hostname = cc dd \n  net.ipv4.conf.lo/1.x=1' >b
		printf 'bad line\nkernel.hostname=\n' >c
		printf '%b\n' ' net.ipv4.ip_forward\t=\t1 \nnet.ipv4.ip_forward=x' \
			'kernel.ostype=3\nkernel.hostname=a=b\r' >d; : >e
		mount -t tmpfs t /etc/sysctl.d; mount -t tmpfs t /usr/lib/sysctl.d; mount -t tmpfs t /run
		mkdir /run/sysctl.d; cp a /run/sysctl.d/1.conf; cp b /etc/sysctl.d/1.conf; cp a /etc/sysctl.d/0
		cp c /usr/lib/sysctl.d/0.conf; cp d /run/sysctl.d/2.conf; cp e /etc/sysctl.d/30.conf`
	var rows []judge.BareRow
	for _, argv := range []string{"sysctl x.y z=1", "sysctl x.y y.z z=1", "sysctl x=1 y=1 a.b",
		"sysctl x=1 a.b c.d e.f y=1 z=1", "sysctl -w a.b=1 c.d=1", "sysctl -p b b",
		"sysctl -p a", "sysctl -p b", "sysctl -p c", "sysctl -p d", "sysctl -p e",
		"sysctl -pa", "sysctl --load=a", "sysctl -f a", "sysctl -q -p a", "sysctl -e -p a",
		"sysctl -n -p a", "sysctl -N -p a", "sysctl -b -p a", "sysctl -p b a c", "sysctl -pa b",
		"sysctl -p", "sysctl -wp a",
		"sysctl --system", "sysctl -q --system", "sysctl --system -q", "sysctl -n --system",
		"sysctl --system a"} {
		rows = append(rows, judge.BareRow{Row: judge.Row{Setup: setup, Argv: argv}, NoMounts: true,
			Probe: "cat /proc/sys/kernel/hostname /proc/sys/net/ipv4/ip_forward"})
	}
	for _, argv := range []string{"sysctl -p glob", "sysctl -p minus", "sysctl -p a nosuch",
		"sysctl -p ."} {
		rows = append(rows,
			judge.BareRow{Row: judge.Row{Setup: ": >a; echo 'net.*.x=1' >glob; " +
				"echo -kernel.hostname=a >minus",
				Argv: argv, Lacks: true}, NoMounts: true})
	}
	ours.BareRows(t, rows)
}

// TestPidof compares pidof with that of sysvinit.
func TestPidof(t *testing.T) {
	const setup = `exec >/dev/null 2>&1; cp /bin/sleep one; cp /bin/sleep two
		ln -s one three; mkfifo wait
		printf '#!/bin/sh\nread x <wait\n' >script; chmod 755 script; mkdir d; cp /bin/sleep d/one
		at() { echo $1 >/proc/sys/kernel/ns_last_pid; } # so that both judges have the same ids
		at 1000; ./one 9 & at 1010; /mnt/two 9 & at 1020; ./three 9 & at 1030; sh ./script &
		at 1040; ./script & at 1050; ./one 8 & at 1060; d/one 7 & sleep 0.3`
	var rows []judge.BareRow
	for _, argv := range []string{
		"pidof one", "pidof two", "pidof three", "pidof script", "pidof -x script",
		"pidof -s one", "pidof nosuch", "pidof", "pidof -q one", "pidof -q nosuch",
		"pidof /mnt/one", "pidof /mnt/two", "pidof ./one", "pidof /mnt/three", "pidof d/one",
		"pidof -x /mnt/script", "pidof -x ./script", "pidof one two", "pidof two one nosuch",
		"pidof -s one two", "pidof -d , one", "pidof -d '' one", "pidof -o 1001 one",
		"pidof -o 1001 -o 1011,1061 one two", "pidof script two", "pidof -x script two -s",
		"pidof -n one", "pidof two two", "pidof /mnt/d/one", "pidof x/one", "pidof kthreadd",
		"pidof ''", "pidof -qs one",
	} {
		rows = append(rows, judge.BareRow{Row: judge.Row{Setup: setup, Argv: argv}, NoMounts: true})
	}
	for _, argv := range []string{"pidof -c one", "pidof -z one", "pidof -Z", "pidof -h",
		"pidof -o x one"} {
		rows = append(rows, judge.BareRow{Row: judge.Row{Argv: argv, Lacks: true}, NoMounts: true})
	}
	ours.BareRows(t, rows)
}

// TestSysctlLists covers several parameters at once. It leaves out parameters that change by
// themselves. The network parameters are those of the sandbox.
func TestSysctlLists(t *testing.T) {
	const changing = `(?m)^(fs\.(dentry|inode|file|quota\.)|` +
		`kernel\.(random|ns_last_pid|pty\.nr|hostname)|net\.netfilter\.nf_conntrack_count|` +
		`fs\.aio-nr|kernel\.sched_)[^\n]*$`
	var rows []judge.BareRow
	for _, argv := range []string{"sysctl -a", "sysctl -A", "sysctl -X", "sysctl -aN",
		"sysctl -ae", "sysctl -aq", "sysctl -aw", "sysctl -a net.nosuch",
		"sysctl -Na -r ^kernel.os", "sysctl -a -r '^kernel.os'",
		"sysctl --all --pattern 'ost|pan'", "sysctl -ar 'a\\|b'", "sysctl -ar 'forwarding$'",
		"sysctl -nar '^net.ipv4.conf'", "sysctl -bar '^net.ipv4.conf'",
		"sysctl -aNr 'k[^.]+\\.(pty|ost)'", "sysctl -ar nosuch", "sysctl net.ipv4.conf.lo",
		"sysctl net/ipv4/conf/lo", "sysctl -n net.ipv4.neigh", "sysctl -N net.ipv4.neigh.lo",
		"sysctl net.ipv4.neigh.lo.retrans_time", "sysctl net", "sysctl abi dev",
		"sysctl -r ost kernel.ostype kernel.panic", "sysctl -r ip_f net.ipv4",
		"sysctl -e net.nosuch net.ipv4.conf.lo", "sysctl -n", "sysctl -N",
		"sysctl -e", "sysctl -w", "sysctl -q", "sysctl -r a", "sysctl -b net.ipv4.conf.lo",
		"sysctl -a -N -n -r ost", "sysctl -r a -r ostype kernel",
		"sysctl --values net.ipv4.conf.lo.tag net.ipv4.conf.lo", "sysctl net.ipv6.conf",
		"sysctl net.ipv6.conf.all net.ipv6.conf.lo", "sysctl net.ipv4.conf.lo/0"} {
		rows = append(rows,
			judge.BareRow{Row: judge.Row{Setup: "ip link add d.1 type veth peer e", Argv: argv},
				NoMounts: true, Mask: changing})
	}
	ours.BareRows(t, rows)
}
