package builtins

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
)

// nohupFailed is the status of what nohup itself cannot do.
func (c *Call) nohupFailed() int {
	if slices.ContainsFunc(c.Env, func(e string) bool {
		return strings.HasPrefix(e, "POSIXLY_CORRECT=")
	}) {
		return 127
	}
	return 125
}

// prefixNohup is nohup(1): SIGHUP is ignored, and what is a terminal is not the command's:
// its output goes to the file nohup.out, here or in the home directory.
func prefixNohup(c *Call, spec *proc.Spec) (int, bool) {
	args := c.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	} else if len(args) > 0 && strings.HasPrefix(args[0], "-") {
		return c.Unsupported("option '%s'", args[0]), true
	}
	if len(args) == 0 {
		return c.usageError(c.nohupFailed(), "missing operand"), true
	}
	n := nohup{Call: c, spec: spec}
	for i, f := range [...]any{c.Stdin, c.Stdout, c.Stderr} {
		fd := descriptor(f)
		_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		n.terminal[i] = err == nil && !spec.HasInstead(i)
	}
	if n.terminal[0] || n.terminal[1] || n.terminal[2] {
		if c.Probe {
			return NeedsProcess, true
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
	spec.BlameLost = n.blameLost()
	// its quotes are plain in any locale
	spec.Blame = strings.ReplaceAll(c.Name(), "%", "%%") + ": failed to run command '%s': %s"
	return 0, false
}

// A nohup is one invocation on a terminal; its arrays are of standard input, output and
// error.
type nohup struct {
	*Call
	spec             *proc.Spec
	terminal, closed [3]bool
}

// blameLost is the status where nobody can be told that there is no such command. A closed
// standard error is nothing that nohup minds.
func (n *nohup) blameLost() int {
	if n.file(2) < 0 {
		return 0
	}
	return n.nohupFailed()
}

// file is the descriptor of the caller's file i, negative where there is none.
func (n *nohup) file(i int) int {
	fd := descriptor([...]any{n.Stdin, n.Stdout, n.Stderr}[i])
	if n.File != nil && fd < 0 { // or what the shell has in memory
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

// leaveTerminal gives the command other files, and says so.
func (n *nohup) leaveTerminal() int {
	input := ""
	if n.terminal[0] {
		if _, err := n.take(0, "/dev/null", unix.O_WRONLY); err != nil {
			n.Errorf("failed to render standard input unusable: %s", Strerror(err))
			return n.nohupFailed()
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
		n.Errorf("%s%sappending output to %s", input, and, quoteAlways(name))
	}
	switch {
	case n.terminal[2] && !n.terminal[1] && !toFile:
		if input != "" {
			input += " and "
		}
		n.Errorf("%sredirecting stderr to stdout", input)
		if err := n.same(n.file(1)); err != nil {
			n.Errorf("failed to redirect standard error: %s", Strerror(err))
			return n.nohupFailed()
		}
	case !toFile && input != "":
		n.Errorf("%s", input)
	}
	if n.closed[2] { // what could not be said
		return n.nohupFailed()
	}
	return 0
}

// same makes standard error what fd is.
func (n *nohup) same(fd int) error {
	const above = 10 // what the command may use
	fd, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, above)
	if err == nil {
		n.spec.Own(fd)
		n.spec.Instead(2, fd)
	}
	return err
}

// take opens a file as the command's file i.
func (n *nohup) take(i int, name string, flags int) (fd int, err error) {
	if fd, err = openOnly(n.Dir, name, flags); err == nil {
		n.spec.Own(fd)
		n.spec.Instead(i, fd)
	}
	return fd, err
}

// openOnly opens a file; a new one is for its owner only, whatever the umask is.
func openOnly(dir int, name string, flags int) (fd int, err error) {
	const mode = 0o600
	flags |= unix.O_CLOEXEC
	if flags&unix.O_CREAT != 0 {
		err = retry(func() error {
			fd, err = unix.Openat(dir, name, flags|unix.O_EXCL, mode)
			return err
		})
		if err == nil {
			return fd, unix.Fchmod(fd, mode)
		}
	}
	err = retry(func() error { fd, err = unix.Openat(dir, name, flags, mode); return err })
	return fd, err
}

// output opens nohup.out for output, and for errors where those go to a terminal.
func (n *nohup) output() (name string, status int) {
	const flags = unix.O_CREAT | unix.O_WRONLY | unix.O_APPEND
	name = "nohup.out"
	fd, err := n.take(1, name, flags)
	if home := n.Getenv("HOME"); err != nil && home != "" {
		first := name
		name = strings.TrimSuffix(home, "/") + "/" + name
		var errSecond error
		if fd, errSecond = n.take(1, name, flags); errSecond != nil {
			n.Errorf("failed to open %s: %s", quoteAlways(first), Strerror(err))
		}
		err = errSecond
	}
	if err == nil && n.terminal[2] {
		err = n.same(fd)
	}
	if err != nil {
		n.Errorf("failed to open %s: %s", quoteAlways(name), Strerror(err))
		return "", n.nohupFailed()
	}
	return name, 0
}
