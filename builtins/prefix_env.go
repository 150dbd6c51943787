package builtins

import (
	"bufio"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/proc"
)

func envOptions() []option {
	return []option{
		{'i', "ignore-environment", noArg}, {'0', "null", noArg}, {'u', "unset", needArg},
		{'C', "chdir", needArg}, {envDefault, "default-signal", optArg},
		{envIgnore, "ignore-signal", optArg}, {envBlock, "block-signal", optArg},
		// Known to env(1) and not to us; here so that no prefix hits another.
		{'!', "list-signal-handling", noArg}, {'!', "split-string", needArg},
		{'!', "debug", noArg}, {'!', "help", noArg}, {'!', "version", noArg},
	}
}

const (
	envDefault = longOnly + iota
	envIgnore
	envBlock
)

// An envRequest is what env(1) was asked for.
type envRequest struct {
	*Call
	env     []string
	end     string // of a line of what it prints
	dir     string
	chdir   bool
	signals signalRequest
}

// prefixEnv is env(1): it changes the environment of a command, or prints it, and what
// signals do to the command.
func prefixEnv(c *Call, spec *proc.Spec) (int, bool) {
	opts, args, problem := parseOptions(c.Args[1:], envOptions(), operandsLast)
	r := &envRequest{Call: c, env: slices.Clone(spec.Env), end: "\n"}
	for _, o := range opts {
		if o.key == '!' {
			problem = o.named()
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
		return c.usageError(125, "cannot specify --null (-0) with command"), true
	case r.chdir && strings.Contains(args[0], "/") && args[0][0] != '/':
		return c.Unsupported("a command in the new directory"), true
	case strings.Contains(args[0], " ") && c.hasTool(): // it has a hint where that is not found
		return c.Unsupported("a command with a blank in its name"), true
	}
	r.signals.steps(spec)
	if r.chdir {
		text := r.Name() + ": cannot change directory to " + c.quoted(quoteAlways(r.dir))
		spec.Call(proc.Failure{Text: text, Status: 125}, proc.ChangesOther,
			unix.SYS_CHDIR, spec.String(r.dir))
	}
	spec.Env, spec.Argv = r.env, args
	spec.BlameLost = 125
	spec.Blame = r.blame("'%s': %s")
	return 0, false
}

// option takes one option; a status that is not 0 is the result.
func (r *envRequest) option(o parsedOption) int {
	switch o.key {
	case 'i':
		r.env = nil
	case '0':
		r.end = "\x00"
	case 'u':
		if o.value == "" || strings.Contains(o.value, "=") {
			r.Errorf("cannot unset %s: %s", quoteText(o.value), Strerror(unix.EINVAL))
			return 125
		}
		r.env = withoutVar(r.env, o.value)
	case 'C':
		r.dir, r.chdir = o.value, true
	default:
		if bad := r.signals.add(o); bad != "" {
			return r.usageError(125, "%s: invalid signal", quoteText(bad))
		}
	}
	return 0
}

// print is what env does without a command.
func (r *envRequest) print() int {
	if r.chdir {
		return r.usageError(125, "must specify command with --chdir (-C)")
	}
	w := bufio.NewWriter(r.Stdout)
	for _, e := range r.env {
		w.WriteString(e + r.end)
	}
	if err := w.Flush(); err != nil {
		return max(r.writeError(err), 125)
	}
	return 0
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
