package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Limit bounds one command, and one wait for something to happen.
const Limit = 20 * time.Second

// A Result is what a command did.
type Result struct {
	Status         int
	Stdout, Stderr string
}

func (r Result) String() string {
	return fmt.Sprintf("status %d\nstdout: %s\nstderr: %s", r.Status, r.Stdout, r.Stderr)
}

// Exec runs a command and waits for it, not for what it left in the background:
// its output goes to files.
func Exec(cmd *exec.Cmd) (Result, error) {
	return ExecAnd(cmd, func() error { return nil })
}

// ExecAnd is like Exec, and calls then before it reads the output, to which what
// the command left in the background may have added.
func ExecAnd(cmd *exec.Cmd, then func() error) (Result, error) {
	var out [2]*os.File
	for i := range out {
		f, err := os.CreateTemp("/dev/shm", "out")
		if err != nil {
			return Result{}, err
		}
		os.Remove(f.Name())
		defer f.Close()
		out[i] = f
	}
	cmd.Stdout, cmd.Stderr = out[0], out[1]
	if err := cmd.Start(); err != nil {
		return Result{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*Limit)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { cmd.Process.Kill() })
	defer stop()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return Result{}, err
	}
	late := then()
	r := Result{Status: cmd.ProcessState.ExitCode()}
	r.Stdout, r.Stderr = content(out[0]), content(out[1])
	if ctx.Err() != nil {
		return r, fmt.Errorf("%q did not end in %v: %v", cmd.Args, 3*Limit, r)
	}
	return r, late
}

func content(f *os.File) string {
	var b bytes.Buffer
	if _, err := f.Seek(0, 0); err == nil {
		_, _ = b.ReadFrom(f)
	}
	return b.String()
}

// Until asks again and again until the answer is yes, or for as long as Limit.
func Until(yes func() bool) bool {
	for deadline := time.Now().Add(Limit); time.Now().Before(deadline); {
		if yes() {
			return true
		}
		time.Sleep(2 * time.Millisecond)
	}
	return yes()
}

// A Tree is the three levels of a running subhost.
type Tree struct {
	Supervisor, Unshare, Reaper Process
}

// Find looks for a subhost whose reaper runs.
func Find(name string) (Tree, bool) {
	list := Processes()
	byPid := map[int]Process{}
	for _, p := range list {
		byPid[p.Pid] = p
	}
	for _, p := range list {
		if len(p.Argv) != 2 || p.Argv[0] != "/.reaper" || p.Argv[1] != name {
			continue
		}
		if u := byPid[p.PPid]; u.Comm == "unshare" {
			return Tree{byPid[u.PPid], u, p}, true
		}
	}
	return Tree{}, false
}

// WaitRunning waits for a subhost's reaper.
func WaitRunning(name string) (Tree, error) {
	var tree Tree
	ok := Until(func() (ok bool) { tree, ok = Find(name); return ok })
	if !ok {
		var b strings.Builder
		for _, p := range Processes() {
			fmt.Fprintf(&b, "\n%v", p)
		}
		return tree, fmt.Errorf("%s does not run in %v; there are:%s", name, Limit, b.String())
	}
	return tree, nil
}

// An Engine is a way to run the tools: a shell, a binary, a script set.
type Engine struct {
	// Name is for people.
	Name string
	// Dir holds the tools.
	Dir string
	// Env is added to the sandbox's environment.
	Env []string
}

// Command is one of the engine's tools with arguments.
func (e Engine) Command(tool string, args ...string) *exec.Cmd {
	cmd := exec.Command(e.Dir+"/"+tool, args...)
	cmd.Env = append(os.Environ(), e.Env...)
	return cmd
}
