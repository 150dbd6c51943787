package subhost_test

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/subhost"
	"overlayboot/compat/judge"
)

// startShell starts a script, and kills it when the test ends.
func startShell(t *testing.T, script string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command("/bin/sh", append([]string{"-c", script}, args...)...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	return c
}

// timed runs a native command and measures the time.
func timed(t *testing.T, argv ...string) (o judge.Outcome, took time.Duration) {
	t.Helper()
	var out, errs bytes.Buffer
	start := time.Now()
	o.Status, _ = ours(&judge.Call{Argv: argv, Dir: unix.AT_FDCWD, Stdout: &out, Stderr: &errs})
	o.Stdout, o.Stderr = out.String(), errs.String()
	return o, time.Since(start)
}

// awaited is timed for overlay-await or overlay-became. A signal to this process, such as those
// of the Go runtime, ends these commands early with status 3; awaited then calls the command
// again, until the limit in seconds has passed. The time counts from begun, when the awaited
// script started. If the limit ends the wait, the time counts from the call.
func awaited(t *testing.T, begun time.Time, limit string, argv ...string,
) (o judge.Outcome, took time.Duration) {
	t.Helper()
	seconds, err := strconv.ParseFloat(limit, 64)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for {
		o, _ = timed(t, argv...)
		took = time.Since(start)
		if o.Status != subhost.AwaitTimeout {
			return o, time.Since(begun)
		}
		if took.Seconds() >= seconds {
			return o, took
		}
	}
}

// An awaitRow is a script, which gets the name of a file, and the expected result. least is the
// shortest time that the command must wait; overlay-await waits for a line of the file that
// begins with KEY=.
type awaitRow struct {
	script, limit string
	status        int
	least         time.Duration
}

// atLast is the longest time that a wait may take: well before the scripts and the limits end.
const atLast = 50 * time.Second

func TestAwait(t *testing.T) {
	for _, row := range []awaitRow{
		{"echo KEY=1 >> $1; exec sleep 90", "60", 0, 0},
		{"sleep 0.2; echo KEY=1 >> $1; exec sleep 90", "60", 0, 190 * time.Millisecond},
		{"echo x >> $1; sleep 0.2; echo KEY= >> $1; exec sleep 90", "60", 0, 190 * time.Millisecond},
		{"sleep 0.2; echo KEY=1 >> $1", "60", 0, 190 * time.Millisecond},
		{"printf KEY= >> $1; sleep 0.2; echo 1 >> $1; exec sleep 90", "60", 0, 190 * time.Millisecond},
		{"sleep 0.2; echo NOKEY=1 >> $1", "60", 1, 190 * time.Millisecond},
		{"exec sleep 0.2", "60", 1, 190 * time.Millisecond},
		{"exec sleep 90", "0.3", 3, 290 * time.Millisecond},
	} {
		t.Run(row.script, func(t *testing.T) {
			t.Parallel()
			file := t.TempDir() + "/f"
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			c := startShell(t, row.script, "sh", file)
			o, took := awaited(t, start, row.limit, "overlay-await", "-t", row.limit, pidOf(c), file, "KEY=")
			if o.Status != row.status || took < row.least || took > atLast {
				t.Errorf("%+v after %v", o, took)
			}
		})
	}
}

func TestBecame(t *testing.T) {
	for _, row := range []awaitRow{
		{"sleep 0.2; exec sleep 90", "60", 0, 190 * time.Millisecond},
		{"exec sleep 90", "60", 0, 0},
		{"sleep 0.2; exec sh -c 'while :; do :; done'", "60", 0, 290 * time.Millisecond},
		{"sleep 0.2", "60", 1, 190 * time.Millisecond},
		{"sleep 0.2; exec sh -c 'N=0; while [ $N -lt 15000 ]; do N=$((N+1)); done'", "60", 4,
			190 * time.Millisecond},
		{"sleep 90; :", "0.3", 3, 290 * time.Millisecond},
	} {
		t.Run(row.script, func(t *testing.T) {
			// No program to watch, the right one, one that is never executed, one that does not
			// exist.
			for _, file := range []string{"", "/bin/sleep", "/etc/passwd", "/no/such"} {
				o, took := row.became(t, file)
				// On a busy machine, a program may end before anybody sees it, or run for
				// longer than what counts as an end.
				for tries := 0; row.status == 4 && o.Status != 4 && tries < 8; tries++ {
					o, took = row.became(t, file)
				}
				if o.Status != row.status || took < row.least || took > atLast {
					t.Errorf("-w %q: %+v after %v", file, o, took)
				}
			}
		})
	}
}

// became runs overlay-became, with a program to watch, on the script.
func (row awaitRow) became(t *testing.T, file string) (o judge.Outcome, took time.Duration) {
	t.Helper()
	start := time.Now()
	c := startShell(t, row.script, "sh", "the-word")
	return awaited(t, start, row.limit, "overlay-became", "-w", file, "-t", row.limit,
		pidOf(c), "the-word")
}

func pidOf(c *exec.Cmd) string { return strconv.Itoa(c.Process.Pid) }

func TestAwaitArguments(t *testing.T) {
	const usage = "overlay-await: usage: overlay-await [-t SECONDS] PID FILE TEXT\n"
	for _, row := range []struct {
		argv []string
		err  string
	}{
		{[]string{"overlay-await"}, usage}, {[]string{"overlay-await", "1", "f"}, usage},
		{[]string{"overlay-await", "x", "f", "t"}, "overlay-await: x is no process\n"},
		{[]string{"overlay-await", "0", "f", "t"}, "overlay-await: 0 is no process\n"},
		{[]string{"overlay-await", "-t", "x", "1", "f", "t"},
			"overlay-await: a timeout of x is unknown\n"},
		{[]string{"overlay-await", "-w", "f", "1", "f", "t"},
			"overlay-await: option '-w' is unknown\n"},
		{[]string{"overlay-became", "1"},
			"overlay-became: usage: overlay-became [-t SECONDS] [-w FILE] PID WORD\n"},
	} {
		if o, _ := timed(t, row.argv...); o.Status != 2 || o.Stderr != row.err {
			t.Errorf("%q: %+v", row.argv, o)
		}
	}
}
