// Package shell judges the shell by dash. Every row is a script that both shells run, each in a
// new directory. Output, status and files must be the same. The files follow the chapters of
// POSIX XCU 2.
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

	judgement "overlayboot/compat/judge"
	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
	"overlayboot/testsuite/program"
)

// A row is a script for both shells.
type row struct {
	// script runs as the file t.sh, unless as says otherwise.
	script string
	as     how
	args   []string // behind the script's name, or behind the text of -c
	flags  []string // options of sh
	stdin  string
	// anyOrder compares the characters of standard error sorted. The processes of a pipeline
	// write their traces in pieces and in any order.
	anyOrder bool
	// pid replaces the process id of the shell by the word PID for the comparison.
	pid bool
	// differs is the reason for which ours does not do the same as dash; want is its output
	// then. Such a row fails when the two agree.
	differs string
	want    string
	// standard is the section of POSIX by which dash is wrong and ours is right. At least two
	// other shells must have the same output and status as ours.
	standard string
	// driver says that dash runs the script for both shells. The script starts the shell under
	// test as ./sh, in its own way.
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
	flag.Parse()
	manyAtOnce()
	sandbox.DefaultSignals()
	// A row that ends a process by a signal must leave no core file.
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	// Rows print the names of directories, so $TMPDIR must not put blanks into them.
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
		return kit.MissingAll("dash, the other judge")
	}
	others = otherShells()
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

// manyAtOnce lets more rows run at a time than there are processors, unless -parallel gives the
// number: most rows wait for processes.
func manyAtOnce() {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0)))
	}
}

// maxDiffering is the exact number of rows that differ for a reason. The suite fails when a row
// is added or removed, until this number is changed too.
const maxDiffering = 2

// wholeSuite reports whether all tests run. Fewer rows differ in a part of them.
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

// otherShells returns the shells of this machine that follow the standard. Most do so when they
// are called sh, as all are here.
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

// build builds the program, called sh, from the sources. OVERLAY_SHELL names a program to use
// instead, such as one with the race detector.
func build() error { return program.Build(ours) }

// scripts are rows that need nothing else. testsuite/trees runs those that are no arguments
// of same, too, if their list has this type.
type scripts []string

// same judges scripts as plain rows.
func same(t *testing.T, scripts ...string) {
	t.Helper()
	for _, s := range scripts {
		judge(t, row{script: s})
	}
}

// judge judges a row concurrently with the other rows of its test, or at once in a quiet test.
func judge(t *testing.T, r row) {
	t.Helper()
	alone := isQuiet(t)
	t.Run(rowName(r.script), func(t *testing.T) {
		if !alone {
			t.Parallel()
		}
		r.judge(t)
	})
}

// passes judges a row at once, and reports whether it passes.
func passes(t *testing.T, r row) bool {
	t.Helper()
	return t.Run(rowName(r.script), r.judge)
}

// judge runs the row in both shells and compares the results.
func (r row) judge(t *testing.T) {
	for _, d := range differences {
		if d.script == r.script {
			r.differs, r.want = d.reason, d.want
		}
	}
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
}

// judgeDifference requires that ours differs in the known way.
func judgeDifference(t *testing.T, r row, dash, got result) {
	t.Helper()
	if dash == got {
		t.Errorf("no longer differs (%s)\nscript: %s", r.differs, r.script)
	}
	if got.stdout != r.want {
		t.Errorf("script: %s\ngot:  %q\nwant: %q", r.script, got.stdout, r.want)
	}
}

// under returns a function that runs the row with another script in a shell.
func (r row) under(t *testing.T, shell string) func(script string) result {
	return func(script string) result {
		this := r
		this.script = script
		return this.run(t, shell)
	}
}

// judgeByStandard requires that dash differs, and that two other shells do the same as ours.
func judgeByStandard(t *testing.T, r row, dash, got result) {
	t.Helper()
	if dash.stdout == got.stdout && dash.status == got.status {
		t.Errorf("no longer differs (%s)\nscript: %s", r.standard, r.script)
	}
	if len(others) < 2 {
		kit.Missing(t, "two other shells, which judge where dash is wrong")
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

// A result is everything visible of a run.
type result struct {
	stdout, stderr, files, status string
}

func (r result) String() string {
	return fmt.Sprintf("stdout: %q\nstderr: %q\nstatus: %s\nfiles:  %q\n",
		r.stdout, r.stderr, r.status, r.files)
}

// run runs the script under a shell. Both shells are called sh. Output goes to files, so that a
// remaining background process does not hold up the test.
func (r row) run(t *testing.T, shell string, options ...string) result {
	t.Helper()
	res, ended := r.try(t, patience, shell, options...)
	if !ended {
		t.Errorf("%s did not end\nscript: %s", filepath.Base(shell), r.script)
	}
	return res
}

// call returns the arguments and the standard input by which the shell gets the script.
func (r row) call(t *testing.T, base, dir string, options []string) (argv []string,
	in *os.File) {
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

// observe runs a program outside of the rows, which has some seconds to end. It returns the
// output, in which dir is named DIR, and the status. base is the path of the output files.
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

// patience is the time limit of a row, and the time for which a driver may be silent. Only a
// hanging row reaches it, even on a slow and busy machine.
const patience = time.Minute

// try does the work of run for a script that may not end, and reports whether it has ended.
func (r row) try(t *testing.T, silence time.Duration, shell string,
	options ...string) (res result, ended bool) {
	t.Helper()
	base := plainDir(t)
	dir := filepath.Join(base, "d")
	check(t, os.Mkdir(dir, 0o755))
	shell, path, options := r.driven(t, dir, shell, options)
	argv, in := r.call(t, base, dir, options)
	defer in.Close()
	stdout, stderr := create(t, base, "out"), create(t, base, "err")
	defer stdout.Close()
	defer stderr.Close()

	limit := patience
	if r.driver { // it runs many shells, but must not fall silent
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
	// A new session, as otherwise the row would have the terminal of the tests.
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
	// Processes left in the background may wait without end.
	defer func() { _ = end() }()
	ended = ctx.Err() == nil
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return r.seen(t, base, dir, cmd.ProcessState), ended
}

// driven returns the arguments by which dash runs a driver, which finds the shell under test as
// sh.
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

// seen returns the result of a run.
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

// endSession kills the processes of a session, in all its process groups.
func endSession(leader int) error {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		text, _ := os.ReadFile(name) // the process may have ended
		_, after, _ := strings.Cut(string(text), ") ")
		f := strings.Fields(after) // state, parent, group, session
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		if pid > 0 && len(f) > 3 && f[3] == strconv.Itoa(leader) && f[0] != "Z" {
			err = errors.Join(err, syscall.Kill(pid, syscall.SIGKILL))
		}
	}
	return err
}

// watch calls stop when a file has not grown for too long.
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

// withoutPipefail drops the lines of that option, which some versions of dash lack.
var withoutPipefail = strings.NewReplacer("pipefail        off\n", "", "set +o pipefail\n", "")

// normalise sorts text that comes in any order.
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

// plainDir is a temporary directory whose name has nothing that a shell expands; t.TempDir
// takes characters such as ${} from the name of the row.
func plainDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "row-")
	check(t, err)
	t.Cleanup(func() { check(t, os.RemoveAll(dir)) })
	return dir
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
