// Package sandbox runs a program, itself again, where it can boot subhosts and
// break things without the machine noticing: in fresh mount, pid, net, uts, ipc
// and cgroup namespaces, with its own /proc, /sys, /run and /tmp, and an /etc
// that forgets what was written to it.
//
//	func main() {
//		sandbox.Stage() // does not return when this is the inner side's pid 1
//		if sandbox.Inside() { ... }
//		sandbox.Run(ctx, os.Stdout, "args", "for", "the", "inner", "side")
//	}
//
// Inside, pid 1 is a stage that only reaps, so that an orphan is either adopted
// and collected or seen as a leak. When the stage ends, for whatever reason, the
// kernel ends everything in the sandbox and unmounts what was mounted in it; the
// outer side has nothing to clean up but one cgroup.
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
	roleInside = "inside"
)

// Path is the PATH of everything that runs inside.
const Path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Inside tells whether this process is in a sandbox.
func Inside() bool { return os.Getenv(roleVar) == roleInside }

// Run runs this program again in a sandbox, with the arguments given, and waits
// for it. The folders in keep stay visible at their paths when they are below
// one that the sandbox covers. The program is killed when ctx ends.
func Run(ctx context.Context, out io.Writer, keep []string, args ...string) error {
	cmd := exec.CommandContext(ctx, "/proc/self/exe", args...)
	cmd.Env = environment(keepVar + "=" + strings.Join(keep, ":"))
	cmd.Stdout, cmd.Stderr = out, out
	return run(ctx, cmd)
}

// RunPrivate is like Run, in a sandbox that also has a root of its own: whatever
// is written anywhere is gone at the end. The caller sets the command's standard
// files and arguments; its path and environment are set here.
func RunPrivate(ctx context.Context, root Root, cmd *exec.Cmd) error {
	order, err := json.Marshal(root)
	if err != nil {
		return err
	}
	cmd.Path = "/proc/self/exe"
	cmd.Env = environment(rootVar + "=" + string(order))
	return run(ctx, cmd)
}

func run(ctx context.Context, cmd *exec.Cmd) error {
	// The sandbox dies with the thread that made it: stay on it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	cmd.Args[0] = os.Args[0]
	cmd.WaitDelay = 5 * time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET |
			unix.CLONE_NEWUTS | unix.CLONE_NEWIPC,
		Pdeathsig: syscall.SIGKILL,
	}
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

// ofProduct are the program's own variables: what runs inside is not to depend on how
// the user has set them for the machine.
var ofProduct = [...]string{"OVERLAY_HANDOVER", "OVERLAY_NATIVES", "OVERLAY_SCRIPTS"}

// environment is small and the same everywhere, but for the switches of this project's
// tests.
func environment(order string) []string {
	env := []string{
		"PATH=" + Path, "HOME=/root", "LC_ALL=C", "TERM=dumb", "TZ=UTC",
		order,
	}
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if strings.HasPrefix(v, "OVERLAY_") && !strings.HasPrefix(v, roleVar) &&
			!slices.Contains(ofProduct[:], name) {
			env = append(env, v)
		}
	}
	return append(env, roleVar+"="+roleStage)
}

// Stage is to be called first in the program. On the inner side's pid 1 it
// builds the sandbox, starts the program in it and exits as that does.
func Stage() {
	if os.Getenv(roleVar) != roleStage {
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
	if err == nil { // above those that the program in the sandbox gets
		self, err = unix.FcntlInt(uintptr(self), unix.F_DUPFD_CLOEXEC, 10)
	}
	if err != nil {
		return 0, err
	}
	// Only now, because clone takes the cgroup namespace's root from the caller.
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
