package shell

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What the world around a shell sees of signals: the programs that it starts, and its
// parent when a signal ends it (XCU 2.9.3.1, 2.12, 2.14 exec).

// starts are ways to start the program $P, which shows what it has inherited.
var starts = []string{
	"$P", "$P; :", "$P & wait $!", "$P | cat", ": | $P", "x=$($P); echo \"$x\"", "($P)", "($P; :)",
	"{ $P; } & wait $!", "($P &) | cat", "f() { $P; }; f", "command $P", "eval '$P'", "exec $P",
	"(exec $P); :", "{ exec $P; } & wait $!", "sh -c '$P'", "sh -c '$P; :'", "sh -c '$P & wait $!'",
	"sh -c 'exec $P'", "exec sh -c '$P; :'", "(sh -c '$P; :')", "x=$(sh -c '$P; :'); echo \"$x\"",
	"sh -c '$P; :' & wait $!", "sh -c 'sh -c \"\\$P; :\"; :'", "sh -c '(trap - %; $P)'",
	"(trap '' %; $P); $P", "(trap - %; $P); $P", "(trap : %; $P); $P", "{ trap - %; $P; } & wait $!",
}

// inherited are the signals that programs are looked at with.
var inherited = strings.Fields("HUP INT QUIT SEGV USR1 PIPE ALRM TERM 16 CHLD CONT TSTP TTIN TTOU " +
	"URG XFSZ PROF WINCH RTMIN RTMAX")

// program is a copy of the system's grep: no shell has it built in.
func program(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("grep")
	check(t, err)
	text, err := os.ReadFile(path)
	check(t, err)
	file := filepath.Join(t.TempDir(), "program")
	check(t, os.WriteFile(file, text, 0o755))
	return file
}

// TestSignalsInherited looks at the masks of programs: ignored, blocked and caught.
func TestSignalsInherited(t *testing.T) {
	shows := "P='" + program(t) + " ^Sig[IBC] /proc/self/status'; "
	var list []combination
	for i, signal := range inherited {
		for k, how := range starts {
			for j, a := range actions {
				for _, monitor := range []bool{false, true} {
					for _, ignored := range []bool{false, true} {
						if (i+j+k)%share != 0 && !(monitor == ignored && slices.Contains(special, signal)) {
							continue
						}
						name := fmt.Sprintf("%s %s, %s, set -m %v, ignored at start %v",
							signal, a.name, how, monitor, ignored)
						text := "export P; " + shows + a.text + how
						if monitor {
							text = "set -m; " + text
						}
						list = append(list, started(name, signal, text, monitor, ignored))
					}
				}
			}
		}
	}
	judgeAll(t, list)
}

// started is the combination of a shell that does what the text says, % being the
// signal, which it may find ignored at its start.
func started(name, signal, text string, terminal, ignored bool) combination {
	start := "./sh -c " + quoted(strings.ReplaceAll(text, "%", signal))
	if ignored {
		start = "(trap '' " + signal + "; exec " + start + ")"
	}
	return combination{name: name, text: start + "\nended", terminal: terminal, kind: signal + text}
}

// doing is what a shell does when a signal comes from outside. When it has come so far
// it writes to descriptor 4 its process id and that of the process that it waits for, if
// there is one. It goes on when that is killed, or there is a file stop, or a line in
// descriptor 5.
var doing = []struct{ name, text, goOn string }{
	{"reads", "echo $$ >&4; read x <&5; echo on $?", "echo go >&5"},
	{"loops", "echo $$ >&4; while [ ! -e stop ]; do :; done; echo on $?", ": >stop"},
	{"waits for a program", "p=$$ sh -c 'echo $p $$ >&4; exec sleep 100'; echo on $?", "kill -KILL $q"},
	{"waits for a substitution", "x=$(p=$$ sh -c 'echo $p $$ >&4; exec sleep 100'); echo on $?", "kill -KILL $q"},
	{"waits for a subshell", // which outlives the shell, and is not to tell of the death of its program then
		"(exec 2>/dev/null; p=$$ sh -c 'echo $p $$ >&4; exec sleep 100'; exit 3); echo on $?",
		"kill -KILL $q"},
	{"waits in the background", "sleep 100 & echo $$ $! >&4; wait $! 2>/dev/null; echo on $?", "kill -KILL $q"},
}

// fromOutside sends % to a shell: how it is started and goes on is to be filled in.
const fromOutside = `mkfifo a b; exec 4<>a 5<>b; rm a b
({ read p q <&4; kill -s %% $p; %s; echo >&4; } &)
%s
ended 2>/dev/null
read x <&4
[ ! -e stop ] || rm stop
`

// TestSignalsFromOutside kills the shell with each signal, the real-time ones too: its
// parent sees the status, and nothing is said.
func TestSignalsFromOutside(t *testing.T) {
	all := append([]string(nil), signals...)
	for n := 35; n < 64; n++ {
		all = append(all, fmt.Sprint(n))
	}
	var list []combination
	for _, signal := range all {
		for _, d := range doing {
			if signal == "CHLD" && (d.name == "reads" || d.name == "waits in the background") {
				continue // dash may be interrupted by it, ignored or not
			}
			for _, a := range actions {
				if a.name == "command" && (d.name == "reads" || d.name == "waits in the background") {
					continue // other when it comes before the shell has begun to wait
				}
				for _, ignored := range []bool{false, true} {
					start := "./sh -c " + quoted(a.text+d.text)
					if ignored {
						start = "(trap '' %; exec " + start + ")"
					}
					name := fmt.Sprintf("%s to one that %s, %s, ignored at start %v", signal, d.name, a.name, ignored)
					text := fmt.Sprintf(fromOutside, d.goOn, start)
					list = append(list, combination{name: name, terminal: true,
						kind: signal + d.name, text: strings.ReplaceAll(text, "%", signal)})
				}
			}
		}
	}
	judgeAll(t, list)
}
