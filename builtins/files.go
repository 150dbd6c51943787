package builtins

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Helpers that the file and text commands share.

// usageError reports a wrong use the way the GNU tools do.
func (c *Call) usageError(status int, format string, args ...any) int {
	c.Errorf(format, args...)
	fmt.Fprintf(c.Stderr, "Try '%s --help' for more information.\n", c.Name())
	return status
}

// extraOperand reports the first operand that is too many.
func (c *Call) extraOperand(operand string) int {
	return c.usageError(1, "extra operand %s", quoteText(operand))
}

// flush ends the output of a command that would otherwise return status.
func (c *Call) flush(w *bufio.Writer, status int) int {
	if err := w.Flush(); err != nil {
		return c.writeError(err)
	}
	return status
}

// writeError is the end of a command that cannot write its output. A broken
// pipe is silent, as it is for a tool that SIGPIPE ends, unless that is ignored.
func (c *Call) writeError(err error) int {
	if isBrokenPipe(err) && c.writeSignal(err) != 0 {
		return 128 + int(unix.SIGPIPE)
	}
	c.Errorf("write error: %s", Strerror(err))
	return 1
}

// writeSignal is WriteSignal, or its default.
func (c *Call) writeSignal(err error) int {
	switch {
	case c.WriteSignal != nil:
		return c.WriteSignal(err)
	case isBrokenPipe(err):
		return int(unix.SIGPIPE)
	}
	return 0
}

// input opens an operand of a text command, "-" being standard input.
func (c *Call) input(name string) (io.ReadCloser, error) {
	if name == "-" {
		return standardInput{c.Stdin}, nil
	}
	return c.Open(name)
}

// standardInput is not closed by who reads it, and where it can seek, what was
// read too much can be given back.
type standardInput struct{ io.Reader }

func (standardInput) Close() error { return nil }

func (in standardInput) Descriptor() int { return descriptor(in.Reader) }

func (in standardInput) Seek(offset int64, whence int) (int64, error) {
	if f, ok := in.Reader.(io.Seeker); ok {
		return f.Seek(offset, whence)
	}
	return 0, unix.ESPIPE
}

// A fileError is what is wrong with a file but for what the system says.
type fileError string

func (e fileError) Error() string { return string(e) }

// A Descriptor is a stream that may be an open file of the system.
type Descriptor interface {
	// Descriptor is its number, or -1.
	Descriptor() int
}

// descriptor is the number of the open file that a stream is, or -1.
func descriptor(stream any) int {
	switch f := stream.(type) {
	case *os.File:
		return int(f.Fd())
	case Descriptor:
		return f.Descriptor()
	}
	return -1
}

// isClosed says whether an input that has been read to its end is no open file at all.
func isClosed(in io.Reader) bool {
	if _, err := unix.FcntlInt(uintptr(descriptor(in)), unix.F_GETFD, 0); err == nil {
		return false
	}
	_, err := in.Read(make([]byte, 1))
	return errors.Is(err, unix.EBADF)
}

// retry repeats a system call that a signal interrupted.
func retry(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// statAt is fstatat(2).
func statAt(dir int, name string, flags int) (st unix.Stat_t, err error) {
	err = retry(func() error { return unix.Fstatat(dir, name, &st, flags) })
	return st, err
}

// stat follows symbolic links, lstat does not.
func (c *Call) stat(name string) (unix.Stat_t, error) { return statAt(c.Dir, name, 0) }

func (c *Call) lstat(name string) (unix.Stat_t, error) {
	return statAt(c.Dir, name, unix.AT_SYMLINK_NOFOLLOW)
}

// isDir says whether name is a directory or a link to one.
func (c *Call) isDir(name string) bool {
	st, err := c.stat(name)
	return err == nil && fileType(st) == unix.S_IFDIR
}

func fileType(st unix.Stat_t) uint32 { return st.Mode & unix.S_IFMT }

func sameFile(a, b unix.Stat_t) bool { return a.Dev == b.Dev && a.Ino == b.Ino }

// readlinkAt is readlinkat(2) for a link of any length.
func readlinkAt(dir int, name string) (string, error) {
	for size := 256; ; size *= 4 {
		buf := make([]byte, size)
		n, err := unix.Readlinkat(dir, name, buf)
		if err != nil {
			return "", err
		}
		if n < size {
			return string(buf[:n]), nil
		}
	}
}

// openDirAt opens a directory for reading, and nothing else.
func openDirAt(dir int, name string, flags int) (*os.File, error) {
	fd := -1
	err := retry(func() (err error) {
		fd, err = unix.Openat(dir, name,
			unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC|unix.O_NONBLOCK|flags, 0)
		return err
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// workDir returns the absolute name of Dir.
func (c *Call) workDir() (name string, err error) {
	if c.Dir == unix.AT_FDCWD {
		return unix.Getwd() // not os.Getwd, which believes $PWD
	}
	if name, err = readlinkAt(unix.AT_FDCWD, "/proc/self/fd/"+strconv.Itoa(c.Dir)); err == nil {
		return name, nil
	}
	onOwnThread(func() {
		if err = unix.Fchdir(c.Dir); err == nil {
			buf := make([]byte, unix.PathMax)
			var n int
			if n, err = unix.Getcwd(buf); err == nil {
				name = unix.ByteSliceToString(buf[:n])
			}
		}
	})
	return name, err
}

// umask returns the process's file mode creation mask, without the moment of
// a wrong one that umask(2) would mean for all other threads.
func (c *Call) umask() uint32 {
	if c.below != nil {
		return c.below.mask
	}
	text, err := os.ReadFile("/proc/thread-self/status")
	if err == nil {
		_, rest, _ := bytes.Cut(text, []byte("\nUmask:\t"))
		digits, _, _ := bytes.Cut(rest, []byte("\n"))
		if mask, err := strconv.ParseUint(string(digits), 8, 32); err == nil {
			return uint32(mask)
		}
	}
	mask := 0o022
	onOwnThread(func() { mask = unix.Umask(0) })
	return uint32(mask)
}

// onOwnThread runs f on a thread with a working directory and mask of its own,
// which ends afterwards. It is for a host without /proc.
func onOwnThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked, so that the thread goes
		if unix.Unshare(unix.CLONE_FS) == nil {
			f()
		}
	}()
	<-done
}

// trimSlashes removes slashes from the end, all but a first one.
func trimSlashes(name string) string {
	for len(name) > 1 && name[len(name)-1] == '/' {
		name = name[:len(name)-1]
	}
	return name
}

// lastPart is a name's last component, "/" for the root.
func lastPart(name string) string {
	name = trimSlashes(name)
	if i := strings.LastIndexByte(name, '/'); i >= 0 && name != "/" {
		return name[i+1:]
	}
	return name
}

// joinName puts a name below a directory, as it is shown in messages.
func joinName(dir, name string) string {
	if strings.HasSuffix(dir, "/") {
		return dir + strings.TrimLeft(name, "/")
	}
	return dir + "/" + strings.TrimLeft(name, "/")
}

// embedded returns the clean absolute name of a script that is only in the
// binary.
func (c *Call) embedded(name string) (string, bool) {
	if c.Scripts == nil || name == "" {
		return "", false
	}
	if !path.IsAbs(name) {
		dir, err := c.workDir()
		if err != nil {
			return "", false
		}
		name = dir + "/" + name
	}
	name = path.Clean(name)
	_, ok := c.Scripts.Script(name)
	return name, ok
}

// asksUser says whether the tool might ask before it replaces or removes a
// file that may not be written: only at a terminal and without privilege.
func (c *Call) asksUser() bool {
	f, ok := c.Stdin.(*os.File)
	if !ok || unix.Geteuid() == 0 {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// closedInput says whether a file that could not be read is standard input that was closed
// before. GNU's tools tell of it where they read it, and with endsClosed where they close it.
func closedInput(name string, err error) bool {
	return name == "-" && errors.Is(err, unix.EBADF)
}

// endsClosed tells the second time, after all has been written.
func (c *Call) endsClosed(status int, closed bool) int {
	if !closed {
		return status
	}
	c.Errorf("-: %s", ErrnoText(unix.EBADF))
	return max(status, 1)
}
