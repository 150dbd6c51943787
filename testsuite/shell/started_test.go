package shell

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/kit"
)

// These tests are about things that the shell inherits and that are not for itself: descriptors
// of the caller, variables that the Go runtime would read, and limits under which it cannot
// run.

// inheritedScript starts programs in each possible way. Each program shows the caller's file at
// descriptor N.
const inheritedScript = `
look='/bin/readlink /proc/self/fd/N'
nsenter --net=/proc/self/ns/net --uts=/proc/self/ns/uts unshare -f $look; echo $?
unshare -f true; echo $?
unshare -m env -u A unshare -fp $look; echo $?
cat <<E | (cat; $look) | cat
text
E
cat <<E | cat | wc -c
$(seq 20000)
E
($look; :) & wait
($look; kill -0 $$) & wait
{ $look | cat; :; } & wait
( exec 4</etc/passwd; $look ); x=$($look; :); echo $x
sh -c "$look"; sh -c "$look; (: & wait); $look" <&-
printf '#!/bin/sh\n$1 $2 & wait\n' >s; chmod +x s; ./s $look; unshare -f ./s $look
/bin/ls /proc/self/fd | wc -l
nsenter --net=/proc/self/ns/net /bin/ls /proc/self/fd 3</dev/null 4<&- 6</dev/null | wc -l
exec nsenter --net=/proc/self/ns/net $look
`

func TestInheritedDescriptors(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		kit.Missing(t, "bash, which opens any descriptor")
	}
	var numbers []int
	for n := 3; n <= 26; n++ {
		numbers = append(numbers, n)
	}
	for _, n := range append(numbers, 30, 60, 251, 1023) {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			script := strings.ReplaceAll(inheritedScript, "fd/N", "fd/"+strconv.Itoa(n))
			run := func(shell string) result {
				dir := t.TempDir()
				return observe(t, t.TempDir(), dir, bash, func(cmd *exec.Cmd) {
					cmd.Args = []string{"bash", "-c",
						fmt.Sprintf(`exec %d</etc/hostname; exec -a sh "$0" -c "$1"`, n), shell,
						script}
					cmd.Dir = dir
				})
			}
			if want, got := run(dash), run(ours); want != got {
				t.Errorf("--- dash\n%s--- ours\n%s", want, got)
			}
		})
	}
}

// needEntry skips a test for a shell that was not built here, such as one with the race
// detector, which does not begin at its own entry.
func needEntry(t *testing.T) {
	t.Helper()
	if os.Getenv("OVERLAY_SHELL") != "" {
		kit.NotAbout(t, "OVERLAY_SHELL, which does not begin at its own entry")
	}
}

func TestVariablesOfGo(t *testing.T) {
	needEntry(t)
	const all = "GODEBUG=inittrace=1,gctrace=1 GOGC=1 GOMEMLIMIT=junk GOTRACEBACK=crash " +
		"GOMAXPROCS=1x GO=1 GOO= GONE=3 G=4 "
	for _, script := range []string{
		`env | grep ^G | sort`,
		`/usr/bin/env | grep ^G | sort`,
		`echo $GODEBUG $GOGC $GOMEMLIMIT $GOTRACEBACK $GOMAXPROCS $GO $GONE $G`,
		`(echo $GOGC; /usr/bin/env | grep ^G | sort; :) & wait`,
		`sh -c "echo \$GOGC; env | grep ^G | sort"`,
		`unshare -f sh -c "echo \$GOGC; env | grep ^G | sort"`,
		`tr "\0" "\n" </proc/$$/environ | grep ^G | sort`,
		`unset GOGC; GODEBUG=x; /usr/bin/env | grep ^G | sort; (env | grep ^G | sort; :) & wait`,
		`GOGC=7 sh -c "echo \$GOGC"; exec env GOMEMLIMIT=more sh -c "env | grep ^G | sort"`,
	} {
		judge(t, row{driver: true, script: all + "./sh -c '" + script + "'"})
		judge(t, row{driver: true, script: "env -i GOGC=1 ./sh -c '" + script + "'"})
	}
}

// TestLimitsOfPrograms checks that the shell shows the limits with which it was started or
// which it has set, and that they hold for its programs. The shell itself runs on.
func TestLimitsOfPrograms(t *testing.T) {
	needEntry(t)
	for _, limit := range [...]struct{ letter, value, less, more string }{
		{"v", "500000", "400000", "450000"}, {"v", "60000", "50000", "55000"},
		{"d", "10000", "9000", "9500"}, {"s", "64", "48", "56"}, {"s", "900", "800", "850"},
		{"n", "14", "13", "14"}, {"n", "40", "20", "30"}, {"p", "16", "14", "15"},
	} {
		put := strings.NewReplacer("-L", "-"+limit.letter, "-SL", "-S"+limit.letter, "-HL",
			"-H"+limit.letter, "VALUE", limit.value, "LESS", limit.less, "MORE", limit.more)
		for _, script := range []string{
			`echo hi; ulimit -L; dash -c "ulimit -L; ulimit -HL"; ulimit -HL`,
			`(ulimit -L; dash -c "ulimit -L"; :) & wait; exec dash -c "ulimit -L"`,
			`sh -c "ulimit -L; dash -c \"ulimit -L\""; x=$(ulimit -L; ls /nope); echo $x`,
			`ulimit -L LESS; ulimit -L; ulimit -HL; dash -c "ulimit -L; ulimit -HL"`,
			`ulimit -SL LESS; ulimit -L MORE; echo $?; ulimit -HL; (ulimit -L; :) & wait`,
			`(ulimit -L LESS; ulimit -L; dash -c "ulimit -HL"); ulimit -L; dash -c "ulimit -L"`,
		} {
			judge(t, row{driver: true, script: put.Replace("ulimit -SL VALUE; ./sh -c '" +
				script + "'")})
			judge(t, row{driver: true, script: put.Replace("./sh -c 'ulimit -L VALUE; " +
				script + "'")})
		}
	}
}

// TestLimitTooSmall checks that a limit that the shell cannot raise ends the shell with one
// line, and not with a report of the Go runtime.
func TestLimitTooSmall(t *testing.T) {
	needEntry(t)
	for _, limit := range [...]struct{ letter, value, name string }{
		{"v", "1200000", "memory"}, {"v", "500000", "memory"}, {"d", "10000", "data"},
		{"n", "5", "open files"}, {"n", "2", "open files"},
	} {
		dir := t.TempDir()
		got := observe(t, t.TempDir(), dir, dash, func(cmd *exec.Cmd) {
			cmd.Args = []string{"sh", "-c", "ulimit -" + limit.letter + " " + limit.value +
				"; exec \"$0\" -c 'echo hi; ls /nope 2>/dev/null; (echo sub; :) & wait'", ours}
			cmd.Dir = dir
		})
		want := result{status: "exit status 2", stderr: "overlay-sh: the limit on " +
			limit.name + " (ulimit -" + limit.letter + ") is too small\n"}
		if mayRaiseLimits(t) {
			want = result{status: "exit status 0", stdout: "hi\nsub\n"}
		}
		if got != want {
			t.Errorf("ulimit -%s %s: %s", limit.letter, limit.value, got)
		}
	}
}

func mayRaiseLimits(t *testing.T) bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	check(t, unix.Capget(&header, &data[0]))
	return data[0].Effective>>unix.CAP_SYS_RESOURCE&1 != 0
}
