package native

import (
	"errors"
	"io"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc"
)

// Perform runs a command of the table for a shell. A failed write ends the command at once,
// wherever it is, so that a command that copies an endless input need not check. In a process
// of its own the tool would end by SIGPIPE, or after it noticed the error.
//
// err is the error of the write that ended the command, or of the first failed write of a
// command that goes on.
func (command Command) Perform(c *Call) (status int, err error) {
	g := &guard{signal: c.writeSignal, goesOn: command.GoesOn}
	stdout, stderr := c.Stdout, c.Stderr
	c.Stdout, c.Stderr = g.watch(stdout), &watched{guard: g, w: stderr, diagnostics: true}
	c.guard = g
	defer func() {
		c.giveBack()
		c.Stdout, c.Stderr, c.guard = stdout, stderr, nil
		reason := recover()
		ended, ok := reason.(writeFailed)
		switch {
		case !ok && reason != nil:
			panic(reason)
		case ok && command.NoReader == IsCaught && IsBrokenPipe(ended.err):
			status, err = 0, nil
		case ok && c.writeSignal(ended.err) != 0:
			status, err = 128+c.writeSignal(ended.err), ended.err
		case ok:
			status, err = command.failed(c, ended.err, ended.atEnd), ended.err
		}
	}()
	if problem := command.SpokenElsewhere(c); problem != "" {
		return c.Unsupported("%s", problem), nil
	}
	status = command.Run(c)
	if g.err != nil && command.GoesOn == Tells && status >= 0 {
		if failed := command.failed(c, g.err, true); failed != 0 {
			status = failed
		}
	}
	return command.orLost(status, g), g.err
}

// PerformPrefix calls the Prefix of a command for a shell.
func (command Command) PerformPrefix(c *Call, spec *proc.Spec) (status int, done bool) {
	if command.Lost == 0 {
		return command.Prefix(c, spec)
	}
	g := &guard{signal: func(error) int { return 0 }}
	defer func(stderr io.Writer) { c.Stderr = stderr }(c.Stderr)
	c.Stderr = &watched{guard: g, w: c.Stderr, diagnostics: true}
	status, done = command.Prefix(c, spec)
	return command.orLost(status, g), done
}

// orLost returns the exit status of a command, which depends on whether its messages were
// written.
func (command Command) orLost(status int, g *guard) int {
	if g.lost && command.Lost != 0 && status >= 0 {
		return command.Lost
	}
	return status
}

// goesOn tells what a command does after a failed write that no signal follows.
type goesOn uint8

const (
	stops goesOn = iota
	// Tells is for a command that does its work all the same, and reports the error at its end.
	Tells
	// Ignores is for a command that checks the error itself, or not at all.
	Ignores
)

// noReader tells how a command treats an output that nobody reads.
type noReader uint8

const (
	// isTold is for a command that reports it, unless SIGPIPE ends the command before.
	isTold noReader = iota
	// IsIgnored is for a command that reports nothing then: the tools of util-linux and procps.
	IsIgnored
	// IsCaught is for a command that ends with status 0, even where SIGPIPE is sent: ps(1).
	IsCaught
)

// failed reports a failed write in the words of the command, and returns the exit status.
func (command Command) failed(c *Call, err error, atEnd bool) int {
	if command.NoReader != isTold && IsBrokenPipe(err) {
		return 0
	}
	if command.WriteFailed != nil {
		return command.WriteFailed(c, err, atEnd)
	}
	c.Errorf("write error: %s", clib.Strerror(err))
	return 1
}

// writeFailed is the panic value by which a failed write ends a command.
type writeFailed struct {
	err error
	// atEnd says that the write was shorter than a full buffer, so it was the flush at the end.
	atEnd bool
}

// stdioBuffer is the size of the buffers of the C library, and of bufio.
const stdioBuffer = 4096

// A guard ends a command whose output fails.
type guard struct {
	signal func(error) int
	goesOn goesOn
	err    error // the first error
	lost   bool  // a message was lost
}

// watch returns w wrapped, so that a failed write ends the command.
func (g *guard) watch(w io.Writer) io.Writer { return &watched{guard: g, w: w} }

// Watch wraps a file that the command itself has opened, so that a failed write ends the
// command, as with standard output.
func (c *Call) Watch(w io.Writer) io.Writer {
	if c.guard == nil {
		return w
	}
	return c.guard.watch(w)
}

// watched is an output of a guarded command.
type watched struct {
	*guard
	w io.Writer
	// diagnostics says that this is standard error, where a failed write is not reported.
	diagnostics bool
}

func (o *watched) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if err == nil || len(p) == 0 {
		return n, err
	}
	deadly := o.signal(err) != 0
	if o.diagnostics && !deadly {
		o.lost = true
		return n, err
	}
	if o.err == nil {
		o.err = err
	}
	if deadly || o.goesOn == stops {
		panic(writeFailed{err, len(p) < stdioBuffer})
	}
	return n, err
}

// Descriptor returns the file descriptor of the wrapped stream, or -1.
func (o *watched) Descriptor() int { return FD(o.w) }

// Unwatched returns the stream behind an output of a command, for another program. A failed
// write then ends that program, not the command.
func Unwatched(w io.Writer) io.Writer {
	if o, ok := w.(*watched); ok {
		return Unwatched(o.w)
	}
	return w
}

// IsBrokenPipe reports whether a write failed since nobody reads the output.
func IsBrokenPipe(err error) bool { return errors.Is(err, unix.EPIPE) }
