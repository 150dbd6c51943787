package testsuite

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestTerminalInside checks that the shell of overlay-go has a terminal of the subhost, and
// that the administrator's terminal gets its settings back at the end.
func TestTerminalInside(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("term", minimal)
		s.boot()
		master, slave := terminal(t)
		before, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
		must(t, err)
		cmd := s.engine.Command("overlay-go", s.Name)
		got := atTerminal(t, cmd, master, slave,
			"echo 't'erm=$(tty) $(test -c \"$(tty)\" && echo there)\nps -o tty= -p $$\nexit 7\n")
		for _, want := range []string{"term=/dev/pts/0 there\r\n", "\npts/0", "done\r\n"} {
			if !strings.Contains(got, want) {
				t.Errorf("no %q in %q", want, got)
			}
		}
		if status := cmd.ProcessState.ExitCode(); status != 7 {
			t.Errorf("status %d, want 7: %q", status, got)
		}
		after, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
		must(t, err)
		if *before != *after {
			t.Errorf("settings %+v, were %+v", after, before)
		}
		s.stop()
	})
}

// terminal creates a pseudo-terminal.
func terminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	must(t, err)
	must(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	peer, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCGPTPEER,
		unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC)
	if errno != 0 {
		t.Fatal(errno)
	}
	return os.NewFile(uintptr(fd), "master"), os.NewFile(peer, "slave")
}

// atTerminal runs a program on a terminal, types a text, and returns the output.
func atTerminal(t *testing.T, cmd *exec.Cmd, master, slave *os.File, typed string) string {
	t.Helper()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	must(t, cmd.Start())
	_, err := master.WriteString(typed)
	must(t, err)
	limit := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer limit.Stop()
	shown := make(chan string, 1)
	end := make(chan bool)
	go func() {
		var text bytes.Buffer
		buf := make([]byte, 4096)
		for {
			list := []unix.PollFd{{Fd: int32(master.Fd()), Events: unix.POLLIN}}
			if n, _ := unix.Poll(list, 50); n > 0 {
				n, _ := master.Read(buf)
				text.Write(buf[:max(n, 0)])
				continue
			}
			select {
			case <-end:
				shown <- text.String()
				return
			default:
			}
		}
	}()
	_ = cmd.Wait()
	close(end)
	return <-shown
}
