package builtins

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// onThread runs f on an operating system thread of its own that ends with f,
// so that f may change what belongs to a thread: its directory after
// unshare(CLONE_FS), its network or mount namespace.
func onThread(f func()) {
	done := make(chan any, 1)
	go func() {
		var ended any
		defer func() { done <- ended }()
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			// The first thread is what /proc/PID shows as the process, and it
			// cannot end. It waits here, locked, so that another one is taken.
			defer runtime.UnlockOSThread()
			ended = untilFailed(func() { onThread(f) })
			return
		}
		ended = untilFailed(f) // Still locked at the end: the runtime throws the thread away.
	}()
	if ended := <-done; ended != nil {
		panic(ended)
	}
}

// untilFailed runs f, and returns the writeFailed that it ended by: that is to go on
// where the command was called.
func untilFailed(f func()) (ended any) {
	defer func() {
		reason := recover()
		if _, ok := reason.(writeFailed); reason != nil && !ok {
			panic(reason)
		}
		ended = reason
	}()
	f()
	return nil
}

// inDir runs f with dir as the current directory, seen by f only. Where dir is
// the process's own directory that takes nothing; else f runs on a thread that
// shares no directory with the others. There is no way by /proc/self/fd here,
// since commands run where /proc is not mounted yet.
func inDir(dir int, f func() int) (status int, err error) {
	if dir == unix.AT_FDCWD {
		return f(), nil
	}
	onThread(func() {
		if err = unix.Unshare(unix.CLONE_FS); err != nil {
			return
		}
		if err = unix.Fchdir(dir); err != nil {
			return
		}
		status = f()
		// The thread is gone a moment after this returns; until then it must
		// not keep a mount busy.
		unix.Chdir("/")
	})
	return status, err
}

// inDirFor is inDir, spared where no name of names is relative.
func (c *Call) inDirFor(names []string, f func() int) int {
	dir := unix.AT_FDCWD
	for _, name := range names {
		if name == "" || name[0] != '/' {
			dir = c.Dir
		}
	}
	status, err := inDir(dir, f)
	if err != nil {
		c.Errorf("cannot use the current directory: %s", Strerror(err))
		return 1
	}
	return status
}
