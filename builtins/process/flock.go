package process

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/signals"
	"overlayboot/builtins/native"
)

// Exit statuses of flock(1), as in sysexits.h.
const (
	exUsage       = 64
	exDataErr     = 65
	exNoInput     = 66
	exUnavailable = 69
	exOSErr       = 71
	exCantCreate  = 73
)

func flockOptions() []native.Option {
	return []native.Option{
		{Key: 's', Long: "shared"}, {Key: 'e', Long: "exclusive"}, {Key: 'x'},
		{Key: 'n', Long: "nonblock"}, {Key: 'n', Long: "nb"}, {Key: 'u', Long: "unlock"},
		{Key: 'w', Long: "timeout", Arg: native.NeedArg},
		{Key: 'w', Long: "wait", Arg: native.NeedArg}, {Key: 'o', Long: "close"},
		{Key: 'E', Long: "conflict-exit-code", Arg: native.NeedArg}, {Key: 'F', Long: "no-fork"},
		{Key: native.LongOnly, Long: "verbose"},
		// Options of flock(1) that this command lacks. They are listed so that no abbreviation
		// matches another option.
		{Key: '!', Long: "help"}, {Key: '!', Long: "version"}, {Key: 'V'}, {Key: 'h'},
	}
}

// A flocker is one invocation of flock(1).
type flocker struct {
	*native.Call
	how                    int // LOCK_SH, LOCK_EX or LOCK_UN
	nonblock               bool
	timeout                time.Duration // 0: none
	conflict               int
	noFork, close, verbose bool
	operands               []string

	fd     int
	name   string // name of the file, "" for a file descriptor of the caller
	opened bool   // the file was opened here, for reading and writing
}

// PrefixFlock is flock(1) with a file and a command: the command runs under the lock, and the
// processes that it starts inherit the lock. Flock handles the other forms.
func PrefixFlock(c *native.Call, spec *proc.Spec) (int, bool) {
	f := &flocker{Call: c}
	status, ok := f.parse()
	switch {
	case !ok && status != native.Unsupported:
		return status, true
	case !ok, len(f.operands) < 2:
		return c.Unsupported("%s", c.Lacks), true // so that Flock runs next
	}
	if c.Probe {
		return native.NeedsProcess, true
	}
	argv, ok := f.command()
	if !ok {
		return exUsage, true
	}
	f.name = f.operands[0]
	if c.IsDescriptor(f.name) || !c.Own && isFIFO(c.Dir, f.name) {
		return native.NeedsProcess, true
	}
	if status := f.open(unix.O_RDONLY); status != 0 {
		return status, true
	}
	start := time.Now()
	status, ok = f.lock()
	if !ok {
		unix.Close(f.fd)
		return status, true
	}
	spec.Own(f.fd)
	f.tell(start)
	if f.verbose {
		fmt.Fprintf(c.Stdout, "flock: executing %s\n", argv[0])
	}
	f.pass(spec)
	spec.Argv = argv
	spec.Blame = proc.Blame{Text: "flock: failed to execute %s: %s", Status: exUnavailable}
	return 0, false
}

// isFIFO reports whether a file is a FIFO, the opening of which may block.
func isFIFO(dir int, name string) bool {
	var st unix.Stat_t
	return unix.Fstatat(dir, name, &st, 0) == nil && st.Mode&unix.S_IFMT == unix.S_IFIFO
}

// Flock is flock(1) with a file descriptor that the caller has opened.
func Flock(c *native.Call) int {
	f := &flocker{Call: c}
	if status, ok := f.parse(); !ok {
		return status
	}
	if len(f.operands) == 0 {
		c.Errorf("requires file descriptor, file or directory")
		return exUsage
	}
	text := f.operands[0]
	n, err := strconv.ParseInt(strings.TrimLeft(text, " \t\n\v\f\r"), 10, 32)
	switch {
	case errors.Is(err, strconv.ErrRange):
		c.Errorf("bad file descriptor: '%s': %s", text, clib.Strerror(unix.ERANGE))
		return exUsage
	case err != nil:
		c.Errorf("bad file descriptor: '%s'", text)
		return exUsage
	}
	if f.fd = int(n); c.File != nil {
		f.fd, _ = c.File(f.fd)
	}
	start := time.Now()
	status, ok := f.lock()
	if ok {
		f.tell(start)
	}
	return status
}

// parse reads the options. If ok is false, status is the result.
func (f *flocker) parse() (status int, ok bool) {
	if len(f.Args) < 2 {
		f.Errorf("not enough arguments")
		return f.tryHelp(exUsage), false
	}
	opts, operands, problem := native.ParseOptions(f.Args[1:], flockOptions(), native.OperandsLast)
	f.how, f.conflict, f.operands = unix.LOCK_EX, 1, operands
	for _, o := range opts {
		switch o.Key {
		case 's':
			f.how = unix.LOCK_SH
		case 'e', 'x':
			f.how = unix.LOCK_EX
		case 'u':
			f.how = unix.LOCK_UN
		case 'n':
			f.nonblock = true
		case 'o':
			f.close = true
		case 'F':
			f.noFork = true
		case native.LongOnly:
			f.verbose = true
		case 'w':
			status = f.parseTimeout(o.Value)
		case 'E':
			status = f.parseConflict(o.Value)
		default:
			problem = o.Named()
		}
		if status != 0 {
			return status, false
		}
	}
	if problem != "" {
		return f.Unsupported("%s", problem), false
	}
	if f.noFork && f.close {
		f.Errorf("the --no-fork and --close options are incompatible")
		return exUsage, false
	}
	return 0, true
}

// tryHelp writes the hint that follows a usage error.
func (f *flocker) tryHelp(status int) int {
	fmt.Fprintf(f.Stderr, "Try '%s --help' for more information.\n", f.Name())
	return status
}

func (f *flocker) parseTimeout(text string) int {
	seconds, rest, ok := clib.Strtod(text)
	const most = float64(math.MaxInt64) / 1e9 / 2
	switch {
	case !ok || rest != "":
		f.Errorf("invalid timeout value: '%s'", text)
		return exUsage
	case seconds < 0 || math.IsInf(seconds, 0) || math.IsNaN(seconds):
		f.Errorf("cannot set up timer: %s", clib.Strerror(unix.EINVAL))
		return exOSErr
	}
	f.timeout = time.Duration(min(seconds, most) * 1e9)
	if f.timeout < time.Microsecond { // flock(1) rounds these to 0, which means not to wait
		f.timeout, f.nonblock = 0, true
	}
	return 0
}

func (f *flocker) parseConflict(text string) int {
	n, err := strconv.ParseInt(strings.TrimLeft(text, " \t\n\v\f\r"), 10, 32)
	switch {
	case errors.Is(err, strconv.ErrRange):
		f.Errorf("invalid exit code: '%s': %s", text, clib.Strerror(unix.ERANGE))
	case err != nil:
		f.Errorf("invalid exit code: '%s'", text)
	case n < 0 || n > 255:
		f.Errorf("exit code out of range (expected 0 to 255)")
	default:
		f.conflict = int(n)
		return 0
	}
	return exUsage
}

// command returns the command to run under the lock.
func (f *flocker) command() (argv []string, ok bool) {
	argv = f.operands[1:]
	if argv[0] != "-c" && argv[0] != "--command" {
		return argv, true
	}
	if len(argv) != 2 {
		f.Errorf("%s requires exactly one command argument", argv[0])
		return nil, false
	}
	shell := f.Getenv("SHELL")
	if shell == "" {
		shell = "/bin/sh"
	}
	return []string{shell, "-c", argv[1]}, true
}

// open opens the lock file, which may be a directory. It moves the file descriptor out of the
// way of the numbers that the command uses.
func (f *flocker) open(flags int) (status int) {
	const more = unix.O_NOCTTY | unix.O_CLOEXEC
	fd, err := unix.Openat(f.Dir, f.name, flags|more|unix.O_CREAT, 0o666)
	f.opened = flags == unix.O_RDWR
	if err == unix.EISDIR {
		fd, err = unix.Openat(f.Dir, f.name, unix.O_RDONLY|more, 0)
		f.opened = false
	}
	if err == nil {
		const above = 24 // minFile of package proc: above the numbers that scripts use
		f.fd = fd
		if high, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, above); err == nil {
			unix.Close(fd) // without a free number above, the descriptor stays where it is
			f.fd = high
		}
		return 0
	}
	f.Errorf("cannot open lock file %s: %s", f.name, clib.Strerror(err))
	switch err {
	case unix.ENOMEM, unix.EMFILE, unix.ENFILE:
		return exOSErr
	case unix.EROFS, unix.ENOSPC:
		return exCantCreate
	}
	return exNoInput
}

// lock takes the lock. If ok is false, status is the result. Waiting takes a process of its
// own, so that a signal ends that process and not the caller.
func (f *flocker) lock() (status int, ok bool) {
	err := unix.Flock(f.fd, f.how|unix.LOCK_NB)
	if f.name != "" && (err == unix.EIO || err == unix.EBADF) && f.reopen() {
		err = unix.Flock(f.fd, f.how|unix.LOCK_NB)
	}
	const conflict = "failed to get lock"
	switch {
	case err != unix.EWOULDBLOCK:
	case f.nonblock:
		f.complain(conflict)
		return f.conflict, false
	case !f.Own:
		return native.NeedsProcess, false
	default:
		if err = f.wait(); err == unix.ETIMEDOUT {
			f.complain("timeout while waiting to get lock")
			return f.conflict, false
		}
	}
	if err == nil {
		return 0, true
	}
	name := f.name
	if name == "" {
		name = strings.TrimLeft(f.operands[0], " \t\n\v\f\r+")
	}
	f.Errorf("%s: %s", name, clib.Strerror(err))
	if err == unix.ENOLCK || err == unix.ENOMEM {
		return exOSErr, false
	}
	return exDataErr, false
}

// reopen opens the file for writing too: some network file systems lock only such a file.
func (f *flocker) reopen() bool {
	if f.opened || f.how == unix.LOCK_SH ||
		unix.Faccessat(f.Dir, f.name, unix.R_OK|unix.W_OK, 0) != nil {
		return false
	}
	unix.Close(f.fd)
	return f.open(unix.O_RDWR) == 0 && f.opened
}

// wait waits for the lock. After a timeout, its thread is still blocked in flock(2); it ends
// with the process, which exists for this command only. With a timeout, flock(1) has a handler
// for SIGALRM that heeds only its own timer.
func (f *flocker) wait() error {
	locked := make(chan error, 1)
	go func() { locked <- fsys.Retry(func() error { return unix.Flock(f.fd, f.how) }) }()
	if f.timeout == 0 {
		return <-locked
	}
	signals.Catch(int(unix.SIGALRM))
	defer signals.Clear(signals.Bit(int(unix.SIGALRM)))
	select {
	case err := <-locked:
		return err
	case <-time.After(f.timeout):
		return unix.ETIMEDOUT
	}
}

func (f *flocker) complain(text string) {
	if f.verbose {
		f.Errorf("%s", text)
	}
}

func (f *flocker) tell(start time.Time) {
	if f.verbose {
		d := time.Since(start)
		fmt.Fprintf(f.Stdout, "%s: getting lock took %d.%06d seconds\n", f.Name(),
			d/time.Second, d%time.Second/time.Microsecond)
	}
}

// pass lets the command, and the process that waits for it, inherit the lock: as the file with
// the lowest free number, so that a shell takes it for a file of its script. With --close only
// the process that waits has it.
func (f *flocker) pass(spec *proc.Spec) {
	n := f.lowestFree(spec)
	spec.Instead(n, f.fd)
	spec.SetSignal(unix.SIGCHLD, false, nil)
	if f.timeout > 0 {
		spec.SetSignal(unix.SIGALRM, false, nil)
	}
	if f.noFork {
		return
	}
	spec.Fork(proc.Keeper{Argv: f.Args[:len(f.Args):len(f.Args)], Exits: true, Base: 128},
		proc.Failure{Text: "flock: fork failed", Status: exOSErr})
	if f.close {
		spec.NotInstead(n)
	}
}

// lowestFree returns the lowest number that no file of the command has.
func (f *flocker) lowestFree(spec *proc.Spec) int {
	for n := 0; ; n++ {
		if _, used := f.File(n); !used && !spec.HasInstead(n) {
			return n
		}
	}
}
