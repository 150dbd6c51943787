// Package shell judges the shell by dash: every row is a script that both run,
// each in a fresh directory of its own, and what they print, return and write
// must be the same. The files follow the chapters of POSIX XCU 2.
package shell

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	judgement "overlayboot/compat/judge"
	"overlayboot/testsuite/program"
)

// A row is one script for two judges.
type row struct {
	// script is run as the file t.sh unless as says otherwise.
	script string
	as     how
	args   []string // after the script's name, or after the text of -c
	flags  []string // options of sh
	stdin  string
	// anyOrder compares the characters of standard error sorted: the processes of a
	// pipeline write their traces in pieces and as they come.
	anyOrder bool
	// pid has the process id of the shell compared as the word PID.
	pid bool
	// differs is why ours does not do what dash does; want is what it prints
	// then. Such a row fails when the two agree.
	differs string
	want    string
	// standard is the section of POSIX by which dash is wrong and ours is right; at
	// least two other shells have to print what ours does, with the same status.
	standard string
	// driver makes dash run the script for both judges: it is a driver, which starts
	// the shell to be judged as ./sh, in such a way as it has to be started.
	driver bool
	// terminal gives the session of the script a controlling terminal.
	terminal bool
}

// how says in which way the shell gets its script.
type how int

const (
	asFile how = iota
	asOperand
	asStdin
)

var (
	ours     string // path of the shell under test
	dash     string
	others   [][]string   // shells that judge where dash breaks the standard
	differed sync.Map     // the scripts of rows that differ for a reason
	standard atomic.Int32 // rows that the standard judges
	judged   atomic.Int32
	// combined and passed count the combinations of the signal matrix.
	combined, passed atomic.Int32
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	defaultSignals()
	// No row is to leave the image of a process that it ends by a signal.
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	// A name without blanks for all folders, whatever $TMPDIR has: rows print them.
	dir, err := os.MkdirTemp("/tmp", "shell-test-")
	if err == nil {
		defer os.RemoveAll(dir)
		err = os.Setenv("TMPDIR", dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if ours = os.Getenv("OVERLAY_SHELL"); ours == "" {
		ours = filepath.Join(dir, "sh")
		if err := build(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	if dash, err = exec.LookPath("dash"); err != nil {
		fmt.Fprintln(os.Stderr, "missing: dash, the other judge")
		if os.Getenv("OVERLAY_MUST_WORK") == "1" {
			return 1
		}
		return 0
	}
	if others = otherShells(); len(others) < 2 && os.Getenv("OVERLAY_MUST_WORK") == "1" {
		fmt.Fprintln(os.Stderr, "missing: two other shells, to judge where dash is wrong")
		return 1
	}
	status := m.Run()
	fmt.Printf("%d rows, %d of them differ for a reason, in %d the standard is against dash\n",
		judged.Load(), count(&differed), standard.Load())
	fmt.Printf("%d combinations with signals, %d pass\n", combined.Load(), passed.Load())
	if n := count(&differed); n > maxDiffering || n < maxDiffering && wholeSuite() {
		fmt.Printf("%d rows differ for a reason, maxDiffering says %d\n", n, maxDiffering)
		return 1
	}
	return status
}

// defaultSignals lets the shells start with the default actions, whatever was ignored
// when the tests were started, as by nohup or in the background: what a program has a
// handler for has the default action in those that it starts. What was not ignored then
// still ends the tests.
func defaultSignals() {
	for n := syscall.Signal(1); n < 65; n++ {
		if signal.Ignored(n) {
			signal.Notify(make(chan os.Signal, 1), n)
		}
	}
}

// maxDiffering is exactly how many rows differ for a reason: the suite fails when one
// is added, and when one is gone, until this number is changed too.
const maxDiffering = 2

// wholeSuite says whether all tests were to run: of some, fewer rows differ.
func wholeSuite() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return true
}

func count(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}

// otherShells are those of this machine that follow the standard in their own way;
// most do when they are called sh, as all are here.
func otherShells() [][]string {
	var found [][]string
	for _, argv := range [...][]string{
		{"bash", "--posix"}, {"mksh"}, {"yash"}, {"busybox"}, {"ksh93"},
	} {
		if path, err := exec.LookPath(argv[0]); err == nil {
			found = append(found, append([]string{path}, argv[1:]...))
		}
	}
	return found
}

// build makes the program, called sh, from the sources; OVERLAY_SHELL names one
// that is there instead, such as one with the race detector.
func build() error { return program.Build(ours) }

// same judges scripts that have nothing special.
func same(t *testing.T, scripts ...string) {
	t.Helper()
	for _, s := range scripts {
		judge(t, row{script: s})
	}
}

// judge runs a row in both shells and compares, and says whether it passes.
func judge(t *testing.T, r row) bool {
	t.Helper()
	for _, d := range differences {
		if d.script == r.script {
			r.differs, r.want = d.reason, d.want
		}
	}
	return t.Run(title(r.script), func(t *testing.T) {
		judged.Add(1)
		switch {
		case r.standard != "":
			standard.Add(1)
			judgeByStandard(t, r, r.run(t, dash), r.run(t, ours))
		case r.differs != "":
			differed.Store(r.script, true)
			judgeDifference(t, r, r.run(t, dash), r.run(t, ours))
		default:
			want, got, same := judgement.SameBeside(r.script, r.under(t, dash), r.under(t, ours))
			if !same {
				t.Errorf("script: %s\n--- dash\n%s--- ours\n%s", r.script, want, got)
			}
		}
	})
}

// judgeDifference wants ours to differ, in the way that is known.
func judgeDifference(t *testing.T, r row, dash, got result) {
	t.Helper()
	if dash == got {
		t.Errorf("no longer differs (%s)\nscript: %s", r.differs, r.script)
	}
	if got.stdout != r.want {
		t.Errorf("script: %s\ngot:  %q\nwant: %q", r.script, got.stdout, r.want)
	}
}

// under runs the row with another script in a shell.
func (r row) under(t *testing.T, shell string) func(script string) result {
	return func(script string) result {
		this := r
		this.script = script
		return this.run(t, shell)
	}
}

// judgeByStandard wants dash to differ, and two other shells to do what ours does.
func judgeByStandard(t *testing.T, r row, dash, got result) {
	t.Helper()
	if dash.stdout == got.stdout && dash.status == got.status {
		t.Errorf("no longer differs (%s)\nscript: %s", r.standard, r.script)
	}
	if len(others) < 2 {
		t.Skip("only two other shells can judge where dash is wrong")
	}
	var agree, not []string
	for _, shell := range others {
		res := r.run(t, shell[0], shell[1:]...)
		if res.stdout == got.stdout && res.status == got.status {
			agree = append(agree, filepath.Base(shell[0]))
		} else {
			not = append(not, fmt.Sprintf("--- %s\n%s", filepath.Base(shell[0]), res))
		}
	}
	if len(agree) < 2 {
		t.Errorf("script: %s\n%s says otherwise? only %q agree with\n%s%s", r.script,
			r.standard, agree, got, strings.Join(not, ""))
	}
}

func title(script string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(script), "\n")
	return line[:min(len(line), 40)]
}

// result is what can be seen of a run.
type result struct {
	stdout, stderr, files, status string
}

func (r result) String() string {
	return fmt.Sprintf("stdout: %q\nstderr: %q\nstatus: %s\nfiles:  %q\n",
		r.stdout, r.stderr, r.status, r.files)
}

// run runs the script under one shell. Both are called sh. Output goes to files,
// so that a background process that stays does not hold up the test.
func (r row) run(t *testing.T, shell string, options ...string) result {
	t.Helper()
	res, ended := r.try(t, patience, shell, options...)
	if !ended {
		t.Errorf("%s did not end\nscript: %s", filepath.Base(shell), r.script)
	}
	return res
}

// call is how the shell gets the script: its arguments, and its standard input.
func (r row) call(t *testing.T, base, dir string, options []string) (argv []string, in *os.File) {
	t.Helper()
	argv = slices.Concat([]string{"sh"}, options, r.flags)
	stdin := r.stdin
	switch r.as {
	case asFile:
		check(t, os.WriteFile(filepath.Join(dir, "t.sh"), []byte(r.script), 0o644))
		argv = append(argv, "t.sh")
	case asOperand:
		argv = append(argv, "-c", r.script)
	case asStdin:
		stdin = r.script
	}
	check(t, os.WriteFile(filepath.Join(base, "in"), []byte(stdin), 0o644))
	in, err := os.Open(filepath.Join(base, "in"))
	check(t, err)
	return append(argv, r.args...), in
}

// observe runs a program that is no row's and has some seconds to end, and returns what
// it prints and its status; dir is named DIR there. base is for its output.
func observe(t *testing.T, base, dir, program string, set func(cmd *exec.Cmd)) result {
	t.Helper()
	stdout, stderr := create(t, base, "out"), create(t, base, "err")
	defer stdout.Close()
	defer stderr.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	set(cmd)
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Errorf("did not end: %q", cmd.Args)
	}
	text := func(name string) string {
		text, err := os.ReadFile(filepath.Join(base, name))
		check(t, err)
		return strings.ReplaceAll(string(text), dir, "DIR")
	}
	return result{stdout: text("out"), stderr: text("err"), status: cmd.ProcessState.String()}
}

// patience is how long a row may take, or a driver may go on without printing anything: only
// what hangs reaches it, on a slow and busy machine, too.
const patience = time.Minute

// try is run for a script that may not end, and says whether it has.
func (r row) try(t *testing.T, silence time.Duration, shell string,
	options ...string) (res result, ended bool) {
	t.Helper()
	base := t.TempDir()
	dir := filepath.Join(base, "d")
	check(t, os.Mkdir(dir, 0o755))
	shell, path, options := r.driven(t, dir, shell, options)
	argv, in := r.call(t, base, dir, options)
	defer in.Close()
	stdout, stderr := create(t, base, "out"), create(t, base, "err")
	defer stdout.Close()
	defer stderr.Close()

	limit := patience
	if r.driver { // of many shells: it may take long, but must not fall silent
		limit = 30 * limit
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, shell)
	cmd.Args = argv
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, in, stdout, stderr
	cmd.Env = []string{"PATH=" + path, "HOME=/h", "LC_ALL=C", "PWD=" + dir}
	if options := os.Getenv("GORACE"); options != "" { // for a shell with the race detector
		cmd.Env = append(cmd.Env, "GORACE="+options)
	}
	// Without a terminal, whoever runs the tests has one.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if r.terminal {
		master, slave := openTerminal(t)
		defer master.Close()
		defer slave.Close()
		cmd.ExtraFiles = []*os.File{slave}
		cmd.SysProcAttr.Setctty, cmd.SysProcAttr.Ctty = true, 3
	}
	end := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if r.driver {
		end = func() error { return endSession(cmd.Process.Pid) }
		defer watch(stdout, silence, cancel)()
	}
	cmd.Cancel = end
	err := cmd.Run()
	// What it has left in the background may wait for something for ever.
	defer func() { _ = end() }()
	ended = ctx.Err() == nil
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return r.seen(t, base, dir, cmd.ProcessState), ended
}

// driven has dash run the script of a driver, which finds the shell under test as sh.
func (r row) driven(t *testing.T, dir, shell string,
	options []string) (runs, path string, with []string) {
	t.Helper()
	path = "/usr/local/bin:/usr/bin:/bin"
	if !r.driver {
		return shell, path, options
	}
	check(t, os.Symlink(shell, filepath.Join(dir, "sh")))
	if shell != ours { // whose sh is itself anyway
		path = dir + ":" + path
	}
	return dash, path, nil // called sh, it follows the standard without options
}

// seen is what a run has left behind.
func (r row) seen(t *testing.T, base, dir string, state *os.ProcessState) result {
	t.Helper()
	clean := func(name string) string {
		text, err := os.ReadFile(filepath.Join(base, name))
		check(t, err)
		if r.pid {
			text = bytes.ReplaceAll(text, []byte(strconv.Itoa(state.Pid())), []byte("PID"))
		}
		return strings.ReplaceAll(string(text), dir, "DIR")
	}
	res := result{clean("out"), clean("err"), "", state.String()}
	res.files = strings.ReplaceAll(tree(t, dir), dir, "DIR")
	return r.normalise(res)
}

// endSession kills the processes of a session, the groups of its jobs included.
func endSession(leader int) error {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		text, _ := os.ReadFile(name) // it may be gone
		_, after, _ := strings.Cut(string(text), ") ")
		f := strings.Fields(after) // state, parent, group, session
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		if pid > 0 && len(f) > 3 && f[3] == strconv.Itoa(leader) && f[0] != "Z" {
			err = errors.Join(err, syscall.Kill(pid, syscall.SIGKILL))
		}
	}
	return err
}

// watch calls stop when nothing has been written to a file for too long.
func watch(f *os.File, silence time.Duration, stop func()) (done func()) {
	ended := make(chan struct{})
	go func() {
		var size int64
		for since := time.Now(); time.Since(since) < silence; {
			select {
			case <-ended:
				return
			case <-time.After(100 * time.Millisecond):
			}
			if info, err := f.Stat(); err == nil && info.Size() != size {
				size, since = info.Size(), time.Now()
			}
		}
		stop()
	}()
	return func() { close(ended) }
}

// withoutPipefail drops the line about that option, which not every dash has.
var withoutPipefail = strings.NewReplacer("pipefail        off\n", "", "set +o pipefail\n", "")

// normalise sorts what comes in any order.
func (r row) normalise(res result) result {
	res.stdout, res.stderr, res.files = withoutPipefail.Replace(res.stdout),
		withoutPipefail.Replace(res.stderr), withoutPipefail.Replace(res.files)
	if r.anyOrder {
		all := []byte(strings.Join(strings.Fields(res.stderr), ""))
		slices.Sort(all)
		res.stderr = string(all)
	}
	return res
}

func create(t *testing.T, dir, name string) *os.File {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	check(t, err)
	return f
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tree lists the files under a directory with their modes and contents.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var out bytes.Buffer
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == dir || d.Name() == "t.sh" {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "%s %v", name[len(dir)+1:], info.Mode())
		if info.Mode().IsRegular() {
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			fmt.Fprintf(&out, " %s", text)
		}
		out.WriteByte('\n')
		return nil
	})
	check(t, err)
	return out.String()
}
