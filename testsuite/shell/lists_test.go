package shell

import "testing"

// TestPipelines judges pipelines (XCU 2.9.2).
func TestPipelines(t *testing.T) {
	same(t,
		`echo a | cat; echo a | cat | tr a b | cat; false | true; echo $?; true | false; `+
			`echo $?; (exit 3) | (exit 4); echo $?`,
		`! true | false; echo $?; ! false | true; echo $?; exit 3 | true; echo here; `+
			`true | exit 5; echo $?`,
		`x=1; echo y | x=2; echo $x; echo y | read x; echo $x; echo y | { read x; echo $x; }; `+
			`x=3 | true; echo $x`,
		`cd / | true; pwd | grep -c DIR; true | cd /; [ -f t.sh ] && echo still; `+
			`set -f | cat; echo $-`,
		`f() { echo "f $1"; cat; }; echo in | f a | f b; f c < /dev/null | sort`,
		`echo a | while read x; do echo "<$x>"; done; seq 3 | while read i; `+
			`do echo $((i*2)); done | sort -r; for i in 1 2 3; do echo $i; done | (cat)`,
		`echo a |
cat |
# comment
cat; { echo a; echo b >&2; } 2>&1 | sort; { echo a | cat >&2; } 2>&1 | cat`,
		`trap 'echo exit' EXIT; echo a | cat; (echo b) | cat; true | (trap 'echo in' EXIT; `+
			`true)`,
		`if echo a | grep -q a; then echo yes; fi; while false | true; do echo once; `+
			`break; done; ! echo x | grep -q y && echo none`,
		`nosuch | cat; echo $?; cat < /dev/null | nosuch2; echo $?; nosuch 2>/dev/null | true`,
		`echo a | ( cat; exit 6 ); echo $?; echo a | sh -c 'cat; exit 7'; echo $?; `+
			`echo a | { cat; false; }; echo $?`,
		`sleep 0.1 | echo first; echo second; (sleep 0.1; echo late) | cat; `+
			`seq 100000 | tail -n 1; seq 100000 | wc -l`,
		`x=$(echo a | cat | tr a b); echo $x; y=$(echo c | (read q; echo "$q$q")); echo $y; `+
			`echo $(seq 3 | sort -r)`,
		`echo $$ > a; echo $$ | cat > b; cmp a b && echo same; (echo $$) | cmp a - && `+
			`echo same; rm a b`,
		`exit 4 | cat; echo $?; return 3 | cat; echo $?; true | return 3; echo $?`,
		`set -- a b; echo "$@" | { read x; set -- $x c; echo "$#"; }; echo $#; `+
			`echo x | eval 'cat; echo y' | cat`,
	)
}

// TestLists judges lists (XCU 2.9.3).
func TestLists(t *testing.T) {
	same(t,
		`true && echo a; false && echo b; echo $?; true || echo c; false || echo d; `+
			`false || false; echo $?; true && false || echo e; false && true || echo f; `+
			`true || false && echo g`,
		`false || true && echo a; ! false && echo b; ! true || echo c; { false; } || echo d; `+
			`(exit 3) || echo $?; (exit 0) && echo e; false; true && echo $?`,
		`true & wait; echo $?; false & wait $!; echo $?; (exit 3) & wait $!; echo $?; `+
			`sh -c 'exit 4' & wait $!; echo $?; wait 99999; echo $?; wait; echo $?`,
		`echo a & wait; { echo b; echo c; } & wait; (echo d) & wait; true && echo e & wait; `+
			`echo f | cat & wait; f() { echo g; }; f & wait; ! true & wait $!; echo $?`,
		`x=1; x=2 & wait; echo $x; { x=3; echo $x; } & wait; echo $x; for i in 1 2; `+
			`do echo $i; done & wait; if true; then echo if; fi & wait; while true; `+
			`do echo w; break; done & wait; case a in a) echo c;; esac & wait`,
		`(sleep 0.2; echo late) & echo first; wait; echo last; sleep 0.1 & p=$!; `+
			`kill -0 $p && echo alive; wait $p; kill -0 $p 2>/dev/null || echo gone`,
		`a=$(true & echo $!); [ $a -gt 1 ] && echo pid; sleep 5 & kill $!; wait $!; echo $?; `+
			`sleep 5 & kill -9 $!; wait $!; echo $?; sleep 5 & kill -USR1 $!; wait $!; echo $?`,
		`cat & wait; echo no | { cat & wait; }; { cat; } & wait; (cat) & wait; `+
			`read x & wait $!; echo $?`,
		`exit 3 & wait $!; echo $?; return 4 & wait $!; echo $?; { exit 5; } & wait $!; `+
			`echo $?; trap 'echo t' EXIT; true & wait; (exit 6) & wait $!; echo $?`,
		`set -- a b; { echo "$@" $#; } & wait; f() { { echo "$1" $#; } & wait; }; f x y z; `+
			`f() { local v=l; { echo $v; } & wait; }; f; echo "[$v]"`,
		`export E=1; V=2; readonly R=3; { echo $E $V $R; R=4; echo no; } & wait $!; echo $?; `+
			`alias q=w; f() { echo func; }; { f; (f); } & wait`,
		`cd /; { pwd; } & wait; cd /tmp; (cd /usr; pwd; { pwd; } & wait); umask 022; `+
			`{ umask; } & wait; set -f; { echo $- *; } & wait`,
		`{ sleep 0.2; echo a; } & { sleep 0.1; echo b; } & wait; echo c; true & a=$!; `+
			`true & b=$!; [ $a != $b ] && echo differ; wait $b; wait $a; echo $?`,
		`sleep 0.1 & a=$!; (exit 3) & b=$!; wait $a $b; echo $?; (exit 4) & wait $! ; `+
			`wait $!; echo $?; (exit 5) & sleep 0.1; wait; wait $!; echo $?`,
		`nosuch & wait $!; echo $?; ./t.sh & wait $!; echo $?; cat < nope & wait $!; echo $?; `+
			`x=$nope; set -u; echo $nope2 & wait $!; echo $?`,
		`echo $? & wait; false; echo $? & wait; { echo $?; } & wait; true & echo $?; `+
			`false & echo $?`,
		`trap '' USR1; sh -c 'kill -USR1 $$; echo survived' & wait; { sh -c 'kill -USR1 $$; `+
			`echo survived'; } & wait; trap 'echo t' USR2; { sh -c 'kill -USR2 $$; `+
			`echo no'; } & wait $!; echo $?`,
		`grep SigIgn /proc/self/status; grep SigIgn /proc/self/status & wait; `+
			`{ grep SigIgn /proc/self/status; } & wait; `+
			`sh -c 'grep SigIgn /proc/self/status' & wait; (grep SigIgn /proc/self/status) `,
		`cat <<E & wait
bg $0
E
echo x > f & wait; cat f; cat < f & wait; { cat; } < f & wait; echo y 2>&1 >> f & wait; cat f`,
		`exec 3> f; { echo a >&3; } & wait; echo b >&3 & wait; sh -c 'echo c >&3' & wait; cat f`,
		`x=$(echo a; sleep 0.1 & ); echo $x; x=$(sh -c 'sleep 0.2; echo late' & echo early); `+
			`echo $x | tr ' ' '\n' | sort`,
		`set -e; false & wait; echo a; wait $! ; echo no`,
		`(exit 3) & (exit 4) & wait; echo $?; jobs; { (exit 3) & wait $!; echo $?; }; `+
			`( (exit 5) & wait $!; echo $? )`,
	)
}
