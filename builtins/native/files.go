package native

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

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
)

// This file has helpers that the file and text commands share.

// UsageError reports a usage error in the way of the GNU tools, and returns status.
func (c *Call) UsageError(status int, format string, args ...any) int {
	c.Errorf(format, args...)
	fmt.Fprintf(c.Stderr, "Try '%s --help' for more information.\n", c.Name())
	return status
}

// ExtraOperand reports the first operand that is too many.
func (c *Call) ExtraOperand(operand string) int {
	return c.UsageError(1, "extra operand %s", QuoteText(operand))
}

// Flush flushes the output at the end of a command, and returns status unless that fails.
func (c *Call) Flush(w *bufio.Writer, status int) int {
	if err := w.Flush(); err != nil {
		return c.WriteError(err)
	}
	return status
}

// WriteError reports a failed write and returns the exit status. A broken pipe is silent, since
// SIGPIPE would end the tool, unless that signal is ignored.
func (c *Call) WriteError(err error) int {
	if IsBrokenPipe(err) && c.writeSignal(err) != 0 {
		return 128 + int(unix.SIGPIPE)
	}
	c.Errorf("write error: %s", clib.Strerror(err))
	return 1
}

// writeSignal calls WriteSignal, or its default.
func (c *Call) writeSignal(err error) int {
	switch {
	case c.WriteSignal != nil:
		return c.WriteSignal(err)
	case IsBrokenPipe(err):
		return int(unix.SIGPIPE)
	}
	return 0
}

// Input opens an operand of a text command; "-" is standard input.
func (c *Call) Input(name string) (io.ReadCloser, error) {
	if name == "-" {
		return standardInput{c.Stdin}, nil
	}
	return c.Open(name)
}

// standardInput is standard input for a reader, whose Close does not close it. If the input can
// seek, a reader can give back what it read too much.
type standardInput struct{ io.Reader }

// Close does nothing: the caller owns standard input.
func (standardInput) Close() error { return nil }

// Descriptor returns the file descriptor of standard input, or -1.
func (in standardInput) Descriptor() int { return FD(in.Reader) }

// Seek seeks in standard input, if that can seek.
func (in standardInput) Seek(offset int64, whence int) (int64, error) {
	if f, ok := in.Reader.(io.Seeker); ok {
		return f.Seek(offset, whence)
	}
	return 0, unix.ESPIPE
}

// A Descriptor is a stream that may be an open file.
type Descriptor interface {
	// Descriptor returns the file descriptor, or -1.
	Descriptor() int
}

// FD returns the file descriptor of a stream, or -1.
func FD(stream any) int {
	switch f := stream.(type) {
	case *os.File:
		return int(f.Fd())
	case Descriptor:
		return f.Descriptor()
	}
	return -1
}

// IsClosed reports whether an input that seemed to be at its end is in fact not open.
func IsClosed(in io.Reader) bool {
	if _, err := unix.FcntlInt(uintptr(FD(in)), unix.F_GETFD, 0); err == nil {
		return false
	}
	_, err := in.Read(make([]byte, 1))
	return errors.Is(err, unix.EBADF)
}

// Stat returns the status of a file relative to Dir. It follows symbolic links.
func (c *Call) Stat(name string) (unix.Stat_t, error) { return fsys.StatAt(c.Dir, name, 0) }

// Lstat returns the status of a file relative to Dir. It does not follow symbolic links.
func (c *Call) Lstat(name string) (unix.Stat_t, error) {
	return fsys.StatAt(c.Dir, name, unix.AT_SYMLINK_NOFOLLOW)
}

// IsDir reports whether name is a directory or a symbolic link to one.
func (c *Call) IsDir(name string) bool {
	st, err := c.Stat(name)
	return err == nil && fsys.Type(st) == unix.S_IFDIR
}

// Canonical returns the absolute name without symbolic links, "." and "..", as the GNU tools
// make it. Those detect real loops of links; a limit of 255 comes close.
func (c *Call) Canonical(name string, missing fsys.MissingParts, logical bool) (string, error) {
	const maxLinks = 255
	return fsys.Canonical{WorkDir: c.workDir, Missing: missing, Logical: logical,
		MaxLinks: maxLinks}.Of(name)
}

// workDir returns the absolute name of Dir.
func (c *Call) workDir() (name string, err error) {
	if c.Dir == unix.AT_FDCWD {
		return unix.Getwd() // not os.Getwd, which trusts $PWD
	}
	if name, err = fsys.ReadlinkAt(unix.AT_FDCWD, "/proc/self/fd/"+strconv.Itoa(c.Dir)); err == nil {
		return name, nil
	}
	OnOwnThread(func() {
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

// Umask returns the file mode creation mask of the process. It avoids umask(2), which would set
// a wrong mask for all other threads for a moment.
func (c *Call) Umask() uint32 {
	if c.Below != nil {
		return c.Below.mask
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
	OnOwnThread(func() { mask = unix.Umask(0) })
	return uint32(mask)
}

// OnOwnThread runs f on a thread with a working directory and mask of its own, which ends with
// f. It serves a host without /proc.
func OnOwnThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked, so the runtime ends the thread
		if unix.Unshare(unix.CLONE_FS) == nil {
			f()
		}
	}()
	<-done
}

// InBinary returns the clean absolute name of a script that exists only in the binary; ok is
// false for any other name.
func (c *Call) InBinary(name string) (string, bool) {
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

// AsksUser reports whether the tool might ask before it replaces or removes a write-protected
// file. It asks only at a terminal, and only an unprivileged user.
func (c *Call) AsksUser() bool {
	f, ok := c.Stdin.(*os.File)
	if !ok || unix.Geteuid() == 0 {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// ClosedInput reports whether the file that could not be read is standard input that was closed
// from the start. The GNU tools report it when they read it, and again when they close it;
// EndsClosed is for the second report.
func ClosedInput(name string, err error) bool {
	return name == "-" && errors.Is(err, unix.EBADF)
}

// EndsClosed reports a closed standard input at the end, after all output is written.
func (c *Call) EndsClosed(status int, closed bool) int {
	if !closed {
		return status
	}
	c.Errorf("-: %s", clib.ErrnoText(unix.EBADF))
	return max(status, 1)
}

// ErrInputIsOutput is the error for an input file that is also the output.
const ErrInputIsOutput fsys.Error = "input file is output file"

// BoolInt returns 1 for true and 0 for false.
func BoolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// A toolError is a message in the exact words of a tool, whose capitals and full stops need not
// follow Go's rules.
type toolError string

// Error returns the message.
func (e toolError) Error() string { return string(e) }

// ToolErrorf formats an error in the exact words of a tool.
func ToolErrorf(format string, args ...any) error {
	return toolError(fmt.Sprintf(format, args...))
}

// OrBuiltin returns argv, or an argv that runs it by sh if its program is missing on this host
// but is a built-in utility of any shell.
func (c *Call) OrBuiltin(argv []string) []string {
	switch argv[0] {
	case "echo", "printf", "test", "[", "pwd", "kill":
		if !c.inPath(argv[0]) {
			return append([]string{"sh", "-c", `"$@"`, "sh"}, argv...)
		}
	}
	return argv
}

// NodeHint writes the hint, if show, and the line about --help. It returns status 1.
func (c *Call) NodeHint(show bool, hint string) int {
	if show {
		fmt.Fprintln(c.Stderr, hint)
	}
	fmt.Fprintf(c.Stderr, "Try '%s --help' for more information.\n", c.Name())
	return 1
}

// inPath reports whether a directory of PATH has a file of that name.
func (c *Call) inPath(name string) bool {
	list := c.Getenv("PATH")
	if list == "" { // as execvp(3)
		list = "/bin:/usr/bin"
	}
	for dir := range strings.SplitSeq(list, ":") {
		if _, err := fsys.StatAt(c.Dir, fsys.JoinName(dir, name), 0); err == nil && dir != "" {
			return true
		}
	}
	return false
}
