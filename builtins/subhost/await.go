package subhost

import (
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// The exit statuses of overlay-await and overlay-became.
const (
	awaitEnded   = 1
	awaitWrong   = 2
	awaitTimeout = 3
)

// An awaiting is the common part of overlay-await and overlay-became: a process, whose end ends
// the wait, and a time limit.
type awaiting struct {
	*native.Call
	pid     int
	file    string // the operand of -w
	process unix.PollFd
	until   time.Time
	// interrupted says that a signal arrived, for which the caller may have a trap.
	interrupted bool
}

// await parses the arguments "[-t SECONDS] PID OPERAND...", with n operands after PID. more
// lists the options that a command has apart from -t.
func await(c *native.Call, n int, usage string, more ...native.Option) (
	a *awaiting, operands []string, status int) {
	known := append([]native.Option{{Key: 't', Long: "timeout", Arg: native.NeedArg}}, more...)
	opts, args, problem := c.Options(known, native.OperandsLast)
	limit, file := math.MaxInt32/1e3, ""
	for _, o := range opts {
		if o.Key == 'w' {
			file = o.Value
			continue
		}
		seconds, err := strconv.ParseFloat(o.Value, 64)
		if err != nil || seconds < 0 || seconds > limit {
			problem = "a timeout of " + o.Value
		}
		limit = seconds
	}
	if problem != "" {
		c.Errorf("%s is unknown", problem)
		return nil, nil, awaitWrong
	}
	if len(args) != n+1 {
		c.Errorf("usage: %s", usage)
		return nil, nil, awaitWrong
	}
	pid, err := strconv.Atoi(args[0])
	if err != nil || pid <= 0 {
		c.Errorf("%s is no process", native.QuoteName(args[0]))
		return nil, nil, awaitWrong
	}
	a = &awaiting{Call: c, pid: pid, file: file, until: time.Now().Add(time.Duration(limit * 1e9))}
	fd, err := unix.PidfdOpen(pid, 0)
	switch err {
	case nil:
	case unix.ESRCH:
		fd = -1 // the process has ended
	default:
		c.Errorf("cannot watch process %d: %s", pid, clib.Strerror(err))
		return nil, nil, awaitWrong
	}
	a.process = unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
	return a, args[1:], 0
}

func (a *awaiting) close() {
	if a.process.Fd >= 0 {
		unix.Close(int(a.process.Fd))
	}
}

// pause waits until the process ends or the descriptor other is readable, but not beyond
// longest or the limit. It reports whether the process has ended.
func (a *awaiting) pause(longest time.Duration, other int) (ended bool) {
	if a.process.Fd < 0 {
		return true
	}
	fds := [2]unix.PollFd{a.process, {Fd: int32(other), Events: unix.POLLIN}}
	left := max(0, min(longest, time.Until(a.until)))
	limit := unix.NsecToTimespec(int64(left))
	_, err := unix.Ppoll(fds[:], &limit, nil)
	a.interrupted = err == unix.EINTR
	return fds[0].Revents != 0
}

// late reports whether the time is over, or the caller has to handle a signal.
func (a *awaiting) late() bool { return a.interrupted || !time.Now().Before(a.until) }

// Await is "overlay-await [-t SECONDS] PID FILE TEXT": it waits until the file has a line that
// begins with TEXT. The status is 1 if the process ends without such a line, and 3 if the time
// is over.
func Await(c *native.Call) int {
	a, operands, status := await(c, 2, "overlay-await [-t SECONDS] PID FILE TEXT")
	if status != 0 {
		return status
	}
	defer a.close()
	longest := time.Hour
	changes := a.watch(operands[0], unix.IN_MODIFY)
	if changes < 0 {
		longest = time.Millisecond // without inotify: poll
	} else {
		defer unix.Close(changes)
	}
	ended := false
	for {
		if a.hasLine(operands[0], operands[1]) {
			return 0
		}
		switch {
		case ended:
			return awaitEnded
		case a.late():
			return awaitTimeout
		}
		ended = a.pause(longest, changes)
		drained(changes)
	}
}

// watch has inotify(7) watch the file, and returns its descriptor. It returns -1 if that is
// impossible.
func (a *awaiting) watch(name string, events uint32) int {
	if !strings.HasPrefix(name, "/") {
		return -1
	}
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return -1
	}
	if _, err := unix.InotifyAddWatch(fd, name, events); err != nil {
		unix.Close(fd)
		return -1
	}
	return fd
}

// hasLine reports whether the file has a complete line that begins with text.
func (a *awaiting) hasLine(name, text string) bool {
	f, err := a.OpenFile(name, unix.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() { // other files may have no end
		return false
	}
	content, _ := io.ReadAll(f)
	for line := range strings.Lines(string(content)) {
		if strings.HasPrefix(line, text) && strings.HasSuffix(line, "\n") {
			return true
		}
	}
	return false
}
