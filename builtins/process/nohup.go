package process

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

// nohupFailed returns the exit status for a failure of nohup itself.
func nohupFailed(c *native.Call) int {
	if slices.ContainsFunc(c.Env, func(e string) bool {
		return strings.HasPrefix(e, "POSIXLY_CORRECT=")
	}) {
		return 127
	}
	return 125
}

// Nohup is nohup(1): the command ignores SIGHUP, and its standard files that are terminals are
// replaced. Its output goes to the file nohup.out in the working directory, or else in the home
// directory.
func Nohup(c *native.Call, spec *proc.Spec) (int, bool) {
	args := c.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	} else if len(args) > 0 && strings.HasPrefix(args[0], "-") {
		return c.Unsupported("option '%s'", args[0]), true
	}
	if len(args) == 0 {
		return c.UsageError(nohupFailed(c), "missing operand"), true
	}
	n := nohup{Call: c, spec: spec}
	for i, f := range [...]any{c.Stdin, c.Stdout, c.Stderr} {
		fd := native.FD(f)
		_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		n.terminal[i] = err == nil && !spec.HasInstead(i)
	}
	if n.terminal[0] || n.terminal[1] || n.terminal[2] {
		if c.Probe {
			return native.NeedsProcess, true
		}
		for i := range n.closed {
			n.closed[i] = n.file(i) < 0
		}
		if status := n.leaveTerminal(); status != 0 {
			return status, true
		}
	}
	spec.SetSignal(unix.SIGHUP, true, nil)
	spec.Argv = args
	// Unlike the other messages, this one has plain quotes in every locale.
	spec.Blame = proc.Blame{
		Text: strings.ReplaceAll(c.Name(), "%", "%%") + ": failed to run command '%s': %s",
		Lost: n.blameLost(),
	}
	return 0, false
}

// A nohup is one invocation of nohup(1). Its arrays are indexed by standard input, output and
// error.
type nohup struct {
	*native.Call
	spec             *proc.Spec
	terminal, closed [3]bool
}

// blameLost returns the exit status for the case that the message about a missing command
// cannot be written. nohup does not mind a closed standard error.
func (n *nohup) blameLost() int {
	if n.file(2) < 0 {
		return 0
	}
	return nohupFailed(n.Call)
}

// file returns the file descriptor of the caller's file i, or a negative number if it has none.
func (n *nohup) file(i int) int {
	fd := native.FD([...]any{n.Stdin, n.Stdout, n.Stderr}[i])
	if n.File != nil && fd < 0 { // the shell may hold the stream in memory
		if number, ok := n.File(i); ok {
			return number
		}
		return -1
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil {
		return -1
	}
	return fd
}

// leaveTerminal replaces the terminals by other files and reports that.
func (n *nohup) leaveTerminal() int {
	input := ""
	if n.terminal[0] {
		if _, err := n.take(0, "/dev/null", unix.O_WRONLY); err != nil {
			n.Errorf("failed to render standard input unusable: %s", clib.Strerror(err))
			return nohupFailed(n.Call)
		}
		input = "ignoring input"
	}
	toFile := n.terminal[1] || n.terminal[2] && n.closed[1]
	if toFile {
		name, status := n.output()
		if status != 0 {
			return status
		}
		and := ""
		if input != "" {
			and = " and "
		}
		n.Errorf("%s%sappending output to %s", input, and, native.QuoteAlways(name))
	}
	switch {
	case n.terminal[2] && !n.terminal[1] && !toFile:
		if input != "" {
			input += " and "
		}
		n.Errorf("%sredirecting stderr to stdout", input)
		if err := n.same(n.file(1)); err != nil {
			n.Errorf("failed to redirect standard error: %s", clib.Strerror(err))
			return nohupFailed(n.Call)
		}
	case !toFile && input != "":
		n.Errorf("%s", input)
	}
	if n.closed[2] { // the messages above could not be written
		return nohupFailed(n.Call)
	}
	return 0
}

// same makes standard error a dup of fd.
func (n *nohup) same(fd int) error {
	const above = 10 // the command may use the numbers below
	fd, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, above)
	if err == nil {
		n.spec.Own(fd)
		n.spec.Instead(2, fd)
	}
	return err
}

// take opens a file as file i of the command.
func (n *nohup) take(i int, name string, flags int) (fd int, err error) {
	if fd, err = openOnly(n.Dir, name, flags); err == nil {
		n.spec.Own(fd)
		n.spec.Instead(i, fd)
	}
	return fd, err
}

// openOnly opens a file. A new file gets mode 0600, whatever the umask is.
func openOnly(dir int, name string, flags int) (fd int, err error) {
	const mode = 0o600
	flags |= unix.O_CLOEXEC
	if flags&unix.O_CREAT != 0 {
		err = fsys.Retry(func() error {
			fd, err = unix.Openat(dir, name, flags|unix.O_EXCL, mode)
			return err
		})
		if err == nil {
			return fd, unix.Fchmod(fd, mode)
		}
	}
	err = fsys.Retry(func() error { fd, err = unix.Openat(dir, name, flags, mode); return err })
	return fd, err
}

// output opens nohup.out as standard output, and as standard error if that is a terminal.
func (n *nohup) output() (name string, status int) {
	const flags = unix.O_CREAT | unix.O_WRONLY | unix.O_APPEND
	name = "nohup.out"
	fd, err := n.take(1, name, flags)
	if home := n.Getenv("HOME"); err != nil && home != "" {
		first := name
		name = strings.TrimSuffix(home, "/") + "/" + name
		var errSecond error
		if fd, errSecond = n.take(1, name, flags); errSecond != nil {
			n.Errorf("failed to open %s: %s", native.QuoteAlways(first), clib.Strerror(err))
		}
		err = errSecond
	}
	if err == nil && n.terminal[2] {
		err = n.same(fd)
	}
	if err != nil {
		n.Errorf("failed to open %s: %s", native.QuoteAlways(name), clib.Strerror(err))
		return "", nohupFailed(n.Call)
	}
	return name, 0
}
