package process

import (
	"bufio"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

func envOptions() []native.Option {
	return []native.Option{
		{Key: 'i', Long: "ignore-environment"}, {Key: '0', Long: "null"},
		{Key: 'u', Long: "unset", Arg: native.NeedArg}, {Key: 'C', Long: "chdir", Arg: native.NeedArg},
		{Key: envDefault, Long: "default-signal", Arg: native.OptArg},
		{Key: envIgnore, Long: "ignore-signal", Arg: native.OptArg},
		{Key: envBlock, Long: "block-signal", Arg: native.OptArg},
		// Options of env(1) that this command lacks. They are listed so that no abbreviation
		// matches another option.
		{Key: '!', Long: "list-signal-handling"}, {Key: '!', Long: "split-string", Arg: native.NeedArg},
		{Key: '!', Long: "debug"}, {Key: '!', Long: "help"}, {Key: '!', Long: "version"},
	}
}

const (
	envDefault = native.LongOnly + iota
	envIgnore
	envBlock
)

// An envRequest is one invocation of env(1).
type envRequest struct {
	*native.Call
	env     []string
	end     string // ends each printed line
	dir     string
	chdir   bool
	signals signalRequest
}

// Env is env(1): it runs a command with a changed environment and changed signal handling, or
// prints the environment.
func Env(c *native.Call, spec *proc.Spec) (int, bool) {
	opts, args, problem := native.ParseOptions(c.Args[1:], envOptions(), native.OperandsLast)
	r := &envRequest{Call: c, env: slices.Clone(spec.Env), end: "\n"}
	for _, o := range opts {
		if o.Key == '!' {
			problem = o.Named()
		}
	}
	if problem != "" {
		return c.Unsupported("%s", problem), true
	}
	for _, o := range opts {
		if status := r.option(o); status != 0 {
			return status, true
		}
	}
	if len(args) > 0 && args[0] == "-" {
		r.env, args = nil, args[1:]
	}
	for len(args) > 0 && strings.Contains(args[0], "=") {
		r.env = setVar(r.env, args[0])
		args = args[1:]
	}
	switch {
	case len(args) == 0:
		return r.print(), true
	case r.end != "\n":
		return c.UsageError(125, "cannot specify --null (-0) with command"), true
	// env(1) adds a hint where such a command is not found
	case strings.Contains(args[0], " ") && c.ToolExists():
		return c.Unsupported("a command with a blank in its name"), true
	}
	r.signals.steps(spec)
	if r.chdir {
		if c.IsDescriptor(r.dir) {
			return native.NeedsProcess, true
		}
		text := r.Name() + ": cannot change directory to " + c.Quoted(native.QuoteAlways(r.dir))
		spec.Call(proc.Failure{Text: text, Status: 125}, proc.ChangesDir,
			unix.SYS_CHDIR, spec.String(r.dir))
	}
	spec.Env, spec.Argv = r.env, args
	spec.Blame = proc.Blame{Text: r.Blame("'%s': %s"), Lost: 125}
	return 0, false
}

// option handles one option. A status other than 0 is the result of the command.
func (r *envRequest) option(o native.GivenOption) int {
	switch o.Key {
	case 'i':
		r.env = nil
	case '0':
		r.end = "\x00"
	case 'u':
		if o.Value == "" || strings.Contains(o.Value, "=") {
			r.Errorf("cannot unset %s: %s", native.QuoteText(o.Value), clib.Strerror(unix.EINVAL))
			return 125
		}
		r.env = withoutVar(r.env, o.Value)
	case 'C':
		r.dir, r.chdir = o.Value, true
	default:
		if bad := r.signals.add(o); bad != "" {
			return r.UsageError(125, "%s: invalid signal", native.QuoteText(bad))
		}
	}
	return 0
}

// print writes the environment: env(1) without a command.
func (r *envRequest) print() int {
	if r.chdir {
		return r.UsageError(125, "must specify command with --chdir (-C)")
	}
	w := bufio.NewWriter(r.Stdout)
	for _, e := range r.env {
		w.WriteString(e + r.end)
	}
	if err := w.Flush(); err != nil {
		return max(r.WriteError(err), 125)
	}
	return 0
}

// setVar replaces the assignment of a variable in its place, or appends it.
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
