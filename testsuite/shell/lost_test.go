package shell

import "testing"

// TestLostMessages judges the exit status of tools whose messages nobody gets.
func TestLostMessages(t *testing.T) {
	const each = "; do eval \"command $a $r\" </dev/null >/dev/null; echo \"$a $r $?\"; done; done"
	const lost = "for r in '2>&-' '2>/dev/full'; do for a in "
	const tools = " 'mount nosuch /mnt' 'mount -Z' 'umount /nosuch' 'umount -Z' 'ls /nosuch' " +
		"'grep a " +
		"/nosuch' 'sort /nosuch' 'sed p /nosuch' 'nice -n x' 'env -u =' 'timeout x true' 'findmnt " +
		"/nosuch' 'mountpoint /nosuch' '/usr/sbin/losetup /nosuch' 'kill -x 1' pgrep 'pkill -Z' " +
		"setpriv setsid " +
		"'unshare -Z' 'nsenter -t' 'find /nosuch' 'expr a +' 'expr 1 / 0' 'date -d x' 'df /nosuch' tr " +
		"'/usr/sbin/sysctl nosuch' 'nohup nosuch' 'sleep x' 'tail /nosuch' 'xargs nosuch' 'nproc " +
		"--x' 'cp a' " +
		"'unshare nosuch' 'env nosuch' 'flock . nosuch' 'flock -F . nosuch'"
	same(t,
		lost+tools+each,
		lost+"flock 'flock -n' 'flock nosuch' 'flock 9' 'flock 999' 'flock -w' 'flock -w x f true' "+
			"'flock -E 300 f true' 'flock /nosuch/x true' 'flock -Z' 'flock -F -o . true' 'flock -w "+
			"-1 . true' "+
			"'flock 99999999999' 'flock . true' 'flock . sh -c \"exit 3\"' 'flock . -c \"exit 4\"'"+each,
		": >f; flock f sleep 2 & until ! flock -n f true; do sleep 0.05; done; "+lost+
			"'flock -n f true' 'flock --verbose -n f true' 'flock --verbose -n -E 7 f true' "+
			"'flock -n -E 7 f true' 'flock --verbose -w 0.01 -E 7 f true'"+each,
	)
}

// TestAlarm judges SIGALRM from elsewhere, which flock with a timeout catches and does not heed.
func TestAlarm(t *testing.T) {
	quiet(t)
	// The fourth digit from the end of SigCgt has the bit of SIGALRM.
	const held = "exec 8>f; flock 8; t() { \"$@\" 8>&- & for i in $(seq 200); do " +
		"grep -qs 'SigCgt.*[2367abef]...$' /proc/$!/status && break; done; kill -ALRM $!; " +
		"wait $!; echo $?; }; "
	same(t,
		held+"t flock -w 1 f true; t flock --verbose -w 1 -E 5 f true",
		held+"t env --ignore-signal=ALRM flock -w 1 f true; exec 9<f; t flock -w 1 -E 6 9",
		"for a in '-w 9' '' '-w 0' -n '-w 9 -F'; do env --ignore-signal=ALRM flock $a f nl "+
			"/proc/self/status | grep SigIgn; done",
	)
}

// TestZombie judges what ps and pgrep show of a process that has ended and that nobody waits for.
func TestZombie(t *testing.T) {
	const zombie = "sh -c 'sleep 0.1 & echo $! >z.new; mv z.new z; exec sleep 30' & b=$!; " +
		"until [ -s z ]; do :; done; z=$(cat z); until grep -q 'State:.Z' /proc/$z/status; do :; done; " +
		"trap 'kill $b; rm z' EXIT; "
	same(t,
		zombie+"for o in comm ucmd args cmd command stat s ni tty uid vsz rss; do ps -o $o= -p $z; done",
		zombie+"ps -p $z | sed 's/^ *[0-9]* //'; ps -fp $z | sed 's/ [0-9 ]*:.*? / /'",
		zombie+"ps -o comm,args -p $z; ps -o args:9,stat -p $z; ps -o comm:6,stat -p $z",
		zombie+"pgrep -a -P $b | cut -d ' ' -f 2-; pgrep -l -P $b | cut -d ' ' -f 2-; pgrep -cx "+
			"sleep -P $b; "+
			"pgrep -cf defunct -P $b; pgrep -cf '^.sleep.$' -P $b",
	)
}

// TestFewFiles judges processes with one in between, under a low limit of open files.
func TestFewFiles(t *testing.T) {
	same(t, "for n in 24 26 28 30 32 40; do (ulimit -n $n; for c in 'flock f true' 'unshare -f true' "+
		"'unshare -f nl /dev/null' 'flock f nl /dev/null' 'exec flock f nl /dev/null' 'setsid -fw true' "+
		"'exec unshare -f nl /dev/null' 'flock f unshare -f setsid -fw true'; do "+
		"($c); echo $n $c $?; done); done")
}
