package shell

import (
	"os"
	"path/filepath"
	"testing"
)

// witness is a program that appends to the file $FACTS the visible facts of its process. No
// shell has such a program built in. $S is the process id of the shell under test.
const witness = `#!/usr/bin/perl
use strict;
sub text { local $/; open(my $f, '<', $_[0]) or return ''; my $t = <$f>; close $f; return $t; }
my @me = split ' ', (text("/proc/self/stat") =~ s/.*\) //sr);
my @shell = split ' ', (text("/proc/$ENV{S}/stat") =~ s/.*\) //sr);
my $status = text("/proc/self/status");
my $out = "--- @ARGV\n";
$out .= text("/proc/self/cmdline") =~ s/\0/|/gr . "\n" . text("/proc/self/comm");
$out .= "$1 $2\n" while $status =~ /^(SigIgn|SigBlk|Umask|NoNewPrivs):\s*(\S+)/mg;
$out .= "is the shell\n" if $$ == $ENV{S};
$out .= "child of the shell: " . ($me[1] == $ENV{S} ? "yes\n" : "no\n") if $ENV{PARENT};
$out .= "its group: " .
	($me[2] == $$ ? "own" : $me[2] == $shell[2] ? "the shell's" : "another") . "\n";
$out .= "its session: " . ($me[3] == $shell[3] ? "the shell's" : "another") . "\n";
$out .= "nice $me[16]\n";
for my $fd (0 .. 20) {
	my $to = readlink "/proc/self/fd/$fd";
	next unless defined $to and -e "/proc/self/fd/$fd" || $to =~ /pipe|deleted|memfd/;
	$to = "a pipe" if $to =~ /^pipe|memfd|\(deleted\)/;
	$out .= "fd $fd $to\n";
}
$out .= "cwd " . readlink("/proc/self/cwd") . "\n";
my $limits = text("/proc/self/limits");
$out .= "$1 $2\n"
	while $limits =~ /^Max (open files|cpu time|core file size|file size) +(\S+)/mg;
$out .= join ' ', map { "$_=$ENV{$_}" }
	grep { /^(A|B|C|PWD|OLDPWD|HANDOVER.*|OVERLAY.*)$/ } sort keys %ENV;
my $base = $ENV{FACTS} =~ s,/d/facts$,,r;
$out =~ s/\Q$base\E/BASE/g;
open(my $f, '>>', $ENV{FACTS}) or die "$ENV{FACTS}: $!";
syswrite $f, "$out\n";
exit 3;
`

// outsideRows are rows of TestOutside.
var outsideRows = []string{
	"export PARENT=1; $W a; $W b & wait; { $W c; } & wait; ($W d) & wait; x=$($W e); " +
		"($W f); cat t.sh | $W g; $W h | cat; cat t.sh | $W i & wait; $W j | cat & wait",
	"$W plain", "$W 'two words' '' x", "$W a; $W b",
	"A=1 $W a; B=2; $W b; export B; $W c; unset B; $W d",
	"A=1 B=2 C='x y' $W a", "cd /; $W a; cd /usr; $W b; cd -; $W c",
	"(cd /usr; $W a); $W b",
	"umask 077; $W a; umask 022; $W b", "(umask 077; $W a); $W b", "ulimit -n 100; $W a",
	"(ulimit -n 99; $W a); $W b", "ulimit -f 1000; $W a; ulimit -t 100; $W b",
	"ulimit -c 0; $W a",
	"nice -n 5 $W a", "nice $W a", "exec 3>f; $W a",
	"exec 3>f 4<t.sh; $W a; exec 3>&-; $W b", "$W a 3>f; $W b", "{ $W a; } 3>f 5>&1; $W b",
	"$W a >f 2>&1", "$W a <t.sh", "$W a <&-", "$W a >&-", "$W a 2>&-", "exec <&-; $W a",
	"exec >&-; $W a", "exec 2>&-; $W a", "$W a <<E\ntext\nE", "cat t.sh | $W a",
	"$W a | cat", "cat t.sh | $W a | cat", "x=$($W a); $W b", "x=$(exec 3>f; $W a); $W b",
	": | { $W a; $W b; }", "{ $W a; } | cat", "($W a)", "($W a; $W b)", "( ($W a); : )",
	"f() { $W a; }; f; f >f", "eval '$W a'", "echo '$W a' > f; . ./f",
	"$W a & wait $!; echo $?", "{ $W a; } & wait $!; echo $?", "($W a) & wait $!; echo $?",
	"$W a <t.sh & wait", "exec 3>f; $W a & wait", "{ exec 3>f; $W a; } & wait",
	"f() { $W a; }; f & wait",
	"(  $W a & wait )", "x=$($W a & wait); echo $x", "$W a && $W b & wait",
	"cat t.sh | $W a & wait", "$W a | cat & wait", "{ $W a & wait; } | cat",
	"{ { $W a; } & wait; } & wait",
	"if true; then $W a & wait; fi", "for i in 1 2; do $W $i & wait; done",
	"trap '' INT; $W a",
	"trap '' TERM HUP USR1; $W a; trap - TERM; $W b",
	"trap '' QUIT; ($W a); x=$($W b); $W c | cat",
	"trap '' INT; (trap - INT; $W a); $W b",
	"(trap '' USR2; $W a); $W b",
	"trap 'echo x' TERM; $W a; ($W b)",
	"trap '' TERM; $W a & wait", "trap '' TERM; { trap - TERM; $W a; } & wait",
	"trap '' CHLD; $W a", "trap '' PIPE; $W a", "trap '' 40; $W a",
	"{ trap - INT; $W a; } & wait",
	"{ trap 'echo x' QUIT; $W a; } & wait",
	"(trap '' TERM; $W a & wait)",
	"trap '' TSTP TTIN TTOU; $W a", "trap 'echo chld' CHLD; $W a; ($W b); x=$($W c)",
	"exec $W a", "exec 3>f; exec $W a", "exec $W a <t.sh 4>f", "(exec $W a); $W b",
	"trap '' TERM; exec $W a", "trap 'echo x' TERM EXIT; exec $W a", "A=1 exec $W a",
	"cd /usr; exec $W a", "umask 027; exec $W a", "exec <&-; exec $W a",
	"{ exec $W a; } & wait", "exec $W a & wait", "x=$(exec $W a); $W b",
	"exec env A=5 $W a", "env A=5 $W a", "env -i S=$S FACTS=$FACTS $W a", "command $W a",
	"command exec $W a", "nohup $W a >f", "setsid -w $W a", "timeout 5 $W a >f",
	"echo x | xargs $W", "find t.sh -exec $W {} ';'", "sh -c '$W a; $W b'", "sh -c '$W a'",
	"sh -c 'exec $W a'", "sh -c '$W a & wait'", "trap '' TERM; sh -c '$W a'",
	"echo '$W a; $W b' | sh",
	"echo '#!/bin/sh\n$W a; $W b' > s; chmod +x s; ./s; ./s & wait",
	"echo '$W a; $W b' > s; chmod +x s; ./s",
	"exec 5>f; sh -c 'exec 6>g; $W a'; $W b",
	"sh -c 'trap \"\" INT; cd /; $W a'; $W b",
	"set -m; $W a; $W b & wait",
	"readonly A=1; export A; $W a",
	"set -a; A=3; $W a", "A=1; export A; f() { local A=2; $W a; }; f; $W b",
	"$W a &\np=$!\nwait\n$W b",
	"while read x; do $W a; break; done <t.sh",
	"case $($W a; echo x) in x) $W b;; esac", "! $W a; echo $?",
	"$W a || $W b && $W c; echo $?", "! { $W a & wait $!; }; echo $?",
}

// TestOutside judges the programs of the shell, seen from outside.
func TestOutside(t *testing.T) {
	file := filepath.Join(t.TempDir(), "witness")
	check(t, os.WriteFile(file, []byte(witness), 0o755))
	for _, script := range outsideRows {
		setup := "\nW=" + file + " S=$$ FACTS=$PWD/facts; export W S FACTS\n"
		judge(t, row{script: "# " + title(script) + setup + script + "\n"})
	}
}

// outsideProcessRows are rows of TestOutsideProcesses.
var outsideProcessRows = []string{
	"sleep 100 & same $(stat $! 2) $$; same $(stat $! 3) $(stat $$ 3); " +
		"same $(stat $! 4) $(stat $$ 4); state $!; kill -9 $!; wait $!; state $!",
	"{ read x <f; } & same $(stat $! 2) $$; same $(stat $! 3) $(stat $$ 3); state $!; " +
		"echo >f; wait $!; echo $?; state $!",
	"(read x <f; exit 4) & kill -0 $! && echo alive; echo >f; wait $!; echo $?; " +
		"kill -0 $! 2>/dev/null || echo dead",
	"sh -c 'exec 3<f; read x <&3; echo orphan >out' & wait_for=$!; echo x >f; " +
		"wait $wait_for; cat out",
	"sh -c '{ read x <f; echo orphan >g; } & echo $!' >pid; read p <pid; " +
		"kill -0 $p && echo alive; echo go >f; read x <g; echo $x; rm pid",
	"sh -c 'sleep 100 & echo $!' >pid; read p <pid; state $p; same $(stat $p 2) $$; " +
		"kill -9 $p; rm pid",
	"sh -c 'sleep 100 & echo $! >pid; kill -9 $$'; echo $?; read p <pid; state $p; " +
		"kill -9 $p; rm pid",
	"sh -c 'sleep 100 & echo $! >pid; exit 3'; echo $?; read p <pid; state $p; " +
		"kill -9 $p; rm pid",
	"sh -c 'sleep 100 & echo $! >pid; exec true'; echo $?; read p <pid; state $p; " +
		"kill -9 $p; rm pid",
	"(sleep 100 & echo $! >pid); read p <pid; state $p; kill -9 $p; rm pid",
	"x=$(sleep 100 >/dev/null & echo $!); state $x; kill -9 $x",
	"sh -c 'echo $$ >pid; exec sh -c \"echo \\$\\$ >>pid\"'; uniq pid | wc -l; rm pid",
	"sh -c 'echo $$ >pid; exec readlink /proc/self' >>pid; uniq pid | wc -l; rm pid",
	"sh -c 'echo $PPID'  >p; same $(cat p) $$; (sh -c 'echo $PPID') >p; same $(cat p) $$; " +
		"rm p",
	"echo $PPID >a; (echo $PPID) >>a; echo $(echo $PPID) >>a; echo $PPID | cat >>a; " +
		"{ echo $PPID; } >>a & wait; uniq a | wc -l; rm a",
	"echo $$ >a; (echo $$) >>a; echo $(echo $$) >>a; echo $$ | cat >>a; " +
		"{ echo $$; } >>a & wait; uniq a | wc -l; rm a",
	"PPID=5; echo $PPID; sh -c 'echo $PPID' >p; same $(cat p) $$; rm p",
	"PPID=7 sh -c 'echo $PPID' >p; same $(cat p) $$; rm p",
	"true & true & false & sh -c : ; wait; ps -o stat= --ppid $$ | grep -c Z",
	"i=0; while [ $i -lt 5 ]; do true & i=$((i+1)); done; wait; sh -c :; " +
		"ps -o stat= --ppid $$ | grep -c Z",
	"sh -c 'kill -TERM $$'; echo $?; sh -c 'kill -KILL $$'; echo $?; " +
		"sh -c 'trap \"\" TERM; kill -TERM $$; exit 7'; echo $?",
	"sh -c 'kill -SEGV $$' & wait $!; echo $?; sh -c 'sh -c \"kill -9 \\$\\$\"; exit $?'; " +
		"echo $?",
	"cat f >/dev/null & p=$!; exec 3>f; kill -0 $p && echo alive; exec 3>&-; " +
		"wait $p; echo $?",
	"cat <f & sh -c 'echo $1 >f' sh x; wait; (cat <f) & echo y >f; wait",
	"exec 3<>f; echo a >&3; read x <&3; echo $x; (read y <&3; echo $y) & echo b >&3; wait",
	"{ read x; echo \"[$x]\"; } <f & echo in >f; wait",
	"sleep 100 & p=$!; kill -STOP $p; kill -CONT $p; kill -9 $p; wait $p; echo $?",
	"{ read x <f; } | sleep 100 & kill -9 $!; echo >f; wait $! 2>/dev/null; echo $?",
	"{ read x <f; exit 3; } | { read x <g; exit 4; } & p=$!; echo >g; echo >f; wait $p; " +
		"echo $?; echo a | cat | cat & wait $!",
	"tr '\\0' ' ' </proc/$$/cmdline",
	"sh -c 'cat /proc/$$/comm; tr \"\\0\" \" \" </proc/$$/cmdline; :' a b",
	"readlink /proc/$$/cwd; cd /usr; readlink /proc/$$/cwd; (cd /; readlink /proc/$$/cwd)",
	"umask 077; grep Umask /proc/$$/status; umask 022; grep Umask /proc/$$/status",
	"exec 3>out; ls /proc/self/fd | wc -l; (ls /proc/self/fd | wc -l); exec 3>&-; " +
		"ls /proc/self/fd | wc -l",
}

// TestOutsideProcesses judges processes as other processes see them.
func TestOutsideProcesses(t *testing.T) {
	const setup = `stat() { sed 's/.*) //' /proc/$1/stat | cut -d' ' -f$2; }
same() { [ "$1" = "$2" ] && echo same || echo differs; }
state() { grep -q '^State:[[:space:]]*Z' /proc/$1/status 2>/dev/null && echo zombie || ` +
		`{ [ -d /proc/$1 ] && echo there || echo gone; }; }
mkfifo f g
`
	for _, script := range outsideProcessRows {
		judge(t, row{script: "# " + title(script) + "\n" + setup + script + "\n"})
	}
}
