package fuzz

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/testsuite/program"
)

// prelude gives each program a way to show its words.
const prelude = `p() { for _w; do printf '<%s>' "$_w"; done; printf '%s\n' " $#"; }
f() { p f "$@"; }
mkdir dir; echo one two >f1; : >f2; a=abc b='x y' v1=7; set -- 'p 1' p2
`

// shells are the two judges.
type shells struct {
	dash, ours, dir string
	failures        int
	// end is when a smaller program is looked for no longer; until then it has less
	// time to end by itself.
	end time.Time
}

// maxFailures is how many differences are looked into.
const maxFailures = 10

func build(t *testing.T) string {
	t.Helper()
	if given := os.Getenv("OVERLAY_SHELL"); given != "" {
		return given
	}
	file := filepath.Join(t.TempDir(), "overlay-boot")
	if err := program.Build(file); err != nil {
		t.Fatal(err)
	}
	return file
}

// named returns a name for a shell that ends in sh, which processes show as theirs.
func (s *shells) named(t *testing.T, dir, shell string) string {
	t.Helper()
	name := filepath.Join(s.dir, dir, "sh")
	if err := os.Mkdir(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(shell, name); err != nil {
		t.Fatal(err)
	}
	return name
}

// A verdict is what the two shells made of a program.
type verdict struct{ want, got result }

func (v verdict) differs() bool { return v.want.key() != v.got.key() }

// A result is what a program prints and how it ends.
type result struct{ out, messages, end string }

func (r result) String() string { return r.out + "--\n" + r.messages + r.end }

// key is the same for messages in any order: the processes of a pipeline write theirs
// as they come, and in pieces.
func (r result) key() string {
	characters := []byte(r.messages)
	slices.Sort(characters)
	return r.out + "--" + string(characters) + "--" + r.end
}

// try runs the program of a seed, and when the shells differ looks for a smaller
// one in which they do.
func (s *shells) try(t *testing.T, seed uint64, script Script) {
	found := s.judge(script, patient)
	if !found.differs() {
		return
	}
	s.failures++
	first := ""
	s.end = time.Now().Add(reducing)
	often := s.again(script)
	if often < rounds { // the smaller one may be unsteady for a reason of its own
		first = "\n--- of\n" + strings.Join(script.Commands, "\n")
	}
	script, found = s.reduce(script, found, often == rounds)
	s.end = time.Time{}
	t.Errorf("seed %d, seen again in %d of %d runs, ignored at start %v:\n%s\n--- dash\n%s\n--- ours\n%s%s",
		seed, often, rounds, script.Ignored, strings.Join(script.Commands, "\n"), found.want, found.got, first)
}

// rounds is how often a program in which the shells differ is run again.
const rounds = 3

// again counts how often the shells differ.
func (s *shells) again(script Script) int {
	n := 0
	for range rounds {
		if s.judge(script, hasty).differs() {
			n++
		}
	}
	return n
}

// reduce leaves out signals, commands and lines as long as the shells differ, which is
// asked twice when the program is a steady one.
func (s *shells) reduce(script Script, found verdict, steady bool) (Script, verdict) {
	differs := func(script Script) bool {
		return s.keep(&found, s.judge(script, hasty)) &&
			(!steady || s.keep(&found, s.judge(script, hasty)))
	}
	shorter := func(list []string) bool {
		return time.Now().Before(s.end) && s.parses(list) && differs(Script{list, script.Ignored})
	}
	script.Ignored = less(script.Ignored, func(list []syscall.Signal) bool {
		return differs(Script{script.Commands, list})
	})
	script.Commands = less(script.Commands, shorter)
	script.Commands = less(strings.Split(strings.Join(script.Commands, "\n"), "\n"), shorter)
	return script, found
}

// keep remembers a verdict where the shells differ.
func (s *shells) keep(found *verdict, v verdict) bool {
	if v.differs() {
		*found = v
	}
	return v.differs()
}

// less leaves out what a list does not need to be what is looked for.
func less[T any](list []T, ok func([]T) bool) []T {
	for i := 0; i < len(list); {
		if shorter := slices.Concat(list[:i], list[i+1:]); ok(shorter) {
			list, i = shorter, 0
		} else {
			i++
		}
	}
	return list
}

// parses keeps a smaller program from being one that is only wrong in another way.
func (s *shells) parses(commands []string) bool {
	cmd := exec.Command(s.dash, "-n")
	cmd.Stdin = strings.NewReader(strings.Join(commands, "\n") + "\n")
	out, err := cmd.CombinedOutput()
	return err == nil && len(out) == 0
}

// How often dash is asked again.
const (
	patient = 60
	hasty   = 6
)

// judge says whether ours does what dash never does: dash is asked again, as it may
// tell of a process that has ended, or not, by how soon it has: also on one processor only
// and on busy ones, where its processes come in another order.
func (s *shells) judge(script Script, again int) verdict {
	v := verdict{s.run(s.dash, script), s.run(s.ours, script)}
	end := time.Now().Add(limit)
	for n := 0; v.differs() && n < again && time.Now().Before(end); n++ {
		ask := func() { v.want = s.run(s.dash, script) }
		switch n % 3 {
		case 0:
			ask()
		case 1:
			onOneProcessor(ask)
		case 2:
			whileBusy(ask)
		}
	}
	return v
}

// whileBusy runs fn while each processor has something else to do.
func whileBusy(fn func()) {
	var stop atomic.Bool
	var spinning sync.WaitGroup
	for range runtime.NumCPU() {
		spinning.Go(func() {
			for !stop.Load() {
			}
		})
	}
	fn()
	stop.Store(true)
	spinning.Wait()
}

// onOneProcessor has the programs that fn starts run on one processor.
func onOneProcessor(fn func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all, one unix.CPUSet
	if unix.SchedGetaffinity(0, &all) != nil {
		return
	}
	for cpu := range 64 * len(all) {
		if all.IsSet(cpu) {
			one.Set(cpu)
			break
		}
	}
	_ = unix.SchedSetaffinity(0, &one)
	fn()
	_ = unix.SchedSetaffinity(0, &all)
}

// limit is what one program may take, and reducing what is spent on a smaller one.
const (
	limit    = 30 * time.Second
	reducing = 20 * time.Second
)

// patience is how long a program may run.
func (s *shells) patience() time.Duration {
	if s.end.IsZero() {
		return limit
	}
	return limit / 4
}

// run returns what a shell makes of a program.
func (s *shells) run(shell string, script Script) result {
	dir := filepath.Join(s.dir, "in") // a program may print the name
	file := filepath.Join(s.dir, "program")
	text := prelude + strings.Join(script.Commands, "\n") + "\n"
	if err := errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
		return result{end: err.Error()}
	}
	defer os.RemoveAll(dir)
	var out, messages bytes.Buffer
	cmd := exec.Command(s.dash, "-c", between(script.Ignored), "above", shell, file)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &messages
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=/h", "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	late, err := finish(cmd, s.patience())
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return result{end: err.Error()}
	}
	return result{out.String(), messages.String(), cmd.ProcessState.String() + late}
}

// finish runs a command until nobody is left who may print; after a time it ends them.
func finish(cmd *exec.Cmd, patience time.Duration) (late string, err error) {
	if err := cmd.Start(); err != nil {
		return "", err
	}
	// Not what the package has for this, which forgets those that outlive the first.
	timer := time.AfterFunc(patience, func() { endSession(cmd.Process.Pid) })
	err = cmd.Wait()
	if !timer.Stop() {
		late = ", too late"
	}
	endSession(cmd.Process.Pid) // what is left in the background
	return late, err
}

// between is what the parent of the shell runs, to whom a program may send a signal and
// which has some ignored.
func between(ignored []syscall.Signal) string {
	text := ""
	for _, sig := range ignored {
		text += fmt.Sprintf("trap '' %d\n", sig)
	}
	return text + `"$@"; exit $?`
}

// endSession kills what is left of a session.
func endSession(session int) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err == nil && sessionOf(pid) == session {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// sessionOf is 0 for a process that is gone.
func sessionOf(pid int) int {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// Behind the name, which may have blanks: state, parent, group, session.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 4 {
		return 0
	}
	session, _ := strconv.Atoi(fields[3])
	return session
}
