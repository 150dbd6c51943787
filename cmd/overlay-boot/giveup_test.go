package main

import (
	"strings"
	"testing"
)

// waitingCommands wait in the foreground of a script for input that nobody writes.
var waitingCommands = []string{
	"cat p", "cat /dev/zero | sed -n p | wc -c", "sleep 5 | cat", "x=$(cat p); echo $?",
	"(trap 'echo x' INT; cat p)", "dd if=/dev/zero of=/dev/null 2>&1 | grep -c nothing",
	"f() { cat p; }; f", "sort p | cat", "tail -f /dev/null", "awk 1 p", "{ head -n 1 p; } 2>&1",
	"env sed p p",
}

// TestGivenUp checks that a signal to the process group ends the command that a script
// waits for, and that the script's trap runs.
func TestGivenUp(t *testing.T) {
	var rows []string
	for _, command := range waitingCommands {
		for _, signal := range []string{"TERM", "INT"} {
			script := "trap 'echo T' TERM INT; (trap - TERM INT; sleep .3; exec kill -" + signal +
				" 0) & " + command + "; echo \"after $?\"; exit 4"
			rows = append(rows, "mkfifo p; timeout 5 setsid -w \"$SHELL\" -c '"+
				strings.ReplaceAll(script, "'", `'\''`)+"' </dev/null >o 2>&1; echo $?; cat o")
		}
	}
	judgeRows(t, rows, false)
}

// ownProcess is a script that looks for itself among the processes.
const ownProcess = `cat >my1 <<'E'
pgrep -fc /my1; n=$(pgrep -fc /my1); echo $n; [ $(pgrep -fc /my1) -gt 1 ]; echo $?
pgrep -f /my1 | wc -l; (pgrep -fc /my1); (pgrep -fc /my1; :); pgrep -n -f my1 | grep -c "^$$\$"
{ pgrep -fc /my1; } | cat
trap 'echo term; exit 5' TERM; pkill -f /my1; echo after
E
printf '#!%s\n' "$SHELL" | cat - my1 >x; mv x my1; chmod +x my1; "$PWD/my1"; echo $?`

// TestFindsItself checks that pgrep and pkill, which run inside the shell as natives, find
// the shell as a process other than themselves.
func TestFindsItself(t *testing.T) { judgeRows(t, []string{ownProcess}, false) }

// TestDdReports checks that dd reports its progress at SIGUSR1.
func TestDdReports(t *testing.T) {
	var rows []string
	for _, before := range []string{"", "trap '' USR1; ", "trap : INT; "} {
		rows = append(rows,
			before+"{ dd if=/dev/zero of=/dev/null bs=1k & sleep .3; kill -USR1 $!; sleep .2; "+
				"kill -USR1 $!; sleep .2; kill $!; wait $!; echo $?; } 2>o; grep -c 'records in' o",
			before+"{ (sleep .5; echo x) | dd of=/dev/null & sleep .2; kill -USR1 $!; "+
				"wait $!; echo $?; } 2>&1 | "+
				"sed 's/, .*//'")
	}
	judgeRows(t, rows, false)
}

// threadless are commands whose process cannot create threads, because its children belong
// to another pid namespace.
var threadless = []string{
	"printf 'a\\n' | unshare -p cat", "unshare -p timeout 3 sh -c 'echo x'",
	"unshare -p sh -c 'echo y'", "/usr/bin/unshare -p sh -c 'echo hi'",
	"unshare -pf sh -c 'echo $$'", "unshare -p nice sed p /dev/null; echo $?",
	"unshare -p setsid -w id -u", "unshare -p nosuch; echo $?", "(unshare -p cat /dev/null); echo $?",
	"unshare -p sed -n p /dev/null & wait $!; echo $?",
}

func TestThreadless(t *testing.T) { judgeRows(t, threadless, false) }
