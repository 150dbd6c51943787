package system_test

import (
	"testing"

	"overlayboot/compat/judge"
)

// TestLogger compares logger with that of util-linux by the messages that arrive at a socket.
func TestLogger(t *testing.T) {
	const setup = `cat >server <<'E'
use IO::Socket::UNIX; use Socket; $| = 1;
my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "/run/log") or die; print "ready\n";
while (1) {
	my $r = ''; vec($r, fileno($s), 1) = 1; last unless select($r, undef, undef, 2);
	my $b; $s->recv($b, 70000); $b =~ s/\n/\\n/g; $b =~ s/\0/\\0/g;
	$b =~ s/> ?[A-Z]\S+ +\d+ \S+/> DATE/;
	print "[$b]\n"; last if $b =~ /the end$/;
}
E
		mount -t tmpfs t /run; printf 'a\n\n  b\n<3>c\nd' >f; : >empty
		perl -e 'print "x" x 1024, "\n", "y" x 1023, "\n", "z" x 3000, "\n"' >long
		perl server >/run/out 2>&1 </dev/null &
		for n in 1 2 3 4 5 6 7 8 9; do [ -s /run/out ] || sleep 0.1; done`
	const probe = `logger -t x -u /run/log the end; sleep 0.2; ` +
		`sed 's/\[[0-9]*\]: pid/[N]: pid/' /run/out`
	var rows []judge.BareRow
	for _, argv := range []string{
		"logger -u /run/log hello world", "logger -u /run/log -t tag -p user.err a",
		"logger -u /run/log -i -t x pid", "logger -u /run/log -p local0.info --id=77 a",
		"logger -u /run/log -p kern.emerg -t 'a b' 'x\ny'", "logger -u /run/log",
		"logger -u /run/log -e", "logger -u /run/log -f f -t q", "logger -e -f f -u /run/log",
		"logger -u /run/log -f nosuch", "logger -u /run/log -f empty",
		"logger -u /run/log -f long", "logger -u /run/log -p info a",
		"logger -u /run/log -p security.panic a", "logger -u /run/log -p authpriv.warn a",
		"logger -u /run/log -p cron.error a", "logger -u /run/log -p uucp.debug a",
		"logger -u /run/log -p local7.alert a b", "logger -u /run/log -- -a",
		"logger -u /run/log a -t b", "logger -u /run/log --tag= b", "logger -u /run/nosuch a",
		"logger -u /run/nosuch -s a", "logger a", "logger -s a",
		"logger -u /run/log --id -t x pid", "logger -u /run/log 'a  b' ' c '",
		"logger -u /run/nosuch -s -f nosuch",
	} {
		rows = append(rows,
			judge.BareRow{Row: judge.Row{Setup: setup, Argv: argv, Stdin: "in\n\nput"},
				NoMounts: true, Probe: probe})
	}
	for _, argv := range []string{"logger -n x a", "logger -p x a", "logger -p user.9 a",
		"logger --id=x a", "logger -Z", "logger ''",
		"logger -f f a", "logger --prio-prefix", "logger -S 4 a", "logger --no-act a"} {
		rows = append(rows, judge.BareRow{Row: judge.Row{Argv: argv, Lacks: true}, NoMounts: true})
	}
	ours.BareRows(t, rows)
}
