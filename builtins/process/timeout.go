package process

import (
	"math"
	"strconv"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/signals"
	"overlayboot/builtins/native"
)

// Exit statuses of timeout(1).
const (
	timeoutTimedOut = 124
	timeoutFailed   = 125
)

const (
	timeoutForeground = native.LongOnly + iota
	timeoutPreserve
)

func timeoutOptions() []native.Option {
	return []native.Option{
		{Key: 'k', Long: "kill-after", Arg: native.NeedArg},
		{Key: 's', Long: "signal", Arg: native.NeedArg}, {Key: 'v', Long: "verbose"},
		{Key: timeoutForeground, Long: "foreground"}, {Key: timeoutPreserve, Long: "preserve-status"},
		// Options of timeout(1) that this command lacks. They are listed so that no
		// abbreviation matches another option.
		{Key: '!', Long: "help"}, {Key: '!', Long: "version"},
	}
}

// A timeLimit is one invocation of timeout. It has the process for itself.
type timeLimit struct {
	*native.Call
	signal                        int
	limit, killAfter              float64 // in seconds, 0 for none
	foreground, preserve, verbose bool
	command                       []string

	timer    int // timerfd
	pid      int
	caught   uint64
	timedOut bool
	status   unix.WaitStatus
}

// Timeout is timeout(1): it runs a command and ends the command after a time. Without
// --foreground, timeout and the command form a process group of their own, and the signal goes
// to that group.
func Timeout(c *native.Call) int {
	t := &timeLimit{Call: c, signal: int(unix.SIGTERM)}
	if status, ok := t.parse(); !ok {
		return status
	}
	if c.Start == nil {
		return c.Unsupported("a command")
	}
	return t.run()
}

func (t *timeLimit) parse() (status int, ok bool) {
	opts, operands, problem := native.ParseOptions(t.Args[1:], timeoutOptions(), native.OperandsLast)
	for _, o := range opts {
		n, err := strconv.Atoi(o.Value)
		if o.Key == '!' || o.Key == 's' && err == nil && n > 64 {
			problem = "option '" + string(o.Key) + " " + o.Value + "'"
		}
	}
	if problem != "" {
		return t.Unsupported("%s", problem), false
	}
	for _, o := range opts {
		switch o.Key {
		case 'k':
			t.killAfter, ok = t.seconds(o.Value)
		case 's':
			t.signal, ok = t.parseSignal(o.Value)
		default:
			ok = true
			t.foreground = t.foreground || o.Key == timeoutForeground
			t.preserve = t.preserve || o.Key == timeoutPreserve
			t.verbose = t.verbose || o.Key == 'v'
		}
		if !ok {
			return t.hint(), false
		}
	}
	if len(operands) < 2 {
		return t.hint(), false
	}
	if t.limit, ok = t.seconds(operands[0]); !ok {
		return t.hint(), false
	}
	t.command = operands[1:]
	return 0, true
}

func (t *timeLimit) hint() int {
	t.NodeHint(false, "")
	return timeoutFailed
}

func (t *timeLimit) seconds(text string) (float64, bool) {
	seconds, ok := parseInterval(text)
	if !ok {
		t.Errorf("invalid time interval %s", native.QuoteText(text))
	}
	return seconds, ok
}

func (t *timeLimit) parseSignal(text string) (n int, ok bool) {
	if text == "0" || text == "EXIT" {
		return 0, true
	}
	if n, ok = envSignal(text); !ok {
		t.Errorf("%s: invalid signal", native.QuoteText(text))
	}
	return n, ok
}

// run starts the command and waits until it ends.
func (t *timeLimit) run() int {
	if !t.foreground {
		_ = unix.Setpgid(0, 0) // fails for a session leader, which leads its process group too
	}
	var err error
	if t.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC); err != nil {
		t.Errorf("timer_create: %s", clib.Strerror(err))
		return timeoutFailed
	}
	t.catch()
	blame := t.Blame("failed to run command '%s': %s")
	pid, status := t.Start(t.OrBuiltin(t.command), nil, func(s *proc.Spec) {
		s.Blame = proc.Blame{Text: blame, Lost: timeoutFailed}
		for n := 1; n <= 64; n++ {
			if t.caught&signals.Bit(n) != 0 || n == int(unix.SIGTTIN) || n == int(unix.SIGTTOU) {
				s.SetSignal(unix.Signal(n), false, nil)
			}
		}
	})
	if t.pid = pid; pid == 0 {
		return status
	}
	t.arm(t.limit)
	for !t.reap() {
		ready := signals.Await(t.timer, func() bool {
			return signals.Pending()&(t.caught|signals.Children) != 0
		})
		t.takeSignals()
		if ready {
			t.expire()
		}
	}
	return t.result()
}

// catch catches the signals that are passed on to the command.
func (t *timeLimit) catch() {
	for _, n := range [...]int{int(unix.SIGALRM), int(unix.SIGINT), int(unix.SIGQUIT),
		int(unix.SIGHUP), int(unix.SIGTERM), t.signal} {
		if n > 0 && n != int(unix.SIGKILL) && n != int(unix.SIGSTOP) {
			signals.Catch(n)
			t.caught |= signals.Bit(n)
		}
	}
	signals.Ignore(int(unix.SIGTTIN))
	signals.Ignore(int(unix.SIGTTOU))
	signals.CatchChildren()
}

// arm sets the timer to some seconds; 0 disarms it.
func (t *timeLimit) arm(seconds float64) {
	const most = float64(math.MaxInt64) / 1e9 / 2
	ns := int64(math.Ceil(min(seconds, most) * 1e9))
	at := unix.ItimerSpec{Value: unix.NsecToTimespec(ns)}
	_ = unix.TimerfdSettime(t.timer, 0, &at, nil)
}

func (t *timeLimit) takeSignals() {
	set := signals.Pending()
	signals.Clear(set & (t.caught | signals.Children))
	for n := 1; n <= 64; n++ {
		switch {
		case set&t.caught&signals.Bit(n) == 0:
		case n == int(unix.SIGALRM):
			t.timeIsOver()
		default:
			t.end(n)
		}
	}
}

// expire handles the timer if it has expired.
func (t *timeLimit) expire() {
	list := []unix.PollFd{{Fd: int32(t.timer), Events: unix.POLLIN}}
	if n, _ := unix.Poll(list, 0); n > 0 {
		var count [8]byte
		_, _ = unix.Read(t.timer, count[:])
		t.timeIsOver()
	}
}

func (t *timeLimit) timeIsOver() {
	t.timedOut = true
	t.end(t.signal)
}

// end passes a signal on. With -k, it arms the timer for SIGKILL.
func (t *timeLimit) end(n int) {
	if t.killAfter > 0 {
		t.signal = int(unix.SIGKILL)
		t.arm(t.killAfter)
		t.killAfter = 0
	}
	if t.verbose {
		t.Errorf("sending signal %s to command %s", signals.Name(n), native.QuoteText(t.command[0]))
	}
	_ = signals.Kill(t.pid, n)
	if t.foreground {
		return
	}
	t.toGroup(n)
	if n != int(unix.SIGKILL) && n != int(unix.SIGCONT) {
		_ = signals.Kill(t.pid, int(unix.SIGCONT))
		t.toGroup(int(unix.SIGCONT))
	}
}

// toGroup signals the process group except for this process. SIGKILL ends this process too.
func (t *timeLimit) toGroup(n int) {
	if n > 0 && n != int(unix.SIGKILL) && n != int(unix.SIGSTOP) {
		signals.Ignore(n)
		t.caught &^= signals.Bit(n)
	}
	_ = signals.Kill(0, n)
}

// reap reports whether the command has ended.
func (t *timeLimit) reap() bool {
	for {
		pid, err := unix.Wait4(t.pid, &t.status, unix.WNOHANG, nil)
		if err != unix.EINTR {
			return err != nil || pid == t.pid
		}
	}
}

func (t *timeLimit) result() int {
	status := proc.ExitStatus(t.status)
	if t.status.Signaled() {
		if t.status.CoreDump() {
			t.Errorf("the monitored command dumped core")
		}
		n := t.status.Signal()
		switch {
		case !t.timedOut:
			_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) // one core dump is enough
			signals.Die(int(n))
		case n == unix.SIGKILL:
			t.preserve = true
		}
	}
	if t.timedOut && !t.preserve {
		return timeoutTimedOut
	}
	return status
}
