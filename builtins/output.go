package builtins

import (
	"errors"
	"io"

	"golang.org/x/sys/unix"
)

// Perform runs a command of the table for a shell. A write that fails ends the command at
// once, wherever in it that is: one that copies an endless input need not look. A tool in a
// process of its own would be ended there by SIGPIPE, or would look, and end.
//
// err is the write that ended the command, or the first that failed in one which goes on.
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
		case ok && command.NoReader == isCaught && isBrokenPipe(ended.err):
			status, err = 0, nil
		case ok && c.writeSignal(ended.err) != 0:
			status, err = 128+c.writeSignal(ended.err), ended.err
		case ok:
			status, err = command.failed(c, ended.err, ended.atEnd), ended.err
		}
	}()
	if problem := command.spokenElsewhere(c); problem != "" {
		return c.Unsupported("%s", problem), nil
	}
	status = command.Run(c)
	if g.err != nil && command.GoesOn == tells && status >= 0 {
		if failed := command.failed(c, g.err, true); failed != 0 {
			status = failed
		}
	}
	return status, g.err
}

// goesOn is what a command does after a failed write, but for one that a signal follows.
type goesOn uint8

const (
	stops goesOn = iota
	// tells is to do what is to be done, and to tell at the end.
	tells
	// ignores is to look at the error itself, or not at all.
	ignores
)

// noReader is what a command makes of an output that nobody reads.
type noReader uint8

const (
	// isTold is to say so where SIGPIPE has not ended the command before.
	isTold noReader = iota
	// isIgnored is to say nothing then: the tools of util-linux and procps.
	isIgnored
	// isCaught is to end with status 0, also where SIGPIPE is sent: ps(1).
	isCaught
)

// failed tells of a failed write in the words of the command.
func (command Command) failed(c *Call, err error, atEnd bool) int {
	if command.NoReader != isTold && isBrokenPipe(err) {
		return 0
	}
	if command.WriteFailed != nil {
		return command.WriteFailed(c, err, atEnd)
	}
	c.Errorf("write error: %s", Strerror(err))
	return 1
}

// writeFailed is the panic with which a failed write leaves a command.
type writeFailed struct {
	err error
	// atEnd says that it was less than a buffer is filled with before it is written.
	atEnd bool
}

// stdioBuffer is the size of the buffers of the C library, and of bufio.
const stdioBuffer = 4096

// A guard ends a command whose output fails.
type guard struct {
	signal func(error) int
	goesOn goesOn
	err    error // the first
}

// watch is w for a command to write to.
func (g *guard) watch(w io.Writer) io.Writer { return &watched{guard: g, w: w} }

// watch is a file that the command itself has opened, which ends it as its output does.
func (c *Call) watch(w io.Writer) io.Writer {
	if c.guard == nil {
		return w
	}
	return c.guard.watch(w)
}

// watched is an output of a guarded command.
type watched struct {
	*guard
	w io.Writer
	// diagnostics says that it is standard error: what cannot be said there is lost.
	diagnostics bool
}

func (o *watched) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if err == nil || len(p) == 0 {
		return n, err
	}
	deadly := o.signal(err) != 0
	if o.diagnostics && !deadly {
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

// Descriptor is that of the stream behind it.
func (o *watched) Descriptor() int { return descriptor(o.w) }

// Unwatched is the stream behind an output of a command, which another program is to have:
// what that one cannot write ends that one.
func Unwatched(w io.Writer) io.Writer {
	if o, ok := w.(*watched); ok {
		return Unwatched(o.w)
	}
	return w
}

// Words of those that do not say "write error", say it twice, or have another status. What
// a tool says differs with whether its buffer was full or, atEnd, it was about to go.

func exprWriteFailed(c *Call, err error, _ bool) int {
	c.Errorf("write error: %s", Strerror(err))
	return 3
}

func lsWriteFailed(c *Call, err error, _ bool) int {
	c.Errorf("write error: %s", Strerror(err))
	return 2
}

func grepWriteFailed(c *Call, err error, _ bool) int {
	c.Errorf("write error: %s", Strerror(err))
	return 2
}

// headWriteFailed is for tail, too.
func headWriteFailed(c *Call, err error, atEnd bool) int {
	if atEnd {
		return c.writeError(err)
	}
	c.Errorf("error writing %s: %s", quoteAlways("standard output"), Strerror(err))
	return 1
}

// pasteWriteFailed says it twice, where it was not at the end.
func pasteWriteFailed(c *Call, err error, atEnd bool) int {
	c.Errorf("write error: %s", Strerror(err))
	if !atEnd {
		c.Errorf("write error")
	}
	return 1
}

// pgrepWriteFailed looks at a stream that is closed already.
func pgrepWriteFailed(c *Call, err error, _ bool) int {
	if errors.Is(err, unix.EBADF) {
		err = unix.EINVAL
	}
	c.Errorf("write error: %s", Strerror(err))
	return 1
}

func sedWriteFailed(c *Call, err error, atEnd bool) int {
	failed := "write 1 item to"
	switch {
	case atEnd && errors.Is(err, unix.EBADF):
		failed = "close"
	case atEnd:
		failed = "flush"
	}
	c.Errorf("couldn't %s stdout: %s", failed, Strerror(err))
	return 4
}

func sortWriteFailed(c *Call, err error, atEnd bool) int {
	failed := "write"
	if atEnd {
		failed = "fflush"
	}
	c.Errorf("%s failed: %s: %s", failed, quoteAlways("standard output"), Strerror(err))
	c.Errorf("write error")
	return 2
}

// trWriteFailed tells twice: tr closes its output after the first, and cannot say why.
func trWriteFailed(c *Call, err error, atEnd bool) int {
	c.Errorf("write error: %s", Strerror(err))
	switch {
	case atEnd:
	case errors.Is(err, unix.EBADF):
		c.Errorf("write error: %s", Strerror(err))
	default:
		c.Errorf("write error")
	}
	return 1
}

// mountWriteFailed is for all of util-linux, which does not mind a closed output.
func mountWriteFailed(c *Call, err error, _ bool) int {
	if errors.Is(err, unix.EBADF) {
		return 0
	}
	c.Errorf("write error: %s", Strerror(err))
	return 1
}

func wcWriteFailed(c *Call, err error, _ bool) int {
	if errors.Is(err, unix.EBADF) {
		return c.writeError(err)
	}
	c.Errorf("write error")
	return 1
}

// isBrokenPipe says whether nobody reads what was written any more.
func isBrokenPipe(err error) bool { return errors.Is(err, unix.EPIPE) }

// findWriteFailed tells of the file, and again as it ends.
func findWriteFailed(c *Call, err error, _ bool) int {
	c.Errorf("%s: %s", quoteText("standard output"), Strerror(err))
	if errors.Is(err, unix.EBADF) {
		c.Errorf("write error: %s", Strerror(err))
	} else {
		c.Errorf("write error")
	}
	return 1
}
