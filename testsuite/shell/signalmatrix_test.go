package shell

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	judgement "overlayboot/compat/judge"
)

// The signal matrix: what a signal does to a shell, by which signal it is, where the
// shell is, who sends it, and which actions were set before (XCU 2.11, 2.12, trap).

// A combination is one cell of the matrix: a snippet of a driver (see row), which
// starts one shell and prints how that has ended.
type combination struct {
	name, text string
	terminal   bool
	// kind is common to those that end or do not end together.
	kind string
}

// The signals by the names that dash has for them; STKFLT has none. KILL and STOP
// are among them for what trap and an ignored KILL do not change.
var signals = strings.Fields("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE " +
	"ALRM TERM 16 CHLD CONT TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS " +
	"RTMIN RTMAX STOP")

// stopping are the signals that stop a process, and those of them that trap knows.
var stopping = []string{"STOP", "TSTP", "TTIN", "TTOU"}

// special are the signals that a shell itself reacts to: they are tried in one of
// specialShare cells. Each other one is tried in one of share cells, and the next signal in
// others; OVERLAY_MATRIX=all tries them all.
var special = []string{"INT", "QUIT", "CHLD", "PIPE", "STOP"}

const share, specialShare = 25, 3

// contexts are where the shell is that gets the signal: %s is what is done there.
var contexts = []struct{ name, text string }{
	{"main", "%s"},
	{"subshell", "(%s); s=$?; echo sub $s"},
	{"substitution", "x=$(%s); s=$?; echo sub $s $x"},
	{"background", "{ %s; } & wait $!; s=$?; echo bg $s"},
}

// actions are set by trap before, outside and inside of the context: % is the signal.
var actions = []struct{ name, text string }{
	{"kept", ""}, {"cleared", "trap - %; "}, {"ignored", "trap '' %; "},
	{"command", "trap 'echo T' %; "},
}

// targets are which shell gets it, and from whom.
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

// The indices that rules are about.
const (
	kept, cleared, ignored, command      = 0, 1, 2, 3
	inMain, inSubstitution, inBackground = 0, 2, 3
	child                                = 2 // and one more from another
)

func (c cell) name() string {
	name := fmt.Sprintf("%s %s, outside %s, inside %s, to %s", c.signal, contexts[c.context].name,
		actions[c.outside].name, actions[c.inside].name, targets[c.target].name)
	if c.monitor {
		name += ", set -m"
	}
	if c.ignored {
		name += ", ignored at start"
	}
	return name
}

// stops says whether the process that gets the signal may have the default action for
// it and be stopped. Without job control its group is an orphaned one, which only STOP
// can stop; with it, to be ignored at the start does not count for the others.
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

// hangs says whether the one that could continue the stopped process waits for it
// in a way in which it does not hear of that: no shell ends this.
func (c cell) hangs() bool {
	return c.stops() && (!c.monitor || c.context == inSubstitution ||
		c.context != inMain && c.target/2 == child/2)
}

// script is what the shell is given to do.
func (c cell) script() string {
	text := actions[c.inside].text + targets[c.target].text
	text = actions[c.outside].text + fmt.Sprintf(contexts[c.context].text, text)
	if c.monitor {
		text = "set -m; " + text
	}
	if c.stops() && !(c.context == inMain && c.target/2 != child/2) {
		text += "; while [ $s -gt 146 ] && [ $s -lt 151 ]; do fg >/dev/null; s=$?; echo fg $s; done"
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

// quoted is a word of the shell that is the text.
func quoted(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// driverSetup is what each driver begins with. A shell that was stopped is continued
// until it ends.
const driverSetup = `begin() { echo "== $1"; echo "== $1" >&2; }
ended() {
	s=$?
	echo "-- $s"
	while [ $s -gt 146 ] && [ $s -lt 151 ]; do fg >/dev/null; s=$?; echo "-- $s"; done
}
`

// driverOf is the row of some combinations.
func driverOf(list []combination) row {
	var b strings.Builder
	b.WriteString("# " + list[0].name + "\n" + driverSetup)
	if list[0].terminal {
		// Dash tells itself of an INT that has ended its job.
		b.WriteString("exec 3>&-; trap : INT; set -m\n")
	}
	for _, c := range list {
		fmt.Fprintf(&b, "begin %s\n%s\n", quoted(c.name), c.text)
	}
	return row{script: b.String(), driver: true, terminal: list[0].terminal}
}

// choose takes a number apart into one choice of each of the sizes.
func choose(k int, sizes ...int) []int {
	chosen := make([]int, len(sizes))
	for i, size := range sizes {
		chosen[i] = k % size
		k /= size
	}
	return chosen
}

// cells are those of the matrix that are judged.
func cells() []cell {
	all := os.Getenv("OVERLAY_MATRIX") == "all"
	sizes := []int{2, 2, len(targets), len(actions), len(actions), len(contexts)}
	var list []cell
	for n, signal := range signals {
		for k := range product(sizes) {
			i := choose(k, sizes...)
			c := cell{signal, i[5], i[4], i[3], i[2], i[1] == 1, i[0] == 1}
			twice := c.context == inMain && c.inside != kept // there is no outside then
			one := share
			if slices.Contains(special, signal) {
				one = specialShare
			}
			chosen := all || (n+k)%one == 0
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

// TestSignalMatrix judges what the table above says, with all signals.
func TestSignalMatrix(t *testing.T) {
	var list []combination
	for _, c := range cells() {
		list = append(list, c.combination())
	}
	judgeAll(t, list)
}

// batch is how many combinations one driver gets.
const batch = 200

// judgeAll judges many combinations by few drivers; those in which the shells differ
// there, but not more than shown, are rows of their own then.
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
			t.Logf("fails: %s", strings.TrimPrefix(r.script[:strings.Index(r.script, "\n")], "# "))
			continue
		}
		if judge(t, r) {
			passed.Add(1)
		}
	}
	t.Logf("%d combinations, %d pass", combined.Load()-before, passed.Load()-beforePassed)
}

// withTerminal are those that need a terminal, or those that do not.
func withTerminal(list []combination, terminal bool) []combination {
	return slices.DeleteFunc(slices.Clone(list), func(c combination) bool {
		return c.terminal != terminal
	})
}

// shown is how many failures of a matrix are looked at one by one.
const shown = 10

// judgeBatch returns the rows of those that differ; hung counts what has not ended.
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

// An output is what was printed by a combination.
type output struct {
	out, err string
	ended    bool
}

// printed is what each combination prints with a shell. One that does not end is given
// up, and the others go on without it, but for those of its kind when there are more.
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

// parts is what a driver has printed, by the name of the combination.
func parts(text string) map[string]string {
	all := map[string]string{}
	for _, part := range strings.Split("\n"+text, "\n== ")[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		all[name] = "\n" + rest
	}
	return all
}
