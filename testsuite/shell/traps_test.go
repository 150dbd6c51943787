package shell

import "testing"

// trapActionsRows are rows of TestTrapActions.
var trapActionsRows = scripts{
	`trap; echo $?`,
	`trap 'echo a' 1 2 3 15; trap`,
	`for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 ` +
		`28 29 30 31 32 33 34 35 49 50 63 64 65 66; do trap "echo $i" $i; ` +
		`echo $i $?; done; trap; trap - 0`,
	`for s in EXIT HUP INT QUIT ILL TRAP ABRT IOT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM ` +
		`TERM STKFLT CHLD CLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO ` +
		`POLL PWR SYS RTMIN RTMIN+1 RTMAX RTMAX-1 ERR DEBUG; do trap "echo $s" $s; ` +
		`echo $s $?; done; trap; trap - EXIT`,
	`for s in exit hup int SIGINT SIGHUP sigterm SIGEXIT Term 01 002 '' ' ' 1x -1 +1; ` +
		`do trap "echo $s" "$s"; echo "$s" $?; done; trap; trap - 0`,
	`trap 'echo a' HUP; trap HUP; trap`,
	`trap 'echo a' HUP INT; trap 1 2; trap`,
	`trap 'echo a' HUP INT; trap 1 INT; trap`,
	`trap 'echo a' HUP INT; trap HUP INT; trap; kill -INT $$`,
	`trap 'echo a' HUP INT TERM; trap - HUP INT; trap`,
	`trap 'echo a' HUP; trap - ; echo $?; trap`,
	`trap -; echo $?`,
	`trap ''; echo $?`,
	`trap foo; echo $?`,
	`trap 99; echo $?`,
	`trap - 99; echo $?`,
	`trap -- 'echo a' HUP; trap --; trap -- - HUP; trap`,
	`trap -- -- HUP; trap`,
	`trap -q; echo $?`,
	`trap -x HUP; echo no`,
	`trap -1 HUP; echo no`,
	`trap 'a' FOO; echo $?`,
	`trap 'a' HUP FOO INT; echo $?; trap`,
	`trap 'echo a' HUP; trap - FOO; echo $?; trap`,
	`trap '' HUP; trap; trap - HUP; trap`,
	"trap \"echo it's\" HUP; trap \"it''s\" INT; trap \"'\" QUIT; trap \"'a'\" TERM; " +
		"trap \"a'b\\\"c\\$d\\`e\\\\f\" USR1; trap",
	"trap 'echo a\necho b' HUP; trap; trap \"\ttab\" INT; trap '' QUIT; trap ' ' TERM; " +
		"trap; kill -TERM $$; echo $?",
	`trap 'echo bye' EXIT; exit 3`,
	`trap 'echo bye $?' EXIT; exit 3`,
	`trap 'echo bye $?' EXIT; (exit 4)`,
	`trap 'echo bye $?; exit 7' EXIT; exit 3`,
	`trap 'echo bye $?; exit' EXIT; exit 3`,
	`trap 'false; exit' EXIT; exit 3`,
	`trap 'false' EXIT; exit 3`,
	`trap '(exit 9)' EXIT; true`,
	`trap 'return 9' EXIT; exit 3`,
	`f() { trap 'return 9; echo no' EXIT; exit 3; }; f`,
	`trap 'echo bye; nosuch' EXIT; exit 3`,
	`trap 'echo bye; ${x?}; echo no' EXIT; exit 3`,
	`trap 'echo bye; (' EXIT; exit 3`,
	`trap 'set -e; false; echo no' EXIT; exit 3`,
	`set -e; trap 'false; echo no' EXIT; exit 3`,
	`set -e; trap 'echo bye $?' EXIT; false; echo no`,
	`set -e; trap 'echo bye $?' EXIT; (exit 5); echo no`,
	`set -u; trap 'echo bye $?' EXIT; echo $x; echo no`,
	`trap 'echo bye $?' EXIT; readonly x; x=1; echo no`,
	`trap 'echo bye $?' EXIT; . ./nosuch; echo no`,
	`trap 'echo bye $?' EXIT; set -o nosuch; echo no`,
	`trap 'echo bye $?' EXIT; : < nosuch; echo no`,
	`trap 'echo bye $?' EXIT; eval '('; echo no`,
	`trap 'echo bye $?' EXIT; echo $((1/0)); echo no`,
	`trap 'echo bye $?' EXIT; exec true; echo no`,
	`trap 'echo bye $?' EXIT; exec nosuch; echo no`,
	`trap 'echo bye $?' EXIT; exec ./t.sh; echo no`,
	`trap 'echo bye $?' EXIT; exec; echo yes`,
	`trap 'echo bye $?' EXIT; echo 'exit 4' > f; . ./f; echo no`,
	`trap 'echo bye $?' EXIT; echo 'trap "echo dot $?" EXIT' > f; . ./f; echo yes`,
	`trap 'echo bye $?' EXIT; f() { exit 4; }; f; echo no`,
	`f() { trap 'echo bye $?' EXIT; return 4; }; f; echo yes $?`,
	`f() { trap 'echo bye $?' EXIT; }; (f; exit 3); echo $?`,
	`f() { trap 'echo bye $?' EXIT; exit 3; }; x=$(f); echo $? "$x"`,
	`(trap 'echo bye $?' EXIT; exit 3); echo $?`,
	`(trap 'echo bye $?' EXIT; false); echo $?`,
	`(trap 'echo bye $?; exit 8' EXIT; exit 3); echo $?`,
	`x=$(trap 'echo bye $?' EXIT; exit 3); echo $? "$x"`,
	`{ trap 'echo bye $?' EXIT; exit 3; } | cat; echo $?`,
	`cat /dev/null | { trap 'echo bye $?' EXIT; exit 3; }; echo $?`,
	`{ trap 'echo bye $?' EXIT; exit 3; } & wait $!; echo $?`,
	`(trap 'echo bye $?' EXIT; exec true); echo $?; (trap 'echo bye $?' EXIT; ` +
		`exec nosuch); echo $?`,
	`(trap 'echo bye' EXIT; kill -TERM $(exec sh -c 'echo $PPID')); echo $?`,
	`trap 'echo bye' EXIT; kill -TERM $$; echo no`,
	`trap 'echo bye' EXIT; kill -KILL $$; echo no`,
	`trap 'echo bye $?' EXIT; trap 'echo t; exit 9' TERM; kill $$; echo no`,
	`trap 'echo bye $?' EXIT; trap 'echo t; exit' TERM; (exit 3); kill $$; echo no`,
	`trap 'echo bye $?' EXIT; trap 'exit' TERM; (exit 3); echo $?; kill $$; echo no`,
	`trap 'echo $?' USR1; (exit 3); kill -USR1 $$; echo $?`,
	`trap '(exit 5)' USR1; kill -USR1 $$; echo $?`,
	`trap 'echo t $?' USR1; false; kill -USR1 $$; false || kill -USR1 $$; ` +
		`if kill -USR1 $$; then echo y $?; fi`,
	`trap 'echo one' USR1; trap 'echo two' USR2; (kill -USR2 $$; kill -USR1 $$); ` +
		`:; echo end`,
	`trap 'echo one' HUP; trap 'echo two' TERM; sh -c "kill -TERM $$; kill -HUP $$"; ` +
		`:; echo end`,
	`trap 'echo t' USR1; sh -c 'kill -USR1 $PPID; sleep 0.1; echo child'; echo after`,
	`trap 'echo t' USR1; (sh -c "kill -USR1 $$"; echo sub); echo after`,
	`trap 'echo t' USR1; x=$(sh -c "kill -USR1 $$"; echo sub); echo $x`,
	`trap 'echo t' USR1; sh -c "kill -USR1 $$" | cat; echo after`,
	`trap 'echo t' USR1; sh -c "kill -USR1 $$; echo x" | { read y; echo $y; }; echo after`,
	`trap 'echo t' USR1; kill -USR1 $$ | cat; echo after`,
	`trap 'echo t' USR1; { kill -USR1 $$; echo in; }; echo after; ` +
		`kill -USR1 $$ && echo and; kill -USR1 $$; kill -USR1 $$; echo end`,
	`trap 'echo t' USR1; f() { kill -USR1 $$; echo f; }; f; f | cat; x=$(f); echo $x`,
	`trap 'echo t; trap - USR1' USR1; kill -USR1 $$; trap`,
	`trap 'trap "echo new" USR1; echo old' USR1; kill -USR1 $$; kill -USR1 $$`,
	`trap 'kill -USR1 $$' USR2; trap 'echo u1' USR1; kill -USR2 $$; echo end`,
	`trap 'echo in; kill -USR1 $$; echo out' USR1; n=0; trap 'n=$((n+1)); ` +
		`[ $n -lt 3 ] && kill -USR1 $$; echo $n' USR1; kill -USR1 $$; echo end`,
	`trap 'echo a; exit 1' EXIT; trap 'echo b; exit 2' TERM; kill $$`,
	`trap 'exec echo gone' EXIT; exit 3`,
	`trap 'exec echo gone' TERM; kill $$; echo no`,
	`trap 'break' USR1; for i in 1 2 3; do echo $i; kill -USR1 $$; done; echo end`,
	`trap 'continue' USR1; for i in 1 2 3; do kill -USR1 $$; echo no; done; echo end`,
	`f() { trap 'return 3' USR1; kill -USR1 $$; echo no; }; f; echo $?`,
	`f() { trap 'return' USR1; (exit 4); kill -USR1 $$; echo no; }; f; echo $?`,
	`f() { trap 'return' USR1; false; kill -USR1 $$; echo no; }; f; echo $?`,
	`trap 'return 3' USR1; kill -USR1 $$; echo no`,
	`trap 'x=2' USR1; x=1; kill -USR1 $$; echo $x; x=3 kill -USR1 $$; echo $x`,
	`trap 'set -- a b' USR1; kill -USR1 $$; echo $#; f() { kill -USR1 $$; echo $#; }; ` +
		`f 1; echo $#`,
	"trap 'nosuch' USR1\n\nkill -USR1 $$; echo $?",
	`trap 'echo ${x?}; echo no' USR1; kill -USR1 $$; echo no`,
	`trap 'if' USR1; kill -USR1 $$; echo no`,
	`set -e; trap 'false; echo no' USR1; kill -USR1 $$; echo no`,
	`trap '' TERM; kill $$; echo $?; sh -c 'kill $$; echo alive'; (kill $$; echo alive2)`,
	`trap '' TERM; sh -c 'trap - TERM; kill $$; echo alive; trap "echo no" TERM; kill $$; ` +
		`echo alive; trap'`,
	`trap '' TERM; (trap - TERM; sh -c 'kill $$; echo no'; echo $?)`,
	`trap '' TERM; trap - TERM; sh -c 'kill $$; echo no'; echo $?`,
	`trap '' INT QUIT; sh -c 'trap'; sh -c 'trap "echo x" INT; trap; kill -INT $$; echo ok'`,
	`trap 'echo t' CHLD; sh -c :; (exit 3); echo end; x=$(:); echo end2; ` +
		`sh -c : | sh -c :; echo end3`,
	`trap 'echo t' CHLD; sh -c : & wait; echo end`,
	`trap 'echo t' INT; sh -c 'kill -INT $PPID'; echo end; sh -c 'kill -INT $$'; echo $?`,
	`trap '' HUP; (trap); trap & wait; sh -c trap; trap | cat`,
}

// TestTrapActions judges trap, and the actions of signals and EXIT (XCU 2.11 and 2.14, trap).
func TestTrapActions(t *testing.T) {
	quiet(t)
	same(t, trapActionsRows...)
	judge(t, row{standard: "XCU 2.14 trap, without operands in a subshell",
		script: `trap 'echo a' HUP; (trap); x=$(trap); eval "$x"; trap; (trap - INT; trap; ` +
			`echo none); (trap 'echo b' INT; trap)`})
}

// TestTrapsWhileOpening judges a trap that runs while the shell waits for the other end of a
// FIFO. The shell then waits on, where dash gives up with an error.
func TestTrapsWhileOpening(t *testing.T) {
	quiet(t)
	judge(t, row{script: `exec 2>/dev/null; mkfifo f; trap 'echo t; exit 5' USR1; { sleep .1; ` +
		`kill -USR1 $$; } & read x <f; echo no`})
}

// TestTrapsWhileWaiting judges signals that arrive while the shell waits.
func TestTrapsWhileWaiting(t *testing.T) {
	quiet(t)
	same(t,
		`trap 'false; return' USR1; f() { sh -c "kill -USR1 $$; exit 3"; }; f; echo $?`,
		`trap 'false; return' USR1; sh -c "kill -USR1 $$; exit 3"; echo no`,
		`trap 'false; return 4' USR1; f() { sh -c "kill -USR1 $$; exit 3"; }; f; echo $?`,
		`trap 'g; return' USR1; g() { false; return; }; f() { sh -c "kill -USR1 $$; exit 3"; `+
			`}; f; echo $?`,
		`trap 'g' USR1; g() { (exit 6); return; }; f() { sh -c "kill -USR1 $$; exit 3"; `+
			`echo $?; }; f; echo $?`,
		`trap 'false; exit' USR1; f() { sh -c "kill -USR1 $$; exit 3"; }; f; echo no`,
		`echo 'sh -c "kill -USR1 $$; exit 3"; echo no' >s; trap 'false; return' USR1; `+
			`. ./s; echo $?`,
		`trap exit TERM; { sleep .1; kill -TERM $$; } & while continue; do :; done`,
		`trap exit TERM; { sleep .1; kill -TERM $$; } & until continue; do :; done`,
		`trap exit TERM; { sleep .1; kill -TERM $$; } & while :; do continue; done`,
		`trap exit TERM; { sleep .1; kill -TERM $$; } & while :; do while continue 2; `+
			`do :; done; done`,
		`trap exit TERM; { sleep .1; kill -TERM $$; } & while :; do for i in 1 2; `+
			`do continue 2; done; done`,
		`trap exit TERM; { sleep .1; kill -TERM $$; } & f() { continue; }; while f; do :; done`,
		`trap exit TERM; { sleep .1; kill -TERM $$; } & while ! eval continue; do :; done`,
		`trap 'echo t' USR1; for i in 1 2 3; do kill -USR1 $$; continue; done; echo end`,
		`trap 'echo t' USR1; for i in 1 2 3; do kill -USR1 $$ && break; done; echo end`,
		`trap 'n=$((n+1))' URG; n=0 i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; `+
			`echo $n; kill -URG $$; echo $n; sh -c "kill -URG $$"; echo $n; `+
			`sleep 5 & kill -URG $!; echo $n; kill $!`,
		`trap 'echo t' PIPE; kill -PIPE $$; trap - PIPE; (sh -c 'kill -PIPE $$'; echo $?); `+
			`kill -PIPE $$; echo no`,
		`trap 'echo t' PIPE; trap - PIPE; { seq 1 100000; echo $? >&2; } | true; `+
			`yes | head -n 1; kill -s PIPE $$; echo no`,
		`for s in ILL TRAP ABRT BUS FPE SEGV 16 PROF SYS 32 33 34 64; `+
			`do sh -c "kill -$s \$\$; echo no"; echo $s $?; done 2>&1`,
		`for s in ILL TRAP ABRT BUS FPE SEGV 16 PROF SYS 34 64; do trap "echo $s" $s; `+
			`kill -$s $$; trap '' $s; kill -$s $$; sh -c "kill -$s \$\$; echo on"; done; `+
			`kill -SEGV $$; trap - SEGV; kill -SEGV $$; echo no`,
		`trap 'echo t' USR1 USR2; sh -c "kill -USR1 $$; kill -USR2 $$; kill -USR1 $$"; `+
			`echo on; (sh -c "kill -USR2 $$"; echo sub); echo end`,
		`mkfifo f; trap 'echo t' USR1; { exec 3>f; sh -c "kill -USR1 $$"; sleep 0.3; `+
			`echo line >&3; } & read x < f; echo $? $x`,
		`mkfifo f; trap 'echo t' USR1; { exec 3>f; printf ab >&3; sleep 0.1; `+
			`sh -c "kill -USR1 $$"; sleep 0.3; echo line >&3; } & exec 4<f; read x <&4; `+
			`echo $? $x`,
		`mkfifo f; trap 'exit 4' USR1; { exec 3>f; sh -c "kill -USR1 $$"; sleep 0.3; `+
			`echo line >&3; } & read x < f; echo $? $x`,
		`trap 'echo t' USR1; { sleep 0.1; sh -c "kill -USR1 $$"; sleep 0.3; `+
			`} & x=$(sleep 0.4; echo a); echo $x`,
		`trap 'exit 3' USR1; { sleep 0.1; sh -c "kill -USR1 $$"; } & sleep 0.4; echo no`,
		`trap 'echo t' USR1; { sleep 0.1; sh -c "kill -USR1 $$"; } & i=0; `+
			`while [ $i -lt 30 ]; do sleep 0.01; i=$((i+1)); done; echo $i`,
		`{ sleep 0.1; kill -USR1 $$; } & sleep 0.4; echo no`,
		`{ sleep 0.1; kill -TERM $$; } & (sleep 0.4; echo sub); echo no`,
		`trap '' USR1; { sleep 0.1; kill -USR1 $$; } & sleep 0.2; echo yes`,
	)
}
