package builtins

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox/sandboxtest"
	"overlayboot/interp/proc"
)

// A row is one command with two judges: the system's tool and ours run it in
// two equal directories, and everything that can be seen must be the same.
type row struct {
	// setup is a shell script that fills the directory.
	setup string
	// template is a directory with what setup makes, to be copied instead: one process
	// and not some, for each judge of each row.
	template string
	// argv is split at blanks; quote with ' where an argument has some.
	argv  string
	stdin string
	// env is added to a small fixed environment.
	env []string
	// differs says why standard error may differ; status must still agree.
	differs string
	// lacks marks a row that ours leaves to the system's tool.
	lacks bool
}

// outcome is what a row is judged by.
type outcome struct {
	Status         int
	Stdout, Stderr string
	Tree           string
}

var judgeEnv = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/", "TZ=UTC"}

// judge runs every row through both.
func judge(t *testing.T, rows []row) {
	t.Helper()
	templates := templatesOf(t, rows)
	for i, r := range rows {
		if raceDetector && !sandboxtest.InShare(i) {
			continue
		}
		r.template = templates[r.setup]
		t.Run(r.argv, func(t *testing.T) {
			argv := splitRow(t, r.argv)
			if os.Geteuid() != 0 && r.needsRoot(argv) {
				missing(t, "needs root")
			}
			if _, err := exec.LookPath(argv[0]); err != nil {
				missing(t, "no oracle: %v", err)
			}
			r.judge(t, argv)
		})
	}
}

// judge runs a row through both, and again in UTF-8 where it may make a difference: where
// words are quoted, and with characters that are more than one byte.
func (r row) judge(t *testing.T, argv []string) {
	t.Helper()
	want := r.compare(t, argv)
	if len(r.env) == 0 && (strings.Contains(want.Stdout+want.Stderr, "'") ||
		!isASCII(r.argv+r.stdin+r.setup)) {
		r.env = []string{"LC_ALL=C.UTF-8"}
		r.compare(t, argv)
	}
}

// compare fails the test where ours differs from the system's tool.
func (r row) compare(t *testing.T, argv []string) (want outcome) {
	t.Helper()
	var beside sync.WaitGroup
	if !r.lacks { // the tool may go on for ever
		beside.Go(func() { want = r.oracle(t, argv) })
	}
	got, lacks := r.ours(t, argv)
	beside.Wait()
	if r.lacks != (lacks != "") {
		t.Fatalf("lacks %q; the row expects a missing feature: %v", lacks, r.lacks)
	}
	if r.lacks {
		return want
	}
	if r.differs != "" {
		if (got.Stderr == "") != (want.Stderr == "") {
			t.Errorf("stderr %q, want %q", got.Stderr, want.Stderr)
		}
		got.Stderr, want.Stderr = "", ""
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("setup: %s\nargv: %q (-system +ours):\n%s", r.setup, argv, d)
	}
	return want
}

// needsRoot reports whether a row changes owners or makes devices.
func (r row) needsRoot(argv []string) bool {
	return argv[0] == "chown" || argv[0] == "mknod" || strings.Contains(r.setup, "chown ") ||
		strings.Contains(r.setup, "mknod ")
}

// missing skips a test for want of something on this machine; where everything
// must be there, that is a failure.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("OVERLAY_MUST_WORK") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// templatesOf makes a template of each setup that some rows have, by its text. One with its
// own place in it cannot be copied.
func templatesOf(t *testing.T, rows []row) map[string]string {
	t.Helper()
	count, templates := map[string]int{}, map[string]string{}
	for _, r := range rows {
		count[r.setup]++
		if count[r.setup] == 3 && r.setup != "" && !strings.ContainsAny(r.setup, "$`") {
			if argv := splitRow(t, r.argv); os.Geteuid() == 0 || !r.needsRoot(argv) {
				templates[r.setup] = row{setup: r.setup}.fixture(t)
			}
		}
	}
	return templates
}

func (r row) fixture(t *testing.T) string {
	t.Helper()
	// Both judges' directories have the same last name, which looks like nothing else.
	dir := filepath.Join(t.TempDir(), "judged-dir")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if r.setup != "" {
		c := exec.Command("/bin/sh", "-ec", r.setup)
		if r.template != "" {
			c = exec.Command("cp", "-a", r.template+"/.", ".")
		}
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("setup: %v\n%s", err, out)
		}
	}
	return dir
}

func (r row) oracle(t *testing.T, argv []string) outcome {
	t.Helper()
	dir := r.fixture(t)
	c := exec.Command(argv[0], argv[1:]...)
	c.Dir, c.Env = dir, r.environment()
	c.Stdin = strings.NewReader(r.stdin)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := c.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return finish(t, dir, c.ProcessState.ExitCode(), out.String(), errs.String())
}

func (r row) ours(t *testing.T, argv []string) (o outcome, lacks string) {
	t.Helper()
	dir := r.fixture(t)
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	command, ok := Lookup(filepath.Base(argv[0]))
	if !ok {
		t.Fatalf("no command %q in the table", argv[0])
	}
	var out, errs bytes.Buffer
	call := &Call{
		Args: argv, Dir: fd, NetNS: -1,
		Env:   r.environment(),
		Stdin: strings.NewReader(r.stdin), Stdout: &out, Stderr: &errs,
	}
	call.RunAs = func(argv []string, blame string, in io.Reader, out, errs io.Writer) Ended {
		return call.RunIn(fd, argv, blame, in, out, errs)
	}
	call.RunIn = func(at int, argv []string, blame string, in io.Reader, out, errs io.Writer) Ended {
		dir := dir
		if at != fd {
			dir = fmt.Sprintf("/proc/self/fd/%d", at)
		}
		c := exec.Command(argv[0], argv[1:]...)
		c.Dir, c.Env, c.Stdin, c.Stdout, c.Stderr = dir, call.Env, in, out, errs
		err := c.Run()
		if c.ProcessState == nil {
			return notExecuted(err, argv[0], blame, errs)
		}
		ws := unix.WaitStatus(c.ProcessState.Sys().(syscall.WaitStatus))
		ended := Ended{Status: proc.ExitStatus(ws)}
		if ws.Signaled() {
			ended.Signal = int(ws.Signal())
		}
		return ended
	}
	call.Run = func(argv []string, in io.Reader, out, errs io.Writer) int {
		return call.RunAs(argv, "%s: %s", in, out, errs).Status
	}
	call.System = func(name, command string, in io.Reader, out, errs io.Writer) Ended {
		return call.RunAs([]string{name, "-c", command}, "%s: %s", in, out, errs)
	}
	status := command.Run(call)
	if status == Unsupported {
		return outcome{}, call.Lacks
	}
	return finish(t, dir, status, out.String(), errs.String()), ""
}

// notExecuted says in the words of the command that another one cannot be executed.
func notExecuted(err error, name, blame string, errs io.Writer) Ended {
	var errno unix.Errno
	if !errors.As(err, &errno) {
		errno = unix.ENOENT
	}
	fmt.Fprintf(errs, blame+"\n", name, Strerror(errno))
	if errno == unix.ENOENT {
		return Ended{Status: 127, NotRun: true}
	}
	return Ended{Status: 126, NotRun: true}
}

// environment puts what the row sets before what is set for all: the first one counts in the
// C library, and the last in the Go library, so nothing is there twice.
func (r row) environment() []string {
	env := append([]string{}, r.env...)
	for _, e := range judgeEnv {
		name, _, _ := strings.Cut(e, "=")
		if !slices.ContainsFunc(env, func(s string) bool { return strings.HasPrefix(s, name+"=") }) {
			env = append(env, e)
		}
	}
	return env
}

func finish(t *testing.T, dir string, status int, out, errs string) outcome {
	t.Helper()
	norm := strings.NewReplacer(dir, "DIR", filepath.Base(dir), "BASENAME")
	return outcome{status, norm.Replace(out), norm.Replace(errs), norm.Replace(tree(t, dir))}
}

// tree lists a directory: type, mode, owner, device, size, link, content.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		fmt.Fprintf(&b, "%s %o %d:%d links=%d", rel, st.Mode, st.Uid, st.Gid, st.Nlink)
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFLNK:
			target, _ := os.Readlink(path)
			fmt.Fprintf(&b, " -> %s", target)
		case unix.S_IFCHR, unix.S_IFBLK:
			fmt.Fprintf(&b, " dev=%d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
		case unix.S_IFREG:
			text, _ := os.ReadFile(path)
			fmt.Fprintf(&b, " %d %q", st.Size, text)
		}
		if st.Mtim.Sec < 1e9 { // set by the row, not by the run
			fmt.Fprintf(&b, " mtime=%d", st.Mtim.Sec)
		}
		b.WriteByte('\n')
		return nil
	})
	if errors.Is(err, fs.ErrPermission) && os.Geteuid() != 0 {
		// Give the rights back that the row took, for the removal of the folder.
		_ = exec.Command("chmod", "-R", "u+rwX", dir).Run()
		missing(t, "needs root to look at what the row made: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// splitRow splits at blanks and takes '…' as it stands.
func splitRow(t *testing.T, s string) []string {
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
