package shell

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// look writes a program that takes longer than a shell waits before it becomes dormant. The
// program then notes the file that its parent executes, and ends with the status in its
// argument.
const look = `printf '%s\n' '#!/bin/bash' 'sleep 0.4; ` +
	`readlink /proc/$PPID/exe >>LOOKED' 'exit $1' >look; chmod +x look
`

// A dormantRow is a script, and how often look finds a tiny program in place of the shell; -1
// if that depends on timing.
type dormantRow struct {
	script string
	times  int
}

var dormantRows = []dormantRow{
	// positions of a shell in its commands
	{"./look; echo $?", 1},
	{"./look 3; echo $?; ./look 4; echo $?", 2},
	{"./look 3", 1},
	{"./look 3 && echo no; ./look || echo no; ./look 1 || echo yes; ./look && echo yes", 4},
	{"! ./look; echo $?; ! ./look 1; echo $?", 2},
	{"{ echo a; ./look 2; echo $?; }; echo b", 1},
	{"if ./look; then echo yes; else echo no; fi; if ./look 1; then echo yes; else echo no; fi",
		2},
	{"if false; then :; elif ./look 1; then :; elif ./look; then ./look 5; echo $?; fi", 3},
	{"if ./look 1; then :; fi; echo $?", 1},
	{"if false; then :; else ./look 7; fi; echo $?", 1},
	{"n=; while ./look ${#n}; do n=${n}x; echo $n; [ $n != xxx ] || break; done; echo $?", 2},
	{"n=; while [ ${#n} -lt 2 ]; do n=${n}x; ./look 3; done; echo $? $n", 2},
	{"n=; until ./look 0$n; do :; done; echo $?; until [ $n ]; do ./look 4; n=1; done; echo $?",
		2},
	{"n=; until n=${n}x; ./look 1; [ $n = xx ]; do echo $n; (exit 9); done; echo $?", 2},
	{"while :; do ./look 3; break; done; echo $?; while ./look; do break; done; echo $?", 2},
	{"for i in 1 2; do for j in a b; do ./look; [ $j = a ] && continue 2; " +
		"echo no; done; done; echo $i $j", 2},
	{"for i in 1 'two three' ''; do ./look 6; echo \"$i $?\"; done; echo $i", 3},
	{"set -- a b; for i; do ./look; echo $i; shift; done; echo $#", 2},
	{"case x in y) echo no ;; x | z) ./look 2; echo $? ;; *) echo no ;; esac; echo b", 1},
	{"case x in x) ./look 2 ;; esac; echo $?", 1},
	{"x=1; x=2 ./look; echo $x; y=3 ./look; echo \"$y.\"", 2},
	// functions
	{"f() { local x=in; ./look 3; echo $? $x $1 $#; return 4; echo no; }; x=out; " +
		"f a b; echo $? $x", 1},
	{"f() { g \"$@\" c; echo f $1 $y $?; }; g() { local y=1; shift; ./look 2; echo g $1 $y; " +
		"}; y=0; set -- z; f a b; echo $1 $y", 1},
	{"f() { [ $1 = 0 ] || { ./look; f $(($1-1)); echo $1; }; }; f 2", 2},
	{"f() { ./look; f() { echo new; }; echo old; }; f; f", 1},
	{"f() { ./look; unset -f f; echo still; }; f; f 2>/dev/null; echo $?", 1},
	{"f() { while :; do ./look; return 3; done; }; f; echo $?; while :; do f; break; done; " +
		"echo $?", 2},
	{"f() { ./look; break; }; for i in 1 2; do f; echo $i; done", 2},
	{"f() { local -; set -f; ./look; echo $-; }; f; echo $-", 1},
	{"f() { local x; x=1; ./look; unset x; echo \"${x-unset}\"; }; f; echo \"${x-unset}\"", 1},
	{"x=0 f 2>/dev/null; f() { ./look; echo \"$x\"; }; x=1 f; echo \"$x\"", 1},
	{"f() { getopts ab o; ./look; getopts ab o; echo $o; }; f -a -b; getopts ab o -b; echo $o",
		1},
	{"f() { ./look; echo out; } >o; f; cat o", 1},
	{"exec 3>&1; f() { ./look; echo out; echo three >&3; }; f >o; cat o", 1},
	// redirections
	{"{ ./look; echo in; } >o; echo out; cat o", 1},
	{"while read -r x; do ./look; echo \"$x\"; done <<E\none\ntwo\nE\necho end", 2},
	{"echo one >i; { read -r x; ./look; echo \"$x\"; } <i >o 3>&1; cat o; " +
		"echo 3 2>/dev/null >&3; echo $?", 1},
	{"./look 2 >o 2>&1 </dev/null; echo $?; cat o; cat <<E | ./look; ./look <<F; echo x\nE\nF",
		2},
	{"exec 5>o; ./look; echo five >&5; exec 5>&-; cat o; exec >p; ./look; echo p; cat p >&2",
		2},
	{"{ { ./look; echo a >&3; } 3>o; echo b; } >p; cat o p", 1},
	{"./look >&-; echo $?; { ./look; echo x; } 2>&-; echo y", 2},
	// background lists
	{"./look 3 & wait $!; echo $?", 1},
	{"./look 3 & ./look 4 & wait; echo $?; ./look 5 & wait %1; echo $?", -1},
	{"./look 3 & p=$!; ./look 4 & q=$!; wait $q; echo $?; wait $p; echo $?", -1},
	{"(exit 3) & p=$!; ./look; wait $p; echo $?", 1},
	{"./look 2 & wait $! 2>/dev/null; echo $?; { ./look 4 & wait $!; echo $?; } 2>o", 2},
	{"(./look; echo in) & wait; echo out", 1},
	{"{ ./look; echo $?; ./look 2; echo $?; } & wait $!; echo $?", 2},
	{"{ for i in 1 2; do ./look; echo $i; done; } >o & wait; cat o", 2},
	{"f() { ./look; echo f; }; f & wait $!; echo $?", 1},
	{"./look 3 & ./look; wait $!; echo $?; jobs", -1},
	{"sleep 0.1 & ./look; kill -0 $! 2>/dev/null; echo $?", 1},
	// signals and EXIT
	{"trap 'echo exit $?; exit 9' EXIT; ./look 3; (exit 4)", 1},
	{"trap 'echo exit' EXIT; f() { ./look; exit 6; }; f", 1},
	{"trap 'echo term' TERM; (sleep 0.2; kill $$) & ./look & wait $!; echo $?", -1},
	{"trap 'echo usr1' USR1; (sleep 0.4; kill -USR1 $$) & ./look 3; echo $?", -1},
	{"trap 'echo usr1; exit 4' USR1; ./look & (sleep 0.4; kill -USR1 $$) & wait $!; echo no",
		-1},
	{"trap '' TERM HUP; (sleep 0.3; kill $$; kill -HUP $$) & ./look 3; echo $?", -1},
	{"trap 'echo chld' CHLD; ./look 2; echo $?", -1},
	{"(sleep 0.4; kill -TERM $$) & ./look; echo no", -1},
	{"(sleep 0.4; kill -STOP $$; sleep 0.1; kill -CONT $$) & ./look 5; echo $?", -1},
	{"./look & kill -KILL $!; ./look; wait $! 2>/dev/null; echo $?", 1},
	{"trap 'f' USR2; f() { echo in f; }; (sleep 0.4; kill -USR2 $$) & ./look; echo end", -1},
	{"trap 'echo a' USR1; trap 'echo b' USR2; (sleep 0.4; kill -USR2 $$; kill -USR1 $$; " +
		"kill -USR2 $$) & ./look; echo end", -1},
	// further state of a shell
	{"set -e; ./look; f() { ./look 3; echo no; }; if f; then :; fi; f", 3},
	{"set -e; ./look 1 || echo on; { ./look 1; } || echo on; ! ./look; echo on; ./look 2; " +
		"echo no", 4},
	{"set -u; x=1; ./look; echo $x; echo $y", 1},
	{"set -x; f() { ./look 2; }; f; : end", 1},
	{"set -- 'a b' c; IFS=:; x=a:b; ./look; echo $x \"$@\" $#; export x; readonly r=1; " +
		"./look; sh -c 'echo $x'; (r=2) 2>/dev/null; echo $?", 2},
	{"mkdir d; cd d; umask 027; ../look; pwd | sed 's,.*/,,'; umask; cd ..; ./look; " +
		"echo ${PWD##*/} | wc -l", 2},
	{"ulimit -n 40; ./look; ulimit -n", 1},
	{"./look; cat <<E\n$((1+1)) `echo x`\nE\n./look; echo \"$(echo sub) ${x:-d}\"", 2},
	{"./look; (", 0},
	{"{ ./look; }; if x; fi", 0},
	{"echo 'echo added' >>t.sh; ./look; echo a", 1},
	{"p=$$; ./look; [ $p = $$ ]; echo $?; q=$PPID; ./look; [ $q = $PPID ]; echo $?", 2},
	{"true & p=$!; ./look; [ $p = $! ]; echo $?", 1},
	// places in which the shell stays awake
	{"eval './look; echo $?'; echo x", 0},
	{"echo './look; echo $?' >d; . ./d; echo x", 0},
	{"trap './look; echo trap' USR1; kill -USR1 $$; echo x", 0},
	{"alias a=echo\n./look\na x", 0},
	{"(./look; echo $?); echo x", 0},
	{"x=$(./look 2; echo $?); echo $x", 0},
	{"./look | cat; echo x", 0},
	{"set -v\n./look\necho x", 0},
}

// dormantTexts are positions that depend on the whole text. They are run in all ways of reading
// a script.
var dormantTexts = []dormantRow{
	{"./look 1\nnosuch\nf() {\n./look\nnosuch\n}\nf\n./look\nnosuch\n(", 3},
	{"./look; nosuch\n{\n./look\nnosuch; }\nfor i in 1\ndo ./look\nnosuch\ndone", 3},
	{"trap './look 7' EXIT; exit 5", 0},
	{"trap './look 7; exit' EXIT; exit 5", 0},
	{"trap './look 7; exit 6' EXIT; false", 0},
	{"trap f EXIT; f() { ./look 7; echo f; }; ./look; (exit 3)", 1},
	{"trap './look & wait $!' EXIT; exit 5", 0},
	{"set -e; trap './look; echo $?' EXIT; (exit 9)", 0},
	{"set -u; trap './look; echo $?' EXIT; echo $nosuch", 0},
	{"trap './look; trap \"./look 4\" EXIT' EXIT; exit 5", 0},
	{"trap 'exit 9' USR1; trap './look; echo in' EXIT; kill -USR1 $$", 0},
	{"sh -c \"trap './look 7' EXIT; exit 5\"; echo $?", -1},
	{"(trap './look 7' EXIT; exit 5); echo $?", -1},
	{"alias xx='echo aliased'\nxx; unalias xx; ./look; xx\n./look; nosuch; echo more", -1},
	{"alias xx='echo a; ' yy='echo '\nxx yy b; unalias xx yy\n./look; yy\n./look; nosuch", -1},
}

// TestDormantTexts checks that a woken shell continues at the right place of a text, with the
// right line number.
func TestDormantTexts(t *testing.T) {
	dir := t.TempDir()
	for n, as := range []how{asFile, asOperand, asStdin} {
		for i, r := range dormantTexts {
			t.Run(rowName(r.script), func(t *testing.T) {
				t.Parallel()
				judgeDormant(t, r, as, filepath.Join(dir, fmt.Sprint("looked", n, "-", i)))
			})
		}
	}
}

// dormantStarts start a shell in ways that make it run more than one text.
var dormantStarts = []string{
	"echo 'echo read; nosuch' | b/sh -s -c './look; echo c'; echo $?",
	"echo './look; echo read; nosuch' | b/sh -s a b; echo $?",
	"echo './look 3; echo profile' >.profile; HOME=$PWD b/sh -l -c './look; echo c'; echo $?",
	"echo './look 3; echo env' >e; ENV=$PWD/e b/sh -i -c './look; echo c'; echo $?",
	"echo './look 3; echo profile' >.profile; echo './look; echo f; nosuch' >f; " +
		"HOME=$PWD b/sh -l f",
	"echo './look 3; echo dot; nosuch' >d; b/sh -c '. ./d; ./look; nosuch'",
	"b/sh -c 'eval \"./look 4\"; echo $?; ./look; nosuch'; echo $?",
	"b/sh -c \"trap './look 7' EXIT; ./look; exit 5\"; echo $?",
}

func TestDormantStarts(t *testing.T) {
	for _, script := range dormantStarts {
		t.Run(rowName(script), func(t *testing.T) {
			t.Parallel()
			// the main shell of a process
			shell := "mkdir b; ln -s \"$(readlink -f /proc/$$/exe)\" b/sh\n"
			script = strings.ReplaceAll(look, "LOOKED", "/dev/null") + shell + script +
				"; rm -r b"
			passes(t, row{script: script})
		})
	}
}

// TestDormant checks that a shell that was dormant continues as if it had been awake, at each
// possible position.
func TestDormant(t *testing.T) {
	dir := t.TempDir() // not the row's own: a shell would expand its name
	for n, as := range []how{asFile, asOperand, asStdin} {
		for i, r := range dormantRows {
			if as != asFile && (strings.Contains(r.script, "t.sh") || i%3 != n) {
				continue // a row takes a second: run a third of them
			}
			t.Run(rowName(r.script), func(t *testing.T) {
				t.Parallel()
				judgeDormant(t, r, as, filepath.Join(dir, fmt.Sprint("looked", n, "-", i)))
			})
		}
	}
}

// judgeDormant judges a row. The programs of its script write the file looked, which shows how
// often the shell was dormant. A busy machine may delay the shell for longer than look waits,
// but not each time.
func judgeDormant(t *testing.T, r dormantRow, as how, looked string) {
	t.Helper()
	script := strings.ReplaceAll(look, "LOOKED", looked) + r.script
	got := 0
	for range 4 {
		if !passes(t, row{script: script, as: as}) || os.Getenv("OVERLAY_SHELL") != "" {
			return // another program may become dormant at other times
		}
		text, _ := os.ReadFile(looked) // missing if no look has run
		if got = strings.Count(string(text), "/memfd:"); r.times < 0 || got >= r.times {
			break
		}
		os.Remove(looked)
	}
	if r.times >= 0 && got != r.times {
		t.Errorf("dormant %d times, not %d\nscript: %s", got, r.times, r.script)
	}
}

// TestDormantReplaced checks that a dormant shell continues as the same program, even if
// another program was installed under its name meanwhile.
func TestDormantReplaced(t *testing.T) {
	dir := t.TempDir()
	program, err := os.ReadFile(ours)
	check(t, err)
	check(t, os.WriteFile(filepath.Join(dir, "sh"), program, 0o755))
	script := look + "./look 3 & wait $!; echo $?; ./look; echo on"
	script = strings.ReplaceAll(script, "LOOKED", filepath.Join(dir, "looked"))
	cmd := exec.Command(filepath.Join(dir, "sh"), "-c", script)
	cmd.Dir = dir
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	check(t, cmd.Start())
	time.Sleep(100 * time.Millisecond)
	check(t, os.WriteFile(filepath.Join(dir, "other"), []byte("no program"), 0o755))
	check(t, os.Rename(filepath.Join(dir, "other"), filepath.Join(dir, "sh")))
	if err := cmd.Wait(); err != nil || out.String() != "3\non\n" {
		t.Errorf("%v %q", err, out.String())
	}
}

// TestDormantCannot checks that a shell stays awake if it can create no file for the state or
// the program. A limit on file descriptors causes that at various steps.
func TestDormantCannot(t *testing.T) {
	for n := 14; n < 40; n += 3 {
		judge(t, row{script: strings.ReplaceAll(look, "LOOKED", "/dev/null") +
			"ulimit -n " + strconv.Itoa(n) + " 2>/dev/null; ./look 3 2>/dev/null; echo $?; " +
			"exec 3>o; echo x >&3; cat o"})
	}
}
