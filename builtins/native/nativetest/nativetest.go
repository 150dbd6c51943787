// Package nativetest runs native commands for the rows of tests, to compare them with the
// system's tools (see compat/judge).
package nativetest

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/builtins"
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
	"overlayboot/compat/judge"
)

// Run is the judge.Native of all commands in the table. The programs that a command runs are
// the system's.
func Run(j *judge.Call) (status int, lacks string) { return RunWith(j, func(*native.Call) {}) }

// RunWith is Run, after edit has changed what the command is given.
func RunWith(j *judge.Call, edit func(*native.Call)) (status int, lacks string) {
	command, ok := builtins.Lookup(filepath.Base(j.Argv[0]))
	if !ok {
		panic("no command in the table is called " + j.Argv[0])
	}
	call := NewCall(j)
	edit(call)
	if status = command.Run(call); status == native.Unsupported {
		return 0, call.Lacks
	}
	return status, ""
}

// NewCall returns a Call for a native command. The programs that the command runs are the
// system's.
func NewCall(j *judge.Call) *native.Call {
	call := &native.Call{Args: j.Argv, Dir: j.Dir, NetNS: -1, Env: j.Env, Stdin: j.Stdin,
		Stdout: j.Stdout, Stderr: j.Stderr}
	call.RunIn = func(dir int, argv []string, blame string, in io.Reader,
		out, errs io.Writer) native.Ended {
		c := exec.Command(argv[0], argv[1:]...)
		c.Dir, c.Env, c.Stdin, c.Stdout, c.Stderr = j.Path, call.Env, in, out, errs
		if dir != j.Dir {
			c.Dir = fmt.Sprintf("/proc/self/fd/%d", dir)
		}
		return ended(c, blame)
	}
	call.RunAs = func(argv []string, blame string, in io.Reader, out, errs io.Writer) native.Ended {
		return call.RunIn(j.Dir, argv, blame, in, out, errs)
	}
	call.Run = func(argv []string, in io.Reader, out, errs io.Writer) int {
		return call.RunAs(argv, "%s: %s", in, out, errs).Status
	}
	call.System = func(name, command string, in io.Reader, out, errs io.Writer) native.Ended {
		return call.RunAs([]string{name, "-c", command}, "%s: %s", in, out, errs)
	}
	return call
}

// ended runs a program to its end.
func ended(c *exec.Cmd, blame string) native.Ended {
	err := c.Run()
	if c.ProcessState == nil {
		return notExecuted(err, c.Args[0], blame, c.Stderr)
	}
	ws := unix.WaitStatus(c.ProcessState.Sys().(syscall.WaitStatus))
	e := native.Ended{Status: proc.ExitStatus(ws)}
	if ws.Signaled() {
		e.Signal = int(ws.Signal())
	}
	return e
}

// notExecuted reports in the words of the command that a program cannot be executed.
func notExecuted(err error, name, blame string, errs io.Writer) native.Ended {
	var errno unix.Errno
	if !errors.As(err, &errno) {
		errno = unix.ENOENT
	}
	fmt.Fprintf(errs, blame+"\n", name, clib.Strerror(errno))
	if errno == unix.ENOENT {
		return native.Ended{Status: 127, NotRun: true}
	}
	return native.Ended{Status: 126, NotRun: true}
}

// Shell runs a script by the system's shell in /mnt of a bare sandbox, and returns its output.
func Shell(t *testing.T, script string) string {
	t.Helper()
	out, err := judge.Shell(script)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
