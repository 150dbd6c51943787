package builtins

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// procSetup starts processes to find. The sandbox's first process, this test,
// is 1 to both judges; mask hides what starts and stops meanwhile.
const procSetup = `
	sleep 1000 >/dev/null 2>&1 & sleep 1001 >/dev/null 2>&1 &
	cp /bin/sleep 'odd name'; ./odd\ name 1002 >/dev/null 2>&1 &
	setsid nice sh -c 'sleep 1003 & sleep 1004 & wait' '/x/overlay-boot/a b.conf' >/dev/null 2>&1 &
	sleep 0.3
`

func procRows(argvs []string) (rows []sandboxRow) {
	for _, argv := range argvs {
		rows = append(rows, sandboxRow{row: row{setup: procSetup, argv: argv}, noMounts: true})
	}
	return rows
}

func TestPs(t *testing.T) {
	rows := procRows([]string{
		"ps -hopid --ppid=99999",
		"ps -hocmd 99999",
		"ps -p 99999",
		"ps -opid= -p 99999",
	})
	rows = append(rows,
		sandboxRow{row: row{argv: "ps foo", lacks: true}},
		sandboxRow{row: row{argv: "ps aux", lacks: true}},
		sandboxRow{row: row{argv: "ps -o foo", lacks: true}},
		sandboxRow{row: row{argv: "ps -p x", lacks: true}},
		sandboxRow{row: row{argv: "ps -Z", lacks: true}})
	judgeSandbox(t, rows)
}

// TestPsOfTree compares listings of one tree of processes.
func TestPsOfTree(t *testing.T) {
	if os.Getuid() != 0 {
		missing(t, "needs root")
	}
	runInside(t, "TestInsidePs")
}

// TestInsidePs is the sandbox's side of TestPsOfTree. The judges see the same
// processes; their own are not in the tree.
func TestInsidePs(t *testing.T) {
	if os.Getenv(sandboxEnv) != "TestInsidePs" {
		return
	}
	enterSandbox(t)
	top := exec.Command("/bin/sh", "-c", `sleep 1000 & nice sleep 1001 & cp /bin/sleep 'odd name'
		./odd\ name 1002 & setsid sleep 1003 & (exec -a x sleep 1) & sleep 100000000000000000004 &
		while :; do wait; done`, "/x/overlay-boot/a b.conf")
	top.Dir = "/mnt"
	if err := top.Start(); err != nil {
		t.Fatal(err)
	}
	defer top.Process.Kill()
	time.Sleep(2 * time.Second) // longer than one tick may count
	pid := strconv.Itoa(top.Process.Pid)
	for _, line := range []string{
		"ps -hopid --ppid=PID", "ps -hopid --ppid PID", "ps -hocmd PID", "ps -ho cmd -p PID",
		"ps -h -o pid,ppid,cmd -p PID", "ps h -o pid PID", "ps -p PID,1", "ps PID",
		"ps -o pid= -o comm= --ppid PID", "ps --no-headers -o args --pid PID",
		"ps -f --ppid PID", "ps -o comm --ppid PID", "ps -o pid,ppid,comm --ppid PID",
		"ps -o args,comm --ppid PID", "ps -o comm,pid --ppid PID", "ps -o cmd,stat --ppid PID",
		"ps -o uid,user,comm --ppid PID", "ps -o comm=NAME --ppid PID", "ps -o s,state,comm -p PID",
		"ps -o ni,nlwp,pgid,sid,comm --ppid PID", "ps -o tty,comm --ppid PID", "ps -o pid,tty -p PID",
		"ps -o tt,tname,ucmd --ppid PID", "ps -o euser,ruid,euid,command --ppid PID",
		"ps -o time,cputime,comm --ppid PID", "ps -o pid=LONGHEADER,comm --ppid PID",
		"ps -o comm=A,pid -p PID", "ps -o pid=,comm -p PID", "ps -o 'pid comm' -p PID",
		"ps -p PID -o stime,comm", "pgrep -P PID", "pgrep -a -P PID", "pgrep -l -P PID sleep",
		"pgrep -d, -P PID", "pgrep -n -P PID", "pgrep -o -P PID", "pgrep -f 'overlay-boot.*/a b.conf'",
		"pgrep -a -x -f 'sleep 1000'", "pgrep -g PID -a",
		"pgrep -s PID -c", "kill -0 PID", "/bin/kill -0 PID 99999",
	} {
		judgeHere(t, sandboxOrder{Argv: splitRow(t, strings.ReplaceAll(line, "PID", pid))}, machineTries)
	}
}

func TestPgrep(t *testing.T) {
	rows := procRows([]string{
		"pgrep -c sleep", "pgrep -c nothing", "pgrep nothing", "pgrep -x slee", "pgrep",
		"pgrep a b", "pgrep -fc 'sleep 100'", "pgrep -xfc 'sleep 1000'", "pgrep -ci SLEEP",
		"pgrep -fc 'overlay-boot.*/a b.conf'", "pgrep -c 'sle(e)+p|foo'", "pgrep -c -u root sleep",
		"pgrep -c -u 12345 sleep", "pgrep -c -P 1 sleep", "pgrep sleep12345678901234567",
		"pgrep '(a'", "pgrep -c -U 0 -x sleep", "pgrep -c 'odd name'", "pgrep -c '^[o]dd.name$'",
		"pgrep -f -c -- '-c'", "pgrep -c -P 99999",
	})
	for _, argv := range []string{"pgrep -a sleep", "pgrep -l -f 'sleep 100[01]'", "pgrep -d, sleep",
		"pgrep -a -x 'odd name'", "pgrep -n -a sleep", "pgrep -o -a sleep",
		"pgrep --full --list-full overlay-boot"} {
		rows = append(rows, sandboxRow{row: row{setup: procSetup, argv: argv}, noMounts: true,
			mask: `(?m)^\d+\b|\b\d+(,|$)`})
	}
	rows = append(rows,
		sandboxRow{row: row{argv: "pgrep -t tty1 x", lacks: true}},
		sandboxRow{row: row{argv: "pgrep -n -o x", lacks: true}})
	judgeSandbox(t, rows)
}

func TestPkill(t *testing.T) {
	var rows []sandboxRow
	for _, argv := range []string{"pkill sleep", "pkill -9 -f 'sleep 100[13]'", "pkill nothing",
		"pkill -f -TERM 'sleep 1000'", "pkill -SIGINT -x sleep", "pkill -0 sleep", "pkill",
		"pkill --signal KILL -c sleep", "pkill -kill -P 1 sleep"} {
		rows = append(rows, sandboxRow{row: row{setup: procSetup, argv: argv}, noMounts: true,
			probe: "sleep 0.2; ps -eo args= | grep '[s]leep 1' | grep -v 'sh -c' || true"})
	}
	rows = append(rows, sandboxRow{row: row{setup: procSetup, argv: "pkill -e -f 'sleep 1000'"},
		noMounts: true, mask: `pid \d+`},
		sandboxRow{row: row{argv: "pkill -q 1 nothing", lacks: true}})
	judgeSandbox(t, rows)
}

func TestKill(t *testing.T) {
	var rows []sandboxRow
	for _, argv := range []string{"/bin/kill -l", "/bin/kill -l 9", "/bin/kill -l TERM", "kill 99999",
		"kill -s 15 99999 99998", "/bin/kill -TERM 99999", "kill -SIGTERM 99999", "kill -9 99999",
		"kill -term 99999", "kill -sHUP 99999", "kill --signal TERM 99999", "kill -- -99999",
		"kill -0 1", "kill --list=11"} {
		rows = append(rows, sandboxRow{row: row{argv: argv}, noMounts: true})
	}
	rows = append(rows,
		sandboxRow{row: row{argv: "kill", lacks: true}},
		sandboxRow{row: row{argv: "kill foo", lacks: true}},
		sandboxRow{row: row{argv: "kill -s FOO 1", lacks: true}},
		sandboxRow{row: row{argv: "kill -q 1 99999", lacks: true}})
	judgeSandbox(t, rows)
}
