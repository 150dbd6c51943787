package native

import (
	"runtime"

	"overlayboot/builtins/base/clib"

	"golang.org/x/sys/unix"
)

// OnThread runs f on an operating system thread that ends with f. So f may change the
// attributes of its thread: the working directory after unshare(CLONE_FS), the network
// namespace, the mount namespace.
func OnThread(f func()) {
	done := make(chan any, 1)
	go func() {
		var ended any
		defer func() { done <- ended }()
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			// /proc/PID shows the first thread as the process, and the first thread cannot end.
			// It stays here, locked, so that the inner call gets another thread.
			defer runtime.UnlockOSThread()
			ended = untilFailed(func() { OnThread(f) })
			return
		}
		ended = untilFailed(f) // still locked at the end, so the runtime ends the thread
	}()
	if ended := <-done; ended != nil {
		panic(ended)
	}
}

// untilFailed runs f. If a writeFailed panic ends f, it returns the writeFailed, for the
// calling goroutine to raise again.
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

// InDirectory runs f with dir as its current directory. No other thread sees that directory. If
// dir is AT_FDCWD, f runs as it is; otherwise it runs on a thread with a working directory of
// its own. A name below /proc/self/fd would not do, since commands also run before /proc is
// mounted.
func InDirectory(dir int, f func() int) (status int, err error) {
	if dir == unix.AT_FDCWD {
		return f(), nil
	}
	OnThread(func() {
		if err = unix.Unshare(unix.CLONE_FS); err != nil {
			return
		}
		if err = unix.Fchdir(dir); err != nil {
			return
		}
		status = f()
		// The thread ends a moment after this function returns. It must not keep a mount busy
		// until then.
		unix.Chdir("/")
	})
	return status, err
}

// InOwnDirectory is InDirectory with c.Dir. It needs no thread if all names are absolute.
func (c *Call) InOwnDirectory(names []string, f func() int) int {
	dir := unix.AT_FDCWD
	for _, name := range names {
		if name == "" || name[0] != '/' {
			dir = c.Dir
		}
	}
	status, err := InDirectory(dir, f)
	if err != nil {
		c.Errorf("cannot use the current directory: %s", clib.Strerror(err))
		return 1
	}
	return status
}
