package shell

import "testing"

// held begins rows in which another process has the lock of the file f for a while.
const held = "flock f sleep 0.7 & until ! flock -n f true; do sleep 0.05; done; "

// TestChains judges prefix commands behind others that change what they open and how they wait.
func TestChains(t *testing.T) {
	quiet(t)
	const nobody = "chmod 777 .; setpriv --reuid 65534 --clear-groups "
	same(t,
		// the rights, the directory and the descriptors with which a file is opened
		nobody+"flock -n f stat -c %u f; rm f",
		"chmod 755 .; setpriv --reuid 65534 --clear-groups flock f true; echo $?",
		nobody+"nohup flock f stat -c %u f; rm f",
		"flock -n /dev/stdin sh -c 'flock -n f echo free' <f; echo $?",
		": >f; flock -n /dev/stdin sh -c 'flock -n f echo free' <f; echo $?; rm f",
		": >f; flock /dev/fd/9 true 9<f; echo $?; nsenter -p/dev/fd/3 true 3</proc/self/ns/pid; echo $?",
		"mkdir d; env -C /dev/fd/3 pwd 3<d | sed 's,.*/,,'; env -C /dev/fd/0 pwd <d | sed 's,.*/,,'",
		"/usr/sbin/chroot /dev/fd/3 /bin/true 3</; echo $?",
		// the wait for a lock
		held+"timeout 0.2 flock f echo a; echo $?; wait",
		held+"timeout 0.2 env nice flock f echo a; echo $?; wait",
		held+"env --ignore-signal=TERM flock f echo a & sleep 0.2; kill $!; wait $!; echo $?; wait",
		held+"nohup flock f echo a </dev/null 2>&1 & sleep 0.2; kill -HUP $!; wait $!; echo $?; wait",
		held+"nice -n 5 flock f echo a & sleep 0.2; ps -o ni=,comm= -p $!; wait",
		held+"setsid flock f echo a & sleep 0.2; test $(ps -o sid= -p $!) = $!; echo $?; wait",
		"mkfifo p; timeout 0.3 flock p true; echo $?",
		"mkfifo p; flock p true & sleep 0.1; echo up; : >p & wait",
		// the process in the background
		"flock f sleep 1 & sleep 0.3; kill $!; wait $! 2>/dev/null; cat /proc/$!/comm 2>/dev/null",
		"flock f sh -c 'echo $PPID >p; sleep 0.5' & until [ -s p ]; do sleep 0.05; done; "+
			"test $(cat p) = $!; echo $?; wait; rm p",
		"flock -F f sh -c 'echo $$ >p; sleep 0.5' & until [ -s p ]; do sleep 0.05; done; "+
			"test $(cat p) = $!; echo $?; wait; rm p",
		"flock d/f true & wait $!; echo $?; flock f nosuch & wait $!; echo $?; flock -n f true & wait $!",
		held+"flock -n f true & wait $!; echo $?; flock -n -E 7 f true & wait $!; echo $?; wait",
		// the signals of the process that stays
		"for c in 'setsid -fw' 'unshare -f' 'nohup unshare -f' 'flock f'; do "+
			"$c sleep 0.5 </dev/null >/dev/null 2>&1 & sleep 0.2; grep SigIgn /proc/$!/status; wait; done",
		"trap '' TERM; (exec unshare -f sleep 0.5) & sleep 0.2; grep SigIgn /proc/$!/status; wait",
		"unshare -f sh -c 'kill -QUIT $PPID; sleep 0.1; echo x' & wait $!; echo $?",
		// a process that cannot make threads
		"printf '%s\\n' '#!/bin/sh' 'echo hi' >t; echo 'echo ho' >u; chmod +x t u; unshare -p ./t; "+
			"unshare -p ./u; unshare -p nice ./t",
		"unshare -p /usr/sbin/chroot / sh -c 'echo hi'; unshare -p /usr/sbin/chroot / ls /dev/null; "+
			"unshare -p nosuch; echo $?",
	)
}
