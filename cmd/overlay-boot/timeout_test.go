package main

import "testing"

// timeoutRows are scripts with timeout and nice.
var timeoutRows = []string{
	"timeout; echo $?; timeout 1; echo $?; timeout x true; echo $?; timeout -s x 1 true; " +
		"echo $?; timeout -k x 1 true; echo $?",
	"timeout 1 nosuch; echo $?; timeout 1 /etc; echo $?; timeout 1x true; echo $?; " +
		"timeout 1 -- true; echo $?; timeout -- 1 true; echo $?",
	"export LC_ALL=C.UTF-8; timeout x true; timeout -s x 1 true; timeout 1 nosuch; " +
		"timeout -v 0.1 sleep 5; nice -n x true; nice nosuch",
	"timeout 0.1 sleep 5; echo $?; timeout --preserve-status 0.1 sleep 5; echo $?; " +
		"timeout 0 true; echo $?; timeout inf true; echo $?",
	"timeout -s KILL 0.1 sleep 5; echo $?; timeout -s 9 0.1 sleep 5; echo $?; " +
		"timeout --foreground -s KILL 0.1 sleep 5; echo $?",
	"timeout -s HUP 0.1 sleep 5; echo $?; timeout --preserve-status -s HUP 0.1 sleep 5; " +
		"echo $?; timeout -s SIGINT 0.1 sleep 5; echo $?",
	"timeout -v 0.1 sleep 5; echo $?; timeout -v -s 34 0.01 sleep 5; " +
		"timeout -v -s POLL 0.01 sleep 5; timeout -v -s 0 0.1 sleep 0.2; echo $?",
	"timeout -v -k 0.1 0.1 sh -c 'trap \"\" TERM; sleep 1; sleep 1'; echo $?",
	"timeout -v --foreground -k 0.1 0.1 sh -c 'trap \"\" TERM; sleep 0.5; sleep 0.5'; echo $?",
	"timeout 5 sh -c 'exit 3'; echo $?; timeout 5 sh -c 'kill -9 $$'; echo $?; " +
		"timeout 5 sh -c 'kill $$'; echo $?; timeout 5 false; echo $?",
	"timeout 0.2 sh -c 'kill -STOP $$'; echo $?; timeout 0.1 sh -c 'trap \"exit 4\" TERM; " +
		"sleep 1 & wait'; echo $?",
	"timeout --preserve-status 0.2 sh -c 'trap \"exit 4\" TERM; sleep 1 & wait'; echo $?; " +
		"timeout 5 env nosuch; echo $?",
	"timeout 5 cat /etc/hostname | wc -l; x=$(timeout 5 echo a); echo $x; " +
		"timeout 5 timeout 0.1 sleep 3; echo $?; echo a | timeout 5 cat",
	"exec 9>f; timeout 5 sh -c 'echo x >&9'; cat f; A=b timeout 5 sh -c 'echo $A'; " +
		"env A=b timeout 5 sh -c 'echo $A'; cd /; timeout 5 pwd",
	"timeout 5 sleep 4 & sleep 0.2; kill $!; wait $! 2>/dev/null; echo $?",
	"timeout 5 sh -c 'trap \"echo int; exit 5\" INT; while :; do sleep 0.1; " +
		"done' & sleep 0.4; kill -INT $!; wait $!; echo $?",
	"timeout 5 sh -c 'trap \"echo hup; exit 6\" HUP; while :; do sleep 0.1; " +
		"done' & sleep 0.4; kill -HUP $!; wait $!; echo $?",
	"timeout -v 5 sleep 3 & sleep 0.2; kill -ALRM $!; wait $!; echo $?",
	"trap '' INT HUP USR1; timeout 5 grep SigIgn /proc/self/status; " +
		"timeout 5 sh -c 'grep SigIgn /proc/self/status'",
	"timeout 5 sh -c 'set -- $(cat /proc/self/stat); [ $5 = $PPID ]; echo $?; " +
		"set -- $(cat /proc/$PPID/stat); [ $5 = $1 ]; echo $?'",
	"(exec timeout 5 sh -c 'exit 7'); echo $?; timeout 5 sleep 0.1 && echo ok; " +
		"! timeout 0.05 sleep 1; echo $?; command timeout 5 echo x",
	"unshare -m timeout 5 echo x; timeout 5 unshare -m echo x; setsid -w timeout 5 echo y; " +
		"timeout 5 setsid -w sh -c 'exit 4'; echo $?",
	// nice
	"nice; nice -n 5; echo $?; nice -n 5 nice; nice nice; nice -5 nice; nice -n5 -n3 nice; " +
		"nice --5 nice; nice -n -30 nice",
	"nice -n 99999999999999999999999 nice; nice nosuch; echo $?; nice /etc; echo $?; " +
		"nice -n 1x true; echo $?; nice --adjustment=3 nice",
	"nice -3; echo $?; nice -+3 nice; nice -3x nice; echo $?; nice -n +2 nice; " +
		"nice -n ' 3' nice; nice -- nice; nice -n '' nice; echo $?",
	"nice -n 3 sh -c 'nice -n 2 sh -c nice'; nice nice nice; x=$(nice -n 4 nice); echo $x; " +
		"nice -n 1 nice | cat; nice -n 2 nice & wait",
	"nice --adj 3 nice; nice -Z; echo $?; nice -n; echo $?; nice -n 5 -- nice; nice - nice; " +
		"echo $?; nice >/dev/full; echo $?; nice nice >/dev/full; echo $?",
	"setpriv --reuid=65534 --clear-groups sh -c 'nice -n -5 nice; echo $?; " +
		"nice -n 5 nice -n -1 nice; nice -n 2 nice'",
	"(exec nice -n 7 nice); nice -n 3 env A=b sh -c 'echo $A; nice'; env nice -n 3 nice; " +
		"nice -n 3 timeout 5 nice; unshare -m nice -n 2 nice",
	"nproc; nproc --all; nproc --ignore=1; nproc --ignore 99; taskset 1 sh -c nproc; " +
		"unshare -m nproc; whoami; unshare -U whoami",
	"setpriv --reuid=65534 --clear-groups whoami; setpriv --reuid=12345 --clear-groups " +
		"whoami; echo $?",
}

func TestTimeoutNice(t *testing.T) { judgeRows(t, timeoutRows, true) }
