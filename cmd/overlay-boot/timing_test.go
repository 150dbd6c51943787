package main

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/interp/timing"
)

// told makes a record; its times are in microseconds.
func told(kind timing.Kind, id, parent uint64, start, at int64, pid int,
	name string) timing.Record {
	const us = int64(time.Microsecond)
	return timing.Record{Kind: kind, ID: id, Parent: parent, Start: start * us, At: at * us,
		Pid: pid, Name: name}
}

func tableOf(records ...timing.Record) string {
	w := &watch{began: time.Unix(0, 0), records: records}
	return newTimingTree(w, unix.WaitStatus(1<<8)).table()
}

// TestTimingTable judges a table with a process that waits for a child, another process
// beside it that becomes pid 1, a loop, and steps too short for a line.
func TestTimingTable(t *testing.T) {
	supervisor := told(timing.Process, 30, 20, 3000, 4000, 8,
		"/bin/sh /usr/sbin/overlay-boot /x\x1b.conf")
	supervisor.Beside = true
	init := told(timing.Process, 40, 31, 6000, 7000, 1, "/bin/sh -s starting")
	init.Beside = true
	foreground := told(timing.Ended, 20, 10, 2000, 10000, 0, "foreground")
	foreground.Few, foreground.FewTime = 7, 500*time.Microsecond
	got := tableOf(
		told(timing.Process, 10, 0, 0, 1000, 7, "/usr/sbin/overlay-boot a.conf"),
		told(timing.Begun, 20, 10, 2000, 2000, 0, "foreground"),
		supervisor,
		told(timing.Begun, 31, 30, 5000, 5000, 0, "run"),
		init,
		told(timing.Ended, 32, 30, 4000, 4050, 0, "short"),
		told(timing.Ended, 22, 21, 3000, 3900, 0, "sleep 1"),
		told(timing.Ended, 21, 20, 3000, 4000, 0, "pause"),
		told(timing.Ended, 23, 20, 4000, 4200, 0, "up"),
		told(timing.Ended, 24, 20, 5000, 6000, 0, "pause"),
		told(timing.Replaced, 40, 0, 0, 9000, 1, "/.reaper a"),
		foreground,
		told(timing.Ended, 10, 0, 0, 11000, 0, ""),
	)
	want := `
overlay-boot ended with status 1 after 11.00 ms
pid 1 became /.reaper after 9.00 ms
   start     time      own  step, in ms; & beside the others, + runs on
    0.00    11.00     2.00  overlay-boot a.conf [7]
    0.00     1.00     1.00    (start of the program)
    2.00     8.00     5.30    foreground
    3.00     8.00     1.00      overlay-boot /x?.conf [8] & +
    3.00     1.00     1.00        (start of the program)
    5.00     6.00     6.00        run +
    6.00     3.00     2.00          sh -s starting [1] &
    6.00     1.00     1.00            (start of the program)
    3.00     2.00     1.10      2 x pause
    3.00     0.90     0.90        sleep 1
    4.00     0.20     0.20      up
             0.50     0.50      (7 below 0.10)
`
	if got != want {
		t.Errorf("got:%swant:%s", got, want)
	}
}

// TestTimingReplaced checks that a process that has re-executed this program ends when the
// new process image ends.
func TestTimingReplaced(t *testing.T) {
	got := tableOf(
		told(timing.Process, 10, 0, 0, 1000, 7, "overlay-stop a.conf"),
		told(timing.Begun, 11, 10, 1000, 1000, 0, "exec b"),
		told(timing.Process, 20, 11, 1000, 2000, 7, "/bin/sh b"),
		told(timing.Ended, 20, 0, 1000, 5000, 0, ""),
	)
	want := `
overlay-stop ended with status 1 after 5.00 ms
   start     time      own  step, in ms; & beside the others, + runs on
    0.00     5.00     0.00  overlay-stop a.conf [7]
    0.00     1.00     1.00    (start of the program)
    1.00     4.00     0.00    exec b
    1.00     4.00     3.00      sh b [7]
    1.00     1.00     1.00        (start of the program)
`
	if got != want {
		t.Errorf("got:%swant:%s", got, want)
	}
}

// TestTimingNothing checks that records without an owner, with unknown parents or in a
// cycle make no table and no endless loop.
func TestTimingNothing(t *testing.T) {
	if got := tableOf(); !strings.HasPrefix(got, "Nothing") {
		t.Errorf("no records: %q", got)
	}
	got := tableOf(
		told(timing.Process, 10, 0, 0, 1000, 7, "a"),
		told(timing.Ended, 11, 12, 0, 1000, 0, "part of the next"),
		told(timing.Ended, 12, 11, 0, 1000, 0, "part of the one before"),
		told(timing.Ended, 13, 13, 0, 1000, 0, "part of itself"),
		told(timing.Replaced, 99, 0, 0, 500, 1, "nobody"),
	)
	if strings.Count(got, "\n") != 5 {
		t.Errorf("got %s", got)
	}
}
