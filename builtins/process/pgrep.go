package process

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/posixre"
	"overlayboot/builtins/base/signals"
	"overlayboot/builtins/native"
)

func pgrepSpec(kill bool) []native.Option {
	spec := []native.Option{
		{Key: 'a', Long: "list-full"}, {Key: 'c', Long: "count"},
		{Key: 'd', Long: "delimiter", Arg: native.NeedArg},
		{Key: 'f', Long: "full"}, {Key: 'g', Long: "pgroup", Arg: native.NeedArg},
		{Key: 'i', Long: "ignore-case"},
		{Key: 'l', Long: "list-name"}, {Key: 'n', Long: "newest"}, {Key: 'o', Long: "oldest"},
		{Key: 'P', Long: "parent", Arg: native.NeedArg},
		{Key: 's', Long: "session", Arg: native.NeedArg}, {Key: 'u', Long: "euid", Arg: native.NeedArg},
		{Key: 'U', Long: "uid", Arg: native.NeedArg}, {Key: 'v', Long: "inverse"},
		{Key: 'x', Long: "exact"},
		{Key: '!', Long: "lightweight"}, {Key: '!', Long: "group", Arg: native.NeedArg},
		{Key: '!', Long: "older", Arg: native.NeedArg},
		{Key: '!', Long: "terminal", Arg: native.NeedArg},
		{Key: '!', Long: "pidfile", Arg: native.NeedArg}, {Key: '!', Long: "logpidfile"},
		{Key: '!', Long: "runstates", Arg: native.NeedArg}, {Key: '!', Long: "ignore-ancestors"},
		{Key: '!', Long: "cgroup", Arg: native.NeedArg},
		{Key: '!', Long: "ns", Arg: native.NeedArg}, {Key: '!', Long: "nslist", Arg: native.NeedArg},
		{Key: '!', Long: "help"}, {Key: '!', Long: "version"},
	}
	if kill {
		spec = slices.DeleteFunc(spec, func(o native.Option) bool {
			return strings.ContainsRune("adlv", o.Key)
		})
		spec = append(spec, native.Option{Key: 'e', Long: "echo"},
			native.Option{Key: '!', Long: "queue", Arg: native.NeedArg},
			native.Option{Key: 'S', Long: "signal", Arg: native.NeedArg})
	} else {
		spec = append(spec, native.Option{Key: '!', Long: "signal", Arg: native.NeedArg})
	}
	return spec
}

// A pgrep is one run of pgrep(1) or pkill(1).
type pgrep struct {
	c                            *native.Call
	full, exact, icase, inverse  bool
	newest, oldest, count        bool
	longName, longCommand, echo  bool
	delimiter                    string
	parents, groups, sessions    []int
	uids, euids                  []int
	byParent, byGroup, bySession bool
	byUID, byEUID                bool
	signal                       int
	pattern                      *posixre.RE
}

// Pgrep is pgrep(1): it finds processes by name and other properties. It never finds the
// process that runs it.
func Pgrep(c *native.Call) int { return findProcesses(c, false, c.Args[1:]) }

// Pkill is pkill(1): it sends a signal to the processes that Pgrep would find.
func Pkill(c *native.Call) int {
	args, signal := takeSignal(c.Args[1:])
	return pkill(c, signal, args)
}

func pkill(c *native.Call, signal int, args []string) int {
	g := &pgrep{c: c, signal: signal}
	return g.run(true, args)
}

func findProcesses(c *native.Call, kill bool, args []string) int {
	g := &pgrep{c: c, delimiter: "\n"}
	return g.run(kill, args)
}

const pgrepUsage = 2

func (g *pgrep) run(kill bool, args []string) int {
	c := g.c
	opts, operands, problem := native.ParseOptions(args, pgrepSpec(kill), native.Permute)
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

// option handles one option. problem names an option that this command lacks.
func (g *pgrep) option(o native.GivenOption) (problem string) {
	switch o.Key {
	case 'a':
		g.longCommand = true
	case 'c':
		g.count = true
	case 'd':
		g.delimiter = o.Value
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
		n, ok := signals.Number(o.Value)
		if g.signal = n; !ok {
			return "signal '" + o.Value + "'"
		}
	default:
		return g.listOption(o)
	}
	return ""
}

// listOption handles the options that take a list of numbers or users.
func (g *pgrep) listOption(o native.GivenOption) (problem string) {
	var into *[]int
	number := func(s string) (int, bool) { n, err := strconv.Atoi(s); return n, err == nil }
	user := func(s string) (int, bool) { return userNumber(g.c, s) }
	switch o.Key {
	case 'P':
		into, g.byParent = &g.parents, true
	case 'g':
		into, g.byGroup = &g.groups, true
	case 's':
		into, g.bySession = &g.sessions, true
	case 'u':
		into, g.byEUID, number = &g.euids, true, user
	case 'U':
		into, g.byUID, number = &g.uids, true, user
	default:
		return o.Named()
	}
	for s := range strings.SplitSeq(o.Value, ",") {
		n, ok := number(s)
		// 0 stands for the caller's own group or session
		if !ok || n == 0 && (o.Key == 's' || o.Key == 'g') {
			return "list '" + o.Value + "'"
		}
		*into = append(*into, n)
	}
	return ""
}

func (g *pgrep) compile(pattern string) (status int) {
	const nameMax = 15 // longest process name that the kernel keeps
	if !g.full && len(pattern) > nameMax && !strings.ContainsAny(pattern, `[]{}()\|*+?.^$`) {
		g.c.Errorf("pattern that searches for process name longer than 15 characters will " +
			"result in zero matches")
		fmt.Fprintf(g.c.Stderr, "Try `%s -f' option to match against the complete command line.\n",
			g.c.Name())
	}
	if g.exact {
		pattern = "^(" + pattern + ")$"
	}
	re, err := posixre.Compile(pattern, posixre.Flags{Extended: true, Posix: true,
		IgnoreCase: g.icase})
	if errors.Is(err, posixre.ErrNone) {
		return g.c.Unsupported("regular expression '%s'", pattern)
	} else if err != nil {
		g.c.Errorf("regex error: %s", err)
		return pgrepUsage
	}
	g.pattern = re
	return 0
}

// find lists the matching processes. With -n or -o it returns only the newest or oldest of
// them.
func (g *pgrep) find() (found []process) {
	var r ProcReader
	for _, p := range processes(g.parts()) {
		// without Own this is the shell, which may be found
		if g.c.Own && p.pid == os.Getpid() ||
			g.matches(&p) == g.inverse {
			continue
		}
		if g.longCommand && !g.full && !p.readCommand(&r) {
			continue // the process has ended
		}
		found = append(found, p)
	}
	byStart := func(a, b process) int { return cmp.Compare(a.start, b.start) }
	switch {
	case len(found) == 0:
	case g.oldest:
		return []process{slices.MinFunc(found, byStart)}
	case g.newest:
		slices.Reverse(found) // of several that started together, the highest pid wins
		return []process{slices.MaxFunc(found, byStart)}
	}
	return found
}

// parts returns the parts of a process that the criteria need.
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
	return g.pattern == nil || g.pattern.Match([]byte(text))
}

func (g *pgrep) print(found []process) int {
	w := g.c.Buffered()
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
	_ = w.Flush() // Command.Perform reports the error
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
	// The shell that runs pkill comes last, so that the other processes get their signal too.
	slices.SortStableFunc(found, func(a, b process) int {
		return cmp.Compare(native.BoolInt(a.pid == os.Getpid()), native.BoolInt(b.pid == os.Getpid()))
	})
	for _, p := range found {
		err := signals.Kill(p.pid, g.signal)
		switch {
		case err == nil:
			killed++
			if g.echo {
				fmt.Fprintf(g.c.Stdout, "%s killed (pid %d)\n", p.comm, p.pid)
			}
		case errors.Is(err, unix.ESRCH): // the process has ended meanwhile
		default:
			g.c.Errorf("killing pid %d failed: %s", p.pid, clib.Strerror(err))
		}
	}
	if g.count {
		fmt.Fprintln(g.c.Stdout, killed)
	}
	return g.status(killed)
}
