package proc

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

const helperVar = "PROC_TEST_EXEC"

func TestMain(m *testing.M) {
	if os.Getenv(helperVar) != "" {
		execFromAnotherThread()
	}
	if gate := os.Getenv(outliveVar); gate != "" {
		outlive(gate)
		return
	}
	os.Exit(m.Run())
}

// execFromAnotherThread executes a program from a thread other than the first.
func execFromAnotherThread() {
	runtime.LockOSThread() // the first thread stays here
	go func() {
		s := &Spec{Argv: []string{"setpriv", "--dump"}, Exe: -1, Dir: unix.AT_FDCWD,
			Paths: []string{"/usr/bin/setpriv"}, Files: []int{0, 1, 2}}
		fmt.Println(unix.Gettid() != unix.Getpid(), s.Exec())
		os.Exit(1)
	}()
	select {}
}

// TestExecKeepsParentDeathSignal checks that a program executed by any thread has the parent
// death signal. The kernel keeps that signal for each thread, and it is set for the first one.
func TestExecKeepsParentDeathSignal(t *testing.T) {
	runtime.LockOSThread() // this thread is the parent whose death would send the signal
	defer runtime.UnlockOSThread()
	c := exec.Command(os.Args[0])
	c.Env = []string{helperVar + "=1"}
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Parent death signal: KILL") {
		t.Errorf("%v\n%s", err, out)
	}
}
