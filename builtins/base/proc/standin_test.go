package proc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"overlayboot/compat/kit"
)

// standIn makes a stand-in that ends with the test.
func standIn(t testing.TB, signals StandInSignals) *StandIn {
	t.Helper()
	p, err := NewStandIn(signals)
	if errors.Is(err, ErrNoStandIn) {
		kit.Missing(t, "a stand-in on this processor or kernel")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.End() })
	return p
}

// A starter is one of the ways to start a program and to wait for it.
type starter struct {
	start func(*Spec) (int, error)
	wait  func(pid int) (unix.WaitStatus, bool)
}

var direct = starter{(*Spec).Start, Wait}

func under(p *StandIn) starter {
	return starter{func(s *Spec) (int, error) { return s.StartUnder(p) }, p.Wait}
}

// output runs a program, and returns its standard output and its wait status.
func (way starter) output(t testing.TB, s *Spec) (out string, status unix.WaitStatus, ok bool) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s.Files = []int{0, int(w.Fd()), 2}
	pid, err := way.start(s)
	w.Close()
	if err != nil {
		t.Error(err)
		return "", 0, false
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Error(err)
	}
	status, ok = way.wait(pid)
	return string(text), status, ok
}

func TestStandInIsTheParent(t *testing.T) {
	p := standIn(t, StandInSignals{})
	out, status, ok := under(p).output(t, shell("echo $PPID $0 $A; exit 7"))
	if want := fmt.Sprintf("%d sh b\n", p.Pid()); out != want || !ok || status.ExitStatus() != 7 {
		t.Errorf("%q, want %q; status %v, %v", out, want, status, ok)
	}
	if _, status, ok := under(p).output(t, shell("kill -9 $$")); !ok || status != 9 {
		t.Errorf("killed: status %v, %v", status, ok)
	}
	if _, killed := p.Killed(); killed {
		t.Error("the stand-in has ended")
	}
	if _, killed := p.End(); killed {
		t.Error("ended by another than us")
	}
	if _, ok := Wait(p.Pid()); ok {
		t.Error("a zombie is left")
	}
}

// TestStandInLooksLikeTheShell checks that /proc shows the same for a stand-in as for this
// process, whose subshell it stands for.
func TestStandInLooksLikeTheShell(t *testing.T) {
	p := standIn(t, StandInSignals{})
	for _, name := range []string{"cmdline", "comm", "environ"} {
		ours, err := os.ReadFile("/proc/self/" + name)
		if err != nil {
			t.Fatal(err)
		}
		its, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.Pid(), name))
		if err != nil || string(its) != string(ours) {
			t.Errorf("%s: %q, want %q; %v", name, its, ours, err)
		}
	}
	for _, name := range []string{"cwd", "root", "exe", "fd/1"} {
		ours, _ := os.Readlink("/proc/self/" + name)
		its, err := os.Readlink(fmt.Sprintf("/proc/%d/%s", p.Pid(), name))
		if err != nil || its != ours {
			t.Errorf("%s: %q, want %q; %v", name, its, ours, err)
		}
	}
	if got, want := procField(t, p.Pid(), "PPid"), strconv.Itoa(os.Getpid()); got != want {
		t.Errorf("its parent is %s, want %s", got, want)
	}
	if got, err := unix.Getpgid(p.Pid()); got != unix.Getpgrp() || err != nil {
		t.Errorf("its group is %d, want %d; %v", got, unix.Getpgrp(), err)
	}
}

// procField returns the value of a line of /proc/PID/status.
func procField(t testing.TB, pid int, name string) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	t.Fatalf("no %s of %d", name, pid)
	return ""
}

func TestStandInSignals(t *testing.T) {
	p := standIn(t, StandInSignals{
		Ignore:  bit(unix.SIGINT),
		Default: bit(unix.SIGTERM),
		Mask:    1 << (unix.SIGUSR2 - 1),
	})
	if !p.Settle() {
		t.Fatal("it has ended")
	}
	// The process that runs the tests may ignore some signals.
	ignored, err := strconv.ParseUint(procField(t, os.Getpid(), "SigIgn"), 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]uint64{
		"SigIgn": ignored&^bit(unix.SIGTERM) | bit(unix.SIGINT),
		"SigBlk": 1 << (unix.SIGUSR2 - 1), "SigCgt": 0,
	} {
		if got := procField(t, p.Pid(), name); got != fmt.Sprintf("%016x", want) {
			t.Errorf("%s %s, want %016x", name, got, want)
		}
	}
	_ = unix.Kill(p.Pid(), unix.SIGINT)
	if !p.Settle() {
		t.Error("ended by a signal that it ignores")
	}
	_ = unix.Kill(p.Pid(), unix.SIGTERM)
	if p.Settle() {
		t.Error("not ended by a signal")
	}
	if status, killed := p.Killed(); !killed || status != unix.WaitStatus(unix.SIGTERM) {
		t.Errorf("status %v, %v", status, killed)
	}
}

// shown are programs that print the state in which they were started.
var shown = [][]string{
	{"/bin/grep", "-E", "^(Umask|Uid|Gid|NSpgid|NSsid|Sig[BIC]|Cap|NoNew|Seccomp)",
		"/proc/self/status"},
	{"/bin/cat", "/proc/self/limits", "/proc/self/oom_score_adj"},
	{"/bin/ls", "/proc/self/fd"},
	{"/bin/ls", "-l", "--time-style=+", "/proc/self/ns"},
	{"/bin/sh", "-c", "pwd -P; env; readlink /proc/$$/fd/2 /proc/$$/root; nice"},
}

// TestStartUnderState checks that a program starts in the same state under a stand-in as by
// Start.
func TestStartUnderState(t *testing.T) {
	p := standIn(t, StandInSignals{})
	dir, err := unix.Open("/etc", unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(dir)
	for name, edit := range map[string]func(*Spec){
		"plain":     func(*Spec) {},
		"ignored":   func(s *Spec) { s.Ignore = bit(unix.SIGINT) | bit(unix.SIGCHLD) },
		"directory": func(s *Spec) { s.Dir = dir },
		"steps": func(s *Spec) {
			s.Unshare(unix.CLONE_NEWUTS, Failure{"unshare", 1})
			s.Call(Failure{"chdir", 1}, ChangesOther, unix.SYS_CHDIR, s.String("/usr"))
		},
	} {
		for _, argv := range shown {
			var outs []string
			for _, way := range []starter{direct, under(p)} {
				s := &Spec{Argv: argv, Paths: argv[:1], Env: []string{"PATH=/bin"}, Exe: -1,
					Dir: unix.AT_FDCWD}
				edit(s)
				out, status, ok := way.output(t, s)
				if !ok || status != 0 {
					t.Errorf("%s: %q: status %v, %v\n%s", name, argv, status, ok, out)
				}
				if name == "steps" { // each program has a new namespace
					out = withoutLine(out, "uts:")
				}
				outs = append(outs, out)
			}
			if outs[0] != outs[1] {
				t.Errorf("%s: by Start\n%s\nunder a stand-in\n%s", name, outs[0], outs[1])
			}
		}
	}
}

func withoutLine(text, part string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool {
		return strings.Contains(line, part)
	}), "\n")
}

// TestStartUnderGroup checks that a program can lead a process group, or join another's.
func TestStartUnderGroup(t *testing.T) {
	p := standIn(t, StandInSignals{})
	leader := shell("exec sleep 60")
	leader.Group, leader.Terminal = true, -1
	pid, err := leader.StartUnder(p)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := unix.Getpgid(pid); got != pid || err != nil {
		t.Errorf("group %d of %d, %v", got, pid, err)
	}
	if int(*leader.tid) != pid { // the value that the terminal would get
		t.Errorf("tid %d, want %d", *leader.tid, pid)
	}
	other := shell("exec sleep 60")
	other.Group, other.Leader, other.Terminal = true, pid, -1
	pid2, err := other.StartUnder(p)
	if err != nil {
		t.Fatal(err)
	}
	_ = unix.Kill(-pid, unix.SIGTERM)
	for _, pid := range []int{pid, pid2} {
		if status, ok := p.Wait(pid); !ok || status.Signal() != unix.SIGTERM {
			t.Errorf("status %v, %v", status, ok)
		}
	}
}

// TestStartUnderIgnoredChild checks that a program ignores SIGCHLD if this process does, and
// that its wait status is known all the same.
func TestStartUnderIgnoredChild(t *testing.T) {
	ignore, old := [4]uintptr{1}, [4]uintptr{}
	rtSigaction(unix.SIGCHLD, &ignore, &old)
	p := standIn(t, StandInSignals{})
	rtSigaction(unix.SIGCHLD, &old, nil)
	s := shell("")
	s.Argv = []string{"grep", "-c", "SigIgn.*[13579bdf]....$", "/proc/self/status", "/nosuch"}
	s.Paths = []string{"/bin/grep"}
	s.Call(Failure{}, 0, unix.SYS_CLOSE, 2)
	out, status, ok := under(p).output(t, s)
	if out != "/proc/self/status:1\n" || !ok || status.ExitStatus() != 2 {
		t.Errorf("%q, status %v, %v", out, status, ok)
	}
}

func TestStartUnderErrors(t *testing.T) {
	p := standIn(t, StandInSignals{})
	for _, paths := range [][]string{
		{"/nosuch"}, {"/etc"}, {"/nosuch", "/etc/passwd", "/nosuch"}, nil,
	} {
		var failures [2]*Error
		for i, way := range []starter{direct, under(p)} {
			s := &Spec{Argv: []string{"x"}, Exe: -1, Dir: unix.AT_FDCWD, Paths: paths}
			if _, err := way.start(s); !errors.As(err, &failures[i]) {
				t.Fatalf("%q: %v", paths, err)
			}
		}
		if *failures[0] != *failures[1] || !failures[1].Exec {
			t.Errorf("%q: %v, want %v", paths, failures[1], failures[0])
		}
	}
	s := shell("echo no")
	s.Call(Failure{"first", 3}, 0, unix.SYS_GETPID)
	s.Call(Failure{"second", 4}, ChangesRoot, unix.SYS_CHROOT, s.String("/nosuch"))
	_, err := s.StartUnder(p)
	var failure *Error
	if !errors.As(err, &failure) || failure.Exec || failure.Errno != unix.ENOENT ||
		failure.Failure != (Failure{"second", 4}) {
		t.Errorf("%#v", err)
	}
	if kids := children(t, p.Pid()); kids != "" {
		t.Errorf("children are left: %s", kids)
	}
}

// TestStartUnderApart checks that a late step can be one that a stand-in cannot make. The Spec
// can then be started without a stand-in.
func TestStartUnderApart(t *testing.T) {
	p := standIn(t, StandInSignals{})
	late := 0
	s := shell("echo started")
	s.Late(func(s *Spec) {
		late++
		s.Fork(Keeper{Argv: []string{"keeper"}}, Failure{"fork", 1})
	})
	if _, err := s.StartUnder(p); !errors.Is(err, ErrNoStandIn) {
		t.Fatal(err)
	}
	out, status, ok := direct.output(t, s)
	if out != "started\n" || !ok || status != 0 || late != 1 {
		t.Errorf("%q, status %v, %v; late steps made %d times", out, status, ok, late)
	}
}

func TestCoresApart(t *testing.T) {
	for release, want := range map[string]bool{
		"5.15.0-91-generic": false, "5.16.0": true, "5.16-rc1": true, "6.1.0-18-amd64": true,
		"4.19.0": false, "10.0": true, "5.16": true, "": false, "x.y": false, "5": false,
	} {
		if coresApart(release) != want {
			t.Errorf("%q: %v", release, !want)
		}
	}
}

// children lists the children of the only thread of a process.
func children(t testing.TB, pid int) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestStandInKilled checks that a program can end its parent, the stand-in, and goes on.
func TestStandInKilled(t *testing.T) {
	for _, sig := range []unix.Signal{unix.SIGTERM, unix.SIGKILL, unix.SIGHUP, unix.SIGQUIT,
		unix.SIGSEGV, unix.SIGUSR1} {
		p := standIn(t, StandInSignals{Default: 1 << (sig - 1)})
		script := fmt.Sprintf("ulimit -c 0; kill -%d $PPID; echo went on", sig)
		s := shell(script)
		s.Call(Failure{"prlimit", 1}, 0, unix.SYS_PRLIMIT64, uintptr(p.Pid()), unix.RLIMIT_CORE,
			Pointer(s, &unix.Rlimit{}), 0)
		out, _, ok := under(p).output(t, s)
		if out != "went on\n" || ok {
			t.Errorf("%v: %q, %v", sig, out, ok)
		}
		for _, report := range []func() (unix.WaitStatus, bool){p.Killed, p.End, p.Killed, p.End} {
			if status, killed := report(); !killed || status != unix.WaitStatus(sig) {
				t.Errorf("%v: status %v, %v", sig, status, killed)
			}
		}
		if _, err := shell("echo no").StartUnder(p); !errors.Is(err, ErrStandInEnded) {
			t.Errorf("%v: started after it: %v", sig, err)
		}
		if _, ok := p.Wait(1); ok {
			t.Errorf("%v: waited after it", sig)
		}
	}
}

// TestStandInStopped checks that requests wait while the stand-in is stopped, and that End ends
// it.
func TestStandInStopped(t *testing.T) {
	p := standIn(t, StandInSignals{})
	_, status, ok := under(p).output(t, shell(
		`kill -STOP $PPID; { sleep .2; grep State /proc/$PPID/status >&2; kill -CONT $PPID; } \
			2>/dev/null 1>&- & exit 5`))
	if !ok || status.ExitStatus() != 5 {
		t.Errorf("status %v, %v", status, ok)
	}
	started := make(chan int)
	go func() { // it may be stopped before it answers
		pid, err := shell("kill -STOP $PPID; exec sleep 60").StartUnder(p)
		if err != nil {
			t.Error(err)
		}
		started <- pid
	}()
	for procField(t, p.Pid(), "State")[0] != 'T' {
		nap(time.Millisecond)
	}
	settled := make(chan bool)
	go func() { settled <- p.Settle() }()
	if _, killed := p.End(); killed {
		t.Error("ended by another")
	}
	if <-settled {
		t.Error("a stopped process answered")
	}
	if err := unix.Kill(<-started, unix.SIGKILL); err != nil {
		t.Error(err)
	}
}

// TestStandInEndLeavesPrograms checks that programs go on after End, as those in the background
// of a subshell that exits.
func TestStandInEndLeavesPrograms(t *testing.T) {
	p := standIn(t, StandInSignals{})
	pid, err := shell("exec sleep 60").StartUnder(p)
	if err != nil {
		t.Fatal(err)
	}
	waited := make(chan bool)
	go func() {
		_, ok := p.Wait(pid)
		waited <- ok
	}()
	p.End()
	if <-waited {
		t.Error("waited for a program that runs")
	}
	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		t.Error(err)
	}
}

// TestStandInManyUsers has goroutines start programs and wait at the same time, under several
// stand-ins.
func TestStandInManyUsers(t *testing.T) {
	ps := []*StandIn{standIn(t, StandInSignals{}), standIn(t, StandInSignals{})}
	var users sync.WaitGroup
	for i := range 16 {
		users.Go(func() {
			p := ps[i%2]
			for n := range 20 {
				want := fmt.Sprintf("%d\n", p.Pid())
				s := shell(fmt.Sprintf("echo $PPID; exit %d", (i+n)%50))
				out, status, ok := under(p).output(t, s)
				if out != want || !ok || status.ExitStatus() != (i+n)%50 {
					t.Errorf("%q, want %q; status %v, %v", out, want, status, ok)
				}
			}
		})
	}
	users.Wait()
}

// TestStandInWithoutDescriptors checks that Wait also works for a program without a pidfd.
func TestStandInWithoutDescriptors(t *testing.T) {
	p := standIn(t, StandInSignals{})
	pid, err := shell("sleep .05; exit 4").StartUnder(p)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	unix.Close(p.programs[pid])
	p.programs[pid] = -1
	p.mu.Unlock()
	if status, ok := p.Wait(pid); !ok || status.ExitStatus() != 4 {
		t.Errorf("status %v, %v", status, ok)
	}
}

// used counts what could leak: descriptors and children.
func used(t testing.TB) [2]int {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	kids := 0
	for _, task := range threads() {
		text, err := os.ReadFile("/proc/self/task/" + task + "/children")
		if err == nil {
			kids += len(strings.Fields(string(text)))
		}
	}
	return [2]int{len(fds), kids}
}

func TestStandInFreesItsMemory(t *testing.T) {
	p := standIn(t, StandInSignals{})
	memory := p.memory
	p.End()
	if err := unix.Munmap(memory); err != unix.EINVAL { // package unix keeps a list of its mappings
		t.Errorf("unmapped again: %v", err)
	}
}

// TestStandInKilledAnywhere kills stand-ins at random moments while they start programs. That
// must not harm this process or leave anything behind. The started programs end.
func TestStandInKilledAnywhere(t *testing.T) {
	standIn(t, StandInSignals{}).End()
	rounds := 1000
	if testing.Short() {
		rounds = 100
	}
	before := used(t)
	started, ended := 0, 0
	for i := range rounds {
		p := standIn(t, StandInSignals{})
		go func() {
			nap(time.Duration(i%100) * 10 * time.Microsecond)
			p.life.RLock() // another process may have its process id after End
			defer p.life.RUnlock()
			if p.x != nil {
				_ = unix.Kill(p.Pid(), unix.SIGKILL)
			}
		}()
		for {
			s := &Spec{Argv: []string{"true"}, Exe: -1, Dir: unix.AT_FDCWD,
				Paths: []string{"/nosuch/true", "/bin/true"}, Files: []int{0, 1, 2}}
			if i%3 == 0 {
				s.Paths = s.Paths[:1]
			}
			pid, err := s.StartUnder(p)
			if errors.Is(err, ErrStandInEnded) {
				break
			}
			var failure *Error
			if failed := errors.As(err, &failure); failed != (i%3 == 0) {
				t.Fatal(err)
			}
			started++
			if _, ok := p.Wait(pid); !ok && err == nil {
				break
			}
			ended++
		}
		if status, killed := p.End(); !killed || status.Signal() != unix.SIGKILL {
			t.Fatalf("status %v, %v", status, killed)
		}
	}
	t.Logf("%d started, %d ended", started, ended)
	if after := used(t); after != before {
		t.Errorf("descriptors and children: before %v, after %v", before, after)
	}
}

// TestStandInsLeaveNothing has several goroutines make, use and end thousands of stand-ins.
func TestStandInsLeaveNothing(t *testing.T) {
	standIn(t, StandInSignals{}).End()
	rounds := 500
	if testing.Short() {
		rounds = 50
	}
	before := used(t)
	var users sync.WaitGroup
	for range 4 {
		users.Go(func() {
			for range rounds {
				p, err := NewStandIn(StandInSignals{})
				if err != nil {
					t.Error(err)
					return
				}
				s := &Spec{Argv: []string{"true"}, Exe: -1, Dir: unix.AT_FDCWD,
					Paths: []string{"/bin/true"}, Files: []int{0, 1, 2}}
				pid, err := s.StartUnder(p)
				if err != nil {
					t.Error(err)
				}
				if status, ok := p.Wait(pid); !ok || status != 0 {
					t.Errorf("status %v, %v", status, ok)
				}
				if _, killed := p.End(); killed {
					t.Error("ended by another")
				}
			}
		})
	}
	users.Wait()
	if after := used(t); after != before {
		t.Errorf("descriptors and children: before %v, after %v", before, after)
	}
}

// outliveVar makes this test program a shell that is killed while a program runs under a
// stand-in.
const outliveVar = "PROC_TEST_OUTLIVE"

// TestStandInOutlivesUs checks that a stand-in closes its files at once when this process is
// killed, and stays until its programs have ended.
func TestStandInOutlivesUs(t *testing.T) {
	standIn(t, StandInSignals{}).End()
	gate := filepath.Join(t.TempDir(), "gate")
	if err := unix.Mkfifo(gate, 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(os.Args[0])
	c.Env = []string{outliveVar + "=" + gate}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var stand, program, idle int
	if _, err := fmt.Fscan(out, &stand, &program, &idle); err != nil {
		t.Fatal(err)
	}
	_ = c.Process.Signal(syscall.SIGKILL)
	// The program's output is elsewhere, so the shell's output ends when the stand-ins close
	// it.
	if rest, err := io.ReadAll(out); strings.TrimSpace(string(rest)) != "" || err != nil {
		t.Errorf("%q, %v", rest, err)
	}
	_ = c.Wait()
	waitGone(idle)
	if got, want := procField(t, program, "PPid"), strconv.Itoa(stand); got != want {
		t.Errorf("the program's parent is %s, want %s", got, want)
	}
	w, err := os.OpenFile(gate, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	waitGone(program)
	waitGone(stand)
}

// waitGone waits until a process that is not a child has ended, or is a zombie if nobody reaps
// it.
func waitGone(pid int) {
	for {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		stat := string(text)
		if i := strings.LastIndexByte(stat, ')'); i < 0 || stat[i+2] == 'Z' {
			return
		}
		nap(time.Millisecond)
	}
}

// outlive is the process to be killed: it starts a program that reads from gate.
func outlive(gate string) {
	p, err := NewStandIn(StandInSignals{})
	idle, err2 := NewStandIn(StandInSignals{})
	if err != nil || err2 != nil {
		fmt.Println(err, err2)
		os.Exit(1)
	}
	s := shell("exec cat " + gate)
	s.Files = []int{-1, 2, 2}
	pid, err := s.StartUnder(p)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(p.Pid(), pid, idle.Pid())
	p.Wait(pid)
}

func BenchmarkStandIn(b *testing.B) {
	for b.Loop() {
		standInBench(b).End()
	}
}

func standInBench(b *testing.B) *StandIn {
	p, err := NewStandIn(StandInSignals{})
	if err != nil {
		b.Fatal(err)
	}
	return p
}

func BenchmarkStart(b *testing.B) { benchStart(b, direct) }

func BenchmarkStartUnder(b *testing.B) {
	p := standInBench(b)
	defer p.End()
	benchStart(b, under(p))
}

func BenchmarkSettle(b *testing.B) {
	p := standInBench(b)
	defer p.End()
	for b.Loop() {
		p.Settle()
	}
}

func BenchmarkKilled(b *testing.B) {
	p := standInBench(b)
	defer p.End()
	for b.Loop() {
		p.Killed()
	}
}

func benchStart(b *testing.B, way starter) {
	for b.Loop() {
		s := &Spec{Argv: []string{"true"}, Exe: -1, Dir: unix.AT_FDCWD,
			Paths: []string{"/bin/true"}, Files: []int{0, 1, 2}}
		pid, err := way.start(s)
		if err != nil {
			b.Fatal(err)
		}
		if _, ok := way.wait(pid); !ok {
			b.Fatal("not there")
		}
	}
}

// rtSigaction is sigaction(2) without the Go library.
func rtSigaction(sig unix.Signal, act, old *[4]uintptr) {
	var a, o uintptr
	if act != nil {
		a = uintptr(unsafe.Pointer(act))
	}
	if old != nil {
		o = uintptr(unsafe.Pointer(old))
	}
	_, _, _ = syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), a, o, 8, 0, 0)
}

func bit(sig unix.Signal) uint64 { return 1 << (sig - 1) }

// threads lists the threads of this process.
func threads() (names []string) {
	entries, _ := os.ReadDir("/proc/self/task")
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestStandInName makes a stand-in on a thread that has another name than the process.
func TestStandInName(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if unix.Gettid() == unix.Getpid() {
		// While this goroutine keeps the first thread, the test's own has another one.
		t.Run("other", TestStandInName)
		return
	}
	name := func(n string) {
		b := append([]byte(n), 0)
		_ = unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(&b[0])), 0, 0, 0)
	}
	defer name(Comm())
	name("elsewhere")
	p := standIn(t, StandInSignals{})
	got, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", p.Pid()))
	want, err2 := os.ReadFile("/proc/self/comm")
	if err != nil || err2 != nil || string(got) != string(want) {
		t.Errorf("a stand-in has the name %q, the process %q: %v %v", got, want, err, err2)
	}
}
