package process_test

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"overlayboot/compat/judge"
	"overlayboot/compat/sandbox/sandboxtest"
)

// procSetup starts the processes to find. The first process of the sandbox, this test, has
// process ID 1 for both judges. mask hides the processes that start and stop meanwhile.
const procSetup = `
	sleep 1000 >/dev/null 2>&1 & sleep 1001 >/dev/null 2>&1 &
	cp /bin/sleep 'odd name'; ./odd\ name 1002 >/dev/null 2>&1 &
	setsid nice sh -c 'sleep 1003 & sleep 1004 & wait' '/x/overlay-boot/a b.conf' >/dev/null 2>&1 &
	sleep 0.3
`

func procRows(argvs []string) (rows []judge.BareRow) {
	for _, argv := range argvs {
		rows = append(rows, judge.BareRow{Row: judge.Row{Setup: procSetup, Argv: argv}, NoMounts: true})
	}
	return rows
}

func TestPs(t *testing.T) {
	rows := procRows([]string{
		"ps -hopid --ppid=99999",
		"ps -hocmd 99999",
		"ps -p 99999",
		"ps -opid= -p 99999",
		"ps h", "ps -h", "ps h -f", "ps -opid h", "ps h o pid p 99999", "ps hopid p99999",
		"ps ho pid 99999", "ps p 99999 o pid", "ps -p99999 -opid,ppid h",
		"ps -fp 99999", "ps --pid=99999 --format pid", "ps --pid 99999 --format=pid",
		"ps --noheader 99999", "ps --noheaders 99999", "ps --noheading 99999", "ps 99999 99998",
		"ps --noheadings 99999", "ps --no-header 99999", "ps --no-headings 99999",
		"ps -p 99999 --no-headers -o pid", "ps -o pid -p 99999 -o ppid",
	})
	for _, argv := range []string{"ps ''", "ps -", "ps --", "ps -o pid -- 1", "ps --no-head 1",
		"ps --for pid 1", "ps --pi 1", "ps --format= 1", "ps -o '' 1", "ps -o , 1", "ps -o=pid 1",
		"ps -o -p", "ps -p -o", "ps --no-headers=x 1", "ps --ppid", "ps -p", "ps -hp", "ps o", "ps -o",
		"ps 1,2", "ps 1x", "ps -1", "ps +1", "ps 0", "ps --ppid=0", "ps e", "ps f 1", "ps -eh",
		"ps -h -f 1", "ps -A -h", "ps --foo", "ps x", "ps hx", "ps -pZ"} {
		rows = append(rows, judge.BareRow{Row: judge.Row{Argv: argv, Lacks: true}})
	}
	rows = append(rows,
		judge.BareRow{Row: judge.Row{Argv: "ps foo", Lacks: true}},
		judge.BareRow{Row: judge.Row{Argv: "ps aux", Lacks: true}},
		judge.BareRow{Row: judge.Row{Argv: "ps -o foo", Lacks: true}},
		judge.BareRow{Row: judge.Row{Argv: "ps -p x", Lacks: true}},
		judge.BareRow{Row: judge.Row{Argv: "ps -Z", Lacks: true}})
	ours.BareRows(t, rows)
}

// TestPsOfTree compares listings of one process tree.
func TestPsOfTree(t *testing.T) {
	sandboxtest.TestBare(t, 2*time.Minute, insidePs)
}

// insidePs runs in the sandbox for TestPsOfTree. The judges see the same processes; the
// processes of the judges are not in the tree.
func insidePs(t *testing.T) {
	top := exec.Command("/bin/sh", "-c", `sleep 1000 & nice sleep 1001 & cp /bin/sleep 'odd name'
		./odd\ name 1002 & setsid sleep 1003 & (exec -a x sleep 1) & sleep 100000000000000000004 &
		while :; do wait; done`, "/x/overlay-boot/a b.conf")
	top.Dir = "/mnt"
	if err := top.Start(); err != nil {
		t.Fatal(err)
	}
	defer top.Process.Kill()
	time.Sleep(2 * time.Second) // then one tick of processor time counts as 0%
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
		"ps -p PID -o stime,comm", "ps h PID", "ps hp PID o pid,comm", "ps -f PID", "ps -fp PID h",
		"ps --format pid,comm --ppid PID", "ps o comm p PID", "ps -ocomm PID 1", "pgrep -P PID",
		"pgrep -a -P PID", "pgrep -l -P PID sleep",
		"pgrep -d, -P PID", "pgrep -n -P PID", "pgrep -o -P PID", "pgrep -f 'overlay-boot.*/a b.conf'",
		"pgrep -a -x -f 'sleep 1000'", "pgrep -g PID -a",
		"pgrep -s PID -c", "kill -0 PID", "/bin/kill -0 PID 99999",
	} {
		ours.Here(t, judge.BareRow{}, judge.Split(t, strings.ReplaceAll(line, "PID", pid)),
			judge.MachineTries)
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
		rows = append(rows, judge.BareRow{Row: judge.Row{Setup: procSetup, Argv: argv}, NoMounts: true,
			Mask: `(?m)^\d+\b|\b\d+(,|$)`})
	}
	rows = append(rows,
		judge.BareRow{Row: judge.Row{Argv: "pgrep -t tty1 x", Lacks: true}},
		judge.BareRow{Row: judge.Row{Argv: "pgrep -n -o x", Lacks: true}})
	ours.BareRows(t, rows)
}

func TestPkill(t *testing.T) {
	var rows []judge.BareRow
	for _, argv := range []string{"pkill sleep", "pkill -9 -f 'sleep 100[13]'", "pkill nothing",
		"pkill -f -TERM 'sleep 1000'", "pkill -SIGINT -x sleep", "pkill -0 sleep", "pkill",
		"pkill --signal KILL -c sleep", "pkill -kill -P 1 sleep"} {
		rows = append(rows, judge.BareRow{Row: judge.Row{Setup: procSetup, Argv: argv}, NoMounts: true,
			Probe: "sleep 0.2; ps -eo args= | grep '[s]leep 1' | grep -v 'sh -c' || true"})
	}
	rows = append(rows, judge.BareRow{Row: judge.Row{Setup: procSetup,
		Argv: "pkill -e -f 'sleep 1000'"},
		NoMounts: true, Mask: `pid \d+`},
		judge.BareRow{Row: judge.Row{Argv: "pkill -q 1 nothing", Lacks: true}})
	ours.BareRows(t, rows)
}

func TestKill(t *testing.T) {
	var rows []judge.BareRow
	for _, argv := range []string{"/bin/kill -l", "/bin/kill -l 9", "/bin/kill -l TERM", "kill 99999",
		"kill -s 15 99999 99998", "/bin/kill -TERM 99999", "kill -SIGTERM 99999", "kill -9 99999",
		"kill -term 99999", "kill -sHUP 99999", "kill --signal TERM 99999", "kill -- -99999",
		"kill -0 1", "kill --list=11", "kill 99999 -TERM", "kill 99999 -s TERM", "kill --sig TERM 99999",
		"kill 99999 --signal=TERM -- 99998", "kill --s=KILL 99999", "kill -s KILL -TERM 99999",
		"kill -- 99999 99998", "kill 99999 -- 99998", "kill -- -99999 -99998", "kill -s 0 1",
		"kill 1 -0", "kill -sTERM -sHUP 99999", "kill -64 99999", "kill -s 65 99999",
		"kill -SIGCLD 99999",
		"kill -s 99 99999", "kill -IO 99999", "kill -IOT 99999", "/bin/kill -l -9",
		"/bin/kill -s TERM -l 9",
		"/bin/kill --li=15", "/bin/kill --lis 15", "/bin/kill -l15", "/bin/kill -l SIGTERM",
		"/bin/kill -l term", "/bin/kill -l POLL", "/bin/kill -l 29", "/bin/kill -l 16",
		"/bin/kill -9 -l 09", "/bin/kill -l SIGSTKFLT"} {
		rows = append(rows, judge.BareRow{Row: judge.Row{Argv: argv}, NoMounts: true})
	}
	rows = append(rows,
		judge.BareRow{Row: judge.Row{Argv: "kill", Lacks: true}},
		judge.BareRow{Row: judge.Row{Argv: "kill foo", Lacks: true}},
		judge.BareRow{Row: judge.Row{Argv: "kill -s FOO 1", Lacks: true}},
		judge.BareRow{Row: judge.Row{Argv: "kill -q 1 99999", Lacks: true}})
	for _, argv := range []string{"kill -9", "kill -- -9", "kill -s TERM -9", "kill -s",
		"kill --signal",
		"kill -FOO 99999", "kill --foo 99999", "kill -SIGSIG 99999", "kill -s '' 99999", "kill - 99999",
		"kill -0 1 foo", "kill 1x", "kill -l 9 15", "kill -l IO", "kill -l CLD", "kill -l IOT",
		"kill -l foo", "kill -l 0", "kill -l 34", "kill -l +9", "kill -l ''", "kill -L", "kill --t",
		"kill --help", "kill --list=SIG", "kill 99999 -l 9", "kill -RTMIN 99999"} {
		rows = append(rows, judge.BareRow{Row: judge.Row{Argv: argv, Lacks: true}})
	}
	ours.BareRows(t, rows)
}

// TestKillGroup has no judge: the tool takes the group 12 for all processes, and a group
// behind "--" for a signal.
func TestKillGroup(t *testing.T) {
	sandboxtest.TestBare(t, time.Minute, func(t *testing.T) {
		top := exec.Command("sleep", "1000")
		top.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := top.Start(); err != nil {
			t.Fatal(err)
		}
		group := "-" + strconv.Itoa(top.Process.Pid)
		c := judge.Call{Argv: []string{"kill", "-TERM", group}, Stderr: t.Output()}
		if status, lacks := ours(&c); status != 0 || lacks != "" {
			t.Errorf("status %d, lacks %q", status, lacks)
		}
		if err := top.Wait(); err == nil || err.Error() != "signal: terminated" {
			t.Errorf("the process ended: %v", err)
		}
	})
}
