package shell

import "testing"

// forEach begins rows that run prefix commands in front of words: the first of these words is
// a command with its own message and status for a program that cannot be executed.
const forEach = "LC_ALL=C; export LC_ALL; r() { for c in env nice nohup setsid 'timeout 5' " +
	"unshare " +
	"'unshare -m' 'setpriv --nnp' 'flock .'; do $c \"$@\" </dev/null; echo $?; done 2>&1; " +
	"\"$@\"; echo $?; }; "

// long begins rows with a name of that many bytes in n.
func long(bytes string) string { return "n=$(head -c " + bytes + " /dev/zero | tr '\\0' a); " }

// TestMissing judges programs that cannot be executed: the error that counts when several
// directories are searched, the message and the status.
func TestMissing(t *testing.T) {
	same(t,
		forEach+": >f; r ./f/x; exec ./f/x",
		forEach+": >f; /usr/sbin/chroot / ./f/x; nsenter -m/proc/self/ns/mnt ./f/x; echo $?",
		forEach+"ln -s l l; r ./l; r ./l/x; exec ./l",
		forEach+long("300")+"r ./$n; r $n; exec $n",
		forEach+long("5000")+"r ./$n; r $n",
		forEach+": >f; PATH=$PATH:$PWD/f; r nosuch; PATH=$PWD/f:$PATH; r nosuch; exec nosuch",
		forEach+"ln -s l l; PATH=$PWD/l:$PATH; r nosuch; PATH=$PWD:$PATH; r l; exec l",
		forEach+long("5000")+"PATH=/$n:$PATH; r nosuch; r nl /dev/null",
		forEach+"mkdir d; PATH=$PWD:$PATH; r d; r ./d; r ''",
		forEach+"echo '#!/nosuch' >f; chmod +x f; r ./f; PATH=$PWD:$PATH; r f",
		forEach+"echo '#!/etc/passwd/x' >f; chmod +x f; r ./f; PATH=$PWD:$PATH; r f; PATH=$PATH:.; r f",
		forEach+"mkdir -p a b/x; : >a/x; PATH=$PWD/a:$PWD/b:$PATH; env x; nice x; unshare -m x; echo $?",
		"mkdir d; mkdir -m 700 d/no; PATH=$PWD/d/no:$PATH; chmod 755 .; "+
			"setpriv --reuid 65534 --clear-groups sh -c 'nosuch; echo $?; no/x; echo $?; (exec nosuch); "+
			"echo $?; command -v nosuch; env nosuch; echo $?'",
	)
}

// TestBinaries judges programs that execve(2) refuses since they have no known format.
func TestBinaries(t *testing.T) {
	const run = "t() { printf \"$1\" >f; chmod +x f; ./f a; echo $?; env ./f a; echo $?; }; "
	same(t,
		run+`t 'a\0b'; t 'echo hi\0b\necho ho\n'; t '\0'; t '\177ELF'; t 'echo $0; exit 3\n\0\0'`,
		run+`t '\n\0echo $0\n'; t '\177ELF\002\001\nx\n'; t ''; t '\n'; t '\r\0\n'; t '\001\n'`,
		"for i in $(seq 0 255); do printf \": $(printf '\\\\%03o' $i)\\n\" >f; chmod +x f; "+
			"./f >/dev/null 2>&1 || echo $i $?; done",
		"for n in 1 100 125 126 127 128 129 130 250 4096; do { printf ':%*s' $n; printf "+
			"'\\001\\n'; } >f; "+
			"chmod +x f; ./f; echo $n $?; done",
		"cp /bin/true f; printf '\\377\\0' | dd of=f bs=1 seek=18 conv=notrunc 2>/dev/null; ./f; "+
			"echo $?; "+
			"PATH=.:$PATH; f; echo $?; f & wait $!; echo $?; (f); echo $?; exec f",
	)
}

// TestFirstLine judges what the kernel makes of the first line of a script.
func TestFirstLine(t *testing.T) {
	const run = "t() { printf \"$1\" >f; chmod +x f; ./f a; echo $?; env ./f a; echo $?; }; "
	const lengths = "for n in 200 242 243 244 245 246 247 248 249 250 251 252 253 254 255 256 " +
		"300; do " +
		"p=$(printf \"%${n}s\"); s=$(echo \"$p\" | tr ' ' /); for t in "
	const each = `; do eval "printf '%b' \"$t\"" >f; chmod +x f; ./f; echo $?; done; done 2>&1 ` +
		`| tr -s /`
	same(t,
		run+`t '#!/bin/sh -x\0\necho hi\n'; t '#!/bin/sh -x -e\necho hi\n'; t '#!/bin/sh\t-x `+
			`\necho hi\n'`,
		run+`t '#!/bin/sh\r\necho hi\n'; t '#!/bin/sh -e\r\necho hi\n'; t '#!\0/bin/sh\necho hi\n'; `+
			`t '#!/bin/sh \v-x\necho hi\n'`,
		run+`t '#!\necho hi\n'; t '#! \t\necho hi\n'; t '#!/bin/sh'; t '#!'; t '#! '; t '#!\0'; `+
			`t '#!/bin/sh '; t '#!/bin/sh \n'`,
		run+`t '#!/bin/sh\0\necho hi\n'; t '#!/bin/sh -e\0-x\necho $-\n'; t '#!/bin/sh \0-x\necho `+
			`$-\n'; `+
			`t '#!/bin/sh\0 -x\necho $-\n'`,
		run+`t '#!/bin/sh -\necho $-\n'; t '#!/bin/sh --\necho $-\n'; t '#!/bin/sh -- \necho $-\n'; `+
			`t '#!/bin/sh -\377\necho hi\n'; t '#!/bin/sh -Z\n'; t '#!/bin/sh -o\n'; t '#!/bin/sh x\n'`,
		lengths+`'#!/bin${s}sh\\necho hi\\n' '#!/bin/sh -$s\\necho hi\\n' '#!/bin${s}sh -e\\necho `+
			`$-\\n' `+
			`'#!/bin${s}sh'`+each,
		lengths+`'#!$p/bin/sh\\necho hi\\n' '#!/bin/sh$p-e\\necho \\044-\\n' '#!$p\\necho hi\\n'`+each,
	)
}

// TestNoText judges options that are no characters, in messages.
func TestNoText(t *testing.T) {
	same(t,
		"for c in set export alias cd read command printf kill jobs wait umask ulimit hash; do "+
			"(eval \"$c -$(printf '\\303\\251')x\"); (eval \"$c -$(printf '\\377')\"); echo $?; done 2>&1",
		"a=$(printf '\\377'); getopts ab x -$a; echo $x $OPTARG; kill -$a 1; kill -l$a; sh -$a; sh -c$a",
	)
}

// TestBehind judges what prefix commands do for those behind them: the order in which things
// fail, the directory, and the rights.
func TestBehind(t *testing.T) {
	quiet(t)
	const commands = "; do for b in 'env -i' 'env -i A=1' 'env -u A=' setsid nohup flock " +
		"setpriv timeout " +
		"'nice -n x' nice nosuch ./nosuch 'nsenter -m' 'nsenter -m/nosuch true' 'unshare --nosuch' " +
		"'flock /nosuch/f true' '/usr/sbin/chroot /nosuch true' true 'setpriv --reuid nosuch true' " +
		"'nohup nosuch' 'env -C /nosuch true'; do $a $b; echo $?; done; done 2>&1 </dev/null"
	const english = "LC_ALL=C; export LC_ALL; "
	const programs = "mkdir d; cp /usr/bin/nl d/nl1; printf '#!/bin/sh\\necho s $0 $PWD\\n' >d/s; " +
		"echo 'echo t $0 $PWD' >d/t; chmod +x d/*; "
	const nobody = "chmod 755 .; " + programs + "u='setpriv --reuid 65534 --clear-groups'; "
	const each = "for c in '' env nice nohup 'setsid -w' 'timeout 5' unshare 'setpriv --nnp' " +
		"'flock .'; do "
	same(t,
		english+"for a in 'setsid -wc' 'nsenter -i/dev/null' 'env -C /nosuch'"+commands,
		english+"for a in 'setpriv --reuid 65534 unshare -m' '/usr/sbin/chroot /nosuch' "+
			"'env --ignore-signal=KILL'"+commands,
		english+"for a in 'setpriv --bounding-set -all unshare -m'"+commands,
		english+"for a in 'setsid -w' 'unshare -u' 'setpriv --nnp' 'env -C /'"+commands,
		english+"for a in 'nsenter -n/proc/self/ns/net' nohup nice 'unshare -f'"+commands,
		english+"for a in 'unshare -pf' 'setpriv --reuid 65534 --clear-groups'"+commands,
		// the directory
		programs+"for c in '' env nohup nice 'setsid -w' 'unshare -f' 'setpriv --nnp' 'flock .'; do "+
			"for p in nl1 s t; do env -C d $c ./$p /dev/null; PATH=.:$PATH env -C d $c $p /dev/null; "+
			"nsenter -wd $c ./$p /dev/null; done; done 2>&1",
		programs+"cp d/nl1 nl2; env -C d ../nl2 /dev/null; echo $?; env -C d ./nl2; echo $?; "+
			"PATH=.:$PATH env -C d nl2; echo $?; env -C d d/nl1; echo $?",
		// the rights
		nobody+"chmod 700 d/*; "+each+"for p in nl1 s t; do $u $c d/$p /dev/null; echo $?; "+
			"PATH=$PWD/d:$PATH $u $c $p /dev/null; echo $?; done; done 2>&1",
		nobody+"chmod 700 d; "+each+"for p in nl1 s t nosuch; do $u $c d/$p /dev/null; echo $?; "+
			"PATH=$PWD/d:$PATH $u $c $p /dev/null; echo $?; done; done 2>&1",
		nobody+"cp d/nl1 d/nl; chmod 700 d/nl; PATH=$PWD/d:$PATH; "+each+"$u $c nl /dev/null; echo "+
			"$?; done",
		"for b in -all -sys_admin -all,+sys_admin -kill; do for c in '' env nohup 'unshare -m' "+
			"'setsid -w' "+
			"'env setsid -w unshare -m'; do for i in '' '--inh-caps +all' '--inh-caps -all,+sys_admin' "+
			"'--inh-caps +all --ambient-caps +all'; do setpriv --bounding-set $b $i $c nl "+
			"/proc/self/status 2>&1 | grep -e Cap -e perm; done; done; done",
		"u='setpriv --reuid 65534 --clear-groups'; $u unshare -m true; echo $?; $u env nl "+
			"/proc/self/status | "+
			"grep Cap; $u --inh-caps +chown --ambient-caps +chown env nl /proc/self/status | grep Cap",
	)
}

// TestChildIgnored judges commands that start with SIGCHLD ignored: what those behind them have,
// and whether they get a status of their child.
func TestChildIgnored(t *testing.T) {
	const each = "for c in 'timeout 5' 'setsid -w' setsid 'setsid -fw' 'unshare -f' unshare " +
		"'unshare -fp --kill-child' 'flock .' 'flock -F .' 'nsenter -p/proc/self/ns/pid' " +
		"'nsenter -F -p/proc/self/ns/pid' 'nsenter -i/proc/self/ns/ipc' nice nohup " +
		"'setpriv --nnp' '/usr/sbin/chroot /' 'nice nice' 'nice unshare -f' '/usr/sbin/chroot / " +
		"nice'; do "
	same(t,
		each+"env --ignore-signal=CHLD $c grep SigIgn /proc/self/status 2>&1; done",
		each+"env --ignore-signal=CHLD $c nl /proc/self/status 2>&1 | grep SigIgn; done",
		each+"env --ignore-signal=CHLD $c sh -c 'exit 3' 2>&1; echo $?; "+
			"env --ignore-signal=CHLD $c nl /nosuch 2>&1; echo $?; done",
		"env --ignore-signal=CHLD sh -c 'nl /nosuch; echo $?; (exit 3); echo $?; sleep 0 & wait $!; "+
			"echo $?; grep SigIgn /proc/self/status; exec grep SigIgn /proc/self/status'",
		"env --ignore-signal=CHLD xargs grep SigIgn /proc/self/status </dev/null; "+
			"env --ignore-signal=CHLD find /proc/self/status -exec grep SigIgn '{}' ';'",
	)
}

// TestSetsidTells judges what setsid says of a command that a signal has ended.
func TestSetsidTells(t *testing.T) {
	const tells = "cat >c; for l in C C.UTF-8 POSIX; do export LC_ALL=$l; sh ./c 2>&1 | " +
		"sed 's/child [0-9]* /child N /'; done"
	for _, command := range []string{
		"setsid -fw sh -c 'kill -KILL $$'; echo $?; setsid -fw sh -c 'kill -TERM $$'; echo $?",
		"setsid -w sh -c 'kill -KILL $$'; echo $?; setsid -fw sh -c 'exit 77'; echo $?",
		"env --ignore-signal=CHLD setsid -fw true; echo $?; setsid -fw nosuch; echo $?",
		"setsid -fw sh -c 'kill -SEGV $$' 2>&-; echo $?; setsid -fw sh -c 'kill $$' 2>/dev/full; " +
			"echo $?",
		"setsid -fw sh -c 'ulimit -c 0; kill -QUIT $$'; echo $?",
		"setsid -fw sh -c 'echo $$ >p; kill -INT $$' 2>m; grep -c \" child $(cat p) \" m; rm m p",
	} {
		judge(t, row{script: tells, stdin: command + "\n"})
	}
}

// TestDotName judges the name by which messages call a dot script that PATH leads to.
func TestDotName(t *testing.T) {
	same(t,
		"mkdir d; cd d; echo 'nosuch; . ./e; x() { nosuch; }; x; ${x?}' >s; echo nosuch >e; "+
			"PATH=$PWD:$PATH; . s; echo $?",
		"mkdir d; echo 'nosuch; echo $0; ${x?msg}' >d/s; PATH=$PWD//d/:$PATH; . s; echo $?",
		"mkdir d; echo 'if' >d/s; PATH=d:$PATH; . s; echo $?",
		"mkdir d; echo '. t; nosuch1' >d/s; echo 'nosuch2; read -Z; printf %d x' >d/t; "+
			"PATH=$PWD/d:$PATH; . s; (. s); nosuch; . nosuch",
		"echo nosuch >s; PATH=:$PATH; . s; PATH=.:$PATH; . s; (. s; :) & wait; a=$(. s 2>&1); echo $a",
	)
}

// TestMask judges the signals that are blocked behind a shell that was started with some of
// them blocked: dash unblocks them when it forks, and not for exec.
func TestMask(t *testing.T) {
	const make = "echo 'exec nl /proc/self/status' >e; echo 'nl /proc/self/status' >f; " +
		"printf '#!/bin/sh\\nexec nl /proc/self/status' >g; echo '. ./e' >h; chmod +x e f g h; " +
		"for p in '' nice nohup 'setsid -w' 'unshare -f' 'flock .' 'timeout 5' exec 'setpriv --nnp'; do "
	const show = "(case $p in exec) p= ; exec env --block-signal=TERM,USR1 $c ;; esac; " +
		"env --block-signal=TERM,USR1 $p $c) </dev/null 2>&1 | grep SigBlk; done; done"
	same(t,
		make+"for c in ./e ./f ./g ./h 'sh e' 'sh f' 'sh h' 'sh -e e' 'sh -e f'; do "+show,
		make+"for c in 'sh -c \\../e' 'sh -c \\../f' 'sh ./g'; do "+show,
		"for c in 'cd /;' ':|:;' 'f() { exec nl /proc/self/status; }; f;' 'eval exec nl "+
			"/proc/self/status;' "+
			"'exec 3<.;' '(:);' ':&' 'a=$(:);' 'umask 22;' 'kill -0 $$;' 'sh -c :;' 'exec sh -c :;'; do "+
			"env --block-signal=INT sh -c \"$c exec nl /proc/self/status\" | grep SigBlk; "+
			"echo \"$c exec nl /proc/self/status\" | env --block-signal=INT sh | grep SigBlk; done",
	)
}
