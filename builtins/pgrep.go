package builtins

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/signals"
)

func pgrepSpec(kill bool) []option {
	spec := []option{
		{'a', "list-full", noArg}, {'c', "count", noArg}, {'d', "delimiter", needArg},
		{'f', "full", noArg}, {'g', "pgroup", needArg}, {'i', "ignore-case", noArg},
		{'l', "list-name", noArg}, {'n', "newest", noArg}, {'o', "oldest", noArg},
		{'P', "parent", needArg}, {'s', "session", needArg}, {'u', "euid", needArg},
		{'U', "uid", needArg}, {'v', "inverse", noArg}, {'x', "exact", noArg},
		{'!', "lightweight", noArg}, {'!', "group", needArg}, {'!', "older", needArg},
		{'!', "terminal", needArg}, {'!', "pidfile", needArg}, {'!', "logpidfile", noArg},
		{'!', "runstates", needArg}, {'!', "ignore-ancestors", noArg}, {'!', "cgroup", needArg},
		{'!', "ns", needArg}, {'!', "nslist", needArg}, {'!', "help", noArg},
		{'!', "version", noArg},
	}
	if kill {
		spec = slices.DeleteFunc(spec, func(o option) bool {
			return strings.ContainsRune("adlv", o.key)
		})
		spec = append(spec, option{'e', "echo", noArg}, option{'!', "queue", needArg},
			option{'S', "signal", needArg})
	} else {
		spec = append(spec, option{'!', "signal", needArg})
	}
	return spec
}

// A pgrep is one run of pgrep or pkill.
type pgrep struct {
	c                            *Call
	full, exact, icase, inverse  bool
	newest, oldest, count        bool
	longName, longCommand, echo  bool
	delimiter                    string
	parents, groups, sessions    []int
	uids, euids                  []int
	byParent, byGroup, bySession bool
	byUID, byEUID                bool
	signal                       int
	pattern                      *posixRE
}

// runPgrep is pgrep(1): it finds processes by name and by other things. The
// process that runs it is never among them.
func runPgrep(c *Call) int { return c.pgrep(false, c.Args[1:]) }

// runPkill is pkill(1): it sends them a signal.
func runPkill(c *Call) int {
	args := slices.Clone(c.Args[1:])
	for i, arg := range args { // the first that names a signal
		if len(arg) > 1 && arg[0] == '-' {
			if n, ok := signalNumber(arg[1:]); ok {
				return c.pkill(n, slices.Delete(args, i, i+1))
			}
		}
	}
	return c.pkill(int(unix.SIGTERM), args)
}

func (c *Call) pkill(signal int, args []string) int {
	g := &pgrep{c: c, signal: signal}
	return g.run(true, args)
}

func (c *Call) pgrep(kill bool, args []string) int {
	g := &pgrep{c: c, delimiter: "\n"}
	return g.run(kill, args)
}

const pgrepUsage = 2

func (g *pgrep) run(kill bool, args []string) int {
	c := g.c
	opts, operands, problem := parseOptions(args, pgrepSpec(kill), permute)
	for _, o := range opts {
		if problem == "" {
			problem = g.option(o)
		}
	}
	switch {
	case problem != "":
		return c.Unsupported("%s", problem)
	case g.newest && (g.oldest || g.inverse) || g.oldest && g.inverse:
		return c.Unsupported("these options together")
	case len(operands) > 1:
		return g.usage("only one pattern can be provided")
	case len(operands) == 0 && !g.byParent && !g.byGroup && !g.bySession && !g.byUID && !g.byEUID:
		return g.usage("no matching criteria specified")
	}
	if len(operands) == 1 {
		if status := g.compile(operands[0]); status != 0 {
			return status
		}
	}
	found := g.find()
	if kill {
		return g.kill(found)
	}
	return g.print(found)
}

func (g *pgrep) usage(text string) int {
	g.c.Errorf("%s", text)
	fmt.Fprintf(g.c.Stderr, "Try `%s --help' for more information.\n", g.c.Name())
	return pgrepUsage
}

// option takes one option; what is not ours comes back as problem.
func (g *pgrep) option(o parsedOption) (problem string) {
	switch o.key {
	case 'a':
		g.longCommand = true
	case 'c':
		g.count = true
	case 'd':
		g.delimiter = o.value
	case 'e':
		g.echo = true
	case 'f':
		g.full = true
	case 'i':
		g.icase = true
	case 'l':
		g.longName = true
	case 'n':
		g.newest = true
	case 'o':
		g.oldest = true
	case 'v':
		g.inverse = true
	case 'x':
		g.exact = true
	case 'S':
		n, ok := signalNumber(o.value)
		if g.signal = n; !ok {
			return "signal '" + o.value + "'"
		}
	default:
		return g.listOption(o)
	}
	return ""
}

// listOption takes the options that have a list of numbers or users.
func (g *pgrep) listOption(o parsedOption) (problem string) {
	var into *[]int
	number := func(s string) (int, bool) { n, err := strconv.Atoi(s); return n, err == nil }
	switch o.key {
	case 'P':
		into, g.byParent = &g.parents, true
	case 'g':
		into, g.byGroup = &g.groups, true
	case 's':
		into, g.bySession = &g.sessions, true
	case 'u':
		into, g.byEUID, number = &g.euids, true, g.c.userNumber
	case 'U':
		into, g.byUID, number = &g.uids, true, g.c.userNumber
	default:
		return o.named()
	}
	for s := range strings.SplitSeq(o.value, ",") {
		n, ok := number(s)
		if !ok || n == 0 && (o.key == 's' || o.key == 'g') { // 0 means one's own
			return "list '" + o.value + "'"
		}
		*into = append(*into, n)
	}
	return ""
}

func (g *pgrep) compile(pattern string) (status int) {
	const nameMax = 15 // of a process's name, in the kernel
	if !g.full && len(pattern) > nameMax && !strings.ContainsAny(pattern, `[]{}()\|*+?.^$`) {
		g.c.Errorf("pattern that searches for process name longer than 15 characters will " +
			"result in zero matches")
		fmt.Fprintf(g.c.Stderr, "Try `%s -f' option to match against the complete command line.\n",
			g.c.Name())
	}
	if g.exact {
		pattern = "^(" + pattern + ")$"
	}
	re, err := compileRE(pattern, reFlags{extended: true, posix: true, icase: g.icase})
	if errors.Is(err, errNoRE) {
		return g.c.Unsupported("regular expression '%s'", pattern)
	} else if err != nil {
		g.c.Errorf("regex error: %s", err)
		return pgrepUsage
	}
	g.pattern = re
	return 0
}

// find lists the processes that match, or with -n or -o the one of them that
// started last or first.
func (g *pgrep) find() (found []process) {
	var r procReader
	for _, p := range processes(g.parts()) {
		if g.c.Own && p.pid == os.Getpid() || // else it is the shell's, which counts
			g.matches(&p) == g.inverse {
			continue
		}
		if g.longCommand && !g.full && !p.readCommand(&r) {
			continue // it has gone
		}
		found = append(found, p)
	}
	byStart := func(a, b process) int { return cmp.Compare(a.start, b.start) }
	switch {
	case len(found) == 0:
	case g.oldest:
		return []process{slices.MinFunc(found, byStart)}
	case g.newest:
		slices.Reverse(found) // of several, the one with the highest number
		return []process{slices.MaxFunc(found, byStart)}
	}
	return found
}

// parts is what has to be known of every process to choose among them.
func (g *pgrep) parts() (parts procParts) {
	if g.byUID || g.byEUID {
		parts |= withStatus
	}
	if g.full {
		parts |= withCommand
	}
	return parts
}

func (g *pgrep) matches(p *process) bool {
	if g.byParent && !slices.Contains(g.parents, p.ppid) ||
		g.byGroup && !slices.Contains(g.groups, p.pgid) ||
		g.bySession && !slices.Contains(g.sessions, p.sid) ||
		g.byUID && !slices.Contains(g.uids, p.uid) ||
		g.byEUID && !slices.Contains(g.euids, p.euid) {
		return false
	}
	text := p.comm
	if g.full {
		text = p.command
	}
	return g.pattern == nil || g.pattern.match([]byte(text))
}

func (g *pgrep) print(found []process) int {
	w := g.c.buffered()
	if g.count {
		fmt.Fprintln(w, len(found))
	} else {
		for i, p := range found {
			if i > 0 {
				w.WriteString(g.delimiter)
			}
			w.WriteString(strconv.Itoa(p.pid))
			switch {
			case g.longCommand:
				w.WriteString(" " + p.command)
			case g.longName:
				w.WriteString(" " + p.comm)
			}
		}
		if len(found) > 0 {
			w.WriteByte('\n')
		}
	}
	_ = w.Flush() // see Command.Perform
	return g.status(len(found))
}

func (g *pgrep) status(found int) int {
	if found == 0 {
		return 1
	}
	return 0
}

func (g *pgrep) kill(found []process) int {
	killed := 0
	// The shell that pkill runs in comes last: the others get theirs, too.
	slices.SortStableFunc(found, func(a, b process) int {
		return cmp.Compare(b2i(a.pid == os.Getpid()), b2i(b.pid == os.Getpid()))
	})
	for _, p := range found {
		err := signals.Kill(p.pid, g.signal)
		switch {
		case err == nil:
			killed++
			if g.echo {
				fmt.Fprintf(g.c.Stdout, "%s killed (pid %d)\n", p.comm, p.pid)
			}
		case errors.Is(err, unix.ESRCH): // gone by itself
		default:
			g.c.Errorf("killing pid %d failed: %s", p.pid, Strerror(err))
		}
	}
	if g.count {
		fmt.Fprintln(g.c.Stdout, killed)
	}
	return g.status(killed)
}
