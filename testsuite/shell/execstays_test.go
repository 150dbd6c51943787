package shell

import "testing"

// TestExecStays checks that behind exec, the process of the shell is the first one of a prefix
// command that forks and waits.
func TestExecStays(t *testing.T) {
	quiet(t)
	for _, command := range []string{
		"unshare -f", "unshare -fp", "unshare -fp --kill-child", "unshare -Tf",
		"flock f", "flock -o f", "flock f flock g", "env A=1 nohup flock f nice",
		"setsid -fw", "nsenter -t $$ -p",
		"unshare -m env -C . flock f", "unshare -fp flock f",
	} {
		judge(t, row{script: `mkfifo go
sh -c 'exec ` + command + ` sh -c ": >here; read x <go"' </dev/null >/dev/null 2>&1 &
p=$!; until [ -e here ]; do sleep 0.05; done
cat /proc/$p/comm; tr '\0' ' ' </proc/$p/cmdline | sed 's/-t [0-9]*/-t N/'; echo
ps -o comm= --ppid $p; grep -E 'Sig(Blk|Ign)' /proc/$p/status; ls /proc/$p/fd
echo >go; wait $p; echo $?; rm -f f g go here # ` + command})
	}
	same(t,
		"sh -c 'sleep 0.2 & exec flock f sh -c \"sleep 0.5; exit 4\"'; echo $?",
		"sh -c 'trap \"\" TERM; trap : INT; exec flock f grep SigIgn /proc/self/status'",
		"sh -c 'exec flock f sh -c \": >h; exec sleep 1\"' & until [ -e h ]; do sleep 0.05; done; "+
			"kill $!; wait $! 2>/dev/null; echo $?; flock -n f true; echo $?",
		"printf x >t; sh -c 'exec flock f cat <t 2>e; echo no' >o; cat o e; "+
			"echo in | sh -c 'exec 3<&0; exec unshare -fp cat <&3 | tr i u'",
		"sh -c 'cd /; exec unshare -f pwd'; sh -c '(exec flock f echo a); x=$(exec flock f echo b); "+
			"echo $x'; rm f",
	)
	for _, command := range []string{
		"flock f", "unshare -fp", "setsid -fw", "unshare -fp flock f", "nsenter -t $$ -p",
	} {
		for _, program := range []string{"./t", "./nosuch", "nosuch", "/"} {
			judge(t, row{script: "echo 'echo $0; exit 3' >t; chmod +x t; sh -c \"trap 'echo no' EXIT; " +
				"exec " + command + " " + program + "\"; echo $?; rm -f f"})
		}
	}
}
