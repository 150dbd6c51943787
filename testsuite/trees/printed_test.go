package trees

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"mvdan.cc/sh/v3/syntax"

	"overlayboot/compat/kit"
)

// beside is the number of programs that run at the same time. Many of them sleep.
const beside = 8

// fewestPrinted is the minimum number of programs that are printed and run.
const fewestPrinted = 1500

// TestPrinted checks that dash runs two programs in the same way: the text, and the program
// that mvdan.cc/sh's Printer prints from our tree of the text. Status, standard output and
// messages are compared.
func TestPrinted(t *testing.T) {
	dash, err := exec.LookPath("dash")
	if err != nil {
		kit.Missing(t, "dash, which runs the programs")
	}
	var (
		work  = make(chan text)
		wait  sync.WaitGroup
		mutex sync.Mutex
		used  = map[string]int{}
	)
	for range beside {
		wait.Go(func() {
			for text := range work {
				name := printed(t, dash, text)
				mutex.Lock()
				used[name]++
				mutex.Unlock()
			}
		})
	}
	for _, text := range append(rows(t), generated()...) {
		if text.runs {
			work <- text
		}
	}
	close(work)
	wait.Wait()
	for _, u := range unprinted {
		if used[u.name] == 0 {
			t.Errorf("no text needs the name %q any more", u.name)
		}
	}
	if used["same"] < fewestPrinted {
		t.Errorf("%d programs were printed and run, at least %d are wanted", used["same"], fewestPrinted)
	}
	t.Log(used)
}

// printed prints a text from our tree, and runs both. It returns "same", or the name of the
// reason for which the text is not judged.
func printed(t *testing.T, dash string, text text) string {
	tree, err := ours(text.script)
	if err != nil {
		return "no program"
	}
	for _, u := range unprinted {
		if u.is(text.script) {
			return u.name
		}
	}
	beginAtFirstWord(tree)
	var again strings.Builder
	if err := syntax.NewPrinter().Print(&again, tree); err != nil {
		t.Errorf("%s: %v\n%s", text.from, err, text.script)
		return ""
	}
	if want, got := runBoth(t, dash, text.script, again.String()); want != got {
		t.Errorf("%s\n%s\n--- printed\n%s\n--- it does\n%s--- printed, it does\n%s",
			text.from, text.script, again.String(), want, got)
	}
	return "same"
}

// beginAtFirstWord gives each simple command the position of its first word. Our parser gives
// it the line in which that word ends, as in dash's messages. The Printer would take all text
// behind that position for the rest of the line.
func beginAtFirstWord(tree *syntax.File) {
	syntax.Walk(tree, func(n syntax.Node) bool {
		if st, ok := n.(*syntax.Stmt); ok {
			if call, ok := st.Cmd.(*syntax.CallExpr); ok {
				st.Position = call.Pos()
			}
		}
		return true
	})
}

// runBoth runs the text and the printed program. What a program with several processes does
// may depend on the moment, so both run again when they differ. They differ by more than that
// if no run of one does what a run of the other did: runBoth then returns the first of each.
func runBoth(t *testing.T, dash, text, printed string) (want, got string) {
	var wants, gots []string
	for range moments {
		wants = append(wants, run(t, dash, text))
		gots = append(gots, run(t, dash, printed))
		for _, want := range wants {
			if slices.Contains(gots, want) {
				return want, want
			}
		}
	}
	return wants[0], gots[0]
}

// run runs a program in an empty directory. It removes the line numbers from messages.
func run(t *testing.T, dash, script string) string {
	dir := filepath.Join(t.TempDir(), fmt.Sprintf("%06d", folders.Add(1)))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, dash, "../t.sh")
	cmd.Args[0] = "sh"
	cmd.Dir = filepath.Join(dir, "d")
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=/h", "LC_ALL=C", "PWD=" + cmd.Dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	err := errors.Join(os.MkdirAll(cmd.Dir, 0o755),
		os.WriteFile(filepath.Join(dir, "t.sh"), []byte(prelude+script), 0o644))
	stdout, outError := os.Create(filepath.Join(dir, "out"))
	stderr, errError := os.Create(filepath.Join(dir, "err"))
	if err = errors.Join(err, outError, errError); err != nil {
		t.Error(err)
		return ""
	}
	defer stdout.Close()
	defer stderr.Close()
	cmd.Stdout, cmd.Stderr = stdout, stderr
	_ = cmd.Run()
	_ = cmd.Cancel() // ends the processes left in the background
	if ctx.Err() != nil {
		return "did not end"
	}
	return seen(dir, cmd)
}

// seen returns the output and status of a program.
func seen(dir string, cmd *exec.Cmd) string {
	out, _ := os.ReadFile(filepath.Join(dir, "out"))
	messages, _ := os.ReadFile(filepath.Join(dir, "err"))
	// The processes of a list write their messages in any order.
	lines := slices.Sorted(strings.Lines(withoutNumbers(messages)))
	text := fmt.Sprintf("%s--\n%s--\n%s\n", withoutNumbers(out), strings.Join(lines, ""),
		cmd.ProcessState)
	text = strings.ReplaceAll(text, fmt.Sprint(cmd.Process.Pid), "PID")
	return strings.ReplaceAll(text, dir, "DIR")
}

func withoutNumbers(text []byte) string {
	return string(lineNumbers.ReplaceAll(text, []byte("$1 N:")))
}

// folders counts the programs that have run.
var folders atomic.Int32

// lineNumbers matches the line numbers in messages, since the Printer breaks lines elsewhere.
var lineNumbers = regexp.MustCompile(`((?:sh|t\.sh|s[0-9]+):) [0-9]+:`)

const patience = time.Minute

// moments is the number of runs of a text and of its printed program, each, before they count
// as different.
const moments = 5

// prelude is the start of each program, on which generated programs rely.
const prelude = `p() { for _w; do printf '<%s>' "$_w"; done; printf '%s\n' " $#"; }
f() { p f "$@"; }
mkdir dir; echo one two >f1; : >f2; a=abc b='x y' v1=7; set -- 'p 1' p2
`

// An unjudged text cannot be printed from its tree, or behaves differently at a second run.
type unjudged struct {
	name string
	is   func(script string) bool
}

var unprinted = []unjudged{
	{"LINENO", has(`LINENO`)},
	{"aliases, which act on text while a program runs", has(`alias`)},
	{"set -v, which shows the text", has(`set -[a-z]*v|set -o verbose`)},
	{"set -x, by which processes write into each other's lines", has(`set -[a-z]*x|PS4`)},
	{"its own text", has(`t\.sh|\$0`)},
	{"numbers of processes, and times",
		has(`\$\$|PPID|times|ulimit|ls -l|(echo|p|printf)[^;&]* "?\$!|/proc/|ps `)},
	{"here-documents in backquotes, whose lines count from there", has("(?s)`[^`]*<<[^`]*`")},
	{"two commands at once with one file", has(`cat f \| cat >>f`)},
	{"a here-document that ends with the text, to which the Printer adds", func(script string) bool {
		_, err := theirs(script)
		return err != nil && strings.Contains(err.Error(), "unclosed here-document")
	}},
}

func has(pattern string) func(script string) bool {
	return regexp.MustCompile(pattern).MatchString
}
