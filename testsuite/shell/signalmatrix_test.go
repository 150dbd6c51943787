package shell

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	judgement "overlayboot/compat/judge"
	"overlayboot/compat/kit"
)

// The signal matrix judges the effect of a signal on a shell: by the signal, by the context of
// the shell, by the sender, and by the actions that were set before (XCU 2.11, 2.12, trap).

// A combination is a cell of the matrix: a snippet of a driver (see row), which starts a shell
// and prints how the shell has ended.
type combination struct {
	name, text string
	terminal   bool
	// kind is equal for combinations that end or hang for the same reason.
	kind string
}

// signals are the signals by dash's names; STKFLT has none. KILL and STOP are included, since
// trap and ignoring must not change KILL and STOP.
var signals = strings.Fields("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE " +
	"ALRM TERM 16 CHLD CONT TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS " +
	"RTMIN RTMAX STOP")

// stopping are the signals that stop a process.
var stopping = []string{"STOP", "TSTP", "TTIN", "TTOU"}

// special are the signals to which a shell itself reacts. Each is tried in one of specialShare
// cells. Each other signal is tried in one of share cells, and the next signal in other cells.
// A third of these cells is judged on each day. OVERLAY_MATRIX=all tries all cells.
var special = []string{"INT", "QUIT", "CHLD", "PIPE", "STOP"}

const share, specialShare = 25, 3

// contexts are the contexts of the shell that gets the signal. %s is the text that it runs.
var contexts = []struct{ name, text string }{
	{"main", "%s"},
	{"subshell", "(%s); s=$?; echo sub $s"},
	{"substitution", "x=$(%s); s=$?; echo sub $s $x"},
	{"background", "{ %s; } & wait $!; s=$?; echo bg $s"},
}

// actions are set by trap before, outside and inside the context. % is the signal.
var actions = []struct{ name, text string }{
	{"kept", ""}, {"cleared", "trap - %; "}, {"ignored", "trap '' %; "},
	{"command", "trap 'echo T' %; "},
}

// targets say which shell gets the signal, and from which sender.
var targets = []struct{ name, text string }{
	{"itself", "read me x </proc/self/stat; kill -s % $me; echo on $?"},
	{"itself from another", "read me x </proc/self/stat; sh -c \"kill -s % $me\"; echo on $?"},
	{"a child", "sh -c 'kill -s % $$; echo on $?'; s=$?; echo child $s"},
	{"a child from another", "sh -c 'sh -c \"kill -s % $$\"; echo on $?'; s=$?; echo child $s"},
	{"exec", "exec sh -c 'kill -s % $$; echo on $?'"},
	{"exec from another", "exec sh -c 'sh -c \"kill -s % $$\"; echo on $?'"},
}

// A cell is a combination by its indices.
type cell struct {
	signal                           string
	context, outside, inside, target int
	monitor, ignored                 bool
}

// The indices to which rules refer.
const (
	kept, cleared, ignored, command      = 0, 1, 2, 3
	inMain, inSubstitution, inBackground = 0, 2, 3
	child                                = 2 // and one more from another
)

func (c cell) name() string {
	name := fmt.Sprintf("%s %s, outside %s, inside %s, to %s", c.signal,
		contexts[c.context].name,
		actions[c.outside].name, actions[c.inside].name, targets[c.target].name)
	if c.monitor {
		name += ", set -m"
	}
	if c.ignored {
		name += ", ignored at start"
	}
	return name
}

// stops reports whether the process that gets the signal may have the default action and be
// stopped. Without job control its process group is orphaned, and only STOP can stop it. With
// job control, an ignored signal at the start makes no difference for the other signals.
func (c cell) stops() bool {
	if !c.monitor || !slices.Contains(stopping, c.signal) {
		return c.signal == "STOP"
	}
	last := c.inside
	if last == kept {
		last = c.outside
	}
	return c.signal == "STOP" || last != ignored
}

// hangs reports whether the process that could continue the stopped process waits for it
// without noticing the stop. No shell ends such a wait.
func (c cell) hangs() bool {
	return c.stops() && (!c.monitor || c.context == inSubstitution ||
		c.context != inMain && c.target/2 == child/2)
}

// script returns the script of the shell.
func (c cell) script() string {
	text := actions[c.inside].text + targets[c.target].text
	text = actions[c.outside].text + fmt.Sprintf(contexts[c.context].text, text)
	if c.monitor {
		text = "set -m; " + text
	}
	if c.stops() && !(c.context == inMain && c.target/2 != child/2) {
		text += "; while [ $s -gt 146 ] && [ $s -lt 151 ]; do fg >/dev/null; s=$?; " +
			"echo fg $s; done"
	}
	return strings.ReplaceAll(text, "%", c.signal) + "; echo end"
}

func (c cell) combination() combination {
	start := "./sh -c " + quoted(c.script())
	if c.ignored {
		start = "(trap '' " + c.signal + "; exec " + start + ")"
	}
	kind := fmt.Sprint(c.signal, c.context, c.target/2, c.monitor)
	return combination{c.name(), start + "\nended", c.monitor, kind}
}

// quoted returns a text as a quoted word of the shell.
func quoted(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// driverSetup is the beginning of each driver. It continues a stopped shell until the shell
// ends.
const driverSetup = `begin() { echo "== $1"; echo "== $1" >&2; }
ended() {
	s=$?
	echo "-- $s"
	while [ $s -gt 146 ] && [ $s -lt 151 ]; do fg >/dev/null; s=$?; echo "-- $s"; done
}
`

// driverOf returns the row that runs some combinations.
func driverOf(list []combination) row {
	var b strings.Builder
	b.WriteString("# " + list[0].name + "\n" + driverSetup)
	if list[0].terminal {
		// dash sends itself an INT that has ended its job.
		b.WriteString("exec 3>&-; trap : INT; set -m\n")
	}
	for _, c := range list {
		fmt.Fprintf(&b, "begin %s\n%s\n", quoted(c.name), c.text)
	}
	return row{script: b.String(), driver: true, terminal: list[0].terminal}
}

// choose splits a number into one choice for each of the sizes.
func choose(k int, sizes ...int) []int {
	chosen := make([]int, len(sizes))
	for i, size := range sizes {
		chosen[i] = k % size
		k /= size
	}
	return chosen
}

// cells returns the cells of the matrix that are judged.
func cells() []cell {
	all := os.Getenv("OVERLAY_MATRIX") == "all"
	sizes := []int{2, 2, len(targets), len(actions), len(actions), len(contexts)}
	var list []cell
	for n, signal := range signals {
		for k := range product(sizes) {
			i := choose(k, sizes...)
			c := cell{signal, i[5], i[4], i[3], i[2], i[1] == 1, i[0] == 1}
			twice := c.context == inMain && c.inside != kept // no outside then
			one := share
			if slices.Contains(special, signal) {
				one = specialShare
			}
			chosen := all || (n+k)%one == 0 && kit.InShare((n+k)/one)
			if chosen && !twice && !c.hangs() {
				list = append(list, c)
			}
		}
	}
	return list
}

func product(sizes []int) int {
	n := 1
	for _, size := range sizes {
		n *= size
	}
	return n
}

// TestSignalMatrix judges the cells of the matrix, with all signals.
func TestSignalMatrix(t *testing.T) {
	var list []combination
	for _, c := range cells() {
		list = append(list, c.combination())
	}
	judgeAll(t, list)
}

// batch is the number of combinations of a driver.
const batch = 200

// judgeAll judges many combinations by a few drivers. Combinations in which the shells differ
// there are judged again as rows of their own, up to the number shown.
func judgeAll(t *testing.T, list []combination) {
	t.Helper()
	before, beforePassed := combined.Load(), passed.Load()
	var failing []row
	hung := map[string]int{}
	for _, terminal := range [...]bool{false, true} {
		for some := range slices.Chunk(withTerminal(list, terminal), batch) {
			failing = append(failing, judgeBatch(t, some, hung)...)
		}
	}
	for i, r := range failing {
		if i == shown {
			t.Errorf("%d combinations more fail:", len(failing)-shown)
		}
		if i >= shown {
			t.Logf("fails: %s", strings.TrimPrefix(r.script[:strings.Index(r.script, "\n")],
				"# "))
			continue
		}
		if passes(t, r) {
			passed.Add(1)
		}
	}
	t.Logf("%d combinations, %d pass", combined.Load()-before, passed.Load()-beforePassed)
}

// withTerminal returns the combinations that need a terminal, or those that do not.
func withTerminal(list []combination, terminal bool) []combination {
	return slices.DeleteFunc(slices.Clone(list), func(c combination) bool {
		return c.terminal != terminal
	})
}

// shown is the number of failures of a matrix that are judged one by one.
const shown = 10

// judgeBatch returns the rows of combinations that differ. hung counts those that have not
// ended.
func judgeBatch(t *testing.T, list []combination, hung map[string]int) []row {
	t.Helper()
	want, got := judgement.Beside(
		func() map[string]output { return printed(t, list, dash, nil) },
		func() map[string]output { return printed(t, list, ours, hung) })
	var failing []row
	for _, c := range list {
		combined.Add(1)
		if want[c.name] == got[c.name] {
			passed.Add(1)
		} else {
			failing = append(failing, driverOf([]combination{c}))
		}
	}
	return failing
}

// An output is the output of a combination.
type output struct {
	out, err string
	ended    bool
}

// printed returns the output of each combination with a shell. It gives up a combination that
// does not end, and runs the others without it. After several of one kind it also gives up the
// rest of that kind.
func printed(t *testing.T, list []combination, shell string,
	hung map[string]int) map[string]output {
	t.Helper()
	all := map[string]output{}
	for {
		list = slices.DeleteFunc(slices.Clone(list), func(c combination) bool {
			_, known := all[c.name]
			if !known && hung[c.kind] > 1 {
				all[c.name] = output{"does not end", shell, false}
			}
			return known || hung[c.kind] > 1
		})
		if len(list) == 0 {
			return all
		}
		res, ended := driverOf(list).try(t, patience/10, shell)
		out, err := parts(res.stdout), parts(res.stderr)
		for _, c := range list {
			if !strings.Contains(out[c.name], "\n-- ") {
				if !ended && hung != nil {
					hung[c.kind]++
				}
				all[c.name] = output{"does not end", shell, false}
				break
			}
			all[c.name] = output{out[c.name], err[c.name], true}
		}
	}
}

// parts splits the output of a driver by the names of the combinations.
func parts(text string) map[string]string {
	all := map[string]string{}
	for _, part := range strings.Split("\n"+text, "\n== ")[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		all[name] = "\n" + rest
	}
	return all
}
