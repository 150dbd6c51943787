package shell

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// These tests are about signals as others see them: the programs of a shell, and its parent
// when a signal ends it (XCU 2.9.3.1, 2.12, 2.14 exec).

// starts are ways to start the program $P, which shows its inherited signals.
var starts = []string{
	"$P", "$P; :", "$P & wait $!", "$P | cat", ": | $P", "x=$($P); echo \"$x\"", "($P)",
	"($P; :)",
	"{ $P; } & wait $!", "($P &) | cat", "f() { $P; }; f", "command $P", "eval '$P'", "exec $P",
	"(exec $P); :", "{ exec $P; } & wait $!", "sh -c '$P'", "sh -c '$P; :'",
	"sh -c '$P & wait $!'",
	"sh -c 'exec $P'", "exec sh -c '$P; :'", "(sh -c '$P; :')",
	"x=$(sh -c '$P; :'); echo \"$x\"",
	"sh -c '$P; :' & wait $!", "sh -c 'sh -c \"\\$P; :\"; :'", "sh -c '(trap - %; $P)'",
	"(trap '' %; $P); $P", "(trap - %; $P); $P", "(trap : %; $P); $P",
	"{ trap - %; $P; } & wait $!",
}

// inherited are the signals that programs are tested with.
var inherited = strings.Fields("HUP INT QUIT SEGV USR1 PIPE ALRM TERM 16 CHLD CONT TSTP " +
	"TTIN TTOU URG XFSZ PROF WINCH RTMIN RTMAX")

// copiedProgram returns the path of a copy of the system's grep, which no shell has built in.
func copiedProgram(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("grep")
	check(t, err)
	text, err := os.ReadFile(path)
	check(t, err)
	file := filepath.Join(t.TempDir(), "program")
	check(t, os.WriteFile(file, text, 0o755))
	return file
}

// TestSignalsInherited judges the masks of programs: ignored, blocked and caught signals.
func TestSignalsInherited(t *testing.T) {
	shows := "P='" + copiedProgram(t) + " ^Sig[IBC] /proc/self/status'; "
	sizes := []int{len(starts), len(actions), 2, 2}
	var list []combination
	for n, signal := range inherited {
		for k := range product(sizes) {
			i := choose(k, sizes...)
			how, action, monitor, ignored := starts[i[0]], actions[i[1]], i[2] == 1, i[3] == 1
			often := monitor == ignored && slices.Contains(special, signal)
			if !often && (n+i[0]+i[1])%share != 0 || !kit.InShare(n+k) {
				continue
			}
			name := fmt.Sprintf("%s %s, %s, set -m %v, ignored at start %v",
				signal, action.name, how, monitor, ignored)
			text := "export P; " + shows + action.text + how
			if monitor {
				text = "set -m; " + text
			}
			c := startedSo(signal, text, ignored)
			c.name, c.text, c.terminal, c.kind = name, c.text+"\nended", monitor, signal+how
			list = append(list, c)
		}
	}
	judgeAll(t, list)
}

// startedSo returns a combination that starts a shell with a text, in which % is the signal.
// The shell may find the signal ignored.
func startedSo(signal, text string, ignored bool) combination {
	start := "./sh -c " + quoted(strings.ReplaceAll(text, "%", signal))
	if ignored {
		start = "(trap '' " + signal + "; exec " + start + ")"
	}
	return combination{text: start}
}

// doing are the actions of a shell when a signal arrives from outside. At that point the shell
// writes to descriptor 4 its process id, and that of the process that it waits for, if any. It
// goes on when that process is killed, when a file stop exists, or when descriptor 5 has a
// line.
var doing = []struct{ name, text, goOn string }{
	{"reads", "echo $$ >&4; read x <&5; echo on $?", "echo go >&5"},
	{"loops", "echo $$ >&4; while [ ! -e stop ]; do :; done; echo on $?", ": >stop"},
	{untilTrap, "trap 'echo T; : >stop' %; echo $$ >&4; while [ ! -e stop ]; do :; done; " +
		"echo on $?", ":"},
	{"waits for a program", sleeper + "; echo on $?", "kill -KILL $q"},
	{"waits for a substitution", "x=$(" + sleeper + "); echo on $?", "kill -KILL $q"},
	// The subshell outlives the shell, and must not report the death of its program.
	{"waits for a subshell", "(exec 2>/dev/null; " + sleeper + "; exit 3); echo on $?",
		"kill -KILL $q"},
	{"waits in the background",
		"sleep 100 & echo $$ $! >&4; wait $! 2>/dev/null; echo on $?", "kill -KILL $q"},
}

const untilTrap = "loops until its trap"

const sleeper = "p=$$ sh -c 'echo $p $$ >&4; exec sleep 100'"

// fromOutside sends % to a shell. The other operands are how it is startedSo and how it goes
// on.
const fromOutside = `mkfifo a b; exec 4<>a 5<>b; rm a b
({ read p q <&4; kill -s %% $p; %s; echo >&4; } &)
%s
ended 2>/dev/null
read x <&4
[ ! -e stop ] || rm stop
`

// TestSignalsFromOutside kills the shell by each signal, including the real-time ones. Its
// parent sees the status, and the shell prints nothing.
func TestSignalsFromOutside(t *testing.T) {
	all := append([]string(nil), signals...)
	for n := 35; n < 64; n++ {
		all = append(all, fmt.Sprint(n))
	}
	sizes := []int{len(doing), len(actions), 2}
	var list []combination
	for _, signal := range all {
		for k := range product(sizes) {
			i := choose(k, sizes...)
			d, action, ignored := doing[i[0]], actions[i[1]], i[2] == 1
			if action.name != "kept" && !slices.Contains(signals, signal) {
				continue // one of many that are alike
			}
			// The result depends on whether the signal arrives before the shell waits. CHLD may
			// interrupt dash even when it is ignored.
			interrupts := d.name == "reads" || d.name == "waits in the background"
			if interrupts && (action.name == "command" || signal == "CHLD") {
				continue
			}
			// No shell promises how soon a loop sees a signal.
			traps := !ignored && signal != "KILL" && signal != "STOP" && action.name == "kept"
			if d.name == untilTrap && !traps || d.name == "loops" && action.name == "command" {
				continue
			}
			c := startedSo(signal, action.text+d.text, ignored)
			c.name = fmt.Sprintf("%s to one that %s, %s, ignored at start %v",
				signal, d.name, action.name, ignored)
			c.text = strings.ReplaceAll(fmt.Sprintf(fromOutside, d.goOn, c.text), "%", signal)
			c.terminal, c.kind = true, signal+d.name
			list = append(list, c)
		}
	}
	judgeAll(t, list)
}
