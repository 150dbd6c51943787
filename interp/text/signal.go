package text

import (
	"errors"
	"strconv"
	"strings"
	"syscall"

	"overlayboot/interp/number"
)

// NSIG is one more than the largest signal.
const NSIG = 65

// signals are the names without SIG. Where the system has more than one name,
// or dash knows none, the number is the name, as for 16, 32 and 33.
var signals = [...]string{
	0: "EXIT", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1",
	"SEGV", "USR2", "PIPE", "ALRM", "TERM", "16", "CHLD", "CONT", "STOP", "TSTP", "TTIN",
	"TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS", "32", "33",
	"RTMIN", "RTMIN+1", "RTMIN+2", "RTMIN+3", "RTMIN+4", "RTMIN+5", "RTMIN+6", "RTMIN+7",
	"RTMIN+8", "RTMIN+9", "RTMIN+10", "RTMIN+11", "RTMIN+12", "RTMIN+13", "RTMIN+14",
	"RTMIN+15", "RTMAX-14", "RTMAX-13", "RTMAX-12", "RTMAX-11", "RTMAX-10", "RTMAX-9",
	"RTMAX-8", "RTMAX-7", "RTMAX-6", "RTMAX-5", "RTMAX-4", "RTMAX-3", "RTMAX-2", "RTMAX-1",
	"RTMAX",
}

// SignalName is the name of a signal, without SIG, and EXIT for 0; "" for a
// number that is no signal. kill -l prints 0 as 0.
func SignalName(n int) string {
	if n < 0 || n >= NSIG {
		return ""
	}
	return signals[n]
}

// ParseSignal reads a signal as trap takes it: a number, or a name without SIG
// in either case; 0 or EXIT is 0.
func ParseSignal(name string) (syscall.Signal, bool) {
	if name != "" && strings.Trim(name, "0123456789") == "" {
		n, err := strconv.Atoi(name)
		return syscall.Signal(n), err == nil && n < NSIG
	}
	for n, known := range signals {
		if len(name) == len(known) && strings.EqualFold(name, known) {
			return syscall.Signal(n), true
		}
	}
	return 0, false
}

// ParseKillSignal reads a signal as kill takes it, where EXIT is none.
func ParseKillSignal(name string) (syscall.Signal, bool) {
	if strings.EqualFold(name, signals[0]) {
		return 0, false
	}
	return ParseSignal(name)
}

// SignalOfStatus is what kill -l prints for its argument, a signal or the exit
// status of what one has killed.
func SignalOfStatus(arg string) (name string, err error) {
	n, err := ParseInt(arg)
	if err != nil {
		return "", err
	}
	signo := n
	if n > 128 {
		signo -= 128
	}
	if signo < 1 || signo >= NSIG {
		return "", errors.New("invalid signal number or exit status: " + arg)
	}
	return signals[signo], nil
}

// ParseInt reads the argument of a built-in command that must be a number from
// 0 to 2147483647: of exit, shift, return, break and so on.
func ParseInt(arg string) (int, error) {
	n, err := number.Parse(arg, 10)
	if err != nil || n < 0 || n > 1<<31-1 {
		return 0, number.IllegalError(arg)
	}
	return int(n), nil
}
