// Package builtins holds the commands that boot scripts use, as Go functions:
// mount, ip, sed and the rest. Each takes one value, a Call, and returns an
// exit status. None touches process-wide state: arguments, environment,
// directory and streams are all in the Call, so that any number of them run
// at once inside one shell.
//
// What they print and return is what the tool of the same name prints and
// returns (util-linux, iproute2, procps, GNU coreutils, sed, grep); the tests
// ask those tools. An option that a command here does not know is answered
// with Call.Unsupported before anything is done, and the caller then runs the
// system's tool where there is one.
package builtins

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
)

// Unsupported is the status by which a command says that it did nothing, since
// it was asked for something that only the system's tool knows. It is no exit
// status: the caller falls back to that tool, or reports Call.Lacks.
const Unsupported = -1

// NeedsProcess is the status by which a command says that it did nothing, since it would
// have to wait while others cannot: the caller then runs it in a process of its own, where
// Call.Own is set.
const NeedsProcess = -2

// A Call is one invocation of a command: everything that it may use.
type Call struct {
	// Args are the arguments; Args[0] is the name that it was called by.
	Args []string
	// Env is the environment, as NAME=value.
	Env []string
	// Dir is the descriptor of the directory that relative names start from;
	// unix.AT_FDCWD is the process's own.
	Dir int

	Stdin          io.Reader
	Stdout, Stderr io.Writer

	// NetNS is the descriptor of the network namespace to act in, -1 for the
	// process's own. Only commands marked InNetNS in the table look at it.
	NetNS int

	// WriteSignal is the signal that a failed write would send to a process of its own, 0
	// for none. It may be nil: a broken pipe sends SIGPIPE.
	WriteSignal func(error) int

	// Own says that the process is there for this command alone, which may wait in it.
	Own bool
	// Probe says that the caller only asks whether a prefix command leads to a process:
	// one that does more than to edit its Spec answers NeedsProcess.
	Probe bool
	// File returns the descriptor of the process for one that the caller names, and
	// whether that is open. It may be nil: they are the same.
	File func(n int) (fd int, ok bool)

	// Embedded says that the caller is one of the boot scripts in the binary, which speak
	// English and have no other tools.
	Embedded bool

	// HasTool says whether the system has the tool that the command stands in for. It may be
	// nil: there is one.
	HasTool func() bool

	// Scripts finds the boot scripts that exist only inside the binary. It may
	// be nil.
	Scripts Scripts

	// Run runs another program by the rules of the calling shell and returns
	// its exit status; awk's system() uses it. The shell says nothing of a
	// signal that ends the program. It may be nil.
	Run func(argv []string, in io.Reader, out, err io.Writer) int

	// lastLocale is one that is there: the categories mostly have one between them.
	lastLocale string

	// guard ends the command where it cannot write; see Command.Perform.
	guard *guard

	// below is the root that the command runs below, and the thread of it has; see
	// overlay-below.
	below *belowRoot

	// RunAs is Run for those who have to know how the other program ended. blame is what is
	// said where it cannot be executed, as Spec.Blame. It may be nil.
	RunAs func(argv []string, blame string, in io.Reader, out, err io.Writer) Ended

	// System runs a command line by /bin/sh, which is told that this is its name: sh, as
	// system(3) calls it, or what else the command calls it. It may be nil.
	System func(name, command string, in io.Reader, out, err io.Writer) Ended

	// RunIn is RunAs in another working directory. It may be nil.
	RunIn func(dir int, argv []string, blame string, in io.Reader, out, err io.Writer) Ended

	// Start starts another program by the rules of the calling shell, which must not wait
	// for it: the process is the command's, see Command.Alone. It has only the files
	// given, or where that is negative the shell's; with nil all of those. edit adds steps.
	// pid is 0 where nothing runs; status is the result then. It may be nil.
	Start func(argv []string, files []int, edit func(*proc.Spec)) (pid, status int)

	// Getent asks the host for the line of a name or number in passwd or group, as
	// getent(1) does; it may be nil. found is what it said, idTexts are the files.
	Getent  func(database, key string) string
	found   map[string]string
	idTexts map[string][]byte

	// Buffers are those of the caller, for output. They may be nil.
	Buffers *Buffers
	buffer  *bufio.Writer // the one that the command has

	// Lacks is what Unsupported refers to, such as "option '-Z'".
	Lacks string
}

// Ended is how a program that a command ran has ended.
type Ended struct {
	// Status is its exit status by the rules of the shell.
	Status int
	// Signal is the signal that ended it, or 0.
	Signal int
	// NotRun says that it could not be executed.
	NotRun bool
}

// Scripts finds files that no file system holds.
type Scripts interface {
	// Script returns the text of the script with that absolute path.
	Script(path string) (text string, ok bool)
	// IsOwn tells whether the script is the one of this program, whose functions are
	// written in one way: see parse.Parser.Definition.
	IsOwn(path string) bool
}

// A Command is a row of the table of commands.
type Command struct {
	Name string
	Run  func(*Call) int
	// Prefix is instead of Run in a command that runs another: it edits the
	// Spec, whose Argv becomes that of the other command. done says that there
	// is none to run, and the status is the result.
	Prefix func(c *Call, spec *proc.Spec) (status int, done bool)
	// InNetNS marks a command that acts in Call.NetNS by itself, so that
	// entering a network namespace for it takes no process.
	InNetNS bool
	// Touches is what the command touches; every row says so.
	Touches Touches
	// IsShell marks the shell, which has no function of its own here: the caller is one.
	IsShell bool
	// Same marks a command that cannot be told from the system's tool. Where it needs a
	// process, that is taken where there is one: it is smaller and starts faster.
	Same bool
	// Waits marks a command that does nothing for a long time. Where the shell has traps it
	// is the system's tool, too: a signal to the process group is to end it.
	Waits bool
	// Reads marks a command that reads its standard input, or files in its place, to the end.
	Reads bool
	// GoesOn is what it does after a write to standard output that failed, but for one that
	// a signal follows.
	GoesOn goesOn
	// WriteFailed is the end of a command whose output failed, which reports it; it may be
	// nil for "write error" and status 1. atEnd says that it was the last to be written.
	WriteFailed func(c *Call, err error, atEnd bool) int
	// NoReader is what it makes of an output that nobody reads.
	NoReader noReader
	// Messages is the text domain in which its messages are translated, "" where they are
	// English always or the command looks for itself.
	Messages string
	// Depends is on what else of a locale it depends, for which the system's tool then runs.
	Depends onLocale
	// Alone marks a command that needs a process for itself, whose signals and children
	// are its own.
	Alone bool
}

// Name is the name for messages: Args[0] as it was written in the tools of GNU
// (program_invocation_name), its last part in others.
func (c *Call) Name() string {
	base := path.Base(c.Args[0])
	if isShortNamed(base) {
		return base
	}
	return c.Args[0]
}

// isShortNamed reports whether a command calls itself by its name without directories:
// those of util-linux, procps and others, and our own.
func isShortNamed(base string) bool {
	switch base {
	case "awk", "blkid", "brctl", "bridge", "findmnt", "flock", "hostname", "ip", "ldd", "logger", "losetup",
		"mount", "mountpoint", "nsenter", "partx", "pgrep", "pidof", "pivot_root", "pkill", "ps",
		"setpriv", "setsid", "switch_root", "sysctl", "umount", "unshare", "waitpid":
		return true
	}
	return strings.HasPrefix(base, "overlay-")
}

// blame is a text for Spec.Blame: the name of the command and text, whose quotes are those
// of the locale.
func (c *Call) blame(text string) string {
	left, right := c.locale().quoteMarks()
	text = strings.Replace(text, "'%s'", left+"%s"+right, 1)
	return strings.ReplaceAll(c.Name(), "%", "%%") + ": " + text
}

// Getenv returns the value of an environment variable, "" when it is unset.
// As in the C library, the first of several assignments counts.
func (c *Call) Getenv(name string) string {
	for _, e := range c.Env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}

// Errorf writes "NAME: message" and a newline to standard error.
func (c *Call) Errorf(format string, args ...any) {
	fmt.Fprintf(c.Stderr, "%s: %s\n", c.Name(), c.message(format, args))
}

// Unsupported returns the status Unsupported and notes what was asked for.
func (c *Call) Unsupported(format string, args ...any) int {
	c.Lacks = fmt.Sprintf(format, args...)
	return Unsupported
}

// Open opens a file for reading: a boot script inside the binary, "-" excepted,
// or a file of the file system, relative to Dir.
func (c *Call) Open(name string) (io.ReadCloser, error) {
	if c.Scripts != nil && path.IsAbs(name) {
		if text, ok := c.Scripts.Script(path.Clean(name)); ok {
			return io.NopCloser(strings.NewReader(text)), nil
		}
	}
	return c.OpenFile(name, unix.O_RDONLY, 0)
}

// OpenFile opens a file relative to Dir, with the flags of open(2);
// O_CLOEXEC is added.
func (c *Call) OpenFile(name string, flags int, perm uint32) (*os.File, error) {
	if c.below != nil {
		return c.below.openFile(c.Dir, name, flags, perm)
	}
	for {
		fd, err := unix.Openat(c.Dir, name, flags|unix.O_CLOEXEC, perm)
		if err == nil {
			return os.NewFile(uintptr(fd), name), nil
		}
		if !errors.Is(err, unix.EINTR) {
			return nil, err
		}
	}
}

// Strerror returns the C library's text for an error number inside err, such
// as "No such file or directory", or err's own text when it holds none.
func Strerror(err error) string {
	var errno unix.Errno
	if !errors.As(err, &errno) {
		return err.Error()
	}
	return ErrnoText(errno)
}
