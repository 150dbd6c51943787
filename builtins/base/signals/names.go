package signals

import (
	"slices"
	"strconv"
	"strings"
)

// Count is one more than the largest signal.
const Count = 65

// The limits of the signals that a program may use as it likes. The C library keeps 32 and 33
// for itself.
const (
	realtimeMin = 34
	realtimeMax = 64
)

// names are the names without SIG, by number, as the tools have them (procps, GNU).
var names = [realtimeMin]string{"EXIT", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS",
	"FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT",
	"STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "POLL",
	"PWR", "SYS", "32", "33"}

// Name returns the name of a signal without SIG, as kill(1) of procps and timeout(1) print it;
// EXIT for 0, the number for 32 and 33, and "" for what is no signal.
func Name(n int) string {
	switch {
	case n < 0 || n >= Count:
		return ""
	case n < realtimeMin:
		return names[n]
	case n == realtimeMin:
		return "RTMIN"
	case n == realtimeMax:
		return "RTMAX"
	case n <= (realtimeMin+realtimeMax)/2:
		return "RTMIN+" + strconv.Itoa(n-realtimeMin)
	}
	return "RTMAX-" + strconv.Itoa(realtimeMax-n)
}

// ShellName returns the name that dash gives a signal. Two differ from those of the tools: dash
// knows no name for 16, and calls 29 IO, as BSD does. The name of 0 is the same, but it means
// the end of the shell in trap; kill(1) of procps does not know it.
func ShellName(n int) string {
	switch n {
	case 16:
		return "16"
	case 29:
		return "IO"
	}
	return Name(n)
}

// Standard returns the number of a name of a signal from 1 to 31. The name may have SIG in
// front and be in any case.
func Standard(name string) (n int, ok bool) {
	const system = 31 // SYS, the last one
	n = 1 + slices.Index(names[1:system+1], strings.TrimPrefix(strings.ToUpper(name), "SIG"))
	return n, n > 0
}

// Number reads a signal as the tools take it: a number, which need not be that of a signal, a
// name of Standard, or one of three other names.
func Number(s string) (n int, ok bool) {
	if n, err := strconv.Atoi(s); err == nil {
		return n, n >= 0
	}
	switch strings.TrimPrefix(strings.ToUpper(s), "SIG") {
	case "CLD":
		s = "CHLD"
	case "IO":
		s = "POLL"
	case "IOT":
		s = "ABRT"
	}
	return Standard(s)
}
