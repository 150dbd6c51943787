package fuzz

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// prelude gives each program a function that shows its words.
const prelude = `p() { for _w; do printf '<%s>' "$_w"; done; printf '%s\n' " $#"; }
f() { p f "$@"; }
mkdir dir; echo one two >f1; : >f2; a=abc b='x y' v1=7; set -- 'p 1' p2
`

// shells are the two shells that are compared.
type shells struct {
	dash, ours, dir string
	failures        int
	// end is the end of the search for a smaller program. Until then each program has less
	// time.
	end time.Time
}

// maxFailures is the number of differences that are examined.
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

// named returns a symbolic link to a shell. Its name is sh, which processes then show as
// theirs.
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

// A verdict is the results of a program in both shells.
type verdict struct{ want, got result }

func (v verdict) differs() bool { return v.want.key() != v.got.key() }

// differsInEnds reports whether all that differs is which processes are said to have been
// killed.
func (v verdict) differsInEnds() bool {
	return v.want.withoutEnds().key() == v.got.withoutEnds().key()
}

// ended matches a line of dash about a process that a signal has ended.
var ended = regexp.MustCompile(`(?m)^(Killed|Terminated|Hangup|Quit|Aborted|Alarm clock|` +
	`User defined signal [12]|Interrupt|Broken pipe)( \(core dumped\))? *\n`)

// withoutEnds returns the result without the lines about killed processes.
func (r result) withoutEnds() result {
	r.messages = ended.ReplaceAllString(r.messages, "")
	return r
}

// A result is the output of a program and how it ended.
type result struct{ out, messages, end string }

func (r result) String() string { return r.out + "--\n" + r.messages + r.end }

// key returns the same for messages in any order, since the processes of a pipeline write
// theirs at the same time and in pieces.
func (r result) key() string {
	characters := []byte(r.messages)
	slices.Sort(characters)
	return r.out + "--" + string(characters) + "--" + r.end
}

// try runs the program of a seed. If the shells differ, it looks for a smaller program in
// which they still do.
func (s *shells) try(t *testing.T, seed uint64, script Script) {
	found := s.judge(script, patient)
	if !found.differs() {
		return
	}
	s.failures++
	first := ""
	s.end = time.Now().Add(reducing)
	often := s.again(script)
	if often < rounds { // the smaller program may be unsteady for another reason
		first = "\n--- of\n" + strings.Join(script.Commands, "\n")
	}
	script, found = s.reduce(script, found, often == rounds)
	s.end = time.Time{}
	t.Errorf("seed %d, seen again in %d of %d runs, ignored at start %v:\n%s\n--- dash\n%s\n"+
		"--- ours\n%s%s",
		seed, often, rounds, script.Ignored, strings.Join(script.Commands, "\n"), found.want,
		found.got, first)
}

// rounds is how often a program in which the shells differ runs again.
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

// reduce removes signals, commands and lines as long as the shells differ. For a steady
// program it requires the difference twice.
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

// keep stores a verdict if the shells differ.
func (s *shells) keep(found *verdict, v verdict) bool {
	if v.differs() {
		*found = v
	}
	return v.differs()
}

// less removes the elements of a list without which ok still holds.
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

// parses reports whether dash can parse the commands. A smaller program must not fail only
// because of a syntax error.
func (s *shells) parses(commands []string) bool {
	cmd := exec.Command(s.dash, "-n")
	cmd.Stdin = strings.NewReader(strings.Join(commands, "\n") + "\n")
	out, err := cmd.CombinedOutput()
	return err == nil && len(out) == 0
}

// These are the numbers of times that dash runs again.
const (
	patient = 60
	hasty   = 6
)

// judge reports whether ours does what dash never does. Dash runs again, since it may or
// may not report the end of a process, depending on the time. It also runs on one processor
// only, and on busy ones, where its processes run in another order. Where nothing else differs,
// ours runs again too: a killed process may not have ended when a shell, which forks less than
// dash, looks for it.
func (s *shells) judge(script Script, again int) verdict {
	v := s.judgeRun(script, again)
	for n := 0; v.differs() && v.differsInEnds() && n < rounds; n++ {
		v = s.judgeRun(script, hasty)
	}
	return v
}

// judgeRun judges one run of ours.
func (s *shells) judgeRun(script Script, again int) verdict {
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

// whileBusy runs fn while every processor is busy.
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

// onOneProcessor binds the programs that fn starts to one processor.
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

// limit bounds one program, and reducing the search for a smaller one.
const (
	limit    = 30 * time.Second
	reducing = 20 * time.Second
)

// patience returns how long a program may run.
func (s *shells) patience() time.Duration {
	if s.end.IsZero() {
		return limit
	}
	return limit / 4
}

// run returns the result of a program in a shell.
func (s *shells) run(shell string, script Script) result {
	dir := filepath.Join(s.dir, "in") // a program may print the folder's name
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

// finish runs a command to its end, and then ends all processes of its session that could
// still write. After a time it ends the command, too.
func finish(cmd *exec.Cmd, patience time.Duration) (late string, err error) {
	if err := cmd.Start(); err != nil {
		return "", err
	}
	// A context would end only the first process, not those that outlive it.
	timer := time.AfterFunc(patience, func() { endSession(cmd.Process.Pid) })
	err = cmd.Wait()
	if !timer.Stop() {
		late = ", too late"
	}
	endSession(cmd.Process.Pid) // end the processes left in the background
	return late, err
}

// between returns the script of the shell's parent process. A program may send it a signal,
// and it ignores some.
func between(ignored []syscall.Signal) string {
	text := ""
	for _, sig := range ignored {
		text += fmt.Sprintf("trap '' %d\n", sig)
	}
	return text + `"$@"; exit $?`
}

// endSession kills the remaining processes of a session.
func endSession(session int) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err == nil && sessionOf(pid) == session {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// sessionOf returns the session of a process, or 0 if the process has ended.
func sessionOf(pid int) int {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// After the name, which may contain blanks, come state, parent, process group and
	// session.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 4 {
		return 0
	}
	session, _ := strconv.Atoi(fields[3])
	return session
}
