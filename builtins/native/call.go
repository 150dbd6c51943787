// Package native holds what the native commands share: Call, the options, quoting, locales and
// output. A native is a command that boot scripts use (mount, ip, sed and the rest) as a Go
// function. Each takes one value, a Call, and returns an exit status. None touches process-wide
// state: arguments, environment, directory and streams are all in the Call. So any number of
// commands run at once inside one shell.
//
// A native prints and returns what the tool of the same name does (util-linux, iproute2,
// procps, GNU coreutils, sed, grep); the tests compare it with that tool. It answers an unknown
// option with Call.Unsupported, before it does anything. The caller then runs the system's
// tool, if there is one.
package native

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/proc"
)

// Unsupported is the status of a command that did nothing, since only the system's tool knows
// the request. It is not an exit status: the caller falls back to that tool, or reports
// Call.Lacks.
const Unsupported = -1

// NeedsProcess is the status of a command that did nothing, since it would have to wait where
// waiting would block others. The caller then runs it in a process of its own, with Call.Own
// set.
const NeedsProcess = -2

// A Call is one invocation of a command, with everything that the command may use.
type Call struct {
	// Args are the arguments; Args[0] is the name by which the command was called.
	Args []string
	// Env is the environment, as NAME=value.
	Env []string
	// Dir is the descriptor of the directory for relative names; unix.AT_FDCWD is the process's
	// own directory.
	Dir int

	Stdin          io.Reader
	Stdout, Stderr io.Writer

	// NetNS is the descriptor of the network namespace to act in, -1 for the process's own.
	// Only commands marked InNetNS in the table use it.
	NetNS int

	// WriteSignal returns the signal that a failed write would send to a separate process, 0
	// for none. It may be nil: a broken pipe then sends SIGPIPE.
	WriteSignal func(error) int

	// Own says that the process exists for this command alone, so the command may wait.
	Own bool
	// Probe says that the caller only asks whether a prefix command leads to a process. A
	// command that would do more than edit its Spec answers NeedsProcess.
	Probe bool
	// File maps a descriptor number of the caller to the process's descriptor; ok says whether
	// it is open. It may be nil: the numbers are then the same.
	File func(n int) (fd int, ok bool)

	// Embedded says that the caller is a boot script of the binary. Such scripts speak English
	// and have no other tools.
	Embedded bool

	// HasTool reports whether the system has the tool that the command stands in for. It may be
	// nil: the tool then counts as present.
	HasTool func() bool

	// Scripts finds the boot scripts that exist only inside the binary. It may be nil.
	Scripts Scripts

	// Run runs another program by the rules of the calling shell and returns its exit status;
	// awk's system() uses it. The shell does not report a signal that ends the program. It may
	// be nil.
	Run func(argv []string, in io.Reader, out, err io.Writer) int

	// lastLocale is a locale known to exist: mostly all categories have the same one.
	lastLocale string

	// guard ends the command when it cannot write; see Command.Perform.
	guard *guard

	// Below is the root below which the command runs, nil for the caller's own root. The
	// command's thread is inside it; see overlay-below.
	Below *BelowRoot

	// RunAs is Run for commands that need to know how the program ended. blame is the message
	// for a program that cannot be executed, as in Blame.Text. It may be nil.
	RunAs func(argv []string, blame string, in io.Reader, out, err io.Writer) Ended

	// System runs a command line by /bin/sh, under the given argv[0]: "sh", as system(3) calls
	// it, or another name. It may be nil.
	System func(name, command string, in io.Reader, out, err io.Writer) Ended

	// RunIn is RunAs in another working directory. It may be nil.
	RunIn func(dir int, argv []string, blame string, in io.Reader, out, err io.Writer) Ended

	// Start starts another program by the rules of the calling shell, which must not wait for
	// it: the process belongs to the command, see Command.Alone. The program gets the given
	// files; a negative one means the shell's, and nil means all of the shell's. edit adds
	// steps. pid is 0 if nothing runs, and status is the result then. It may be nil.
	Start func(argv []string, files []int, edit func(*proc.Spec)) (pid, status int)

	// Getent asks the host for the line of a name or number in passwd or group, as getent(1)
	// does. It may be nil. found keeps its answers, idTexts the contents of the two files.
	Getent  func(database, key string) string
	found   map[string]string
	idTexts map[string][]byte

	// Buffers are the caller's output buffers, for reuse. They may be nil.
	Buffers *Buffers
	buffer  *bufio.Writer // the buffer that the command has now

	// Lacks names what Unsupported was asked for, such as "option '-Z'".
	Lacks string
}

// Ended tells how a program that a command ran has ended.
type Ended struct {
	// Status is its exit status by the rules of the shell.
	Status int
	// Signal is the signal that ended the program, or 0.
	Signal int
	// NotRun says that the program could not be executed.
	NotRun bool
}

// Scripts finds scripts that are in no file system.
type Scripts interface {
	// Script returns the text of the script with the given absolute path.
	Script(path string) (text string, ok bool)
	// IsOwn reports whether the script belongs to this program. Functions in such a script are
	// always written in the same way: see parse.Parser.Definition.
	IsOwn(path string) bool
}

// A Command is a row of the table of commands.
type Command struct {
	Name string
	// About says in one line what the command does.
	About string
	Run   func(*Call) int
	// Prefix replaces Run in a command that runs another command. It edits the Spec, whose Argv
	// becomes that of the other command. done says that there is nothing to run, and that
	// status is the result.
	Prefix func(c *Call, spec *proc.Spec) (status int, done bool)
	// InNetNS marks a command that enters Call.NetNS itself, so that another network namespace
	// needs no process.
	InNetNS bool
	// Touches is what the command touches; every row gives it.
	Touches Touches
	// IsShell marks the shell, which has no function here: the caller is itself a shell.
	IsShell bool
	// Same marks a command that nobody can tell from the system's tool. Where the command needs
	// a process, the tool runs if there is one: it is smaller and starts faster.
	Same bool
	// Waits marks a command that does nothing for a long time. A shell with traps also runs the
	// system's tool for it: a signal to the process group has to end the command.
	Waits bool
	// Opens marks a prefix command that opens a file by its name before it leads to its
	// program, in the directory and with the rights that those in front of it give. Locks marks
	// one that may also wait, with the signals, the priority and so on that those give.
	Opens, Locks bool
	// Reads marks a command that reads standard input, or files in its place, to the end.
	Reads bool
	// GoesOn tells what the command does after a failed write to standard output, unless a
	// signal ends it.
	GoesOn goesOn
	// WriteFailed reports a failed write and returns the exit status. It may be nil for "write
	// error" and status 1. atEnd says that the failed write was the last one.
	WriteFailed func(c *Call, err error, atEnd bool) int
	// Lost is the exit status where a message could not be written to standard error, 0 if that
	// does not matter.
	Lost int
	// NoReader tells how the command treats an output that nobody reads.
	NoReader noReader
	// Messages is the text domain with the translations of its messages. It is "" for a command
	// whose messages are always English, and for one that checks the locale itself.
	Messages string
	// Depends lists other parts of the locale on which the command depends. The system's tool
	// runs where they are foreign.
	Depends onLocale
	// Alone marks a command that needs a process for itself, since it handles signals and
	// children.
	Alone bool
}

// Name returns the name for messages: Args[0] as it was written in the GNU tools
// (program_invocation_name), only its last part in others.
func (c *Call) Name() string {
	base := path.Base(c.Args[0])
	if isShortNamed(base) {
		return base
	}
	return c.Args[0]
}

// isShortNamed reports whether a command calls itself by its name without directories, as the
// tools of util-linux and procps, some others, and our own commands do.
func isShortNamed(base string) bool {
	switch base {
	case "awk", "blkid", "brctl", "bridge", "findmnt", "flock", "hostname", "ip", "ldd", "logger",
		"losetup", "mount", "mountpoint", "nsenter", "partx", "pgrep", "pidof", "pivot_root", "pkill",
		"ps", "setpriv", "setsid", "switch_root", "sysctl", "umount", "unshare", "waitpid":
		return true
	}
	return strings.HasPrefix(base, "overlay-")
}

// IsDescriptor reports whether a name stands for one of the command's descriptors, while the
// process of the caller has others. The command then needs a process of its own.
func (c *Call) IsDescriptor(name string) bool {
	return !c.Own && (strings.HasPrefix(name, "/dev/fd/") ||
		strings.HasPrefix(name, "/dev/std") || strings.HasPrefix(name, "/proc/self/fd/"))
}

// Blame returns a text for a proc.Blame: the name of the command, and text with the quotes of the
// locale.
func (c *Call) Blame(text string) string {
	left, right := c.Locale().quoteMarks()
	text = strings.Replace(text, "'%s'", left+"%s"+right, 1)
	return strings.ReplaceAll(c.Name(), "%", "%%") + ": " + text
}

// Getenv returns the value of an environment variable, "" if it is unset. As in the C library,
// the first of several assignments counts.
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

// Unsupported returns the status Unsupported, and notes in Lacks what was asked for.
func (c *Call) Unsupported(format string, args ...any) int {
	c.Lacks = fmt.Sprintf(format, args...)
	return Unsupported
}

// Open opens a file for reading: a boot script inside the binary if name is the absolute path
// of one, otherwise a file relative to Dir.
func (c *Call) Open(name string) (io.ReadCloser, error) {
	if c.Scripts != nil && path.IsAbs(name) {
		if text, ok := c.Scripts.Script(path.Clean(name)); ok {
			return io.NopCloser(strings.NewReader(text)), nil
		}
	}
	return c.OpenFile(name, unix.O_RDONLY, 0)
}

// OpenFile opens a file relative to Dir, with the flags of open(2) and O_CLOEXEC.
func (c *Call) OpenFile(name string, flags int, perm uint32) (*os.File, error) {
	if c.Below != nil {
		return c.Below.openFile(c.Dir, name, flags, perm)
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
