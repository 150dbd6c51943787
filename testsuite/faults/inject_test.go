package faults

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// A shot is the outcome of a command under an injector.
type shot struct {
	in     *Injector
	status int
	out    string
}

// shoot runs a script with overlay-sh in an empty folder.
func shoot(t *testing.T, point, text string) shot {
	t.Helper()
	var p *Point
	if point != "" {
		parsed, err := ParsePoint(point)
		if err != nil {
			t.Fatal(err)
		}
		p = &parsed
	}
	in := NewInjector(p)
	in.Arm()
	cmd := exec.Command(bin(t)+"/overlay-sh", "-c", text)
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "LC_ALL=C")
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	err := in.Start(cmd)
	if errors.Is(err, errNoListener) {
		kit.Missing(t, "%v %s", err, out.String())
	}
	if err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if err := in.Err(); err != nil {
		t.Error(err)
	}
	status := cmd.ProcessState.ExitCode()
	if ws := cmd.ProcessState.String(); strings.Contains(ws, "signal: killed") {
		status = 128 + 9
	}
	return shot{in, status, out.String()}
}

func TestFaultIsPutIntoTheCall(t *testing.T) {
	const two = "mkdir a; echo $?; mkdir b; echo $?"
	const failed = "mkdir: cannot create directory '%s': No space left on device\n"
	for _, r := range []struct{ point, text, out string }{
		{"boot:mkdirat:1:error", two, fmt.Sprintf(failed, "a") + "1\n0\n"},
		{"boot:mkdirat:2:error", two, "0\n" + fmt.Sprintf(failed, "b") + "1\n"},
		{"boot:mkdirat:3:error", two, "0\n0\n"},
		{"boot:mkdirat:2:kill", "mkdir a & wait; { mkdir b; mkdir c; } & wait $!; echo $?; echo ?",
			"Killed\n137\na\n"},
		{"boot:unlinkat:1:error", "echo x >f; rm f; echo $?",
			"rm: cannot remove 'f': Device or resource busy\n1\n"},
		// A failure in the process of a background command is that process's failure.
		{"boot:setsid:1:error", "env setsid sleep 9 & wait $!; echo $? ${!:+set}",
			"setsid: setsid failed: Operation not permitted\n1 set\n"},
		{"boot:setsid:1:error", "env setsid sleep 9 | cat & wait $!; echo $? ${!:+set}",
			"setsid: setsid failed: Operation not permitted\n0 set\n"},
		// A shell that cannot create the process does not go on.
		{"boot:execveat:1:error", "{ :; sleep 0; } & wait $!; echo on", "Cannot fork"},
		{"boot:execveat:1:error", "{ :; sleep 0; } | cat & wait $!; echo on", "Cannot fork"},
	} {
		got := shoot(t, r.point, r.text)
		if strings.HasSuffix(got.out, "Cannot fork: cannot allocate memory\n") {
			got.out = "Cannot fork"
		}
		if got.out != r.out {
			t.Errorf("%s %q: printed %q, want %q; hit %v", r.point, r.text, got.out, r.out,
				got.in.Hit())
		}
	}
}

func TestHitIsDescribed(t *testing.T) {
	got := shoot(t, "boot:mkdirat:1:error", "mkdir somewhere")
	hit := got.in.Hit()
	if hit == nil || !strings.Contains(hit.What, `mkdirat(`) ||
		!strings.Contains(hit.What, `"somewhere"`) {
		t.Errorf("hit %+v, want the call with its path", hit)
	}
	if hit != nil && hit.Late {
		t.Error("it came before the end")
	}
}

// TestKillOfTheCommand checks that the exit status shows the kill and that nothing follows.
func TestKillOfTheCommand(t *testing.T) {
	got := shoot(t, "boot:mkdirat:1:kill", "mkdir a; echo alive")
	if got.status != 137 || got.out != "" {
		t.Errorf("status %d, %q, want 137 and nothing", got.status, got.out)
	}
}

// TestCountingCoversTheTree checks that the calls of background processes and of all their
// descendants count, and that the calls of foreign programs do not.
func TestCountingCoversTheTree(t *testing.T) {
	base := shoot(t, "", ":").in.Counts()["mkdirat"]
	sh := bin(t) + "/overlay-sh"
	text := "mkdir a; (mkdir b; (mkdir c)); mkdir d & wait; " + sh + " -c '" + sh +
		" -c \"mkdir e\"; mkdir f'; env mkdir g"
	if n := shoot(t, "", text).in.Counts()["mkdirat"] - base; n != 7 {
		t.Errorf("%d calls of mkdirat counted, want 7", n)
	}
	text = "/usr/bin/md5sum /dev/null /dev/null /dev/null >/dev/null"
	plain := shoot(t, "", "/usr/bin/md5sum /dev/null >/dev/null").in.Counts()
	if got := shoot(t, "", text).in.Counts(); got["openat"] != plain["openat"] {
		t.Errorf("openat: %d with more of another program's calls, %d with less", got["openat"],
			plain["openat"])
	}
}

// TestCountingRepeats checks that a call counts once even if a signal interrupts it while
// it waits for the answer.
func TestCountingRepeats(t *testing.T) {
	text := "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do mkdir $i; done &" +
		" P=$!; trap : USR1; for i in 1 2 3 4 5 6 7 8; do kill -CHLD $P 2>/dev/null; done; wait"
	for range 5 {
		if n := shoot(t, "", text).in.Counts()["mkdirat"]; n != 20 {
			t.Errorf("%d calls counted, want 20", n)
		}
	}
}

func TestParsePoint(t *testing.T) {
	p, err := ParsePoint("boot:mount:3:kill")
	if err != nil || p != (Point{"boot", "mount", 3, true}) || p.String() != "boot:mount:3:kill" {
		t.Errorf("%v, %v", p, err)
	}
	for _, bad := range []string{"", "boot:mount:3", "boot:mount:0:kill", "boot:nothing:1:kill",
		"boot:mount:x:kill", "boot:mount:1:hurt"} {
		if _, err := ParsePoint(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// TestCallsAreWhole checks that no name and no number occurs twice, and that every call
// except close has an error.
func TestCallsAreWhole(t *testing.T) {
	var names []string
	var numbers []int
	for _, c := range calls {
		if slices.Contains(names, c.name) || slices.Contains(numbers, c.nr) {
			t.Errorf("%s, %d is there twice", c.name, c.nr)
		}
		if (c.errno == 0) != (c.name == "close") {
			t.Errorf("%s: error %v", c.name, c.errno)
		}
		names, numbers = append(names, c.name), append(numbers, c.nr)
	}
	if _, err := os.Stat("/proc/self/exe"); err != nil {
		t.Error(err)
	}
}
