package process_test

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/native"
	"overlayboot/builtins/process"
)

// A waitpidRow is one invocation of waitpid. Debian 12 lacks that tool, so real processes and
// the manual page of util-linux 2.39 are the judges. SHORT and LONG stand for processes that
// live 0.2 seconds and until the test ends. ZOMBIE stands for a process that nobody has
// collected, GONE for one that no longer exists. ORPHAN stands for a process that is not our
// child and lives 0.2 seconds.
type waitpidRow struct {
	args           string
	status         int
	stdout, stderr string
	least          time.Duration
}

const (
	soon = 190 * time.Millisecond
	late = 40 * time.Second
)

func waitpidRows() []waitpidRow {
	return []waitpidRow{
		{args: "SHORT", least: soon},
		{args: "-v SHORT", stdout: "PID SHORT finished\n", least: soon},
		{args: "ORPHAN", least: soon},
		{args: "ZOMBIE"},
		{args: "-t 5 ZOMBIE SHORT", least: soon},
		{args: "-c 1 ZOMBIE LONG"},
		{args: "--count 1 -v LONG ZOMBIE", stdout: "PID ZOMBIE finished\n"},
		{args: "-c 2 LONG ZOMBIE SHORT", least: soon},
		{args: "-t 0.25 LONG", status: 3, least: 250 * time.Millisecond},
		{args: "--timeout=.2 -v LONG", status: 3, stdout: "Timeout expired\n", least: soon},
		{args: "-t 0.2 LONG SHORT ZOMBIE", status: 3, least: soon},
		{args: "-t 0 SHORT", least: soon},
		{args: "GONE", status: 1, stderr: "waitpid: could not open pid GONE: No such process\n"},
		{args: "LONG GONE", status: 1, stderr: "waitpid: could not open pid GONE: No such process\n"},
		{args: "-e GONE", stderr: "waitpid: PID GONE has exited, skipping\n"},
		{args: "--exited GONE SHORT", stderr: "waitpid: PID GONE has exited, skipping\n", least: soon},
		{args: "", status: 1, stderr: "waitpid: no PIDs specified\n"},
		{args: "-c 3 LONG", status: 1, stderr: "waitpid: can't want for 3 of 1 PIDs\n"},
		{args: "x", status: 1, stderr: "waitpid: failed to parse pid: 'x'\n"},
		{args: "0", status: 1, stderr: "waitpid: failed to parse pid: '0'\n"},
		{args: "-t x LONG", status: 1, stderr: "waitpid: could not parse timeout: 'x'\n"},
		{args: "-t -1 LONG", status: 1, stderr: "waitpid: could not parse timeout: '-1'\n"},
		{args: "-c x LONG", status: 1, stderr: "waitpid: invalid count: 'x'\n"},
		{args: "-c 1 -e LONG", status: 1,
			stderr: "waitpid: mutually exclusive arguments: --count --exited\n"},
		{args: "-x LONG", status: native.Unsupported},
	}
}

func TestWaitpid(t *testing.T) {
	for _, r := range waitpidRows() {
		t.Run(r.args, func(t *testing.T) {
			t.Parallel()
			start := time.Now() // on a busy machine the call may start late in a short life
			pids := waitpidProcesses(t, r.args)
			var out, errs bytes.Buffer
			call := &native.Call{Args: append([]string{"waitpid"}, strings.Fields(pids.Replace(r.args))...),
				Dir: unix.AT_FDCWD, NetNS: -1, Stdout: &out, Stderr: &errs}
			if r.status == 3 { // the timeout counts from the call
				start = time.Now()
			}
			status := process.Waitpid(call)
			took := time.Since(start)
			if status != r.status || out.String() != pids.Replace(r.stdout) ||
				errs.String() != pids.Replace(r.stderr) {
				t.Errorf("status %d, %q, %q", status, &out, &errs)
			}
			if took < r.least || took > late {
				t.Errorf("took %v, not between %v and %v", took, r.least, late)
			}
		})
	}
}

// waitpidProcesses starts the processes that the arguments name.
func waitpidProcesses(t *testing.T, args string) *strings.Replacer {
	t.Helper()
	var pairs []string
	for name, script := range map[string]string{"SHORT": "exec sleep 0.2", "LONG": "exec sleep 60",
		"ZOMBIE": "exit 3", "GONE": "exit 3", "ORPHAN": "sleep 0.2 >&- 2>&- & echo $!"} {
		if !strings.Contains(args, name) {
			continue
		}
		c := exec.Command("/bin/sh", "-c", script)
		var pid int
		switch name {
		case "ORPHAN":
			text, err := c.Output()
			if err != nil {
				t.Fatal(err)
			}
			pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		default:
			pid = startProcess(t, c, name)
		}
		pairs = append(pairs, name, strconv.Itoa(pid))
	}
	return strings.NewReplacer(pairs...)
}

func startProcess(t *testing.T, c *exec.Cmd, name string) int {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	pid := c.Process.Pid
	switch name {
	case "GONE":
		_ = c.Wait()
		return pid
	case "ZOMBIE":
		for state := byte(0); state != 'Z'; {
			text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
			if err != nil {
				t.Fatal(err)
			}
			state = text[bytes.LastIndexByte(text, ')')+2]
		}
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	return pid
}
