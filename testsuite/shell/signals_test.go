package shell

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
)

// A started is a shell that starts with some signals ignored, and the signal that it gets.
type started struct {
	script  string
	ignored []int
	sent    int  // arrives when the script has printed a line, 0 for none
	closed  bool // standard output has no reader
}

// run runs the script under a shell, with the default actions of all other signals.
func (s started) run(t *testing.T, shell string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], shell, "sh", "-c", s.script)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	list := strings.Trim(fmt.Sprint(s.ignored), "[]")
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C", ignoringVar + "=" + list}
	var errors strings.Builder
	cmd.Stderr = &errors
	in, err := cmd.StdinPipe()
	check(t, err)
	out, err := cmd.StdoutPipe()
	check(t, err)
	if s.closed {
		check(t, out.Close())
		cmd.Stdout = closedPipe(t)
	}
	check(t, cmd.Start())
	late := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	var text string
	if !s.closed {
		lines := bufio.NewReader(out)
		if s.sent != 0 {
			text, _ = lines.ReadString('\n')
			check(t, cmd.Process.Signal(syscall.Signal(s.sent)))
			switch syscall.Signal(s.sent) {
			case unix.SIGILL, unix.SIGTRAP, unix.SIGBUS, unix.SIGFPE, unix.SIGSEGV:
				// The Go runtime may handle these on another thread than the one that reads.
				time.Sleep(50 * time.Millisecond)
			}
		}
		in.Close()
		rest, _ := io.ReadAll(lines)
		text += string(rest)
	}
	in.Close()
	_ = cmd.Wait() // the state has the result
	return fmt.Sprintf("%q %q %s", text, errors.String(), cmd.ProcessState)
}

// closedPipe returns the write end of a pipe without a reader.
func closedPipe(t *testing.T) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	check(t, err)
	check(t, r.Close())
	t.Cleanup(func() { w.Close() })
	return w
}

// ignoringVar names the signals that this program, once re-executed, ignores before it executes
// its arguments. The Go library would not let a child inherit most of them.
const ignoringVar = "SHELL_TEST_IGNORING"

func init() {
	list, ok := os.LookupEnv(ignoringVar)
	if !ok {
		return
	}
	os.Unsetenv(ignoringVar)
	for number := range strings.FieldsSeq(list) {
		n, _ := strconv.Atoi(number)
		sandbox.SetIgnored(syscall.Signal(n), true)
	}
	err := syscall.Exec(os.Args[1], os.Args[2:], os.Environ())
	panic(err)
}

func judgeStarted(t *testing.T, name string, s started) {
	t.Helper()
	t.Run(rowName(name), func(t *testing.T) {
		judged.Add(1)
		if want, got := s.run(t, dash), s.run(t, ours); want != got {
			t.Errorf("%+v\n--- dash\n%s\n--- ours\n%s", s, want, got)
		}
	})
}

// withEntry skips a test for a shell that does not begin at its own entry, and so cannot know
// the signals that were ignored at its start.
func withEntry(t *testing.T) {
	t.Helper()
	if os.Getenv("OVERLAY_SHELL") != "" {
		kit.NotAbout(t, "a shell built in another way, such as for the race detector")
	}
}

// seen shows the signals that another program inherits, for each way to start it.
const seen = `show='open F, "/proc/self/status"; while (<F>) { print if /^Sig(Ign|Blk)/ }'
perl -e "$show"; (perl -e "$show"; :); perl -e "$show" & wait; x=$(perl -e "$show"; :); ` +
	`echo "$x"
perl -e "$show" | cat; env perl -e "$show"; sh -c 'perl -e "$1"; :' sh "$show"; ` +
	`{ perl -e "$show"; :; } & wait
nohup perl -e "$show"; exec perl -e "$show"
`

// TestIgnoredAtStart checks that signals that are ignored at the start stay ignored, for the
// shell and its commands. The shell can know each of them only before the Go runtime begins.
func TestIgnoredAtStart(t *testing.T) {
	withEntry(t)
	var all []int
	for n := 1; n <= 64; n++ {
		if n == int(unix.SIGKILL) || n == int(unix.SIGSTOP) {
			continue
		}
		all = append(all, n)
		judgeStarted(t, fmt.Sprint(n), started{ignored: []int{n}, script: fmt.Sprintf(
			"kill -%d $$; echo ok; trap 'echo no' %[1]d; kill -%[1]d $$; echo $?; "+
				"trap - %[1]d\n"+
				"kill -%[1]d $$; (kill -%[1]d $(exec sh -c 'echo $PPID'); echo sub); "+
				"echo on; trap", n)})
	}
	judgeStarted(t, "all inherited", started{ignored: all, script: seen})
	judgeStarted(t, "none inherited", started{script: seen})
	judgeStarted(t, "some inherited", started{ignored: []int{3, 10, 11, 13, 23, 34, 64},
		script: seen})
	judgeStarted(t, "then exec", started{ignored: all[:31], script: `trap 'echo no' TERM USR1
exec env sh -c 'kill -TERM $$; trap "echo no" USR1; kill -USR1 $$; echo on'`})
	judgeStarted(t, "background", started{ignored: []int{15},
		script: `{ trap - TERM; sh -c 'kill -TERM $$; echo on'; } & wait
trap '' USR1; { trap - USR1; sh -c 'kill -USR1 $$; echo no'; } & wait $!; echo $?`})
}

// TestOutsideSignals checks that a signal from another process ends the shell as it ends dash,
// runs its trap, or has no effect. The signals by which the Go runtime learns of its own faults
// are included.
func TestOutsideSignals(t *testing.T) {
	for n := 1; n <= 64; n++ {
		switch syscall.Signal(n) {
		case unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU: // nobody continues it
			continue
		}
		for name, script := range map[string]string{
			"default": "echo r; read x; echo end",
			"trap":    "trap 'echo t' %d; echo r; read x; echo end",
			"ignored": "trap '' %d; echo r; read x; echo end",
			"cleared": "trap 'echo t' %d; trap - %[1]d; echo r; read x; echo end",
			"child":   "echo r; dash -c 'read x'; echo end",
		} {
			if strings.Contains(script, "%d") {
				script = fmt.Sprintf(script, n)
			}
			judgeStarted(t, fmt.Sprint(n, " ", name), started{script: script, sent: n})
		}
	}
}

// TestClosedPipes checks that SIGPIPE ends a process that writes to a pipe without a reader.
func TestClosedPipes(t *testing.T) {
	for _, script := range []string{
		"echo a; echo b >&2",
		"(echo a; echo b >&2); echo $? >&2", "x=$(echo a; echo b); echo $? >&2; echo $x",
		"seq 1 100000; echo $? >&2", "exec seq 1 100000", "exec cat /etc/passwd",
		"printf a; echo b >&2",
		"{ echo a; echo b >&2; } & wait $!; echo $? >&2",
		"echo a | cat; echo $? >&2", "sh -c 'echo a; echo b >&2'; echo $? >&2",
		"trap '' PIPE; echo a; echo $? >&2; seq 1 100000; echo $? >&2",
		"trap 'echo t >&2' PIPE; echo a; echo $? >&2; (echo a; echo no >&2); echo $? >&2",
		"trap 'echo t >&2' PIPE; trap - PIPE; echo a; echo b >&2",
		"trap 'echo t >&2' PIPE; trap - PIPE; (echo a; echo b >&2); echo $? >&2",
		"trap '' PIPE; trap - PIPE; echo a; echo b >&2",
		"trap 'echo bye >&2' EXIT; echo a", "set -e; echo a; echo b >&2", "set; echo b >&2",
		"trap 'x' HUP; trap; echo b >&2",
	} {
		judgeStarted(t, script, started{script: script, closed: true})
	}
}
