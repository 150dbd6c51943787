package judge

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"overlayboot/compat/kit"
)

// A Row is one command with two judges: the system's tool and ours run it in two equal
// directories, and everything visible must be the same.
type Row struct {
	// Setup is a shell script that fills the directory.
	Setup string
	// Template is a directory with the result of Setup, to be copied instead. A copy takes
	// one process for each judge of each row, Setup several.
	Template string
	// Argv is split at blanks (see Split); ' quotes an argument that contains blanks.
	Argv  string
	Stdin string
	// Env is added to the result of the function Env, the small environment of all rows.
	Env []string
	// Differs is the reason why standard error may differ. Both sides must still agree on
	// whether there is a message, and on all else.
	Differs string
	// Lacks marks a row that ours leaves to the system's tool.
	Lacks bool
}

// An Outcome is the visible result of a row.
type Outcome struct {
	Status         int
	Stdout, Stderr string
	Tree           string
}

// A Call is a row in the form that a native receives.
type Call struct {
	Argv, Env []string
	// Dir and Path are the current directory, as a descriptor and as a path.
	Dir            int
	Path           string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// A Native runs a call with one of our commands inside the test's process. If the command
// leaves the call to the system's tool, lacks names the missing feature; otherwise it is
// "".
type Native func(c *Call) (status int, lacks string)

// Env returns the environment that all rows have.
func Env() []string {
	return []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/", "TZ=UTC"}
}

// Rows runs every row through both judges, each as a subtest.
func (ours Native) Rows(t *testing.T, rows []Row) {
	t.Helper()
	templates := templatesOf(t, rows)
	for i, r := range rows {
		if kit.Race && !kit.InShare(i) {
			continue
		}
		r.Template = templates[r.Setup]
		t.Run(r.Argv, func(t *testing.T) {
			argv := Split(t, r.Argv)
			if r.needsRoot(argv) {
				kit.Root(t)
			}
			kit.Tool(t, argv[0])
			ours.judge(t, r, argv)
		})
	}
}

// judge runs a row through both judges. It repeats the row in UTF-8 if the locale may
// matter: if words are quoted, or with characters of more than one byte.
func (ours Native) judge(t *testing.T, r Row, argv []string) {
	t.Helper()
	want := ours.Compare(t, r, argv)
	if len(r.Env) == 0 && (strings.Contains(want.Stdout+want.Stderr, "'") ||
		!isASCII(r.Argv+r.Stdin+r.Setup)) {
		r.Env = []string{"LC_ALL=C.UTF-8"}
		ours.Compare(t, r, argv)
	}
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// Compare fails the test if ours differs from the system's tool. It returns the tool's
// outcome.
func (ours Native) Compare(t *testing.T, r Row, argv []string) (want Outcome) {
	t.Helper()
	var beside sync.WaitGroup
	if !r.Lacks { // the tool may run forever
		beside.Go(func() { want = r.Oracle(t, argv) })
	}
	got, lacks := ours.Run(t, r, argv)
	beside.Wait()
	if r.lacks(t, lacks) {
		return want
	}
	wanted := want
	if r.Differs != "" {
		alikeInKind(t, &wanted, &got)
	}
	if d := cmp.Diff(wanted, got); d != "" {
		t.Errorf("setup: %s\nargv: %q (-system +ours):\n%s", r.Setup, argv, d)
	}
	return want
}

// lacks ends the test unless ours leaves to the system's tool exactly the rows marked so.
// It reports whether this row is one of them.
func (r Row) lacks(t *testing.T, lacks string) bool {
	t.Helper()
	if r.Lacks != (lacks != "") {
		t.Fatalf("lacks %q; the row expects a missing feature: %v", lacks, r.Lacks)
	}
	return r.Lacks
}

// alikeInKind checks that both outcomes have a message or neither has, and removes the
// messages.
func alikeInKind(t *testing.T, want, got *Outcome) {
	t.Helper()
	if (got.Stderr == "") != (want.Stderr == "") {
		t.Errorf("stderr %q, want %q", got.Stderr, want.Stderr)
	}
	got.Stderr, want.Stderr = "", ""
}

// needsRoot reports whether a row changes owners or creates devices.
func (r Row) needsRoot(argv []string) bool {
	return argv[0] == "chown" || argv[0] == "mknod" || strings.Contains(r.Setup, "chown ") ||
		strings.Contains(r.Setup, "mknod ")
}

// templatesOf makes a template of each setup that at least three rows have, by its text. A
// setup that contains an expansion is left out: its result may depend on its own directory,
// and so cannot be copied.
func templatesOf(t *testing.T, rows []Row) map[string]string {
	t.Helper()
	count, templates := map[string]int{}, map[string]string{}
	for _, r := range rows {
		count[r.Setup]++
		if count[r.Setup] == 3 && r.Setup != "" && !strings.ContainsAny(r.Setup, "$`") {
			if argv := Split(t, r.Argv); os.Geteuid() == 0 || !r.needsRoot(argv) {
				templates[r.Setup] = Row{Setup: r.Setup}.Fixture(t)
			}
		}
	}
	return templates
}

// Fixture creates a new directory with the files of the row. All such directories have the
// same unusual last name.
func (r Row) Fixture(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "judged-dir")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if r.Setup != "" {
		c := exec.Command("/bin/sh", "-ec", r.Setup)
		if r.Template != "" {
			c = exec.Command("cp", "-a", r.Template+"/.", ".")
		}
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("setup: %v\n%s", err, out)
		}
	}
	return dir
}

// Oracle runs a row with the system's tool.
func (r Row) Oracle(t *testing.T, argv []string) Outcome {
	t.Helper()
	dir := r.Fixture(t)
	o, err := r.system(dir, argv)
	if err != nil {
		t.Fatal(err)
	}
	return o.At(t, dir)
}

// system runs the system's tool in a directory.
func (r Row) system(dir string, argv []string) (o Outcome, err error) {
	var out, errs bytes.Buffer
	c := exec.Command(argv[0], argv[1:]...)
	c.Dir, c.Env = dir, r.environment()
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(r.Stdin), &out, &errs
	var exit *exec.ExitError
	if err := c.Run(); err != nil && !errors.As(err, &exit) {
		return o, err
	}
	return Outcome{Status: c.ProcessState.ExitCode(), Stdout: out.String(), Stderr: errs.String()}, nil
}

// Run runs a row with our command. A call that our command leaves to the system's tool has
// no outcome.
func (ours Native) Run(t *testing.T, r Row, argv []string) (o Outcome, lacks string) {
	t.Helper()
	dir := r.Fixture(t)
	o, lacks, err := ours.in(dir, r, argv)
	if err != nil {
		t.Fatal(err)
	}
	if lacks != "" {
		return Outcome{}, lacks
	}
	return o.At(t, dir), ""
}

// in runs our command in a directory.
func (ours Native) in(dir string, r Row, argv []string) (o Outcome, lacks string, err error) {
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return o, "", &os.PathError{Op: "open", Path: dir, Err: err}
	}
	defer unix.Close(fd)
	var out, errs bytes.Buffer
	o.Status, lacks = ours(&Call{Argv: argv, Env: r.environment(), Dir: fd, Path: dir,
		Stdin: strings.NewReader(r.Stdin), Stdout: &out, Stderr: &errs})
	o.Stdout, o.Stderr = out.String(), errs.String()
	return o, lacks, nil
}

// environment puts the row's variables before those of all rows. No variable occurs twice:
// the C library takes the first value, the Go library the last.
func (r Row) environment() []string {
	env := slices.Clone(r.Env)
	for _, e := range Env() {
		name, _, _ := strings.Cut(e, "=")
		if !slices.ContainsFunc(env, func(s string) bool { return strings.HasPrefix(s, name+"=") }) {
			env = append(env, e)
		}
	}
	return env
}

// At adds the files of a directory to an outcome, and replaces the directory's name in it.
func (o Outcome) At(t *testing.T, dir string) Outcome {
	t.Helper()
	norm := strings.NewReplacer(dir, "DIR", filepath.Base(dir), "BASENAME")
	return Outcome{o.Status, norm.Replace(o.Stdout), norm.Replace(o.Stderr),
		norm.Replace(Tree(t, dir))}
}

// Split splits a row at blanks. Text between ' and ' is taken literally.
func Split(t testing.TB, s string) []string {
	t.Helper()
	var argv []string
	var word strings.Builder
	inWord, quoted := false, false
	for _, c := range s {
		switch {
		case c == '\'':
			quoted, inWord = !quoted, true
		case c == ' ' && !quoted:
			if inWord {
				argv = append(argv, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(c)
			inWord = true
		}
	}
	if quoted {
		t.Fatalf("unbalanced quote in row %q", s)
	}
	if inWord {
		argv = append(argv, word.String())
	}
	return argv
}
