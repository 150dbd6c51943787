package builtins

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
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
		if err := sendSignal(pid, signal); err != nil {
			// The tool gives the name that it was called by, path and all.
			fmt.Fprintf(c.Stderr, "%s: (%d): %s\n", c.Args[0], pid, Strerror(err))
			status = 1
		}
	}
	return status
}

// sendSignal is kill(2).
func sendSignal(pid, signal int) error {
	err := Signal(pid, unix.Signal(signal))
	if errors.Is(err, unix.EINTR) {
		return nil
	}
	return err
}

// killedIn is how long Signal waits for a SIGKILL to work, and parentIn how long
// it leaves to the parent, which may have to end, too.
const (
	killedIn = 50 * time.Millisecond
	parentIn = 3 * time.Millisecond
)

// Signal sends a signal by kill(2). After a SIGKILL it waits a moment for the
// process to be gone and its parent to know: scripts look right away whether it
// has worked, and were written where the command that looks takes longer to
// start than a process to die.
func Signal(pid int, sig unix.Signal) error {
	err := unix.Kill(pid, sig)
	if err != nil || sig != unix.SIGKILL || pid <= 0 {
		return err
	}
	for end := time.Now().Add(killedIn); time.Now().Before(end); {
		if unix.Kill(pid, 0) != nil {
			time.Sleep(parentIn)
			break
		}
		time.Sleep(killedIn / 200)
	}
	return nil
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
