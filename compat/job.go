package compat

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
)

const (
	// Workplace is the current folder of a scenario.
	Workplace = "/srv/subhosts"
	// Home is where a script set lives in the sandbox, as it is installed.
	Home = "/var/lib/overlay-boot"

	// fixtures is what the harness itself has in the sandbox's root; it is not
	// looked at.
	fixtures = "/opt/overlay-compat"
	binary   = fixtures + "/bin/overlay-boot"
	sbin     = "/usr/sbin"
	// overrides is where scripts of the administrator replace embedded ones.
	overrides = "/etc/overlay-boot/scripts"
)

// toolNames are the commands that a step calls.
var toolNames = [...]string{"overlay-boot", "overlay-diskfile", "overlay-go", "overlay-share",
	"overlay-stop"}

// A job is what the inner side of a sandbox gets to do.
type job struct {
	Scenario *Scenario
	Engines  []string
	// Seed makes what the kernel numbers begin elsewhere in each run.
	Seed int
	// Plant is set where the steps' plants are to be made.
	Plant bool
}

// Inner is to be called by a program that calls Run, after sandbox.Stage: in the
// sandbox it does its part and does not return.
func Inner() {
	if !sandbox.Inside() || len(os.Args) != 2 || os.Args[1] != innerArg {
		return
	}
	unix.CloseOnExec(sandbox.Changes)
	if err := inner(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "overlay-compat:", err)
		os.Exit(2)
	}
	os.Exit(0)
}

const innerArg = "compat-inner"

func inner(in io.Reader, out io.Writer) error {
	var j job
	if err := json.NewDecoder(in).Decode(&j); err != nil {
		return err
	}
	trace := &Trace{}
	if err := j.run(trace); err != nil {
		trace.Failure = err.Error()
	}
	return json.NewEncoder(out).Encode(trace)
}

// run does the steps and observes each.
func (j *job) run(trace *Trace) error {
	if err := errors.Join(install(j.Scenario.Scripts), j.stir(), j.enter()); err != nil {
		return err
	}
	w := &witness{trace: trace, areas: j.areas()}
	for i, step := range j.Scenario.Steps {
		res, err := j.step(i, step)
		if err != nil {
			return err
		}
		if step.Name == "" {
			continue
		}
		w.moment = step.Name
		trace.addf(step.Name, "status", "", "%d", res.Status)
		trace.add(step.Name, "stdout", "", res.Stdout)
		trace.add(step.Name, "stderr", "", res.Stderr)
		w.observe()
	}
	return nil
}

func (j *job) areas() []string {
	if len(j.Scenario.Areas) == 0 {
		return []string{Workplace}
	}
	return j.Scenario.Areas
}

// enter goes to the current folder and makes the files.
func (j *job) enter() error {
	dir := j.Scenario.Dir
	if dir == "" {
		dir = Workplace
	}
	if err := os.Chdir(dir); err != nil {
		return err
	}
	for _, f := range j.Scenario.Files {
		mode := os.FileMode(0o644)
		if strings.HasPrefix(f.Text, "#!") {
			mode = 0o755
		}
		if err := os.MkdirAll(filepath.Dir(f.Name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(f.Name, []byte(f.Text), mode); err != nil {
			return err
		}
	}
	return nil
}

// stir makes pids and interface numbers differ from those of another run.
func (j *job) stir() error {
	const last = "/proc/sys/kernel/ns_last_pid"
	if err := os.WriteFile(last, []byte(strconv.Itoa(1000+2000*j.Seed)), 0); err != nil {
		return err
	}
	for range j.Seed {
		script := "ip link add stir type veth peer name stir1 && ip link del stir"
		if out, err := exec.Command("/bin/sh", "-c", script).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", script, err, out)
		}
	}
	return nil
}

// install puts the tools where the package has them, and for each engine a folder
// of commands that call them.
func install(set string) error {
	if set == Embedded { // not what the machine has in their place
		if err := os.RemoveAll(overrides); err != nil {
			return err
		}
	}
	for _, name := range toolNames {
		link := filepath.Join(sbin, name)
		_ = os.Remove(link)
		if err := os.Symlink(filepath.Join(Home, name), link); err != nil {
			return err
		}
		ours := filepath.Join(fixtures, "bin/overlay-sh") + " " + link
		if set == Embedded {
			ours = filepath.Join(fixtures, "bin", name)
		}
		err := errors.Join(wrapper(Original, name, link), wrapper(Ours, name, ours))
		if err != nil {
			return err
		}
	}
	return errors.Join(
		wrapper(Original, "compat-shell", systemShell()),
		wrapper(Ours, "compat-shell", fixtures+"/bin/overlay-sh"),
		wrapper(Original, "compat-command", "env"),
		wrapper(Ours, "compat-command", fixtures+`/bin/overlay-sh -c '"$@"' overlay-sh`),
		links())
}

// links gives the program its other names.
func links() error {
	for _, name := range append(toolNames[1:], "overlay-sh") {
		err := os.Symlink(filepath.Base(binary), filepath.Join(filepath.Dir(binary), name))
		if err != nil {
			return err
		}
	}
	return nil
}

// wrapper is a command that becomes another; what it becomes does not see the
// engine's folder in its PATH.
func wrapper(engine, name, command string) error {
	text := fmt.Sprintf("#!/bin/sh\nPATH=%s\nexec %s \"$@\"\n", sandbox.Path, command)
	file := filepath.Join(fixtures, engine, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o755)
}

// systemShell is dash where there is one by its name.
func systemShell() string {
	if path, err := exec.LookPath("dash"); err == nil {
		return path
	}
	return "/bin/sh"
}

// step runs one and waits for what it started to come to rest; only then all that
// it prints is there.
func (j *job) step(i int, step Step) (sandbox.Result, error) {
	if step.Name == "" {
		res, err := script(step.Code, sandbox.Path, "-e")
		if err == nil && res.Status != 0 {
			err = fmt.Errorf("host code %q: %v", step.Code, res)
		}
		return res, err
	}
	path := filepath.Join(fixtures, j.Engines[i]) + ":" + sandbox.Path
	cmd, err := command(step.Code, path)
	if err != nil {
		return sandbox.Result{}, err
	}
	p, err := sandbox.Start(cmd)
	if err == nil {
		err = errors.Join(rest(), until(step), j.plant(step))
	}
	if err != nil {
		return sandbox.Result{}, fmt.Errorf("%s: %w", step.Name, err)
	}
	return p.Result()
}

// plant makes the difference that a test of the harness wants to see found.
func (j *job) plant(step Step) error {
	if step.Plant == "" || !j.Plant {
		return nil
	}
	if r, err := script(step.Plant, sandbox.Path, "-e"); err != nil || r.Status != 0 {
		return fmt.Errorf("plant %q: %v %w", step.Plant, r, err)
	}
	return rest()
}

// until waits for a step's condition.
func until(step Step) error {
	if step.Until == "" {
		return nil
	}
	var res sandbox.Result
	var err error
	if !sandbox.Until(func() bool {
		time.Sleep(20 * time.Millisecond)
		res, err = script(step.Until, sandbox.Path)
		return err == nil && res.Status == 0
	}) {
		return fmt.Errorf("%s: in %v not until %q: %v %w", step.Name, sandbox.Limit,
			step.Until, res, err)
	}
	return rest()
}

// script runs shell code by the system's shell.
func script(code, path string, options ...string) (sandbox.Result, error) {
	cmd, err := command(code, path, options...)
	if err != nil {
		return sandbox.Result{}, err
	}
	return sandbox.Exec(cmd)
}

// command is shell code in a file: a command line would show up where the tools
// look for those of subhosts.
func command(code, path string, options ...string) (*exec.Cmd, error) {
	file := filepath.Join(fixtures, "step")
	if err := os.WriteFile(file, []byte(code+"\n"), 0o644); err != nil {
		return nil, err
	}
	cmd := exec.Command(systemShell(), append(options, file)...)
	cmd.Env = []string{"PATH=" + path, "HOME=/root", "LC_ALL=C", "TERM=dumb", "TZ=UTC"}
	return cmd, nil
}
