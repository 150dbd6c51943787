package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"overlayboot/compat/judge"
	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox/sandboxtest"
)

// flockRows are scripts with flock, which dash runs with the flock of util-linux.
var flockRows = []string{
	// usage
	"flock; echo $?; flock -n; echo $?; flock x; echo $?; flock ''; echo $?; flock 3x; echo $?",
	"flock -n 77; echo $?; flock 9; echo $?; flock -- -1; echo $?; flock -u 3; echo $?",
	"flock 99999999999; echo $?; flock ' 1'; echo $?; flock -Z; echo $?; flock -1; echo $?",
	"for w in x '' 1m 1,5 -1 inf; do flock -w \"$w\" 1; echo $?; done",
	"for e in x '' -1 256 99999999999; do flock -E \"$e\" 1; echo $?; done",
	"flock -F -o f true; echo $?; flock f -c; echo $?; flock f -c true x; echo $?; " +
		"flock -c true; echo $?",
	"flock f nosuch; echo $?; flock f ''; echo $?; flock f /etc/passwd; echo $?; flock f /; echo $?",
	"flock /nosuch/f true; echo $?; flock . echo a directory; echo $?; : >f; flock f/f true; echo $?",
	"flock f -c 'exit 5'; echo $?; SHELL=/bin/nosuch flock f -c true; echo $?; " +
		"flock f sh -c 'exit 6'; echo $?",
	"for w in .1 1e1 0.000001 99999999999 0; do flock -w $w f echo $w; echo $?; done",
	"flock --nonblock --nb --exclusive --shared --unlock --conflict-exit-code=3 --close " +
		"--time 1 f echo a; echo $?",
	"umask 027; flock f true; stat -c %a f; exec flock -n f echo x",
	// descriptors
	"exec 9>>f; flock -n 9; echo $?; flock -n f true; echo $?; flock -u 9; flock -n f true; echo $?",
	"exec 9>f; flock -s 9; flock -sn f true; echo $?; flock -n f true; echo $?; exec 9>&-; " +
		"flock -n f true; echo $?",
	"{ flock 9; flock -n f true; echo $?; } 9>f; flock -n f true; echo $?",
	"exec 9>f 8>f; flock 9; flock -n 8; echo $?; flock -n -E 7 8; echo $?; flock -n -E 0 8; " +
		"echo $?; flock -w 0 8; echo $?",
	"exec 9>f 8>f; flock 9; flock --verbose -n 8; echo $?; flock --verbose -w 0.1 -E 4 8; echo $?",
	"exec 9>f 8>&9; flock 9; flock -n 8; echo $?; exec 9>&-; flock -n f true; echo $?",
	"exec 9>f; flock 9; exec 9>f; flock -n f true; echo $?",
	"exec 9</etc/passwd; flock -s -n 9; echo $?; flock -n 9; echo $?",
	"exec 9<.; flock -n 9; echo $?; flock -n . true; echo $?",
	"flock -n 0 </dev/null; echo $?; flock 5 5<<E\nx\nE\necho $?",
	"echo x | flock -n 0; echo $?; : | flock -n 0; echo $?; flock -n 1 | cat; echo $?",
	// the holder of the lock
	"exec 9>f; ( flock 9 ); flock -n f true; echo $?; $(flock -u 9); flock -n f true; echo $?",
	"(exec 9>f; flock 9; sleep 0.3; flock -n f true; echo $?) & sleep 0.1; flock -n f true; " +
		"echo $?; wait",
	"exec 9>f; flock 9; sleep 1 & exec 9>&-; flock -n f true; echo $?; kill $!",
	"exec 9>f; flock 9; sleep 1 9>&- & sleep 0.2; exec 9>&-; flock -n f true; echo $?; kill $!",
	"exec 9>f; flock 9; { sleep 1; :; } 9>&- & sleep 0.2; exec 9>&-; flock -n f true; echo $?; wait",
	"exec 9>f; flock 9; (sleep 1; :) 9>&- & sleep 0.2; exec 9>&-; flock -n f true; echo $?; wait",
	"exec 9>f; flock 9; unshare -fp sh -c 'sleep 1; :' 9>&- & sleep 0.2; exec 9>&-; " +
		"flock -n f true; echo $?; wait",
	"exec 9>f; flock 9; unshare -fp sh -c 'sleep 1; :' & sleep 0.2; exec 9>&-; " +
		"flock -n f true; echo $?; wait",
	"exec 9>f; flock 9; sh -c 'flock -n 9; echo $?; flock -n f true; echo $?'",
	"exec 9>f; sh -c 'flock 9'; flock -n f true; echo $?; env flock -u 9; flock -n f true; echo $?",
	"exec 9>f; flock 9; exec sh -c 'flock -n f true; echo $?; flock -n 9; echo $?'",
	"exec 9>f; flock 9; x=$(sh -c 'flock -n f true; echo $?'); echo $x; " +
		"f() { flock -n 9 && echo $1; }; f a; f b | cat",
	"flock f sh -c 'flock -n f true; echo $?'; flock -s f flock -s f echo both; " +
		"flock -F f sh -c 'flock -n f true; echo $?'",
	"flock f sh -c 'sleep 1 & echo $! >p'; flock -n f true; echo $?; kill $(cat p)",
	"flock -o f sh -c 'flock -n f true; echo $?; sleep 1 & echo $! >p'; flock -n f true; " +
		"echo $?; kill $(cat p)",
	"flock f sleep 1 & sleep 0.1; kill $!; wait $! 2>/dev/null; echo $?; flock -n f true; echo $?",
	"env flock f setsid -w env A=b sh -c 'echo $A; flock -n f true; echo $?'",
	// what the command starts holds the lock, too
	"flock -F f sh -c '/usr/bin/sleep 1 & exit 0'; flock -n f true; echo $?",
	"flock -F f sh -c 'sleep 1 & exit 0'; /usr/bin/flock -n f true; echo $?",
	"flock f sh -c 'env sh -c \"/usr/bin/sleep 1 & exit 0\"'; flock -n f true; echo $?",
	"exec flock -F f sh -c '(sleep 1; :) & flock -n f true; echo $?; exit 0'",
	"flock -F f nohup setsid -f sh -c '/usr/bin/sleep 1; :' </dev/null >/dev/null 2>&1; " +
		"flock -n f true; echo $?",
	"flock f sh -c 'flock -n 3; echo $?; readlink /proc/self/fd/3' | sed 's,.*/,,'",
	"flock f flock g sh -c 'readlink /proc/$$/fd/3 /proc/$$/fd/4 /proc/$PPID/fd/4' | sed 's,.*/,,'",
	"exec 3</dev/null 5</dev/null; flock f sh -c 'readlink /proc/$$/fd/4' | sed 's,.*/,,'",
	"flock f sh -c 'readlink /proc/$$/fd/0' <&- | sed 's,.*/,,'",
	"flock -F f sh -c 'exec 3<&-; /usr/bin/flock -n f true; echo $?'; flock -n f true; echo $?",
	"mkdir d; env -C d flock f true; ls f; ls d; env -C /nosuch flock f true; echo $?",
	// waiting
	"(flock 9; echo a; sleep 0.3; echo b) 9>f & sleep 0.1; flock f echo c; wait",
	"(flock 9; echo a; sleep 0.3; echo b) 9>f & sleep 0.1; (flock 9; echo c) 9>f; wait",
	"(flock 9; echo a; sleep 0.3; echo b) 9>f & sleep 0.1; (flock -w 5 9; echo $? c) 9>f; wait",
	"(flock 9; echo a; sleep 0.5; echo b) 9>f & sleep 0.1; (flock -w 0.1 9; echo $? c) 9>f; wait",
	"(flock 9; echo a; sleep 0.3; echo b) 9>f & sleep 0.1; flock f echo c & wait",
	"trap 'echo term; exit 4' TERM; (flock 9; sleep 0.4) 9>f & sleep 0.1; (sleep 0.1; kill $$) & " +
		"flock f echo got; echo not",
	"trap 'echo term' TERM; (flock 9; sleep 0.4) 9>f & sleep 0.1; exec 9>f; " +
		"(sleep 0.1; kill $$) & flock 9; echo $?",
	"(flock 9; sleep 1) 9>f & sleep 0.1; sh -c 'flock f echo got; echo no' & sleep 0.1; " +
		"kill $!; wait $! 2>/dev/null; echo $?",
	"(flock 9; sleep 0.3) 9>f & sleep 0.1; flock f echo got & p=$!; sleep 0.1; kill -INT $p; " +
		"wait $p; echo $?",
	"(flock 9; sleep 1) 9>f & sleep 0.1; flock f echo got & p=$!; sleep 0.1; kill $p; " +
		"wait $p 2>/dev/null; echo $?",
}

func TestFlock(t *testing.T) { judgeRows(t, flockRows, true) }

// TestKeyring checks that overlay-keyring gives its command a session keyring that no other
// process has.
func TestKeyring(t *testing.T) {
	sandboxtest.Test(t, limit, func(t *testing.T) {
		ours := programAs(t, "sh")
		// The kernel lists the keys that the reader may see, and with them the reader's
		// session keyring: _ses, or one of the user if there is none.
		const list = "grep ' keyring  *_ses' /proc/keys | cut -d' ' -f1 | sort"
		got := runShell(t, ours, "test -r /proc/keys || { echo none; exit; }\n"+
			"overlay-keyring sh -c \""+list+">a\"; overlay-keyring -- env sh -c \""+list+">b\"\n"+
			"test -s a && test -s b && ! cmp -s a b; echo $?\n"+
			"overlay-keyring sh -c 'exit 4'; echo $?; overlay-keyring nosuch; echo $?\n"+
			"overlay-keyring; echo $?; overlay-keyring -x; echo $?")
		want := result{Stdout: "0\n4\n127\n2\n2\n",
			Stderr: "overlay-keyring: cannot execute nosuch: No such file or directory\n" +
				"overlay-keyring: which command? usage: overlay-keyring COMMAND [ARGUMENT...]\n" +
				"overlay-keyring: unknown option '-x'\n"}
		if got.Stdout == "none\n" {
			kit.Cannot(t, "the kernel has no keys")
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

// TestSetprivWithoutRight checks that setpriv fails, and does not run the command, if it
// cannot drop a capability. A capability that is already gone is no error. The setpriv of
// Debian 12 prints no message in the first case.
func TestSetprivWithoutRight(t *testing.T) {
	sandboxtest.Test(t, limit, func(t *testing.T) {
		ours := programAs(t, "sh")
		for script, want := range map[string]result{
			"setpriv --bounding-set=-chown echo ran": {Status: 127,
				Stderr: "setpriv: apply bounding set: Operation not permitted\n"},
			"setpriv --inh-caps=+chown echo ran": {Status: 127,
				Stderr: "setpriv: apply capabilities: Operation not permitted\n"},
			"setpriv --bounding-set=-kill echo ran": {Stdout: "ran\n"},
		} {
			got := runShell(t, "/bin/sh", "exec /usr/bin/setpriv --bounding-set=-kill,-setpcap "+
				"--reuid=65534 "+ours+" -c '"+script+"'")
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s: %s", script, d)
			}
		}
	})
}

// TestSetprivNumbers checks that no number stands for another user or group. The setpriv of
// Debian 12 takes them modulo 2^32, and -1 as no change.
func TestSetprivNumbers(t *testing.T) {
	sandboxtest.Test(t, limit, func(t *testing.T) {
		ours := programAs(t, "sh")
		for _, number := range []string{"4294967295", "4294967296", "18446744073709551616", "-1",
			" 4294967296", "+4294967297", "99999999999999999999"} {
			for option, message := range map[string]string{"--reuid": "failed to parse reuid",
				"--regid": "failed to parse regid", "--groups": "Invalid supplementary group id"} {
				script := "setpriv '" + option + "=" + number + "' --keep-groups true"
				if option == "--groups" {
					script = "setpriv '--groups=5," + number + "' true"
				}
				want := result{Status: 1, Stderr: "setpriv: " + message + ": '" + number + "'\n"}
				if d := cmp.Diff(want, runShell(t, ours, script)); d != "" {
					t.Errorf("%s: %s", script, d)
				}
			}
		}
	})
}

// judgeRows compares dash with the system's tools and our shell with its natives, row by
// row or all rows at once. SHELL in a row is the path of the shell under test.
func judgeRows(t *testing.T, rows []string, atOnce bool) {
	sandboxtest.Test(t, limit, func(t *testing.T) {
		ours := programAs(t, "sh")
		for _, row := range rows {
			t.Run(row, func(t *testing.T) {
				if atOnce {
					t.Parallel()
				}
				judgeRow(t, ours, row)
			})
		}
	})
}

func judgeRow(t *testing.T, ours, row string) {
	t.Helper()
	with := func(shell string) func(string) result {
		return func(script string) result { return runShell(t, shell, "SHELL="+shell+"; "+script) }
	}
	if want, got, same := judge.Same(row, with("/usr/bin/dash"), with(ours)); !same {
		t.Errorf("%s\n(-dash and the system's tools, +ours)\n%s", row, cmp.Diff(want, got))
	}
}

// newRoot is a script that makes a root on /mnt, a tmpfs, and pivots to it as pivot_root(2)
// describes. STEPS stands for the steps that follow. The last command prints all that is
// reachable from the new root.
const newRoot = `cat >s <<'S'
mount --make-rprivate /; mount -t tmpfs live /mnt; cd /mnt; mkdir usr proc
mount --bind /usr usr; ln -s usr/bin usr/sbin usr/lib usr/lib64 .
pivot_root . .
STEPS
exec chroot . /bin/dash <<X
pwd; ls /; ls -d /.. /../usr /proc/1/root/etc; cut -d' ' -f4,5 /proc/self/mountinfo
ls -l /proc/1/cwd /proc/1/root | sed 's/.*->//'
X
S
unshare -fpiumTC --kill-child "$SHELL" ./s; echo $?`

// TestPivotRoot checks that no path leads from the new root to the old one. The system's
// tools need /proc inside to unmount the old root. Ours do not, so no name inside the new
// root is used while /.. is still the old root.
func TestPivotRoot(t *testing.T) {
	sandboxtest.Test(t, limit, func(t *testing.T) {
		ours := programAs(t, "sh")
		run := func(shell, steps string) result {
			text := strings.Replace(newRoot, "STEPS", steps, 1)
			return runShell(t, shell, "SHELL="+shell+"\n"+text)
		}
		const known = "mount -t proc proc /proc; umount -l ."
		want := run("/usr/bin/dash", known)
		if want.Status != 0 || !strings.HasSuffix(want.Stdout, "\n0\n") ||
			strings.Contains(want.Stdout, "/etc") || strings.Count(want.Stdout, "\n/ / ") > 0 {
			t.Fatalf("dash: %+v", want)
		}
		for _, steps := range []string{known,
			"mount -t proc proc /proc; umount -l /",
			"umount -l .; mount -t proc proc /proc",
			"umount -l /; mount -t proc proc /proc",
			"umount -l . 2>&- || { mount -t proc proc /proc; umount -l .; }; " +
				"mountpoint -q /proc || mount -t proc proc /proc",
		} {
			if d := cmp.Diff(want, run(ours, steps)); d != "" {
				t.Errorf("%s\n(-dash, +ours)\n%s", steps, d)
			}
		}
	})
}

// TestNamesOfAFile judges commands on open descriptors, and on directories directly below
// the root.
func TestNamesOfAFile(t *testing.T) {
	judgeRows(t, []string{
		"touch -t 202001010101 - >h; stat -c %Y h; touch -ad @5 - >h; stat -c %X h",
		"touch - >&-; echo $?; touch -c - >&-; echo $?; touch -d @5 - | cat; ls",
		"mkdir -p /run/y/x; mkdir /tmp/zz; rmdir -p /run/y/x; echo $?; rmdir -pv /tmp/zz; echo $?",
		"rmdir -p /; echo $?; rmdir -p --ignore-fail-on-non-empty /; echo $?; mkdir -p x/y; " +
			"rmdir -pv ./x/y",
		"seq 9 | tail +8; seq 9 >f; tail +8 <f; tail -2 - <f",
	}, false)
}

// TestLinkPeerByFamily checks that the line of a link names the link's peer whatever
// address family is asked for.
func TestLinkPeerByFamily(t *testing.T) {
	const links = "ip netns add peer; ip link add v0 type veth peer name v1 netns peer; " +
		"ip addr add 192.0.2.1/24 dev v0; for o in -4 -6 '-n peer -4' '-o -4' '-br -4' '-n peer'; do " +
		"ip \\$o addr | sed -E 's/(..:){5}../MAC/g'; done; ip netns del peer"
	judgeRows(t, []string{"unshare -n sh -c \"" + links + "\""}, false)
}
