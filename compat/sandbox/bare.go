package sandbox

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// RunBare re-executes this program in the smallest sandbox: fresh mount, pid, net, uts and
// ipc namespaces, /proc and /sys of their own, and empty tmpfs mounts on /run and /mnt. All
// other files are the machine's, and writable. The program itself is pid 1 inside, and
// reaps only its own children. Such a sandbox starts within a few milliseconds, which suits
// a test of hundreds of commands. The caller sets the command's standard files and
// arguments; RunBare sets its path and environment.
func RunBare(ctx context.Context, cmd *exec.Cmd) error {
	// The sandbox dies with the thread that created it, so stay on this thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.Path = "/proc/self/exe"
	cmd.Args[0] = os.Args[0]
	cmd.Env = environment(roleBare)
	cmd.WaitDelay = 5 * time.Second
	cmd.SysProcAttr = namespaces()
	err := cmd.Run()
	if ctx.Err() != nil {
		return fmt.Errorf("sandbox took too long: %w", ctx.Err())
	}
	return err
}

// enterBare mounts the file systems of a bare sandbox in the new namespaces of this
// process, and makes its mounts private.
func enterBare() {
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
		if err := mount(m.source, m.target, m.fstype, m.flags, ""); err != nil {
			fmt.Fprintf(os.Stderr, "sandbox: %v\n", err)
			os.Exit(125)
		}
	}
	os.Setenv(roleVar, roleInside)
}
