package process

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/signals"
	"overlayboot/builtins/native"
)

// lastStandard is the last signal that kill -l lists; the ones for realtime have no names there.
const lastStandard = int(unix.SIGSYS)

func killOptions() []native.Option {
	return []native.Option{
		{Key: 'l', Long: "list", Arg: native.OptArg}, {Key: 's', Long: "signal", Arg: native.NeedArg},
		{Key: '!', Long: "table"}, {Key: '!', Long: "queue", Arg: native.NeedArg},
	}
}

// Kill is kill(1) of procps: it sends a signal to processes.
func Kill(c *native.Call) int {
	args, signal := takeSignal(c.Args[1:])
	args, more, negative := killSplit(args)
	opts, pids, problem := native.ParseOptions(args, killOptions(), c.Order(native.Permute))
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	for _, o := range opts {
		if o.Key == 'l' {
			return listSignals(c, o, append(pids, more...))
		}
		var ok bool
		if signal, ok = signals.Number(o.Value); !ok {
			return c.Unsupported("signal '%s'", o.Value)
		}
	}
	if negative && len(pids) > 0 {
		return c.Unsupported("argument '%s'", more[0])
	}
	return killAll(c, signal, append(pids, more...))
}

// takeSignal removes the first argument that names a signal, such as -9 or -TERM, from those of
// kill or pkill. It may stand anywhere, even behind "--" or in place of an option's argument.
func takeSignal(args []string) (rest []string, signal int) {
	const largest = 93 // the tools take no larger number for a signal
	for i, arg := range args {
		if name, ok := strings.CutPrefix(arg, "-"); ok {
			if n, ok := signals.Number(name); ok && n <= largest {
				return slices.Delete(slices.Clone(args), i, i+1), n
			}
		}
	}
	return args, int(unix.SIGTERM)
}

// killSplit splits the arguments before the first process group, a negative number, which is no
// option. (The tool reads an option in it, and takes the group 12 for all processes.)
func killSplit(args []string) (options, more []string, negative bool) {
	for i, arg := range args {
		if arg == "--" {
			return args[:i], args[i+1:], false
		}
		if n, err := strconv.Atoi(arg); err == nil && n < 0 {
			return args[:i], args[i:], true
		}
	}
	return args, nil, false
}

func killAll(c *native.Call, signal int, args []string) int {
	if len(args) == 0 {
		return c.Unsupported("no process")
	}
	pids := make([]int, len(args))
	for i, arg := range args {
		var err error
		if pids[i], err = strconv.Atoi(arg); err != nil {
			return c.Unsupported("argument '%s'", arg)
		}
	}
	status := 0
	for _, pid := range pids {
		if err := signals.Kill(pid, signal); err != nil {
			// kill(1) prints the name it was called by, including the path.
			fmt.Fprintf(c.Stderr, "%s: (%d): %s\n", c.Args[0], pid, clib.Strerror(err))
			status = 1
		}
	}
	return status
}

// listSignals prints all signal names, or translates one name or number.
func listSignals(c *native.Call, o native.GivenOption, operands []string) int {
	switch {
	case !o.Has && len(operands) == 0:
		return allSignals(c)
	case !o.Has:
		o.Value, operands = operands[0], operands[1:]
	}
	if len(operands) > 0 {
		return c.Unsupported("listing of '%s'", operands[0])
	}
	if n, ok := signals.Standard(o.Value); ok {
		fmt.Fprintln(c.Stdout, n)
		return 0
	}
	n, err := strconv.ParseUint(o.Value, 10, 31)
	if err != nil || n == 0 || int(n) > lastStandard {
		return c.Unsupported("listing of '%s'", o.Value)
	}
	fmt.Fprintln(c.Stdout, signals.Name(int(n)))
	return 0
}

// allSignals prints all signal names, in lines of at most 78 characters.
func allSignals(c *native.Call) int {
	var out strings.Builder
	column := 0
	for n := 1; n <= lastStandard; n++ {
		name := signals.Name(n)
		const width = 78
		switch {
		case column == 0:
		case column+1+len(name) > width:
			out.WriteByte('\n')
			column = 0
		default:
			out.WriteByte(' ')
			column++
		}
		out.WriteString(name)
		column += len(name)
	}
	fmt.Fprintln(c.Stdout, out.String())
	return 0
}
