package builtins

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/signals"
)

// runKill is kill(1) of procps: it sends a signal to processes.
func runKill(c *Call) int {
	args, signal := c.Args[1:], int(unix.SIGTERM)
	if len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		var ok bool
		switch first := args[0]; {
		case first == "--":
			args = args[1:]
		case strings.HasPrefix(first, "-l") || strings.HasPrefix(first, "--list"):
			return c.listSignals(args)
		case (first == "-s" || first == "--signal") && len(args) > 1:
			if signal, ok = signalNumber(args[1]); !ok {
				return c.Unsupported("signal '%s'", args[1])
			}
			args = args[2:]
		default:
			name := first[1:]
			if signal, ok = signalNumber(name); !ok {
				signal, ok = signalNumber(strings.TrimPrefix(name, "s"))
			}
			if !ok {
				return c.Unsupported("option '%s'", first)
			}
			args = args[1:]
		}
		if len(args) > 0 && args[0] == "--" {
			args = args[1:]
		}
	}
	return c.killAll(signal, args)
}

func (c *Call) killAll(signal int, args []string) int {
	if len(args) == 0 {
		return c.Unsupported("no process")
	}
	pids := make([]int, len(args))
	for i, arg := range args {
		pid, err := strconv.Atoi(arg)
		if err != nil || arg[0] == '-' && i > 0 && c.Args[len(c.Args)-len(args)+i-1] != "--" {
			return c.Unsupported("argument '%s'", arg)
		}
		pids[i] = pid
	}
	status := 0
	for _, pid := range pids {
		if err := signals.Kill(pid, signal); err != nil {
			// The tool gives the name that it was called by, path and all.
			fmt.Fprintf(c.Stderr, "%s: (%d): %s\n", c.Args[0], pid, Strerror(err))
			status = 1
		}
	}
	return status
}

// listSignals prints all names, or the name or number of one.
func (c *Call) listSignals(args []string) int {
	value := strings.TrimPrefix(strings.TrimPrefix(args[0], "--list"), "-l")
	value = strings.TrimPrefix(value, "=")
	switch {
	case value == "" && len(args) == 1:
		return c.allSignals()
	case value == "" && len(args) == 2:
		value = args[1]
	}
	n, ok := signalNumber(value)
	if !ok || n == 0 || n >= len(signalNames) || len(args) > 2 {
		return c.Unsupported("listing of '%s'", value)
	}
	if value[0] >= '0' && value[0] <= '9' {
		fmt.Fprintln(c.Stdout, signalNames[n])
	} else {
		fmt.Fprintln(c.Stdout, n)
	}
	return 0
}

// allSignals fills lines of up to 78 characters.
func (c *Call) allSignals() int {
	var out strings.Builder
	column := 0
	for _, name := range signalNames[1:] {
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
