package judge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
	"overlayboot/compat/sandbox/sandboxtest"
)

// A BareRow is a row for commands that change mounts, links or processes. Each judge runs
// it in a bare sandbox of its own, in the empty file system on /mnt. A package with such
// rows calls Native.Main in its TestMain.
type BareRow struct {
	Row
	// Probe is a shell script that runs afterwards with the system's tools. Its output is
	// compared as well.
	Probe string
	// NoMounts excludes the mount table from the comparison.
	NoMounts bool
	// Mask is a regular expression for output that differs from run to run. Its matches are
	// removed before the comparison.
	Mask string
	// Machine is set if the command depends on the whole machine, such as on its loop
	// devices, which other tests create and remove meanwhile. A difference then counts only
	// if every try shows it.
	Machine bool
}

// A BareOutcome is the visible result of a BareRow.
type BareOutcome struct {
	Outcome
	Mounts, Probe string
	Lacks         string
}

// An order is the work that the inner side of a bare sandbox receives.
type order struct {
	Row  BareRow
	Argv []string
	Ours bool
}

const (
	// MachineTries is the most tries for a row that depends on the whole machine.
	MachineTries = 8
	// manyRows is the number of rows above which a plain test run judges only a share of
	// them (kit.InShare).
	manyRows = 60
	// With the race detector, one row of every rowsPerRace is judged. Each row is one
	// command in a process of its own, where little can race, and such a process starts
	// slowly.
	rowsPerRace = 25
	// rowLimit bounds one row; only a row that hangs reaches it.
	rowLimit = 5 * time.Minute
)

// part returns the inner side of a row.
func (ours Native) part() sandbox.Part[order, BareOutcome] {
	return sandbox.Part[order, BareOutcome]{Name: "judge-row", Do: ours.inside}
}

// Main is the TestMain of a package that has bare rows or tests in sandboxes.
func (ours Native) Main(m *testing.M) { sandboxtest.Main(m, ours.part()) }

// BareRows runs the rows through both judges, each as a subtest.
func (ours Native) BareRows(t *testing.T, rows []BareRow) {
	t.Helper()
	kit.Root(t)
	for i, r := range rows {
		if kit.Race && i%rowsPerRace != 0 || len(rows) > manyRows && !kit.InShare(i) {
			continue
		}
		t.Run(r.Argv, func(t *testing.T) {
			argv := Split(t, r.Argv)
			kit.Tool(t, argv[0])
			want, got, err := ours.bothBare(t.Context(), r, argv)
			if err != nil {
				t.Fatal(err)
			}
			if r.lacks(t, got.Lacks) {
				return
			}
			if r.Differs != "" {
				alikeInKind(t, &want.Outcome, &got.Outcome)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("setup: %s\nargv: %q (-system +ours):\n%s", r.Setup, argv, d)
			}
		})
	}
}

// bothBare runs a row on both sides: at the same time, or in turn if the row uses loop
// devices, which all sandboxes share.
func (ours Native) bothBare(ctx context.Context, r BareRow, argv []string) (want, got BareOutcome,
	err error) {
	ctx, cancel := context.WithTimeout(ctx, MachineTries*rowLimit)
	defer cancel()
	both, tries := Beside[bareResult], 1
	if r.Machine || strings.Contains(r.Setup+r.Argv, "mkfs") || strings.Contains(r.Setup, "loop") {
		both = inTurn[bareResult]
	}
	if r.Machine {
		tries = MachineTries
	}
	side := func(mine bool) func() bareResult {
		return func() bareResult {
			o, err := ours.part().Bare(ctx, order{r, argv, mine})
			return bareResult{o, err}
		}
	}
	return agree(tries, func() (want, got BareOutcome, err error) {
		a, b := both(side(false), side(true))
		return a.outcome, b.outcome, errors.Join(a.err, b.err)
	})
}

type bareResult struct {
	outcome BareOutcome
	err     error
}

func inTurn[R any](system, ours func() R) (want, got R) {
	want = system()
	return want, ours()
}

// agree runs both judges until their outcomes agree, at most tries times. A difference
// counts only if every try shows it.
func agree(tries int, judge func() (want, got BareOutcome, err error)) (want, got BareOutcome,
	err error) {
	for try := range tries {
		time.Sleep(time.Duration(try) * 100 * time.Millisecond)
		want, got, err = judge()
		if err == nil && want == got {
			break
		}
	}
	return want, got, err
}

// Here runs a row on both sides in this process's sandbox, for commands that only observe.
// Their output may change by itself between the two runs: a lifetime counts down, a process
// uses time. Both sides then run again, at most tries times. Setup, Probe and the mounts do
// not count.
func (ours Native) Here(t *testing.T, r BareRow, argv []string, tries int) {
	t.Helper()
	want, got, err := agree(tries, func() (want, got BareOutcome, err error) {
		if want.Outcome, err = r.system(bareDir, argv); err == nil {
			got, err = ours.bareCall(r, argv)
		}
		want.mask(r.Mask)
		got.mask(r.Mask)
		return want, got, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s %q (-system +ours):\n%s", r.Env, argv, d)
	}
}

// bareDir is the current directory of a bare row.
const bareDir = "/mnt"

// bareCall runs our command on the inner side.
func (ours Native) bareCall(r BareRow, argv []string) (o BareOutcome, err error) {
	o.Outcome, o.Lacks, err = ours.in(bareDir, r.Row, argv)
	if o.Lacks != "" {
		o = BareOutcome{Lacks: o.Lacks}
	}
	return o, err
}

// inside runs one row on the inner side.
func (ours Native) inside(d order) (o BareOutcome, err error) {
	if _, err = Shell(d.Row.Setup); err != nil {
		return o, err
	}
	if d.Ours {
		o, err = ours.bareCall(d.Row, d.Argv)
	} else {
		o.Outcome, err = d.Row.system(bareDir, d.Argv)
	}
	if err == nil && !d.Row.NoMounts {
		o.Mounts, err = MountState()
	}
	if err == nil && d.Row.Probe != "" {
		o.Probe, err = Shell(d.Row.Probe)
	}
	o.mask(loopDevice)
	o.mask(d.Row.Mask)
	return o, err
}

// mask removes every match of a regular expression from the outcome.
func (o *BareOutcome) mask(expr string) {
	if expr == "" {
		return
	}
	re := regexp.MustCompile(expr)
	for _, s := range []*string{&o.Stdout, &o.Stderr, &o.Probe} {
		*s = re.ReplaceAllString(*s, "")
	}
}

// Shell runs a script of the test itself in a bare sandbox, with the system's tools and in
// /mnt, and returns its output.
func Shell(script string) (string, error) {
	c := exec.Command("/bin/sh", "-ec", script)
	c.Dir, c.Env = bareDir, Env()
	out, err := c.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", script, err, out)
	}
	return string(out), nil
}

// Image returns a file system image of 64 MiB, made by a mkfs program with its options.
func Image(t *testing.T, mkfs ...string) []byte {
	t.Helper()
	path := kit.Tool(t, mkfs[0])
	name := t.TempDir() + "/image"
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, 64<<20); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(path, append(mkfs[1:], name)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", mkfs, err, out)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
