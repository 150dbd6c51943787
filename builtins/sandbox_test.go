package builtins

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox/sandboxtest"
)

// A sandboxRow is a row for commands that change mounts, links or processes.
// Each judge runs it in namespaces of its own: mount, pid, net, uts, ipc. It
// starts in a tmpfs on /mnt; /run is a tmpfs too.
type sandboxRow struct {
	row
	// probe is a shell script, run by the system's tools afterwards; what it
	// prints is compared too.
	probe string
	// noMounts leaves the mount table out of the comparison.
	noMounts bool
	// mask is a regular expression of output that differs from run to run; it
	// goes before the comparison.
	mask string
	// machine says that what the command does depends on what the whole machine has, such
	// as its loop devices, which other tests make and remove meanwhile: a difference counts
	// when it is there each time.
	machine bool
}

// machineTries is how often a row that depends on the whole machine is judged at most.
const machineTries = 8

// sandboxOutcome is what a sandbox row is judged by.
type sandboxOutcome struct {
	outcome
	Mounts, Probe string
	Lacks         string
}

// sandboxOrder is what the test gives to the process that it starts as a
// sandbox.
type sandboxOrder struct {
	Ours         bool
	Setup, Stdin string
	Argv, Env    []string
	Probe, Mask  string
	NoMounts     bool
}

const sandboxEnv = "OVERLAY_TEST_SANDBOX"

// rowsPerRace: with the race detector one row of so many is judged. Each is one command in a
// process of its own, where there is little to race with, and starts slowly then.
const rowsPerRace = 25

// manyRows are so many that a plain test run judges a share of them (sandboxtest.InShare).
const manyRows = 60

// judgeSandbox runs the rows through both.
func judgeSandbox(t *testing.T, rows []sandboxRow) {
	t.Helper()
	if os.Getuid() != 0 {
		missing(t, "needs root")
	}
	for i, r := range rows {
		if raceDetector && i%rowsPerRace != 0 || len(rows) > manyRows && !sandboxtest.InShare(i) {
			continue
		}
		t.Run(r.argv, func(t *testing.T) {
			argv := splitRow(t, r.argv)
			if _, err := exec.LookPath(argv[0]); err != nil {
				missing(t, "no oracle: %v", err)
			}
			order := sandboxOrder{Setup: r.setup, Stdin: r.stdin, Argv: argv, Env: r.env,
				Probe: r.probe, Mask: r.mask, NoMounts: r.noMounts}
			want, got, err := r.runBoth(order)
			if err != nil {
				t.Fatal(err)
			}
			if r.lacks != (got.Lacks != "") {
				t.Fatalf("lacks %q; the row expects a missing feature: %v", got.Lacks, r.lacks)
			}
			if r.lacks {
				return
			}
			if r.differs != "" {
				if (got.Stderr == "") != (want.Stderr == "") {
					t.Errorf("stderr %q, want %q", got.Stderr, want.Stderr)
				}
				got.Stderr, want.Stderr = "", ""
			}
			if d := cmp.Diff(want, got, comparesAll); d != "" {
				t.Errorf("setup: %s\nargv: %q (-system +ours):\n%s", r.setup, argv, d)
			}
		})
	}
}

// judgeHere runs both tools in this process's sandbox, where they only look. What they show
// may go on by itself between their looks (a lifetime runs, a process takes its time): then
// they look so many times at most.
func judgeHere(t *testing.T, order sandboxOrder, tries int) {
	t.Helper()
	want, got, _ := agree(tries, func() (want, got sandboxOutcome, err error) {
		order.Ours = false
		want = order.run(t)
		order.Ours = true
		got = order.run(t)
		if order.Mask != "" {
			want.mask(order.Mask)
			got.mask(order.Mask)
		}
		return want, got, nil
	})
	if d := cmp.Diff(want, got, comparesAll); d != "" {
		t.Errorf("%s %q (-system +ours):\n%s", order.Env, order.Argv, d)
	}
}

// agree runs both tools until they do the same, so many times at most: a difference counts
// when it is there each time.
func agree(tries int, judge func() (want, got sandboxOutcome, err error)) (want, got sandboxOutcome,
	err error) {
	for try := range tries {
		time.Sleep(time.Duration(try) * 100 * time.Millisecond)
		want, got, err = judge()
		if err == nil && cmp.Equal(want, got, comparesAll) {
			break
		}
	}
	return want, got, err
}

var comparesAll = cmp.AllowUnexported(sandboxOutcome{})

// runBoth runs the system's tool and ours, again where that may give another result.
func (r sandboxRow) runBoth(order sandboxOrder) (want, got sandboxOutcome, err error) {
	judge := runBoth
	if r.machine || strings.Contains(r.setup+r.argv, "mkfs") || strings.Contains(r.setup, "loop") {
		judge = runBothInTurn // there is one set of loop devices
	}
	tries := 1
	if r.machine {
		tries = machineTries
	}
	return agree(tries, func() (want, got sandboxOutcome, err error) { return judge(order) })
}

// runBoth runs the system's tool and ours, in sandboxes beside each other.
func runBoth(order sandboxOrder) (want, got sandboxOutcome, err error) {
	var both sync.WaitGroup
	var wantErr error
	both.Go(func() { want, wantErr = runSandbox(order) })
	mine := order
	mine.Ours = true
	got, err = runSandbox(mine)
	both.Wait()
	return want, got, errors.Join(wantErr, err)
}

// runBothInTurn is runBoth for a row about what all sandboxes share.
func runBothInTurn(order sandboxOrder) (want, got sandboxOutcome, err error) {
	if want, err = runSandbox(order); err != nil {
		return want, got, err
	}
	order.Ours = true
	got, err = runSandbox(order)
	return want, got, err
}

// runSandbox runs one judge: this test binary again, in new namespaces.
func runSandbox(order sandboxOrder) (o sandboxOutcome, err error) {
	text, err := json.Marshal(order)
	if err != nil {
		return o, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return o, err
	}
	defer read.Close()
	c := exec.Command("/proc/self/exe", "-test.run=^TestInsideSandbox$")
	c.Env = append(judgeEnv[:len(judgeEnv):len(judgeEnv)], sandboxEnv+"="+string(text))
	c.ExtraFiles = []*os.File{write}
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	c.SysProcAttr = sandboxAttr()
	err = c.Start()
	write.Close()
	if err != nil {
		return o, err
	}
	decodeErr := json.NewDecoder(read).Decode(&o)
	if err := errors.Join(c.Wait(), decodeErr); err != nil {
		return o, fmt.Errorf("sandbox: %w\n%s", err, &out)
	}
	return o, nil
}

// runInside runs one test of this binary in a sandbox, named in its environment.
func runInside(t *testing.T, name string) {
	t.Helper()
	c := exec.Command("/proc/self/exe", "-test.run=^"+name+"$", "-test.v")
	c.Env = append(judgeEnv[:len(judgeEnv):len(judgeEnv)], sandboxEnv+"="+name)
	c.SysProcAttr = sandboxAttr()
	if out, err := c.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS")) {
		t.Errorf("%v\n%s", err, out)
	}
}

func sandboxAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID |
		syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC}
}

// TestInsideSandbox is the sandbox's side; it tests nothing by itself.
func TestInsideSandbox(t *testing.T) {
	text := os.Getenv(sandboxEnv)
	if !strings.HasPrefix(text, "{") {
		return // started by hand or by go test: there is no sandbox here
	}
	os.Unsetenv(sandboxEnv)
	var order sandboxOrder
	if err := json.Unmarshal([]byte(text), &order); err != nil {
		t.Fatal(err)
	}
	report := os.NewFile(3, "report")
	unix.CloseOnExec(3)
	enterSandbox(t)
	shell(t, order.Setup)
	o := order.run(t)
	if !order.NoMounts {
		o.Mounts = mountState(t)
	}
	if order.Probe != "" {
		o.Probe = shell(t, order.Probe)
	}
	o.mask(loopDevice)
	if order.Mask != "" {
		o.mask(order.Mask)
	}
	if err := json.NewEncoder(report).Encode(o); err != nil {
		t.Fatal(err)
	}
}

// loopDevice names a device that the whole machine shares: which one is free
// depends on what else runs, other tests included.
const loopDevice = `/dev/loop\d+`

// mask takes every match of a regular expression out of the outcome.
func (o *sandboxOutcome) mask(expr string) {
	re := regexp.MustCompile(expr)
	for _, s := range []*string{&o.Stdout, &o.Stderr, &o.Probe} {
		*s = re.ReplaceAllString(*s, "")
	}
}

// enterSandbox makes the new namespaces usable and private.
func enterSandbox(t *testing.T) {
	t.Helper()
	for _, m := range []struct {
		source, target, fstype string
		flags                  uintptr
	}{
		{"none", "/", "", unix.MS_REC | unix.MS_PRIVATE},
		{"proc", "/proc", "proc", 0},
		{"sysfs", "/sys", "sysfs", 0},
		{"run", "/run", "tmpfs", 0},
		{"mnt", "/mnt", "tmpfs", 0},
	} {
		if err := unix.Mount(m.source, m.target, m.fstype, m.flags, ""); err != nil {
			t.Fatalf("mount on %s: %v", m.target, err)
		}
	}
}

func shell(t *testing.T, script string) string {
	t.Helper()
	c := exec.Command("/bin/sh", "-ec", script)
	c.Dir, c.Env = "/mnt", judgeEnv
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

func (order sandboxOrder) run(t *testing.T) (o sandboxOutcome) {
	t.Helper()
	var out, errs bytes.Buffer
	env := row{env: order.Env}.environment()
	stdin := strings.NewReader(order.Stdin)
	if !order.Ours {
		c := exec.Command(order.Argv[0], order.Argv[1:]...)
		c.Dir, c.Env, c.Stdin, c.Stdout, c.Stderr = "/mnt", env, stdin, &out, &errs
		var exit *exec.ExitError
		if err := c.Run(); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		o.Status, o.Stdout, o.Stderr = c.ProcessState.ExitCode(), out.String(), errs.String()
		return o
	}
	dir, err := unix.Open("/mnt", unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(dir)
	command, ok := Lookup(filepath.Base(order.Argv[0]))
	if !ok {
		t.Fatalf("no command %q in the table", order.Argv[0])
	}
	call := &Call{Args: order.Argv, Dir: dir, NetNS: -1, Env: env, Stdin: stdin,
		Stdout: &out, Stderr: &errs}
	o.Status = command.Run(call)
	if o.Status == Unsupported {
		return sandboxOutcome{Lacks: call.Lacks}
	}
	o.Stdout, o.Stderr = out.String(), errs.String()
	return o
}

// mountState is the table of mounts without what the kernel numbers: mounts,
// minor device numbers, loop devices, peer groups, network namespaces.
func mountState(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	ids := regexp.MustCompile(`(?m)^\d+ \d+ (\d+):\d+ `)
	peers := regexp.MustCompile(`(shared|master|propagate_from):\d+`)
	s := ids.ReplaceAllString(string(text), "$1 ")
	netns := regexp.MustCompile(`net:\[\d+\]`)
	s = netns.ReplaceAllString(peers.ReplaceAllString(s, "$1"), "net:[]")
	return regexp.MustCompile(loopDevice).ReplaceAllString(s, "")
}

// TestInDir holds that a private directory stays private, and that the
// process keeps its own.
func TestInDir(t *testing.T) {
	before, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	var inside string
	status, err := inDir(fd, func() int {
		inside, _ = unix.Getwd()
		return 7
	})
	if os.Getuid() != 0 && errors.Is(err, unix.EPERM) {
		missing(t, "unshare: %v", err)
	}
	if status != 7 || err != nil || inside != dir {
		t.Errorf("inDir: %d, %v, in %s; want 7, nil, in %s", status, err, inside, dir)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if after, _ := unix.Getwd(); after != before {
		t.Errorf("the process moved from %s to %s", before, after)
	}
}

// makeImage returns the beginning of an image made by a mkfs program.
func makeImage(t *testing.T, mkfs ...string) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, 64<<20); err != nil {
		t.Fatal(err)
	}
	path, err := exec.LookPath(mkfs[0])
	if err != nil {
		missing(t, "no %s", mkfs[0])
	}
	if out, err := exec.Command(path, append(mkfs[1:], name)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", mkfs, err, out)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
