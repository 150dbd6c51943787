package builtins

import (
	"math"
	"strconv"

	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
	"overlayboot/interp/signals"
)

// Exit statuses of timeout(1).
const (
	timeoutTimedOut = 124
	timeoutFailed   = 125
)

const (
	timeoutForeground = longOnly + iota
	timeoutPreserve
)

func timeoutOptions() []option {
	return []option{
		{'k', "kill-after", needArg}, {'s', "signal", needArg}, {'v', "verbose", noArg},
		{timeoutForeground, "foreground", noArg}, {timeoutPreserve, "preserve-status", noArg},
		// Known to timeout(1) and not to us; here so that no prefix hits another.
		{'!', "help", noArg}, {'!', "version", noArg},
	}
}

// A timeLimit is one invocation of timeout. The process is its own.
type timeLimit struct {
	*Call
	signal                        int
	limit, killAfter              float64 // seconds, 0 for none
	foreground, preserve, verbose bool
	command                       []string

	timer    int // timerfd
	pid      int
	caught   uint64
	timedOut bool
	status   unix.WaitStatus
}

// runTimeout is timeout(1): it runs a command, and ends it when some time is over. Both are
// a process group of their own, to which the signal goes, but with --foreground.
func runTimeout(c *Call) int {
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
	opts, operands, problem := parseOptions(t.Args[1:], timeoutOptions(), operandsLast)
	for _, o := range opts {
		n, err := strconv.Atoi(o.value)
		if o.key == '!' || o.key == 's' && err == nil && n > 64 {
			problem = "option '" + string(o.key) + " " + o.value + "'"
		}
	}
	if problem != "" {
		return t.Unsupported("%s", problem), false
	}
	for _, o := range opts {
		switch o.key {
		case 'k':
			t.killAfter, ok = t.seconds(o.value)
		case 's':
			t.signal, ok = t.parseSignal(o.value)
		default:
			ok = true
			t.foreground = t.foreground || o.key == timeoutForeground
			t.preserve = t.preserve || o.key == timeoutPreserve
			t.verbose = t.verbose || o.key == 'v'
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
	t.nodeHint(false, "")
	return timeoutFailed
}

func (t *timeLimit) seconds(text string) (float64, bool) {
	seconds, ok := parseInterval(text)
	if !ok {
		t.Errorf("invalid time interval %s", quoteText(text))
	}
	return seconds, ok
}

func (t *timeLimit) parseSignal(text string) (n int, ok bool) {
	if text == "0" || text == "EXIT" {
		return 0, true
	}
	if n, ok = envSignal(text); !ok {
		t.Errorf("%s: invalid signal", quoteText(text))
	}
	return n, ok
}

// run starts the command and waits for it.
func (t *timeLimit) run() int {
	if !t.foreground {
		_ = unix.Setpgid(0, 0) // fails for who leads a session, which leads its group, too
	}
	var err error
	if t.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC); err != nil {
		t.Errorf("timer_create: %s", Strerror(err))
		return timeoutFailed
	}
	t.catch()
	blame := t.blame("failed to run command '%s': %s")
	pid, status := t.Start(t.orBuiltin(t.command), nil, func(s *proc.Spec) {
		s.Blame, s.BlameLost = blame, timeoutFailed
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

// catch takes the signals that are passed on.
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

// arm has the timer end after some seconds; 0: never.
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

// expire is for the timer, if that has ended.
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

// end passes on a signal, and is to come again with SIGKILL where that is asked for.
func (t *timeLimit) end(n int) {
	if t.killAfter > 0 {
		t.signal = int(unix.SIGKILL)
		t.arm(t.killAfter)
		t.killAfter = 0
	}
	if t.verbose {
		t.Errorf("sending signal %s to command %s", timeoutSignalName(n), quoteText(t.command[0]))
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

// timeoutSignalName is what -v calls a signal.
func timeoutSignalName(n int) string {
	switch {
	case n == 0:
		return "EXIT"
	case n < len(signalNames):
		return signalNames[n]
	case n == 34, n == 64:
		return map[int]string{34: "RTMIN", 64: "RTMAX"}[n]
	case n <= 49:
		return "RTMIN+" + strconv.Itoa(n-34)
	}
	return "RTMAX-" + strconv.Itoa(64-n)
}

// toGroup signals the process group, but for this process; SIGKILL ends that, too.
func (t *timeLimit) toGroup(n int) {
	if n > 0 && n != int(unix.SIGKILL) && n != int(unix.SIGSTOP) {
		signals.Ignore(n)
		t.caught &^= signals.Bit(n)
	}
	_ = signals.Kill(0, n)
}

// reap tells whether the command has ended.
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
			_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) // one core will do
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
