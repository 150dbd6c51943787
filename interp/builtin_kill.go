package interp

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/number"
	"overlayboot/builtins/base/signals"
	"overlayboot/interp/utility"
)

const killUsage = "Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\n" +
	"kill -l [exitstatus]"

// runKill sends a signal to processes, or lists the signals.
func runKill(s *Shell, argv []string) int {
	sig, list, operands, err := s.killOptions(argv[1:])
	switch {
	case err != nil:
		return s.blame(argv, 2, "%v", err)
	case list:
		return s.listSignals(argv, operands)
	case len(operands) == 0:
		return s.blame(argv, 2, killUsage)
	}
	status := 0
	for _, arg := range operands {
		pid, ok := s.killed(arg)
		if !ok {
			return 2
		}
		if err := signals.Kill(pid, int(sig)); err != nil {
			s.complain("%s\n", clib.Strerror(err))
			status = 1
		}
	}
	return status
}

// killOptions reads the options of kill. A signal given as -NAME or -NUMBER is the only option;
// otherwise -s NAME and -l may follow each other.
func (s *Shell) killOptions(args []string) (
	sig syscall.Signal, list bool, operands []string, err error,
) {
	sig = unix.SIGTERM
	if len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		if given, ok := utility.ParseKillSignal(args[0][1:]); ok {
			return given, false, afterDashes(args[1:]), nil
		}
	}
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		letters := args[0][1:]
		if args = args[1:]; letters == "-" {
			break
		}
		for letters != "" && err == nil {
			c := letters[0]
			switch letters = letters[1:]; c {
			case 'l':
				list = true
			case 's':
				if letters == "" {
					if len(args) == 0 {
						return sig, list, nil, complaint("No arg for -s option")
					}
					letters, args = args[0], args[1:]
				}
				var ok bool
				if sig, ok = utility.ParseKillSignal(letters); !ok {
					err = fmt.Errorf("invalid signal number or name: %s", letters)
				}
				letters = ""
			default:
				err = complaint("Illegal option -" + string([]byte{c}))
			}
		}
		if err != nil {
			return sig, list, nil, err
		}
	}
	return sig, list, args, nil
}

// afterDashes drops a -- (XBD 12.2, guideline 10).
func afterDashes(args []string) []string {
	if len(args) > 0 && args[0] == "--" {
		return args[1:]
	}
	return args
}

// killed returns the process that an operand of kill names, or the process group as a negative
// number. An operand that names nothing is an error and ends the command.
func (s *Shell) killed(arg string) (pid int, ok bool) {
	if strings.HasPrefix(arg, "%") {
		j, ok := s.namedJob(arg)
		switch {
		case !ok:
			return 0, false
		case j.group:
			return -j.leader(), true
		}
		return j.pid, true
	}
	digits := strings.TrimPrefix(arg, "-")
	n, err := utility.ParseInt(digits)
	if err != nil {
		s.complain("%v", number.IllegalError(digits))
		return 0, false
	}
	if digits != arg {
		n = -n
	}
	return n, true
}

func (s *Shell) listSignals(argv, operands []string) int {
	if len(operands) > 0 {
		name, err := utility.SignalOfStatus(operands[0])
		if err != nil {
			return s.blame(argv, 2, "%v", err)
		}
		return s.print(argv, name+"\n")
	}
	var b strings.Builder
	b.WriteString("0\n")
	for n := 1; n < signals.Count; n++ {
		b.WriteString(signals.ShellName(n) + "\n")
	}
	return s.print(argv, b.String())
}

func itoa(n int) string { return strconv.Itoa(n) }
