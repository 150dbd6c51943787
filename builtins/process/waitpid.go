package process

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// Exit statuses of waitpid(1).
const (
	waitpidFailed  = 1
	waitpidNoSys   = 2
	waitpidTimeout = 3
)

func waitpidOptions() []native.Option {
	return []native.Option{
		{Key: 'v', Long: "verbose"}, {Key: 't', Long: "timeout", Arg: native.NeedArg},
		{Key: 'e', Long: "exited"},
		{Key: 'c', Long: "count", Arg: native.NeedArg}, {Key: 'V', Long: "version"},
		{Key: 'h', Long: "help"},
	}
}

// A pidWaiter is one invocation of waitpid.
type pidWaiter struct {
	*native.Call
	verbose, exited bool
	timed           bool
	timeout         time.Duration
	count           int // number of processes that have to end, 0 for all
	pids            []int
	watched         []unix.PollFd // a pidfd for each process, -1 for one that does not exist
}

// Waitpid is waitpid(1) of util-linux 2.39 and later: it waits until processes end, whatever
// their parents are. A zombie counts as ended.
func Waitpid(c *native.Call) int {
	w := &pidWaiter{Call: c}
	if status, ok := w.parse(); !ok {
		return status
	}
	defer w.close()
	if status := w.open(); status != 0 {
		return status
	}
	return w.wait()
}

func (w *pidWaiter) parse() (status int, ok bool) {
	opts, operands, problem := native.ParseOptions(w.Args[1:], waitpidOptions(), native.OperandsLast)
	for _, o := range opts {
		if o.Key == 'V' || o.Key == 'h' {
			problem = cmp.Or(problem, o.Named())
		}
	}
	if problem != "" {
		return w.Unsupported("%s", problem), false
	}
	for _, o := range opts {
		if !w.option(o) {
			return waitpidFailed, false
		}
	}
	switch n := len(operands); {
	case w.exited && w.count > 0:
		w.Errorf("mutually exclusive arguments: --count --exited")
	case n == 0:
		w.Errorf("no PIDs specified")
	case w.count > n:
		w.Errorf("can't want for %d of %d PIDs", w.count, n)
	default:
		return waitpidFailed, w.parsePids(operands)
	}
	return waitpidFailed, false
}

func (w *pidWaiter) option(o native.GivenOption) bool {
	switch o.Key {
	case 'v':
		w.verbose = true
	case 'e':
		w.exited = true
	case 'c':
		n, err := strconv.ParseUint(o.Value, 10, 31)
		if err != nil {
			w.Errorf("invalid count: '%s'", o.Value)
			return false
		}
		w.count = int(n)
	case 't':
		seconds, rest, ok := clib.Strtod(o.Value)
		const most = float64(math.MaxInt64) / 1e9 / 2
		if !ok || rest != "" || math.IsNaN(seconds) || seconds < 0 {
			w.Errorf("could not parse timeout: '%s'", o.Value)
			return false
		}
		w.timeout = time.Duration(math.Ceil(min(seconds, most) * 1e9))
		w.timed = w.timeout > 0 // 0 means no limit, as in waitpid(1)
	}
	return true
}

func (w *pidWaiter) parsePids(operands []string) bool {
	for _, text := range operands {
		pid, err := strconv.ParseInt(text, 10, 32)
		if err != nil || pid <= 0 {
			w.Errorf("failed to parse pid: '%s'", text)
			return false
		}
		w.pids = append(w.pids, int(pid))
	}
	return true
}

// open opens a pidfd for every process, so that no other process that gets the same number is
// taken for it.
func (w *pidWaiter) open() (status int) {
	for _, pid := range w.pids {
		fd, err := unix.PidfdOpen(pid, 0)
		switch {
		case err == nil:
		case errors.Is(err, unix.ESRCH) && w.exited:
			w.Errorf("PID %d has exited, skipping", pid)
			fd = -1
		default:
			w.Errorf("could not open pid %d: %s", pid, clib.Strerror(err))
			if errors.Is(err, unix.ENOSYS) {
				return waitpidNoSys
			}
			return waitpidFailed
		}
		w.watched = append(w.watched, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
	}
	return 0
}

func (w *pidWaiter) close() {
	for _, p := range w.watched {
		if p.Fd >= 0 {
			unix.Close(int(p.Fd))
		}
	}
}

func (w *pidWaiter) wait() int {
	left := 0
	for _, p := range w.watched {
		if p.Fd >= 0 {
			left++
		}
	}
	if w.count > 0 {
		left = min(left, w.count)
	}
	start := time.Now()
	for left > 0 {
		n, err := unix.Poll(w.watched, w.patience(start))
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			w.Errorf("failure during wait: %s", clib.Strerror(err))
			return waitpidFailed
		case n > 0:
			left -= w.collect()
		case w.timed && time.Since(start) >= w.timeout:
			w.tell("Timeout expired\n")
			return waitpidTimeout
		}
	}
	return 0
}

// patience returns the rest of the timeout in milliseconds, rounded up, or -1 for no limit.
func (w *pidWaiter) patience(start time.Time) int {
	if !w.timed {
		return -1
	}
	left := max(0, w.timeout-time.Since(start))
	return int(min(math.MaxInt32, (left+time.Millisecond-1)/time.Millisecond))
}

// collect counts the processes that have ended and stops watching them.
func (w *pidWaiter) collect() (ended int) {
	for i := range w.watched {
		p := &w.watched[i]
		if p.Fd < 0 || p.Revents == 0 {
			continue
		}
		w.tell("PID %d finished\n", w.pids[i])
		unix.Close(int(p.Fd))
		p.Fd, p.Revents = -1, 0
		ended++
	}
	return ended
}

func (w *pidWaiter) tell(format string, args ...any) {
	if w.verbose {
		fmt.Fprintf(w.Stdout, format, args...)
	}
}
