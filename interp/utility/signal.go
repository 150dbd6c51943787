package utility

import (
	"errors"
	"strconv"
	"strings"
	"syscall"

	"overlayboot/builtins/base/number"
	"overlayboot/builtins/base/signals"
)

// ParseSignal parses a signal as trap does: a number, or a name without SIG in either case. 0
// and EXIT are 0.
func ParseSignal(name string) (syscall.Signal, bool) {
	if name != "" && strings.Trim(name, "0123456789") == "" {
		n, err := strconv.Atoi(name)
		return syscall.Signal(n), err == nil && n < signals.Count
	}
	for n := range signals.Count {
		if strings.EqualFold(name, signals.ShellName(n)) {
			return syscall.Signal(n), true
		}
	}
	return 0, false
}

// ParseKillSignal parses a signal as kill does, for which EXIT is no signal.
func ParseKillSignal(name string) (syscall.Signal, bool) {
	if strings.EqualFold(name, signals.ShellName(0)) {
		return 0, false
	}
	return ParseSignal(name)
}

// SignalOfStatus returns the output of kill -l for its argument: a signal, or the exit status
// of a killed process.
func SignalOfStatus(arg string) (name string, err error) {
	n, err := ParseInt(arg)
	if err != nil {
		return "", err
	}
	signo := n
	if n > 128 {
		signo -= 128
	}
	if signo < 1 || signo >= signals.Count {
		return "", errors.New("invalid signal number or exit status: " + arg)
	}
	return signals.ShellName(signo), nil
}

// ParseInt parses the argument of a built-in that must be a number from 0 to 2147483647, as
// those of exit, shift, return and break.
func ParseInt(arg string) (int, error) {
	n, err := number.Parse(arg, 10)
	if err != nil || n < 0 || n > 1<<31-1 {
		return 0, number.IllegalError(arg)
	}
	return int(n), nil
}
