package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Limit bounds one command, and one wait for an event.
const Limit = 20 * time.Second

// A Result is the outcome of a command.
type Result struct {
	Status         int
	Stdout, Stderr string
}

// String returns the result as a failure shows it.
func (r Result) String() string {
	return fmt.Sprintf("status %d\nstdout: %s\nstderr: %s", r.Status, r.Stdout, r.Stderr)
}

// Exec runs a command and waits for it, but not for the processes that it leaves in the
// background: the output goes to files, not to pipes.
func Exec(cmd *exec.Cmd) (Result, error) {
	p, err := Start(cmd)
	if err != nil {
		return Result{}, err
	}
	return p.Result()
}

// A Started command has ended. The processes that it left in the background may still write
// output.
type Started struct {
	cmd *exec.Cmd
	out [2]*os.File
	err error
}

// Start runs a command to its end and keeps its output in memory.
func Start(cmd *exec.Cmd) (*Started, error) {
	p := &Started{cmd: cmd}
	for i, name := range []string{"stdout", "stderr"} {
		fd, err := memory(name)
		if err != nil {
			return nil, err
		}
		// Several processes write: O_APPEND keeps them from overwriting each other.
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFL, unix.O_APPEND); err != nil {
			return nil, os.NewSyscallError("fcntl", err)
		}
		p.out[i] = os.NewFile(uintptr(fd), name)
	}
	cmd.Stdout, cmd.Stderr = p.out[0], p.out[1]
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*Limit)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { cmd.Process.Kill() })
	defer stop()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	p.err = ctx.Err()
	return p, nil
}

// memory creates a file in memory. If vm.memfd_noexec is 2, the flag MFD_NOEXEC_SEAL is
// required; a kernel before 6.3 does not know it.
func memory(name string) (int, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_NOEXEC_SEAL)
	if errors.Is(err, unix.EINVAL) {
		fd, err = unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	}
	return fd, os.NewSyscallError("memfd_create", err)
}

// Result returns the exit status and all output up to now.
func (p *Started) Result() (Result, error) {
	r := Result{Status: p.cmd.ProcessState.ExitCode()}
	r.Stdout, r.Stderr = content(p.out[0]), content(p.out[1])
	p.out[0].Close()
	p.out[1].Close()
	if p.err != nil {
		return r, fmt.Errorf("%q did not end in %v: %v", p.cmd.Args, 3*Limit, r)
	}
	return r, nil
}

func content(f *os.File) string {
	var b bytes.Buffer
	// Read by position, since processes that still write share the offset.
	_, _ = b.ReadFrom(io.NewSectionReader(f, 0, 1<<62))
	return b.String()
}

// Until repeats a test until it returns true, for at most Limit.
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

// Find returns the processes of a subhost whose reaper runs.
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
	// Name is the name of the engine for people.
	Name string
	// Dir is the folder of the tools.
	Dir string
	// Env is added to the sandbox's environment.
	Env []string
}

// Command returns a command that runs one of the engine's tools with arguments.
func (e Engine) Command(tool string, args ...string) *exec.Cmd {
	cmd := exec.Command(e.Dir+"/"+tool, args...)
	cmd.Env = append(os.Environ(), e.Env...)
	return cmd
}
