package builtins

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
)

func niceOptions() []option {
	return []option{
		{'n', "adjustment", needArg},
		// Known to nice(1) and not to us; here so that no prefix hits another.
		{'!', "help", noArg}, {'!', "version", noArg},
	}
}

// prefixNice is nice(1): the command runs with another niceness. Where the caller may not
// set that, it runs all the same.
func prefixNice(c *Call, spec *proc.Spec) (int, bool) {
	given, args, problem := niceArguments(c.Args[1:])
	switch {
	case problem != "":
		return c.Unsupported("%s", problem), true
	case spec.Changed() != 0: // what runs this one may have another niceness
		return NeedsProcess, true
	}
	adjustment := 10
	if given != nil {
		var ok bool
		if adjustment, ok = niceNumber(*given); !ok {
			c.Errorf("invalid adjustment %s", quoteText(*given))
			return 125, true
		}
	}
	now, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	now = 20 - now // as the kernel gives it
	switch {
	case err != nil:
		c.Errorf("cannot get niceness: %s", Strerror(err))
		return 125, true
	case len(args) == 0 && given != nil:
		return c.usageError(125, "a command must be given with an adjustment"), true
	case len(args) == 0:
		if _, err := fmt.Fprintln(c.Stdout, now); err != nil {
			return max(c.writeError(err), 125), true
		}
		return 0, true
	}
	want := min(max(now+adjustment, -20), 19)
	if err := mayBeNice(want); err != nil {
		_, lost := fmt.Fprintf(c.Stderr, "nice: cannot set niceness: %s\n", Strerror(err))
		if lost != nil || !errors.Is(err, unix.EACCES) && !errors.Is(err, unix.EPERM) {
			return 125, true // nobody would know that it is not nicer
		}
	} else {
		spec.Try(proc.ChangesOther, unix.SYS_SETPRIORITY, unix.PRIO_PROCESS, 0, uintptr(want))
	}
	spec.Argv = args
	spec.BlameLost = 125
	spec.Blame = c.blame("'%s': %s")
	return 0, false
}

// niceArguments finds the last adjustment, which may be an option such as -5 or --5, too.
func niceArguments(args []string) (given *string, command []string, problem string) {
	for len(args) > 0 {
		arg := args[0]
		if isOldNice(arg) {
			text := arg[1:]
			given, args = &text, args[1:]
			continue
		}
		if arg == "-" || !strings.HasPrefix(arg, "-") {
			break
		}
		one := args[:1]
		if arg == "-n" || strings.HasPrefix("--adjustment", arg) && len(arg) > 2 {
			one = args[:min(2, len(args))]
		}
		opts, _, problem := parseOptions(one, niceOptions(), operandsLast)
		if problem != "" {
			return nil, nil, problem
		}
		for _, o := range opts {
			if o.key == '!' {
				return nil, nil, o.named()
			}
			given = &o.value
		}
		if args = args[len(one):]; arg == "--" {
			break
		}
	}
	return given, args, ""
}

func isOldNice(arg string) bool {
	digits, ok := strings.CutPrefix(arg, "-")
	if ok && digits != "" && (digits[0] == '-' || digits[0] == '+') {
		digits = digits[1:]
	}
	return ok && digits != "" && isDigit(digits[0])
}

// niceNumber reads an adjustment; what is too much is the most there is.
func niceNumber(text string) (n int, ok bool) {
	const most = 39
	wide, err := strconv.ParseInt(strings.TrimLeft(text, " \t\n\v\f\r"), 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return int(min(max(wide, -most), most)), true
}

// mayBeNice tries it on a thread that ends with it, which has a niceness of its own.
func mayBeNice(niceness int) (err error) {
	onOwnThread(func() { err = unix.Setpriority(unix.PRIO_PROCESS, 0, niceness) })
	return err
}
