// Package sandbox re-executes a program where it can boot subhosts and break things
// unnoticed by the machine: in fresh mount, pid, net, uts, ipc and cgroup namespaces, with
// its own /proc, /sys, /run and /tmp, and an /etc that forgets all changes.
//
//	func main() {
//		sandbox.Stage() // does not return in pid 1 of the inner side
//		if sandbox.Inside() { ... }
//		sandbox.Run(ctx, os.Stdout, "args", "for", "the", "inner", "side")
//	}
//
// Inside, pid 1 is a stage that only reaps, so an orphan is either adopted and reaped or
// seen as a leak. When the stage ends, for whatever reason, the kernel ends every process
// in the sandbox and removes its mounts. The outer side has only one cgroup to clean up.
package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	roleVar = "OVERLAY_SANDBOX"
	keepVar = "OVERLAY_SANDBOX_KEEP"
	rootVar = "OVERLAY_SANDBOX_ROOT"

	roleStage  = "stage"
	roleBare   = "bare"
	roleInside = "inside"
)

// Path is the PATH of all programs inside.
const Path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Inside reports whether this process is in a sandbox.
func Inside() bool { return os.Getenv(roleVar) == roleInside }

// Run re-executes this program in a sandbox with the given arguments, and waits for it. The
// folders in keep stay visible at their paths even if they are below a folder that the
// sandbox covers. The program is killed when ctx ends.
func Run(ctx context.Context, out io.Writer, keep []string, args ...string) error {
	cmd := exec.CommandContext(ctx, "/proc/self/exe", args...)
	cmd.Env = environment(roleStage, keepVar+"="+strings.Join(keep, ":"))
	cmd.Stdout, cmd.Stderr = out, out
	return run(ctx, cmd)
}

// RunPrivate is like Run, with a sandbox that also has a root of its own: all written files
// are gone at the end. The caller sets the command's standard files and arguments;
// RunPrivate sets its path and environment.
func RunPrivate(ctx context.Context, root Root, cmd *exec.Cmd) error {
	order, err := json.Marshal(root)
	if err != nil {
		return err
	}
	cmd.Path = "/proc/self/exe"
	cmd.Env = environment(roleStage, rootVar+"="+string(order))
	return run(ctx, cmd)
}

// namespaces returns the attributes of a process that starts a sandbox. The namespaces end
// with that process, and the process with the thread that started it.
func namespaces() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET |
			unix.CLONE_NEWUTS | unix.CLONE_NEWIPC,
		Pdeathsig: syscall.SIGKILL,
	}
}

func run(ctx context.Context, cmd *exec.Cmd) error {
	// The sandbox dies with the thread that created it, so stay on this thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	cmd.Args[0] = os.Args[0]
	cmd.WaitDelay = 5 * time.Second
	cmd.SysProcAttr = namespaces()
	group, err := newCgroup()
	if err == nil {
		defer group.remove()
		cmd.SysProcAttr.UseCgroupFD = true
		cmd.SysProcAttr.CgroupFD = group.fd
	}
	err = cmd.Run()
	if ctx.Err() != nil {
		return fmt.Errorf("sandbox took too long: %w", ctx.Err())
	}
	return err
}

// ofProduct are the program's own variables. The user's values for the machine must not
// influence what runs inside.
var ofProduct = [...]string{"OVERLAY_HANDOVER", "OVERLAY_NATIVES", "OVERLAY_SCRIPTS"}

// environment returns a small environment that is the same everywhere, except for the
// switches of this project's tests.
func environment(role string, orders ...string) []string {
	env := append([]string{
		"PATH=" + Path, "HOME=/root", "LC_ALL=C", "TERM=dumb", "TZ=UTC",
	}, orders...)
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if strings.HasPrefix(v, "OVERLAY_") && !strings.HasPrefix(v, roleVar) &&
			!slices.Contains(ofProduct[:], name) {
			env = append(env, v)
		}
	}
	return append(env, roleVar+"="+role)
}

// Stage must be the first call in the program. In pid 1 of the inner side it builds the
// sandbox, starts the program in it and exits with the program's status. In a bare sandbox
// the program goes on as pid 1. A program inside starts with no signal ignored, whoever
// started the sandbox.
func Stage() {
	if os.Getenv(roleVar) != "" {
		DefaultSignals()
	}
	switch os.Getenv(roleVar) {
	case roleBare:
		enterBare()
		return
	case roleStage:
	default:
		return
	}
	status, err := stage()
	if err != nil {
		fmt.Fprintf(os.Stderr, "sandbox: %v\n", err)
		status = 125
	}
	os.Exit(status)
}

func stage() (int, error) {
	runtime.LockOSThread()
	self, err := unix.Open("/proc/self/exe", unix.O_PATH|unix.O_CLOEXEC, 0)
	if err == nil { // above the descriptors that the program receives
		self, err = unix.FcntlInt(uintptr(self), unix.F_DUPFD_CLOEXEC, 10)
	}
	if err != nil {
		return 0, err
	}
	// Not a clone flag: clone would take the namespace's root from the caller's cgroup.
	if err := unix.Unshare(unix.CLONE_NEWCGROUP); err != nil {
		return 0, fmt.Errorf("unshare cgroup: %w", err)
	}
	files := []uintptr{0, 1, 2}
	if order, ok := os.LookupEnv(rootVar); ok {
		var changes int
		if changes, err = buildPrivate(order); err == nil {
			files = append(files, uintptr(changes))
		}
	} else {
		err = build(filepath.SplitList(os.Getenv(keepVar)))
	}
	if err != nil {
		return 0, err
	}
	os.Setenv(roleVar, roleInside)
	os.Unsetenv(keepVar)
	os.Unsetenv(rootVar)
	pid, err := syscall.ForkExec(fmt.Sprintf("/proc/self/fd/%d", self), os.Args,
		&syscall.ProcAttr{Env: os.Environ(), Files: files})
	if err != nil {
		return 0, err
	}
	return reap(pid), nil
}

// reap collects every child until main ends, and returns main's status.
func reap(main int) int {
	for {
		var ws syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &ws, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 125
		case pid != main:
		case ws.Signaled():
			return 128 + int(ws.Signal())
		default:
			return ws.ExitStatus()
		}
	}
}
