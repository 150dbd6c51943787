package shell

import (
	"os"
	"testing"

	"overlayboot/compat/kit"
)

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

// titles is a script that shows the arguments and the name of processes that took the place of a
// shell. PROC is where it sees them.
const titles = `PATH=$PATH:/usr/sbin:/sbin
mkfifo f
L=$(printf %070d 1)
printf '#!/bin/sh\n: >here; read x <f; :\n' >name-$L
chmod +x name-$L
look() {
	i=0; until [ -e here ] || [ $i = 500 ]; do sleep 0.02; i=$((i+1)); done
	tr '\0' '|' <$PROC/$1/cmdline; echo; cat $PROC/$1/comm; rm here; echo >f; wait $1
}
sh -c 'exec ./name-'$L & look $!
sh -c './name-'$L & look $!
sh -c 'exec sh -c ": >here; read x <f; :" '$L & look $!
sh -c 'exec sh -c ": >here; read x <f; :" a; : '$L & look $!
sh -c 'exec sh -e ./name-'$L & look $!
(./name-$L) & look $!
{ exec ./name-$L; } & look $!
{ :; sh -c ': >here; read x <f; :' $L; } & look $!
{ :; exec sh -c 'exec ./name-'$L; } & look $!
./name-$L & look $!
sh -c 'exec env ./name-'$L & look $!
env sh -c 'exec ./name-'$L & look $!
sh -c 'trap : USR1; exec chroot / sh -c "cd \"$PWD\"; : >here; read x <f; :" '$L & look $!
sh -c 'exec sh -s a b' <<X & look $!
: >here
read x <f
X
printf 'exec ./name-'$L >one
sh one & look $!
sh <one & look $!
`

// TestTitles checks that a process shows the arguments of the shell that it has become, also
// where they are longer than those before. Most kernels let any process set them, by what it
// finds in /proc; the second script has none.
func TestTitles(t *testing.T) {
	const natives = "sh -c ': >here; exec cat f' & look $!\n{ : >here; cat f; } & look $!\n" +
		"{ : >here; sed s/a/b/ f; } & look $!\n"
	judge(t, row{script: "PROC=/proc\n" + titles + natives + "rm name-* one f\n"})
	if os.Geteuid() != 0 {
		kit.Missing(t, "root, to hide /proc")
	}
	judge(t, row{script: "cat >s <<'E'\nPROC=$PWD/proc\nmount -t proc p proc\n" +
		"mount -t tmpfs t /proc\n" + titles + "E\n" +
		"mkdir proc; unshare -m sh ./s; rmdir proc; rm name-* one f s\n"})
}
