package process

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

func niceOptions() []native.Option {
	return []native.Option{
		{Key: 'n', Long: "adjustment", Arg: native.NeedArg},
		// Options of nice(1) that this command lacks. They are listed so that no abbreviation
		// matches another option.
		{Key: '!', Long: "help"}, {Key: '!', Long: "version"},
	}
}

// Nice is nice(1): the command runs with another niceness. If the caller may not set that
// niceness, the command runs all the same.
func Nice(c *native.Call, spec *proc.Spec) (int, bool) {
	given, args, problem := niceArguments(c.Args[1:])
	switch {
	case problem != "":
		return c.Unsupported("%s", problem), true
	case spec.Changed() != 0: // an earlier prefix command may change the niceness
		return native.NeedsProcess, true
	}
	adjustment := 10
	if given != nil {
		var ok bool
		if adjustment, ok = niceNumber(*given); !ok {
			c.Errorf("invalid adjustment %s", native.QuoteText(*given))
			return 125, true
		}
	}
	now, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	now = 20 - now // the system call returns 20 minus the niceness
	switch {
	case err != nil:
		c.Errorf("cannot get niceness: %s", clib.Strerror(err))
		return 125, true
	case len(args) == 0 && given != nil:
		return c.UsageError(125, "a command must be given with an adjustment"), true
	case len(args) == 0:
		if _, err := fmt.Fprintln(c.Stdout, now); err != nil {
			return max(c.WriteError(err), 125), true
		}
		return 0, true
	}
	want := min(max(now+adjustment, -20), 19)
	if err := mayBeNice(want); err != nil {
		_, lost := fmt.Fprintf(c.Stderr, "nice: cannot set niceness: %s\n", clib.Strerror(err))
		if lost != nil || !errors.Is(err, unix.EACCES) && !errors.Is(err, unix.EPERM) {
			// without the message nobody would know that the niceness is unchanged
			return 125, true
		}
	} else {
		spec.Try(proc.ChangesOther, unix.SYS_SETPRIORITY, unix.PRIO_PROCESS, 0, uintptr(want))
	}
	spec.Argv = args
	spec.Blame = proc.Blame{Text: c.Blame("'%s': %s"), Lost: 125}
	return 0, false
}

// niceArguments finds the last adjustment, which may also be an old option such as -5 or --5.
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
		opts, _, problem := native.ParseOptions(one, niceOptions(), native.OperandsLast)
		if problem != "" {
			return nil, nil, problem
		}
		for _, o := range opts {
			if o.Key == '!' {
				return nil, nil, o.Named()
			}
			given = &o.Value
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
	return ok && digits != "" && ascii.IsDigit(digits[0])
}

// niceNumber reads an adjustment and limits it to the range from -39 to 39.
func niceNumber(text string) (n int, ok bool) {
	const most = 39
	wide, err := strconv.ParseInt(strings.TrimLeft(text, " \t\n\v\f\r"), 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return int(min(max(wide, -most), most)), true
}

// mayBeNice tries to set a niceness on a thread of its own, which has its own niceness and ends
// after the attempt.
func mayBeNice(niceness int) (err error) {
	native.OnOwnThread(func() { err = unix.Setpriority(unix.PRIO_PROCESS, 0, niceness) })
	return err
}
