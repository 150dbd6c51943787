package builtins

import (
	"bufio"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
)

// prefixEnv is env(1): it changes the environment of a command, or prints it.
func prefixEnv(c *Call, spec *proc.Spec) (int, bool) {
	args, env, end := c.Args[1:], slices.Clone(spec.Env), "\n"
	for len(args) > 0 && len(args[0]) > 0 && args[0][0] == '-' {
		arg := args[0]
		args = args[1:]
		switch {
		case arg == "--":
		case arg == "-" || arg == "-i" || arg == "--ignore-environment":
			env = nil
		case arg == "-0" || arg == "--null":
			end = "\x00"
		case arg == "-u" && len(args) > 0:
			env, args = withoutVar(env, args[0]), args[1:]
		case strings.HasPrefix(arg, "--unset="):
			env = withoutVar(env, arg[len("--unset="):])
		case strings.HasPrefix(arg, "-u") && len(arg) > 2:
			env = withoutVar(env, arg[2:])
		default:
			return c.Unsupported("option '%s'", arg), true
		}
		if arg == "--" {
			break
		}
	}
	for len(args) > 0 && strings.Contains(args[0], "=") {
		env = setVar(env, args[0])
		args = args[1:]
	}
	spec.Env, spec.Argv = env, args
	spec.Blame = "env: '%s': %s"
	if len(args) > 0 {
		return 0, false
	}
	w := bufio.NewWriter(c.Stdout)
	for _, e := range env {
		w.WriteString(e + end)
	}
	if w.Flush() != nil {
		return 125, true
	}
	return 0, true
}

// setVar replaces an assignment where it stands, or adds it.
func setVar(env []string, assignment string) []string {
	name, _, _ := strings.Cut(assignment, "=")
	for i, e := range env {
		if strings.HasPrefix(e, name+"=") {
			env[i] = assignment
			return env
		}
	}
	return append(env, assignment)
}

func withoutVar(env []string, name string) []string {
	return slices.DeleteFunc(env, func(e string) bool { return strings.HasPrefix(e, name+"=") })
}

// prefixNohup is nohup(1) where no stream is a terminal: SIGHUP is ignored.
func prefixNohup(c *Call, spec *proc.Spec) (int, bool) {
	if len(c.Args) < 2 || strings.HasPrefix(c.Args[1], "-") {
		return c.Unsupported("these arguments"), true
	}
	for _, f := range [...]any{c.Stdin, c.Stdout, c.Stderr} {
		if d, ok := f.(interface{ IsTerminal() bool }); ok && d.IsTerminal() {
			return c.Unsupported("a terminal"), true
		}
	}
	spec.IgnoreSignal(unix.SIGHUP)
	spec.Argv = c.Args[1:]
	spec.Blame = "nohup: failed to run command '%s': %s"
	return 0, false
}

// prefixSetsid is setsid(1): the command leads a session of its own.
func prefixSetsid(c *Call, spec *proc.Spec) (int, bool) {
	args := c.Args[1:]
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		if args[0] != "-w" && args[0] != "--wait" {
			return c.Unsupported("option '%s'", args[0]), true
		}
		args = args[1:]
	}
	if len(args) == 0 {
		return c.Unsupported("no command"), true
	}
	spec.Call(proc.Failure{Text: "setsid: setsid failed", Status: 1}, proc.ChangesOther,
		unix.SYS_SETSID)
	spec.Argv = args
	spec.Blame = "setsid: failed to execute %s: %s"
	return 0, false
}
