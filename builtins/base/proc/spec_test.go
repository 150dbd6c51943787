package proc

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/signals"
)

// start runs a Spec with a pipe as standard output, and returns the output and the exit status.
func start(t *testing.T, s *Spec) (out string, status int) {
	t.Helper()
	out, ws, ok := direct.output(t, s)
	if !ok {
		t.Fatal("no such child")
	}
	return out, ExitStatus(ws)
}

func shell(script string) *Spec {
	return &Spec{Argv: []string{"sh", "-c", script}, Env: []string{"A=b"}, Exe: -1,
		Dir: unix.AT_FDCWD, Paths: []string{"/nosuch/sh", "/bin/sh"}}
}

func TestStart(t *testing.T) {
	out, status := start(t, shell("echo $0 $A; exit 7"))
	if out != "sh b\n" || status != 7 {
		t.Errorf("%q, status %d", out, status)
	}
	if _, status := start(t, shell("kill -9 $$")); status != 137 {
		t.Errorf("killed: status %d", status)
	}
}

func TestStartDirectory(t *testing.T) {
	dir, err := unix.Open("/etc", unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(dir)
	s := shell("pwd -P")
	s.Dir = dir
	if out, _ := start(t, s); out != "/etc\n" {
		t.Errorf("started in %q", out)
	}
}

// TestStartFiles checks that the child has exactly the given files, and that numbers can be
// exchanged.
func TestStartFiles(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s := shell("echo to the pipe >&5; set -- /proc/$$/fd/[0-9]; echo $#")
	s.Files = []int{-1, 2, 2, -1, -1, int(w.Fd())}
	s.Files[1] = int(w.Fd())
	pid, err := s.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(r)
	Wait(pid)
	// 1, 2, 5 and the directory that the shell reads; 0 is closed.
	if got := strings.Join(strings.Fields(string(text)), " "); got != "to the pipe 4" {
		t.Errorf("got %q", got)
	}
}

func TestStartErrors(t *testing.T) {
	for _, c := range []struct {
		paths []string
		want  unix.Errno
	}{
		{[]string{"/nosuch"}, unix.ENOENT},
		{[]string{"/etc"}, unix.EACCES},
		{[]string{"/nosuch", "/etc/passwd", "/nosuch"}, unix.EACCES},
		{nil, unix.ENOENT},
	} {
		s := &Spec{Argv: []string{"x"}, Exe: -1, Dir: unix.AT_FDCWD, Paths: c.paths}
		_, err := s.Start()
		var failure *Error
		if !errors.As(err, &failure) || !failure.Exec || failure.Errno != c.want {
			t.Errorf("%q: %v", c.paths, err)
		}
	}
}

// TestStepFails checks that Start returns the failure of the right step.
func TestStepFails(t *testing.T) {
	s := shell("echo no")
	s.Call(Failure{"first", 3}, 0, unix.SYS_GETPID)
	s.Call(Failure{"second", 4}, ChangesRoot, unix.SYS_CHROOT, s.String("/nosuch"))
	s.Call(Failure{"third", 5}, 0, unix.SYS_CHROOT, s.String("/nosuch"))
	_, err := s.Start()
	var failure *Error
	if !errors.As(err, &failure) || failure.Exec || failure.Errno != unix.ENOENT ||
		failure.Failure != (Failure{"second", 4}) {
		t.Errorf("%#v", err)
	}
	if s.Changed() != ChangesRoot {
		t.Errorf("changed %b", s.Changed())
	}
}

// TestUnreadable checks that settle kills the program, and does not wait for it, if nobody can
// read the child's report. If a second read succeeds, the program goes on.
func TestUnreadable(t *testing.T) {
	for _, r := range []struct {
		failures int
		runs     bool
	}{{0, true}, {1, true}, {1000, false}} {
		pid, err := shell("exec sleep 1000").Start()
		if err != nil {
			t.Fatal(err)
		}
		said := failing(r.failures)
		if err := (&Spec{}).settle(pid, &said); (err == nil) != r.runs {
			t.Errorf("%d failures: %v", r.failures, err)
		}
		if runs := unix.Kill(pid, unix.SIGKILL) == nil; runs != r.runs {
			t.Errorf("%d failures: runs %v", r.failures, runs)
		}
		Wait(pid)
	}
}

// failing is a reader that fails that many times, and then is at its end.
type failing int

func (f *failing) Read([]byte) (int, error) {
	if *f == 0 {
		return 0, io.EOF
	}
	*f--
	return 0, unix.EIO
}

// TestFork checks that a level stays as the parent, with its own arguments, and ends with the
// exit status of its child.
func TestFork(t *testing.T) {
	s := shell("until [ $(cat /proc/$PPID/comm) = keeper ]; do :; done; " + // the parent becomes it
		"cat /proc/$PPID/comm; tr '\\0' ' ' < /proc/$PPID/cmdline; exit 9")
	s.Fork(Keeper{Argv: []string{"keeper", "of", "it"}}, Failure{"fork", 1})
	out, status := start(t, s)
	if out != "keeper\nkeeper of it " || status != 9 {
		t.Errorf("%q, status %d", out, status)
	}
	s = shell("kill -15 $$")
	s.Fork(Keeper{Argv: []string{"keeper"}}, Failure{"fork", 1})
	if _, status := start(t, s); status != 143 {
		t.Errorf("child killed: status %d", status)
	}
}

func TestIgnore(t *testing.T) {
	s := shell("trap - TERM; kill -TERM $$; echo alive")
	s.Ignore = signals.Bit(int(unix.SIGTERM))
	if out, _ := start(t, s); out != "alive\n" {
		t.Errorf("%q", out)
	}
}

// TestCallOn checks that a step uses the number that a file of the program has while the steps
// run. A step may also use a descriptor whose number the program has for another file.
func TestCallOn(t *testing.T) {
	ns, err := unix.Open("/proc/self/ns/uts", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(ns)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s := shell("echo b")
	s.CallOn(1, Failure{}, ChangesOther, unix.SYS_WRITE, s.String("a"), 1)
	s.Call(Failure{Text: "its own"}, ChangesOther, unix.SYS_FCNTL, uintptr(ns), unix.F_GETFD)
	s.Files = slices.Repeat([]int{-1}, ns+1) // these are closed in the program
	s.Files[1] = int(w.Fd())
	pid, err := s.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := io.ReadAll(r); string(out) != "ab\n" || err != nil {
		t.Errorf("%q, %v", out, err)
	}
	Wait(pid)
	s = shell("")
	s.CallOn(7, Failure{Text: "seven"}, ChangesOther, unix.SYS_FCNTL, unix.F_GETFD)
	if _, err := s.Start(); !errors.Is(err, unix.EBADF) {
		t.Errorf("a file that the program has not: %v", err)
	}
}
