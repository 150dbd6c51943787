package shell

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A dialogue is the input of a user at a terminal. Each text is sent when the text before it
// has appeared in the output; "" stands for the prompt.
type dialogue []string

// prompt is the PS1 of shells at a terminal.
const prompt = "<ps1> "

// atTerminal judges a dialogue: the output of both shells must be the same.
func atTerminal(t *testing.T, d dialogue) {
	t.Helper()
	t.Run(rowName(strings.Join(d, " ")), func(t *testing.T) {
		judged.Add(1)
		want, got := d.hold(t, dash), d.hold(t, ours)
		// As in rows of scripts, dash itself does not always do the same.
		for range 5 {
			if want != got {
				want = d.hold(t, dash)
			}
		}
		if want != got {
			t.Errorf("dialogue: %q\n--- dash\n%s\n--- ours\n%s", d, want, got)
		}
	})
}

// hold holds the dialogue with a shell and returns the output of the terminal, which does not
// echo the input.
func (d dialogue) hold(t *testing.T, shell string) string {
	t.Helper()
	master, slave := openTerminal(t)
	defer master.Close()
	dir := t.TempDir()
	cmd := exec.Command(shell)
	cmd.Args = []string{"sh"}
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, slave, slave, slave
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "PS1=" + prompt, "HOME=" + dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	check(t, cmd.Start())
	slave.Close()
	screen := newScreen(master)
	for i := 0; i+1 < len(d); i += 2 {
		wait := d[i]
		if wait == "" {
			wait = prompt
		}
		if !screen.await(wait) {
			t.Errorf("%s: no %q in %q", filepath.Base(shell), wait, screen.text.String())
			break
		}
		_, err := master.WriteString(d[i+1])
		check(t, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
	case <-time.After(answersIn):
		t.Errorf("%s did not end: %q", filepath.Base(shell), screen.text.String())
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-ended
	}
	screen.rest()
	text := strings.ReplaceAll(screen.text.String(), "\r\n", "\n")
	text = regexp.MustCompile(`\b[0-9]{3,}\b`).ReplaceAllString(text, "PID")
	return text + cmd.ProcessState.String()
}

// openTerminal opens a pseudo-terminal without echo.
func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	check(t, err)
	check(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	check(t, err)
	side, err := unix.Open(fmt.Sprintf("/dev/pts/%d", n),
		unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	check(t, err)
	mode, err := unix.IoctlGetTermios(side, unix.TCGETS)
	check(t, err)
	mode.Lflag &^= unix.ECHO
	check(t, unix.IoctlSetTermios(side, unix.TCSETS, mode))
	return os.NewFile(uintptr(fd), "terminal"), os.NewFile(uintptr(side), "terminal")
}

// answersIn is the time limit for an expected output.
const answersIn = 5 * time.Second

// A screen collects the output of a terminal.
type screen struct {
	text   bytes.Buffer
	seen   int // the length of the text that was waited for
	chunks chan []byte
}

func newScreen(master *os.File) *screen {
	s := &screen{chunks: make(chan []byte)}
	go func() {
		defer close(s.chunks)
		for {
			buf := make([]byte, 4096)
			n, err := master.Read(buf)
			if err != nil {
				return
			}
			s.chunks <- buf[:n]
		}
	}()
	return s
}

// await waits for a text behind the last one that was waited for.
func (s *screen) await(text string) bool {
	timeout := time.After(answersIn)
	for {
		if at := bytes.Index(s.text.Bytes()[s.seen:], []byte(text)); at >= 0 {
			s.seen += at + len(text)
			return true
		}
		select {
		case chunk, ok := <-s.chunks:
			if !ok {
				return false
			}
			s.text.Write(chunk)
		case <-timeout:
			return false
		}
	}
}

// rest reads the output until the last process has closed the terminal.
func (s *screen) rest() {
	timeout := time.After(time.Second)
	for {
		select {
		case chunk, ok := <-s.chunks:
			if !ok {
				return
			}
			s.text.Write(chunk)
		case <-timeout:
			return
		}
	}
}
