package shell

import "testing"

// trapsRows are rows of TestTraps.
var trapsRows = scripts{
	`trap 'echo bye' EXIT; echo hi`,
	`trap 'echo bye' 0; exit 3`,
	`trap 'echo bye $?; exit 5' EXIT; exit 3`,
	`trap 'echo bye $?' EXIT; false`, `trap 'echo bye' EXIT; trap - EXIT; echo x`,
	`trap 'echo bye' EXIT; trap '' EXIT; echo x`,
	`trap 'echo a; false' EXIT; true`,
	`trap 'echo bye' EXIT; nosuch`,
	`trap 'echo bye $?' EXIT; set -e; false; echo no`,
	`trap 'echo bye $?' EXIT; echo ${x?}; echo no`,
	`trap 'echo bye $?' EXIT; set -Z; echo no`,
	`trap 'echo bye $?' EXIT; (`,
	`trap 'echo bye' EXIT; exec nosuch`,
	`trap 'echo bye' EXIT; f() { exit 4; }; f; echo no`,
	`trap 'echo bye' EXIT; for i in 1; do exit 6; done`,
	`trap 'echo bye' EXIT; kill -TERM $$; echo no`,
	`trap 'echo bye' EXIT; trap 'exit 9' TERM; kill -TERM $$; echo no`,
	`trap 'echo bye' EXIT; trap 'echo term' TERM; kill -TERM $$; echo yes`,
	`trap 'echo bye' EXIT; (echo in); (trap 'echo sub' EXIT; echo in2); ` +
		`x=$(trap 'echo cs' EXIT; echo v); echo "$x"; echo | cat; { echo bg; } & wait`,
	`trap 'echo a' USR1; kill -USR1 $$; echo b; kill -USR1 $$ ; trap 'echo c' USR1; ` +
		`kill -USR1 $$; trap '' USR1; kill -USR1 $$; echo ign; trap - USR1; ` +
		`kill -USR1 $$; echo no`,
	`trap 'echo a $?' USR1; false; kill -USR1 $$; echo $?; (exit 3); kill -USR1 $$; ` +
		`echo $?; f() { kill -USR1 $$; return 4; }; f; echo $?`,
	`trap 'echo a' USR1 USR2 HUP; kill -USR1 $$; kill -USR2 $$; kill -HUP $$; ` +
		`kill -s USR1 $$; kill -10 $$; kill -SIGUSR1 $$; kill -s SIGUSR1 $$; echo $?`,
	`trap 'echo x' INT; trap 'echo y' TERM; trap "echo 'q'" 0; trap; trap -- - INT; trap; ` +
		`trap INT TERM; trap; trap '' HUP; trap`,
	`trap 'echo a
echo b' USR1; trap; kill -USR1 $$; trap 'x="a b"; echo "$x"' USR1; trap; kill -USR1 $$; ` +
		`trap "" USR1; trap; trap -; trap 1; trap`,
	`trap 'echo t' USR1; (kill -USR1 $$; echo sub); echo main; x=$(kill -USR1 $$; ` +
		`echo cs); echo $x; { sleep .1; kill -USR1 $$; } & wait; wait; echo end`,
	`trap 'echo t' USR1; sh -c 'kill -USR1 $PPID'; echo after; /bin/kill -USR1 $$; ` +
		`echo after2`,
	`trap 'echo t' USR1; { sleep 0.1; kill -USR1 $$; sleep 0.1; } & p=$!; wait $p; ` +
		`echo $?; wait $p; echo $?`,
	`trap 'echo t' USR1; { sleep 0.1; kill -USR1 $$; } & sleep 0.3; echo after`,
	`trap 'echo t' USR1; while :; do kill -USR1 $$; echo in; break; done; for i in 1 2; ` +
		`do kill -USR1 $$; done; f() { kill -USR1 $$; echo f; }; f; if kill -USR1 $$; ` +
		`then echo y; fi`,
	`trap 'return 5' USR1; f() { kill -USR1 $$; echo no; }; f; echo $?`,
	`trap 'exit' USR1; (exit 3); kill -USR1 $$; echo no`,
	`trap 'exit 0' EXIT; exit 3`,
	`trap 'false; exit' EXIT; exit 3`, `trap 'exit 4' EXIT; trap; (exit 5); echo $?`,
	`trap '' TERM; sh -c 'kill -TERM $$; echo survived'; ` +
		`(sh -c 'kill -TERM $$; echo survived2'); trap 'echo t' TERM; ` +
		`sh -c 'kill -TERM $$; echo no'; echo $?; (trap - TERM; sh -c 'kill -TERM $$; ` +
		`echo no'; echo $?)`,
	`trap '' INT; sh -c 'trap "echo no" INT; kill -INT $$; echo ignored; trap'; ` +
		`trap 'echo here' INT; kill -INT $$`,
	`trap 'echo a' EXIT; trap 'echo b' EXIT; echo c`,
	`trap 'trap "echo second" EXIT; echo first' EXIT; exit 2`,
	`trap 'kill -TERM $$' EXIT; echo a`,
	`trap 'echo x >&2; exec echo y' EXIT; exit 3`, `trap "echo $$ | grep -c ." EXIT`,
	`f() { trap 'echo fexit' EXIT; }; f; echo after; (f; echo sub); echo main`,
	`trap 'echo w' WINCH; kill -WINCH $$; kill -CONT $$; kill -URG $$; echo ok`,
	`trap 'echo t1; kill -USR2 $$; echo t1end' USR1; trap 'echo t2' USR2; kill -USR1 $$; ` +
		`echo end`,
	`trap 'n=$((n+1))' USR1; for i in 1 2 3; do kill -USR1 $$; done; echo $n`,
	`trap 'echo kill' KILL; echo $?; trap 'x' STOP; echo $?; trap a SIGINT; echo $?; ` +
		`trap; trap a int; trap`,
	`trap 'echo alrm' ALRM; kill -ALRM $$; trap 'echo pipe' PIPE; kill -PIPE $$; ` +
		`trap 'echo quit' QUIT; kill -QUIT $$; trap 'echo tstp' TSTP; kill -TSTP $$; ` +
		`trap 'echo rt' 40; kill -40 $$; trap`,
}

// TestTraps judges traps (XCU 2.11 and 2.14 trap).
func TestTraps(t *testing.T) {
	quiet(t)
	same(t, trapsRows...)
}

// processesRows are rows of TestProcesses.
var processesRows = scripts{
	`sleep .2 & p=$!; while kill -0 $p 2>/dev/null; do :; done; wait $p; echo $?`,
	`(exit 3) & p=$!; until ! kill -0 $p 2>/dev/null; do :; done; wait $p; echo $?`,
	`(exit 3) & p=$!; f() { case a in a) while kill -0 $1 2>/dev/null; do case b in b) ;; ` +
		`esac; done;; esac; }; f $p; jobs; wait $p; echo $?`,
	`(exit 3) & p=$!; f() { kill -0 $p 2>/dev/null || return; ` +
		`[ $((n += 1)) -gt 500 ] || f; }; ` +
		`while n=0; f; [ -d /proc/$p ]; do :; done; wait $p; echo $?`,
	`sleep .2 & p=$!; (while kill -0 $p 2>/dev/null; do :; done); wait $p; echo $?`,
	`sleep .2 & p=$!; while kill -0 $p 2>/dev/null; do :; done | cat; wait $p; echo $?`,
	`sleep .2 & p=$!; : | while kill -0 $p 2>/dev/null; do :; done; wait $p; echo $?`,
	`sleep .2 & p=$!; sh -c "while kill -0 $p 2>/dev/null; do sleep .05; done"; ` +
		`wait $p; echo $?`,
	`sleep .2 & p=$!; sh -c "while kill -0 $p 2>/dev/null; do sleep .05; done" | cat; ` +
		`wait $p; echo $?`,
	`sleep .2 & p=$!; (while kill -0 $p 2>/dev/null; do sleep .05; done) & wait $!; ` +
		`echo $?; wait $p; echo $?`,
	`sleep .2 | (exit 4) & p=$!; while kill -0 $p 2>/dev/null; do :; done; wait $p; echo $?`,
	`trap 'echo t' USR1; { sleep .2; kill -USR1 $$; } & p=$!; ` +
		`while kill -0 $p 2>/dev/null; do :; done; wait $p; echo $?`,
	`(exit 3) & (exit 4) & while [ -d /proc/$! ]; do :; done; wait %1; echo $?; ` +
		`wait %2; echo $?`,
	`i=0; while [ $i -lt 20 ]; do sleep 100 & kill -9 $!; wait $!; echo $?; ` +
		`i=$((i+1)); done 2>/dev/null | uniq -c`,
	`(:; exec sleep 5) & p=$!; sleep .1; kill -0 $p && kill $p; wait $p; echo $?`,
	`{ sleep .1; kill -CONT $$; } & kill -s STOP $$; echo on`,
	`for s in TSTP TTIN TTOU; do { sleep .1; kill -CONT $$; } & kill -s $s $$; ` +
		`echo $s; wait; done`,
	`sleep 1 & p=$!; sleep .1; kill -0 $p && echo alive; [ -d /proc/$p ] && echo proc; ` +
		`tr '\0' ' ' < /proc/$p/cmdline; echo; kill $p; wait $p; ` +
		`[ -d /proc/$p ] || echo gone`,
	`sleep 1 & sleep 0.3; grep -E 'SigIgn|SigBlk|SigCgt' /proc/$!/status; kill $!; ` +
		`{ sleep 1; } & kill -0 $! && echo ok; sleep 0.3; ` +
		`grep -E 'SigIgn' /proc/$!/status | tail -c 3; kill $!`,
	`sleep 1 & readlink /proc/$!/fd/0; kill $!; sleep 1 < t.sh & readlink /proc/$!/fd/0; ` +
		`kill $!; sleep 1 | sleep 0.1 & wait`,
	`sleep 0.5 & sleep 0.5 & ps -o stat= --ppid $$ | grep -c Z; wait; true & sleep 0.7; ` +
		`true; ps -o stat= --ppid $$ | grep Z; echo done`,
	`sh -c 'sleep 0.3 & echo $! > pid'; p=$(cat pid); sleep .05; ` +
		`kill -0 $p && echo alive; tr '\0' ' ' < /proc/$p/cmdline; echo; rm pid; kill $p`,
	`sh -c '{ sleep 0.1; echo orphan > f; } & echo $! > pid'; kill -0 $(cat pid) && ` +
		`echo alive; sleep 0.4; cat f pid | head -n 1; rm pid`,
	`sleep 1 & p=$!; ps -o pgid= $p > a; ps -o pgid= $$ > b; cmp a b && echo same group; ` +
		`ps -o ppid= $p | tr -d ' ' > a; echo $$ > b; cmp a b && echo child; ` +
		`rm a b; kill $p`,
	`set -m; sleep 1 & p=$!; [ $(ps -o pgid= $p) = $p ] && echo own group; kill $p; ` +
		`wait $p 2>/dev/null; echo $?`,
	`cd /; sleep 1 & readlink /proc/$!/cwd; kill $!; ` +
		`(cd /usr; sleep 1 & readlink /proc/$!/cwd; kill $!); ` +
		`(cd /tmp; sh -c 'readlink /proc/$$/cwd'); cd /usr; readlink /proc/$$/cwd`,
	`f() { sleep 0.1; echo f $1; }; f a & wait; f b & wait; f c | cat & wait $!; echo $?; ` +
		`(f d &) ; sleep 0.4; { f e & wait; } | cat`,
	`(sleep 0.1; exit 3) & (sleep 0.05; exit 4) & wait; echo $?; wait $!; echo $?; ` +
		`for i in 1 2 3; do (exit $i) & done; wait $!; echo $?; i=0; while [ $i -lt 10 ]; ` +
		`do true & i=$((i+1)); done; wait; echo $i`,
	`kill -l 9; kill -l 137; kill -l 15; kill -l 1; kill -l; kill -l 0; kill -l 99; ` +
		`kill -l x`,
	`sleep 5 & kill -0 $!; echo $?; kill -HUP $!; wait $!; echo $?; ` +
		`kill -0 $! 2>/dev/null; echo $?; kill $! ; echo $?; kill 0x; kill -9; kill -s; ` +
		`kill -s TERM; kill -s FOO 1`,
	`sleep 0.1 & sleep 5 & kill $!; wait %2; echo $?; kill %9; echo $?; wait %9; echo $?`,
}

// TestProcesses judges our processes as other processes see them.
func TestProcesses(t *testing.T) {
	quiet(t)
	same(t, processesRows...)
}

// TestDotInSubshells judges files that a subshell reads by dot and that may need a process.
func TestDotInSubshells(t *testing.T) {
	same(t,
		`echo 'trap "echo t" USR1; sh -c "kill -USR1 \$PPID"; trap - USR1' > s1
(. ./s1; echo $?); x=$(. ./s1); echo $x; . ./s1 | cat; v=./s1; (. "$v"); (command . $v); `+
			`PATH=.:$PATH; (. s1)`,
		`echo '. ./s2' > s1; echo 'f() { ulimit -n 50; }; f; ulimit -n' > s2; (. ./s1); `+
			`x=$(ulimit -n); [ "$x" = 50 ] || echo other`,
		`echo 'umask 077; umask' > s1; (. ./s1); umask; f() { . ./s1; }; (f); umask; `+
			`(. ./nosuch); echo $?; (eval . ./s1); umask`,
		`echo 'nosuchc; { nosuchc; } & wait; x=$(nosuchc)' > s1; . ./s1 2>&1; `+
			`eval '{ nosuchc; } & wait' 2>&1`,
		`(. "${+x}"; echo no); echo $?; (. ./"${x%"a"}nope"); echo $?; `+
			`x=$(. "$(echo ./nope)"); echo $?`,
		`(cat > s1 <<'X'
trap 'echo u' USR1; kill -USR1 $(sh -c 'echo $PPID'); echo in
X
. ./s1; echo $?)`,
		`echo 'f() { trap "echo t" USR1; sh -c "kill -USR1 \$PPID"; }' > s1; (. ./s1; f; `+
			`echo $?); echo 'x=1; echo $x' > s2; echo $(. ./s2) $x`)
}
