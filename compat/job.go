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
	// Home is the folder in which a script set is installed in the sandbox.
	Home = "/var/lib/overlay-boot"

	// fixtures is the folder with the harness's own files in the sandbox's root. It is not
	// observed.
	fixtures = "/opt/overlay-compat"
	binary   = fixtures + "/bin/overlay-boot"
	sbin     = "/usr/sbin"
	// overrides is the folder of the administrator's scripts, which replace embedded ones.
	overrides = "/etc/overlay-boot/scripts"
)

// toolNames are the commands that a step may call.
var toolNames = [...]string{"overlay-boot", "overlay-diskfile", "overlay-go", "overlay-share",
	"overlay-stop"}

// A job is the order that the inner side of a sandbox receives.
type job struct {
	Scenario *Scenario
	Engines  []string
	// Seed makes the kernel's numbers start elsewhere in each run.
	Seed int
	// Plant is set if the steps' plants are to be carried out.
	Plant bool
}

// Inner must be called, after sandbox.Stage, by a program that calls Run. Inside the
// sandbox it does the inner part of the work and does not return.
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

// run carries out the steps, and observes the sandbox after each named one.
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

// enter changes to the current folder of the scenario and creates the files.
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

// stir makes process IDs and interface numbers differ from those of other runs.
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

// install puts the tools where the package installs them, and creates for each engine a
// folder of commands that call the tools.
func install(set string) error {
	if set == Embedded { // the overrides of the machine must not count
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

// wrapper creates a command that executes another one. That one does not see the engine's
// folder in its PATH.
func wrapper(engine, name, command string) error {
	text := fmt.Sprintf("#!/bin/sh\nPATH=%s\nexec %s \"$@\"\n", sandbox.Path, command)
	file := filepath.Join(fixtures, engine, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o755)
}

// systemShell returns the path of dash, or else /bin/sh.
func systemShell() string {
	if path, err := exec.LookPath("dash"); err == nil {
		return path
	}
	return "/bin/sh"
}

// step runs a step and waits until the processes that it started are at rest. Only then is
// all their output complete.
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

// plant makes the difference that a test of the harness wants the comparison to find.
func (j *job) plant(step Step) error {
	if step.Plant == "" || !j.Plant {
		return nil
	}
	if r, err := script(step.Plant, sandbox.Path, "-e"); err != nil || r.Status != 0 {
		return fmt.Errorf("plant %q: %v %w", step.Plant, r, err)
	}
	return rest()
}

// until waits for the condition of a step.
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

// script runs shell code with the system's shell.
func script(code, path string, options ...string) (sandbox.Result, error) {
	cmd, err := command(code, path, options...)
	if err != nil {
		return sandbox.Result{}, err
	}
	return sandbox.Exec(cmd)
}

// command returns a command that runs shell code from a file. On a command line the code
// would match when the tools look for the command lines of subhosts.
func command(code, path string, options ...string) (*exec.Cmd, error) {
	file := filepath.Join(fixtures, "step")
	if err := os.WriteFile(file, []byte(code+"\n"), 0o644); err != nil {
		return nil, err
	}
	cmd := exec.Command(systemShell(), append(options, file)...)
	cmd.Env = []string{"PATH=" + path, "HOME=/root", "LC_ALL=C", "TERM=dumb", "TZ=UTC"}
	return cmd, nil
}
