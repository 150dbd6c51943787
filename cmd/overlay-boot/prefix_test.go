package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"overlayboot/builtins"
)

// result is the outcome of a shell command.
type result struct {
	Stdout, Stderr string
	Status         int
}

// limit bounds the time of the tests in one sandbox.
const limit = 10 * time.Minute

// patience is the time that processes which a command has left may keep its output open. A
// signal to timeout(1) at the moment of its fork leaves one for ever.
const patience = time.Minute

func runShell(t *testing.T, shell, command string) result {
	t.Helper()
	c := exec.Command(shell, "-c", command, "sh")
	c.Dir = t.TempDir()
	c.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/", "A=one"}
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	c.WaitDelay = patience
	var exit *exec.ExitError
	err := c.Run()
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		t.Fatal(err)
	}
	clean := strings.NewReplacer(c.Dir, "DIR")
	return result{clean.Replace(out.String()), clean.Replace(errs.String()), c.ProcessState.ExitCode()}
}

// noNative is a program of every system that is no native: the shell executes its file. It
// reads the files of its arguments, or else standard input.
const noNative = "nl"

// TestNoNative checks that the rows that need a program still have one. dir lists
// directories in the rows for which noNative is no use.
func TestNoNative(t *testing.T) {
	for _, name := range []string{noNative, "dir"} {
		if _, ok := builtins.Lookup(name); ok {
			t.Errorf("%s is a native now; the rows in prefix_test.go and closed_test.go "+
				"need another program in its place", name)
		}
	}
}

// prefixRows are commands that run other commands. Dash with the system's tools and our
// shell with its natives must treat them the same.
var prefixRows = []string{
	// env
	"env A=two sh -c 'echo $A'",
	"env -i B=x env",
	"env -i",
	"env -u A sh -c 'echo ${A-unset}'",
	"env -i A=1 B=2 A=3 /usr/bin/env",
	// started by their own name, in a process of their own
	"env -i Z=1 A.b=2 _=3 timeout 5 env; env -i Z=1 B=2 bash -c 'unset PWD SHLVL; exec env' | sort",
	"env nosuch; echo $?",
	"env PATH=/nosuch " + noNative + "; echo $?",
	"env -- A=5 sh -c 'echo $A'",
	"env -C /etc pwd; env -C /nosuch pwd; echo $?; env --chdir=/etc -- /bin/cat hostname | " +
		"wc -l; env -C /etc; echo $?",
	"env -iu A B=1; env -uA -i env; env - A=1; env -i - A=1; env --ignore-env A=2; env -i0 A=1 B=2",
	"env -u A=B true; echo $?; env -u '' true; echo $?; env -0 true; echo $?; env ''; echo $?",
	"env -S 'echo a b'; env --unset A sh -c 'echo ${A-unset}'; env -Z; echo $?; env -u; echo $?",
	// env, for signals
	"trap '' INT QUIT TERM; for s in '' =INT =INT,SIGQUIT =int,15 = =INT,,QUIT =TERM,; do " +
		"env --default-signal$s grep -E 'Sig(Blk|Ign)' /proc/self/status; echo $?; done",
	"for s in NOSUCH 0 KILL EXIT 65 32 SIGINTX -1 RTMIN-1 RTMAX+1; " +
		"do env --default-signal=$s true; echo $?; " +
		"env --ignore-signal=$s true; echo $?; env --block-signal=$s true; echo $?; done",
	"for s in '' =USR1 =RTMIN+1 =34 =RTMAX,CHLD =CLD; do env --ignore-signal$s " +
		noNative + " /proc/self/status | grep 'Sig[IBC]'; done",
	"for s in '' =TERM,INT =RTMAX-2 =KILL,HUP; do env --block-signal$s " +
		noNative + " /proc/self/status | grep 'Sig[IBC]'; done",
	"env --ignore-signal=USR1 --default-signal=USR1,INT grep Sig[IB] /proc/self/status",
	"trap '' INT; env --default-signal=INT --ignore-signal=INT,HUP grep Sig[IB] /proc/self/status",
	"grep SigIgn /proc/self/status & wait; env --default-signal=INT,QUIT grep SigIgn " +
		"/proc/self/status & wait",
	"env --default-signal=INT,QUIT setsid -w unshare -u grep SigIgn /proc/self/status & wait",
	"env --default-signal=INT,QUIT sh -c 'trap \"echo got\" INT; kill -INT $$; " +
		"grep SigIgn /proc/self/status' & wait",
	"env --default-signal=INT,QUIT setsid -w unshare -m sh -c 'trap \"echo got\" INT; " +
		"kill -INT $$' & wait",
	"env --default-signal=QUIT sh -c 'trap \"echo got\" INT; kill -INT $$; echo $?; trap' & wait",
	"env --default-signal sh -c 'kill -INT $$; echo no' & wait $!; echo $?",
	"env --ignore-signal=TERM sh -c 'trap \"echo got\" TERM; kill $$; trap; (kill $PPID); echo here'",
	"env --default-signal=INT,QUIT unshare -fp --kill-child sh -c 'grep SigIgn /proc/self/status; " +
		"grep SigIgn /proc/$PPID/status' & wait",
	"env --ignore-signal=HUP unshare -f sh -c 'grep SigIgn /proc/$PPID/status'",
	"env --block-signal=USR1 unshare -f sh -c 'grep SigBlk /proc/$PPID/status; " +
		"kill -USR1 $$; echo here'",
	"env --default-signal=INT cat /dev/null & wait; (trap '' INT; " +
		"env --default-signal=INT grep Ign /proc/self/status)",
	"a=$(trap '' HUP; env --default-signal=HUP grep SigIgn /proc/self/status); echo $a",
	// chroot
	"chroot / sh -c 'pwd; echo $A'",
	"chroot / /bin/echo a 'b c'",
	"chroot /nosuch true; echo $?",
	"chroot /etc/passwd true; echo $?",
	"mkdir r; chroot r /bin/" + noNative + "; echo $?",
	// setsid, nohup
	"setsid -w sh -c 'exit 3'; echo $?",
	"setsid -w cat /proc/self/stat | awk '{print ($1 == $6)}'",
	"setsid -w nosuch; echo $?; setsid; echo $?; setsid -Z true; echo $?; " +
		"setsid --wa --fo false; echo $?",
	"setsid -f sh -c 'echo x >f; exit 3'; echo $?; until [ -s f ]; do :; done; cat f",
	"setsid -fw sh -c 'exit 4'; echo $?; setsid -c true; echo $?; " +
		"setsid -w sh -c 'kill -9 $$'; echo $?",
	"setsid -fw awk '{print ($1 == $6), ($1 == $5)}' /proc/self/stat; " +
		"setsid sh -c 'exit 5' & wait $!; echo $?",
	"set -m; setsid sh -c 'sleep 0.2; echo late' & wait $!; echo $?; sleep 0.4",
	"set -m; setsid sh -c 'sleep 0.2; echo late'; echo $?; setsid -w sh -c 'echo in; " +
		"exit 4'; echo $?; sleep 0.4",
	"set -m; setsid -w awk '{print ($1 == $6), ($1 == $5)}' /proc/self/stat & wait $!; " +
		"setsid -w nosuch; echo $?",
	"set -m; setsid -w sh -c '[ $PPID = $PPID ]; echo $?' & wait; setsid -fw sh -c 'exit 3'; echo $?",
	"setsid sleep 3 & p=$!; until [ \"$(cut -d' ' -f6 /proc/$p/stat)\" = $p ]; do :; done; " +
		"kill $p; wait $p; echo $?",
	"nohup sh -c 'grep SigIgn /proc/self/status' </dev/null 2>/dev/null | cat",
	// a program that cannot be executed, behind several prefix commands and failing steps
	"for c in env nice nohup 'setsid -w' 'setsid -fw' 'unshare -f' 'nsenter -u -t $$' " +
		"'setpriv --nnp' 'chroot /' 'timeout 5' 'ip netns exec nosuch'; do " +
		"for p in nosuch ./noexec \"''\"; do : >noexec; eval \"flock f $c $p\"; echo $?; " +
		"eval \"$c env -C /nosuch $p\"; echo $?; eval \"env -C /nosuch $c $p\"; echo $?; " +
		"eval \"$c chroot /nosuch $p\"; echo $?; eval \"chroot /nosuch $c $p\"; echo $?; " +
		"eval \"nsenter -t $$ -m $c $p\"; echo $?; done; done </dev/null",
	": >noexec; for o in -f -fc; do for p in nosuch ./noexec; do setsid $o $p 2>f </dev/null; " +
		"echo $?; sleep 0.1; cat f; done; done; setsid -f nohup nosuch 2>/dev/null; echo $?",
	"for c in 'flock f' 'flock -o f' 'setsid -fw' 'unshare -f' 'unshare -fp' 'nsenter -p -t $$'; do " +
		"for s in TERM INT SEGV USR1 HUP; do eval \"$c sh -c 'kill -$s \\$\\$'\" 2>f; " +
		"echo $?; case $c in setsid*) ;; *) cat f;; esac; done; done",
	"flock f sh -c 'kill -KILL $$'; setsid -fw sh -c 'kill -KILL $$' 2>/dev/null; echo $?",
	"trap 'echo trapped' EXIT; exec env nosuch",
	"setsid -w \"$SHELL\" -c 'exec setsid sleep 1'; echo $?; setsid -w \"$SHELL\" -c " +
		"'exec setsid sh -c \"sleep 0.3; echo late\"' | { read x; echo $x; }",
	"setsid -w \"$SHELL\" -c 'exec env nohup setsid sh -c \"sleep 0.3; echo x >f\"' " +
		"</dev/null >/dev/null 2>&1; cat f 2>/dev/null; echo $?",
	"exec setsid nosuch",
	// setpriv
	"setpriv --bounding-set=-sys_module grep Cap /proc/self/status",
	"setpriv --bounding-set=-SYS_module,-cap_40,-cap_01,-cap_3x /bin/grep Cap /proc/self/status",
	"setpriv --bounding-set -all,+chown,-chown,+kill sh -c 'grep Cap /proc/$$/status'",
	"setpriv --bounding=-all --no-new -- grep -E 'Cap|NoNew' /proc/self/status",
	"setpriv --bounding-set=+all grep CapBnd /proc/self/status",
	"for l in '' x -nosuch -cap_sys_module -cap_41 -CAP_1 -cap_ -chown, -all,-nosuch; do " +
		"setpriv --bounding-set=$l true; echo $?; done",
	"setpriv --inh-caps=+chown,+kill,-chown grep Cap /proc/self/status",
	"setpriv --inh-caps=+kill --ambient-caps=+kill,+chown grep Cap /proc/self/status",
	"setpriv --ambient-caps=+kill,-chown grep Cap /proc/self/status; echo $?",
	"setpriv --inh-caps=+chown setpriv --inh-caps=-all grep CapInh /proc/self/status",
	"setpriv --bounding-set=-chown --inh-caps=+chown true; echo $?",
	"setpriv --bounding-set=-setpcap,-chown --inh-caps=+kill --nnp sh -c 'grep Cap /proc/$$/status'",
	"setpriv --nnp; echo $?; setpriv; echo $?; setpriv true; echo $?; " +
		"setpriv --nnp --nnp true; echo $?",
	"setpriv --nnp --inh-caps=-all --inh-caps=-all true; echo $?; setpriv --nosuch true; echo $?",
	"setpriv --nnp nosuch; echo $?; setpriv --nnp ''; echo $?; setpriv --nnp /etc/passwd; echo $?",
	"setpriv --ambient-caps=+nosuch --inh-caps=bad true; echo $?; setpriv --dump | grep -c Cap",
	"setpriv --bounding-set=-sys_module unshare -fp --kill-child sh -c 'echo $$; " +
		"grep CapBnd /proc/self/status'",
	"exec setpriv --bounding-set=-kill grep CapBnd /proc/self/status",
	"setpriv --reuid=5 --regid=6 --clear-groups grep -E '^(Uid|Gid|Groups|Cap)' /proc/self/status",
	"setpriv --reuid=nobody --regid=tty --groups=disk,7 grep -E '^(Uid|Gid|Groups|Cap)' " +
		"/proc/self/status",
	"setpriv --reuid=5 --inh-caps=+kill --ambient-caps=+kill --bounding-set=-chown " +
		"--keep-groups --nnp " +
		"grep -E '^(Uid|Gid|Groups|Cap|NoNew)' /proc/self/status",
	"setpriv --reuid=5 grep -E '^(Uid|Gid|Groups|Cap)' /proc/self/status; " +
		"setpriv --regid=5 true; echo $?",
	"setpriv --reuid=5 --reuid=6 true; echo $?; setpriv --reuid=nosuch true; echo $?; " +
		"setpriv --clear-groups id -G",
	"setpriv --clear-groups --keep-groups true; echo $?; setpriv --reuid=4294967294 id -u; echo $?",
	"setpriv --reuid=65534 --clear-groups setpriv --reuid=5 true; echo $?; " +
		"setpriv --reuid=65534 --clear-groups --regid=65534 setpriv --clear-groups true; echo $?",
	"setpriv --reuid=65534 --clear-groups --regid=65534 setpriv --regid=5 --keep-groups true; echo $?",
	"setpriv --reuid=65534 setpriv --reuid=0 id -u; echo $?; " +
		"setpriv --reuid=65534 chroot / true; echo $?",
	"setpriv --reuid=65534 --inh-caps=+setuid --ambient-caps=+setuid setpriv --reuid=0 id -u; echo $?",
	"setpriv --reuid=65534 --clear-groups setpriv --reuid=65534 id -u; " +
		"setpriv --reuid=65534 unshare -m true; echo $?",
	"setpriv --reuid=0 --regid=0 --clear-groups sh -c 'id; grep Cap /proc/$$/status'",
	"grep CapBnd /proc/self/status; setpriv --bounding-set=-all true; grep CapBnd /proc/self/status",
	// unshare
	"unshare -u sh -c 'hostname inner; hostname'; hostname",
	"unshare -m sh -c 'mount -t tmpfs x /mnt; ls /mnt'; grep -c ' /mnt ' /proc/mounts",
	"unshare -n ip -br link",
	"unshare -n sh -c 'ip link show lo | grep -c UP'",
	"unshare -fp sh -c 'echo $$'",
	"unshare -fp --kill-child sh -c 'echo $$; exit 7'; echo $?",
	"unshare -fp --mount-proc ps -o pid,ppid,comm",
	"unshare -fpiuT --kill-child /bin/sh <<E\necho $A \\$\\$\nexit 4\nE\necho $?",
	"unshare -fp sh -c 'kill -9 $$; echo no'; echo $?",
	"unshare -fp sh -c 'sh -c \"kill -15 \\$\\$\"; echo $?'",
	"unshare -m nosuch; echo $?",
	"unshare -i -u -C -T true; echo $?",
	"unshare -T -f sh -c 'readlink /proc/self/ns/time /proc/self/ns/time_for_children' | uniq | wc -l",
	"unshare -m --propagation shared grep ' / / ' /proc/self/mountinfo | grep -c shared",
	"unshare --prop shared -m grep ' / / ' /proc/self/mountinfo | grep -c shared; " +
		"unshare --propagation=shared --propagation private -m " +
		"grep ' / / ' /proc/self/mountinfo | grep -c shared",
	"unshare --propagation=unchanged --propagation=slave -m grep -c . /proc/self/mountinfo; " +
		"unshare -m --propagation bad true; echo $?; unshare --propagation; echo $?",
	"unshare -uf -- echo a; unshare -u echo -- -f; unshare --f echo a; " +
		"unshare --ut --mount- echo a; unshare -ui -nf - x; echo $?",
	"unshare --m true; echo $?; unshare --mou true; echo $?; unshare -uZ true; echo $?; " +
		"unshare --fork=x true; echo $?; " +
		"unshare --nosuch; echo $?; unshare --k=kill -p true; echo $?; unshare --kill-child= true; " +
		"echo $?",
	"unshare --kill -p sh -c 'echo $$'; unshare --kill-child=9 -p sh -c 'echo $$'; " +
		"unshare --mount-proc=/nosuch true; echo $?",
	// nsenter
	"nsenter --targ $$ --ne echo a; nsenter -t$$ -n echo a; nsenter -nt5 echo a; echo $?; " +
		"nsenter -Ft $$ -un echo a; echo $?; nsenter -t $$ -Fnt6 true; echo $?",
	"nsenter -t $$ -n/proc/self/ns/net -- echo -a; nsenter --no-f -t 0$$ -u echo -- a; " +
		"nsenter -t +1 -u echo a; nsenter -t 1 -t $$ -r -w pwd",
	"nsenter -t; echo $?; nsenter -t x -n true; echo $?; nsenter --target= -n true; echo $?; " +
		"nsenter --no-fork=1 true; echo $?",
	"nsenter --u true; echo $?; nsenter --w true; echo $?; nsenter --wd true; echo $?; " +
		"nsenter --net= true; echo $?; " +
		"nsenter -t $$ --root= true; echo $?; nsenter - true; echo $?; nsenter -nZ9 true; echo $?; " +
		"nsenter --nosuch; echo $?",
	"nsenter -t $$ -n true; echo $?",
	"nsenter -t 999999 -n true; echo $?",
	"nsenter --net=/nosuch true; echo $?",
	"nsenter --net=/etc/passwd true; echo $?",
	"nsenter -n true; echo $?",
	"ip netns add pre; nsenter --net=/run/netns/pre ip -br link; ip netns del pre",
	"ip netns add pre; nsenter --net=/run/netns/pre unshare -fp sh -c 'ip link | wc -l; echo $$'; " +
		"ip netns del pre",
	"unshare -fpm --mount-proc sleep 5 & p=$!; while ! q=$(pgrep -P $p); do :; done; " +
		"nsenter -t $q -p -m ps -o comm; nsenter -t $q -p -m -r -w sh -c 'exit 6'; echo $?; kill $q",
	"nsenter -t $$ -p sh -c 'kill -9 $$'; echo $?",
	// ip netns exec
	"ip netns add pre; ip netns exec pre ip -br link; ip netns exec pre sh -c 'exit 3'; echo $?; " +
		"ip netns del pre",
	"ip netns exec nosuch true; echo $?",
	"ip netns add pre; ip netns exec pre dir /sys/class/net; ip netns del pre",
	"ip netns add pre; ip netns exec pre ip link set lo up; ip netns exec pre ip -br addr; " +
		"ip netns del pre",
	// ldd; the addresses that it prints differ each time
	"ldd /bin/ls | sed 's/0x[0-9a-f]*/ADDRESS/'",
	"cd /bin; ldd ls | sed 's/0x[0-9a-f]*/ADDRESS/'; ldd ./dash >/dev/null; echo $?",
	"ldd /nosuch; echo $?; ldd /etc/passwd; echo $?; ldd /bin; echo $?; ldd; echo $?",
	"ldd /bin/ls /bin/dash | sed 's/0x[0-9a-f]*/ADDRESS/'; ldd --nosuch; echo $?",
	"cp /bin/ls x; chmod -x x; ldd ./x 2>&1 | sed 's/0x[0-9a-f]*/ADDRESS/'; " +
		"ldd /sbin/ldconfig; echo $?",
	"LD_PRELOAD=/lib/nosuch.so ldd /bin/ls 2>&1 | sed 's/0x[0-9a-f]*/ADDRESS/'; env | grep LD_",
	"printf '\\177ELF\\2\\1' >e; chmod +x e; ldd ./e 2>&1; echo $?",
	// exec
	"exec env A=3 sh -c 'echo $A'",
	"exec chroot / sh -c 'echo $A; pwd'",
	"exec chroot / /bin/sh <<E\ncd /etc\npwd\nE\n",
	"exec setsid -w sh -c 'exit 9'",
	"exec unshare -u sh -c 'hostname x; hostname'",
	"exec chroot /nosuch true",
	"a=$$; exec env B=$a sh -c '[ $$ = $B ] && echo same'",
	"exec nosuch; echo no",
	"exec /etc; echo no",
	// descriptors and limits that a program starts with
	"ulimit -Sn; env sh -c 'ulimit -Sn'; /usr/bin/env dash -c 'ulimit -Sn'",
	"/bin/dir /proc/self/fd | wc -w; /bin/dir /proc/self/fd 5</dev/null | wc -w",
	"exec 4>f; env /bin/dir /proc/self/fd | wc -w; chroot / /bin/dir /proc/self/fd | wc -w",
	"env /bin/grep -E 'Sig(Blk|Ign)' /proc/self/status",
	"unshare -f /bin/grep -E 'Sig(Blk|Ign)' /proc/self/status",
	"trap '' TERM; env /bin/grep SigIgn /proc/self/status",
	"/bin/grep SigIgn /proc/self/status & wait",
	"unshare -fp sleep 5 & sleep 0.3; grep -E '^(Name|SigBlk)' /proc/$!/status; " +
		"tr '\\0' ' ' < /proc/$!/cmdline; kill -9 $!",
}

func TestPrefixCommands(t *testing.T) { judgeRows(t, prefixRows, false) }

func TestHandoverVariableIsHidden(t *testing.T) {
	ours := programAs(t, "sh")
	got := runShell(t, ours, "env | grep OVERLAY; (printf x > /proc/self/comm; env | grep OVERLAY); "+
		"{ env | grep OVERLAY; :; } & wait")
	if got != (result{}) {
		t.Errorf("got %+v", got)
	}
	if os.Getenv("OVERLAY_HANDOVER") != "" {
		t.Error("the test itself was given the variable")
	}
}
