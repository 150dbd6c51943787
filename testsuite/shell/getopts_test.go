package shell

import "testing"

// getoptsBuiltinRows are rows of TestGetoptsBuiltin.
var getoptsBuiltinRows = scripts{
	`getopts; echo $?`,
	`getopts a; echo $?`,
	`getopts a 1x; echo $?`,
	`getopts a 1x -a; echo "$? $OPTIND"`,
	`getopts a '' -a; echo $?`,
	`getopts -a x -a; echo $? $x`,
	`getopts -x; echo $?`,
	`getopts a x; echo $? $x $OPTIND`,
	`echo $OPTIND; set -- -a; getopts a x; echo $OPTIND; getopts a x; echo $OPTIND; ` +
		`getopts a x; echo $OPTIND $x`,
	`set -- -ab; getopts ab x; echo $x $OPTIND; set -- -ba; getopts ab x; ` +
		`echo $x $OPTIND; getopts ab x; echo $? $x $OPTIND`,
	`set -- -ab -c; getopts abc x; shift; getopts abc x; echo $x $OPTIND`,
	`f() { getopts ab x; shift; getopts ab x; echo $x $OPTIND; }; f -ab -b`,
	`set -- -ab; getopts ab x; set -- ; getopts ab x; echo $? $x $OPTIND`,
	`set -- -abc; getopts abc x; set -e; getopts abc x; set +e --; getopts abc x; ` +
		`echo $? $x`,
	`set -- -ab -c; getopts abc x; OPTIND=1; getopts abc x; echo $x; getopts abc x; ` +
		`echo $x; getopts abc x; echo $x`,
	`set -- -a -b -c; OPTIND=2; getopts abc x; echo $x $OPTIND`,
	`set -- -a -b -c; OPTIND=3; getopts abc x; echo $x; OPTIND=2; getopts abc x; echo $x`,
	`set -- -a; OPTIND=9; getopts a x; echo $? $x $OPTIND`,
	`set -- -a -b; getopts ab x; OPTIND=5; getopts ab x; echo $? $x $OPTIND`,
	`OPTIND=0; set -- -a; getopts a x; echo $? $x $OPTIND`,
	`OPTIND=-1; echo no`,
	`OPTIND=x; echo no`,
	`OPTIND=; echo no`,
	`OPTIND=1x; echo no`,
	`OPTIND=99999999999; set -- -a; getopts a x; echo $? $x $OPTIND`,
	`OPTIND=01; set -- -a; getopts a x; echo $? $x $OPTIND`,
	`OPTIND=' 1'; echo $?`,
	`OPTIND=x true; echo $?`,
	`export OPTIND=x; echo no`,
	`read OPTIND < t.sh; echo $?`,
	`f() { getopts ab x "$@"; echo $? $x $OPTIND; }; f -a -b; f -a -b; f -a -b`,
	`f() { getopts ab x; echo $? $x $OPTIND; }; f -a -b; f -a -b; set -- -b; ` +
		`getopts ab x; echo $? $x $OPTIND`,
	`f() { local OPTIND=1; getopts ab x "$@"; echo $? $x $OPTIND; }; f -a -b; f -b; ` +
		`echo $OPTIND`,
	`f() { local OPTIND; while getopts ab x; do echo f $x; done; }; ` +
		`while getopts ab x -a -b; do echo $x; f -b -a; done`,
	`f() { OPTIND=1; while getopts ab x; do echo f $x; done; shift $((OPTIND-1)); ` +
		`echo "$@"; }; f -a y; f -ab z`,
	`f() { while getopts ab x; do echo f $x; done; echo $OPTIND; }; f -a -b; ` +
		`echo $OPTIND; f -b`,
	`(getopts a x -a; echo $OPTIND); echo $OPTIND; getopts a x -a; echo $x; ` +
		`(getopts ab x -a -b; echo $x $OPTIND); getopts ab x -a -b; echo $x $OPTIND`,
	`x=$(getopts a y -a; echo $y); echo $x $y $OPTIND`,
	`getopts a x -a | cat; echo $OPTIND`,
	`eval 'getopts a x -a'; echo $x $OPTIND`,
	`command getopts a x -a; echo $x; command getopts a x -b; echo $?`,
	`getopts a x -b 2>/dev/null; echo $? "$x" "${OPTARG-unset}"`,
	`getopts a x -b > f 2>&1; echo $?; cat f`,
	`OPTERR=0; getopts a x -b; echo $?`,
	`OPTERR=1 getopts a x -b; echo $?`,
	`readonly x; getopts a x -a; echo $? "$x" $OPTIND`,
	`readonly OPTIND; getopts a x -a; echo $? $x`,
	`readonly OPTARG; getopts a: x -a v; echo $? $x`,
	`x=1 getopts a x -a; echo "[$x]"`,
	`OPTIND=2 getopts ab x -a -b; echo $x $OPTIND; getopts ab x -a -b; echo $x $OPTIND`,
	`set -e; getopts a x; echo no`,
	`while getopts a: o -a; do echo "$o"; done; echo end`,
	`while getopts ab OPTARG -a; do echo "$OPTARG"; break; done`,
	`set -x; getopts a x -a`,
	`unset OPTARG; while getopts :x:y o -x 1 -y -z -x; do case $o in x) echo x=$OPTARG;; ` +
		`y) echo y;; \?) echo bad $OPTARG;; :) echo needs $OPTARG;; esac; done; ` +
		`shift $((OPTIND-1)); echo $#`,
	`getopts a o -a -b; set -- -b; getopts b o; echo $? $o $OPTIND`,
	`sh -c 'getopts a x -z; echo $?' name`,
	`set -- -a arg -b; while getopts ab o; do echo $o; done; echo $OPTIND; shift; ` +
		`OPTIND=1; while getopts ab o; do echo $o; done; echo $OPTIND`,
	`getopts abc o -abc; echo $o; getopts abc o -xyz; echo $o; getopts abc o -abc; echo $o`,
	`getopts 'a b' o '-a b'; echo "$? $o"; getopts 'a b' o '-a b'; echo "$? [$o]"`,
}

// TestGetoptsBuiltin judges getopts (XCU 4).
func TestGetoptsBuiltin(t *testing.T) {
	for _, optstring := range []string{"ab:c", ":ab:c", "a", "a:", ":a:", ":", "", "ab::c",
		"a-:", "?a", ":?a", "aa:", "a:a"} {
		script := ""
		for _, args := range []string{"-a", "-b", "-b x", "-bx", "-abx y", "-acb x",
			"-a -b x -c y z", "-x", "-xa", "-a x -a", "--", "-- -a", "-a --", "-", "- -a", "-: x",
			"-b ''", "-b -- -a", "-b -a", "-?", "-a-", "-ab", "--a", "-a '' -b", "''", "-b: -a",
			"+a", "-1"} {
			script += "(i=0; while getopts '" + optstring + "' o " + args +
				"; do echo \"$? $o [$OPTARG] $OPTIND\"; i=$((i+1)); [ $i -gt 9 ] && break\n" +
				"done; echo \"$? $o $OPTIND\")\n"
		}
		judge(t, row{script: script})
	}
	same(t, getoptsBuiltinRows...)
}

// TestGetoptsByStandard judges scripts in which dash breaks the standard. Without an argument
// for an option, dash leaves OPTARG alone at the end, and otherwise sets it to nothing. It also
// takes -- for the option letters.
func TestGetoptsByStandard(t *testing.T) {
	for _, script := range []string{
		`OPTARG=old; getopts a x; echo "${OPTARG-unset}"; getopts a x -a; ` +
			`echo "[${OPTARG-unset}]"`,
		`OPTARG=old; getopts a: x -a v; echo $OPTARG; getopts a: x -a v; ` +
			`echo "[${OPTARG-unset}]"`,
		`getopts a:b x -a v -b; getopts a:b x -a v -b; echo "$x [${OPTARG-unset}]"`,
		`getopts :a x -a; echo "$x [${OPTARG-unset}]"; getopts :a x -a; ` +
			`echo "$x [${OPTARG-unset}]"`,
		`(set -u; getopts a x -a; echo "[$OPTARG]") 2>/dev/null || echo unset`,
		`getopts -- a x -a; echo $? $x; getopts -- a x -a; echo $? $x`,
		`set -- -b arg; getopts -- a:b: x; echo $? $x $OPTARG; getopts -- a: x; echo $? $x`,
	} {
		judge(t, row{script: script, standard: "XCU 4 getopts, DESCRIPTION and OPTIONS"})
	}
}

func TestGetopts(t *testing.T) {
	loop := `; while getopts abc:d: o "$@"; do echo "$o [$OPTARG] $OPTIND"; done; ` +
		`echo "end $? $o $OPTIND"; shift $((OPTIND-1)); echo "$@"`
	for _, args := range []string{"-a -b x", "-ab x", "-c v -d w", "-cv x", "-c", "-x -a",
		"-- -a", "- a", "a -b", "-a -- -b", "", "-ab -cval -d '' z", "-c -a", "-abz", "--long",
		"-a ''"} {
		judge(t, row{script: "set -- " + args + loop})
		judge(t, row{script: "set -- " + args +
			"; while getopts :abc: o; do echo \"$o [$OPTARG] $OPTIND\"; done; echo $OPTIND"})
	}
	same(t,
		`set -- -a -b; getopts ab o; echo $o; OPTIND=1; getopts ab o; echo $o; getopts ab o; `+
			`echo $o; getopts ab o; echo $? $o`,
		`f() { while getopts xy o; do echo f$o; done; }; set -- -a -b; while getopts ab o; `+
			`do echo $o; f -x -y; done`,
		`set -- -ab; getopts ab o; { getopts ab o; echo $o $OPTIND; } & wait; getopts ab o; `+
			`echo $o`,
		`f() { OPTIND=1; local OPTIND; while getopts x o; do echo $o; done; }; f -x; f -xx; `+
			`getopts x o -x; echo $o`)
}
