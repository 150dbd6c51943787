package tiny

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// statusOf returns the value of a line of /proc/PID/status.
func statusOf(pid int, key string) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, key+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return "none"
}

// sleeper starts a shell that runs a script and becomes a sleeper. exe is the sleeper's
// program.
func sleeper(t *testing.T, script string, w SleeperParams, exe *os.File) (*exec.Cmd, io.Reader) {
	t.Helper()
	w.ExeFD, w.Comm = 8, "sleeping"
	code, ok := Sleeper(runtime.GOARCH, w)
	c := exec.Command("sh", "-c", script+"\nexec "+write(t, code, ok)+
		" /proc/self/cmdline /proc/self/environ /proc/self/status")
	c.Env = []string{"A=b c"}
	c.ExtraFiles = []*os.File{nil, nil, nil, nil, nil, exe}
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	return c, out
}

// cat is a program for a sleeper that shows the state in which it was started.
func cat(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Open("/bin/cat")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// woken checks the output of the program that a sleeper has run: its arguments, environment and
// process id, that all signals are blocked, and which are pending.
func woken(t *testing.T, c *exec.Cmd, out io.Reader, pending string) {
	t.Helper()
	text, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\x00/proc/self/cmdline\x00/proc/self/environ\x00/proc/self/status\x00", "A=b c\x00",
		fmt.Sprintf("\nPid:\t%d\n", c.Process.Pid),
		"\nSigBlk:\tfffffffffffbfeff\n", // all but KILL and STOP
		"\nShdPnd:\t" + pending + "\n",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in %q", want, text)
		}
	}
}

// TestSleeperWakes checks that a sleeper wakes when a child ends, when it has none, and when a
// signal arrives.
func TestSleeperWakes(t *testing.T) {
	for _, row := range []struct {
		name, script string
		catch        uint64
		signal       unix.Signal
		pending      string
	}{
		{"a child ends", "sleep 0.2 &", 0, 0, "0000000000000000"},
		{"a child has ended", "true & sleep 0.2", 0, 0, "0000000000000000"},
		{"no child", ":", 0, 0, "0000000000000000"},
		{"a child ends, which is waited for", "sleep 0.2 &", 1 << (sigChild - 1), 0, "0000000000010000"},
		{"TERM", "sleep 5 >&- 2>&- &", 1 << 14, unix.SIGTERM, "0000000000004000"},
		{"one of many", "sleep 5 >&- 2>&- &", 1<<64 - 1 - 1<<8 - 1<<18, unix.SIGUSR2, "0000000000000800"},
		{"a real-time signal", "sleep 5 >&- 2>&- &", 1 << 39, 40, "0000008000000000"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, out := sleeper(t, row.script, SleeperParams{Catch: row.catch}, cat(t))
			if row.signal != 0 {
				until(t, c.Process.Pid, "Name:\tsleeping\n")
				until(t, c.Process.Pid, "State:\tS")
				_ = c.Process.Signal(row.signal)
			}
			woken(t, c, out, row.pending)
		})
	}
}

// TestSleeperSleeps checks that the name and the signal masks of a sleeper are as requested.
func TestSleeperSleeps(t *testing.T) {
	c, _ := sleeper(t, "sleep 5 >&- 2>&- &", SleeperParams{Catch: 1<<0 | 1<<14, Mask: 1 << 1}, cat(t))
	until(t, c.Process.Pid, "Name:\tsleeping\n")
	until(t, c.Process.Pid, "SigBlk:\t0000000000000002\n")
	until(t, c.Process.Pid, "SigCgt:\t0000000000014001\n")
	_ = c.Process.Signal(unix.SIGCONT) // a signal without effect does not wake it
	time.Sleep(50 * time.Millisecond)
	if got := statusOf(c.Process.Pid, "Name"); got != "sleeping" {
		t.Errorf("it is %q now", got)
	}
}

// TestSleeperTriesAgain checks that a sleeper retries a program until it can be run.
func TestSleeperTriesAgain(t *testing.T) {
	text, err := os.ReadFile("/bin/cat")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, out := sleeper(t, ":", SleeperParams{}, f)
	until(t, c.Process.Pid, "Name:\tsleeping\n")
	time.Sleep(100 * time.Millisecond)
	if err := os.Chmod(name, 0o700); err != nil {
		t.Fatal(err)
	}
	woken(t, c, out, "0000000000000000")
}
